"""`papertag evaluate`: a pipeline, or tagged papers, against tags made by hand."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from papertag.commands.options import Encoding, Force, Pipeline, Quiet
from papertag.commands.terminal import console, progress, say_notes
from papertag.errors import InputError, OutputError


def evaluate(
    gold: Annotated[
        Path,
        typer.Argument(
            help="Tagged papers in any format that convert takes, a file or a folder.",
            show_default=False,
        ),
    ],
    pipeline: Pipeline = None,
    predicted: Annotated[
        Path | None,
        typer.Option(
            metavar="PATH",
            help="Score these tagged papers, in UTF-8, not a pipeline.",
        ),
    ] = None,
    json_file: Annotated[
        Path | None,
        typer.Option("--json", metavar="FILE", help="Write all scores there too."),
    ] = None,
    encoding: Encoding = "utf-8",
    force: Force = False,
    quiet: Quiet = False,
) -> None:
    """Score a pipeline, or tagged papers, against papers tagged by hand.

    `papertag evaluate mine/ --pipeline training/mine/model-best`

    Precision, recall and F1 of each type: strict (same borders), partial (overlap)
    and border (any type), with 95 % intervals over documents. With scikit-learn
    (`papertag[evaluate]`) also Cohen's kappa and the confusion between types.
    """
    from papertag import evaluation
    from papertag.documents import read_documents
    from papertag.files import check_absent, write_all
    from papertag.tables import print_scores

    if predicted and pipeline:
        raise typer.BadParameter("--predicted and --pipeline exclude each other")
    if json_file:
        _check_no_source(json_file, [gold, *([predicted] if predicted else [])])
        if not force:
            check_absent(json_file)
    documents = list(read_documents(gold, encoding))
    if not documents:
        raise InputError("holds no documents", "check the file", str(gold))
    say_notes(documents)
    if predicted:
        others = read_documents(predicted, check=False)  # papertag writes UTF-8
        spans = evaluation.match(documents, others)
    else:
        from papertag.pipeline import load_pipeline

        found = evaluation.predict(load_pipeline(pipeline), documents)
        spans = list(progress(found, len(documents), quiet))
    result = evaluation.evaluate(documents, spans)
    if json_file:
        text = json.dumps(result.to_json(), indent=1, allow_nan=False) + "\n"
        write_all({json_file: text.encode()})
    if not quiet:
        print_scores(console(), result.scores, result.agreement)


def _check_no_source(output: Path, sources: Sequence[Path]) -> None:
    """Raise OutputError if a result would stand in place of, or among, its sources."""
    for source in sources:
        real = output.resolve()
        places = [real, *real.parents] if source.is_dir() else [real]
        if source.resolve() in places:
            cure = "name a file elsewhere"
            raise OutputError("lies among what is scored", cure, str(output))
