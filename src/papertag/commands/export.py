"""`papertag export`: a trained transformer pipeline in, a compact one out."""

from pathlib import Path
from typing import Annotated

import typer

from papertag.commands.options import Force, Quiet
from papertag.commands.terminal import console
from papertag.precision import Precision


def export(
    pipeline: Annotated[
        str,
        typer.Argument(
            metavar="FOLDER", help="As training/best/model-best.", show_default=False
        ),
    ],
    output: Annotated[
        Path, typer.Option("--output", "-o", metavar="FOLDER", help="Where to write.")
    ],
    gold: Annotated[
        Path,
        typer.Option(
            metavar="PATH",
            help="Tagged papers that it has not learnt from, as corpus/tagged/dev: "
            "parity is checked and confidence fitted on them.",
            show_default=False,
        ),
    ],
    precision: Annotated[
        Precision, typer.Option(help="Of the encoder: small and fast, or exact.")
    ] = Precision.INT8,
    window: Annotated[
        int | None, typer.Option(min=1, help="Tokens it sees at once; as trained.")
    ] = None,
    stride: Annotated[
        int | None,
        typer.Option(min=1, help="Tokens from one window to the next; as trained."),
    ] = None,
    force: Force = False,
    quiet: Quiet = False,
) -> None:
    """Turn a trained transformer pipeline into a compact one, without torch.

    `papertag export training/best/model-best --output compact --gold
    corpus/tagged/dev`

    The encoder becomes an ONNX graph, the head stays, and each span gets a score.
    Nothing is written unless the result tags GOLD as the trained pipeline does, but
    for 0.3 points of strict F1 that 8 bits may cost. It can be used like any other,
    but not trained further: keep the trained one.
    """
    from papertag import compact
    from papertag.documents import read_documents
    from papertag.files import check_absent, write_folder
    from papertag.pipeline import load_pipeline
    from papertag.tables import print_parity

    if not force:
        check_absent(output)
    compact.check_installed()
    documents = list(read_documents(gold))
    made, parity = compact.export(
        load_pipeline(pipeline), documents, precision, window, stride
    )
    write_folder(output, made.to_disk)
    if not quiet:
        print_parity(console(), parity)
