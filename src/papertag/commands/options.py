"""Options: those that several commands share."""

from typing import Annotated

import typer

Encoding = Annotated[
    str, typer.Option(help="Of the input, as latin-1 or utf-16; output is UTF-8.")
]
Force = Annotated[bool, typer.Option("--force", help="Overwrite what exists.")]
Quiet = Annotated[
    bool, typer.Option("--quiet", "-q", help="Print errors and warnings only.")
]
Pipeline = Annotated[
    str | None,
    typer.Option(
        "--pipeline",
        "-p",
        metavar="FOLDER|PACKAGE",
        help="A trained pipeline, as in training/minilm/model-best. "
        "By default the one that ships with papertag.",
    ),
]
