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
Jobs = Annotated[
    int, typer.Option("--jobs", "-j", min=1, help="Processes that read papers at once.")
]
MaxPages = Annotated[
    int, typer.Option(min=1, help="Of a PDF; a longer one is an error.")
]
MaxMegabytes = Annotated[
    int, typer.Option(min=1, help="Of a file of LaTeX, HTML or XML.")
]
MaxUnpacked = Annotated[
    int, typer.Option(min=1, help="Megabytes that an archive may hold.")
]
