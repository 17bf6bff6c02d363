"""`papertag extract`: papers in, a table of the models they introduce out."""

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from papertag.commands.options import Encoding, Force, Pipeline, Quiet
from papertag.commands.terminal import complain, progress, say
from papertag.errors import OutputError, PapertagError
from papertag.files import check_absent
from papertag.formats import Format
from papertag.markup import Tagged
from papertag.papers import STDIN, list_papers

if TYPE_CHECKING:
    from papertag.records.record import Extraction

STOPPED = 130  # by Ctrl-C, as shells have it


def extract(
    papers: Annotated[
        list[Path],
        typer.Argument(
            metavar="PAPER",
            help="Plain texts, folders of *.txt files, or - for standard input.",
            show_default=False,
        ),
    ],
    output: Annotated[
        Path,
        typer.Option(
            "--output",
            "-o",
            metavar="FILE",
            help="The table: .csv, .jsonl, .parquet or .duckdb.",
        ),
    ],
    tagged: Annotated[
        bool, typer.Option("--tagged", help="Use the tags that the papers bring along.")
    ] = False,
    unlinked: Annotated[
        bool,
        typer.Option(
            "--unlinked", help="Add values that belong to no model, a row each."
        ),
    ] = False,
    pipeline: Pipeline = None,
    encoding: Encoding = "utf-8",
    force: Force = False,
    quiet: Quiet = False,
) -> None:
    """Make a table of the models that papers introduce, a row a model.

    `papertag extract papers/ --output facts.csv` has columns as in Epoch AI's table of
    models, each value normalised, with the sentence that proves it. A value that can
    not be linked to a model is never guessed; where values differ, the row says so.
    """
    from papertag.records.extracting import extract_papers
    from papertag.records.writers import check_output, write_records

    tasks, errors = list_papers(papers, Format.JSONL)
    sources = [task.source for task in tasks]
    check_output(output)
    _check_place(output, sources, force)
    tag = None if tagged or not tasks else _tagger(pipeline)
    found: list[Extraction] = []
    try:
        outcomes = extract_papers(sources, tag, encoding)
        for outcome in progress(outcomes, len(tasks), quiet):
            if isinstance(outcome, PapertagError):
                errors.append(outcome)
            else:
                found.append(outcome)
    except KeyboardInterrupt:
        say("papertag: stopped; nothing is written")
        raise typer.Exit(STOPPED) from None
    if found:
        write_records(output, found, unlinked=unlinked)
    for error in errors:
        complain(error)
    if not quiet:
        say(_summary(found, len(errors), unlinked))
    if errors:
        raise typer.Exit(1)


def _check_place(output: Path, sources: Sequence[Path], force: bool) -> None:
    """Raise OutputError where the table would take the place of something."""
    if not force:
        check_absent(output)
    for source in sources:
        if source != STDIN and output.exists() and output.samefile(source):
            cure = "name another file with --output"
            raise OutputError("the output would overwrite the paper", cure, str(output))


def _tagger(pipeline: str | None) -> Callable[[Tagged], Tagged]:
    from papertag.pipeline import load_pipeline, tag

    return partial(tag, load_pipeline(pipeline))


def _summary(found: Sequence["Extraction"], errors: int, unlinked: bool) -> str:
    models = sum(len(extraction.records) for extraction in found)
    left = sum(len(extraction.unlinked) for extraction in found)
    conflicts = sum(len(extraction.conflicts) for extraction in found)
    hint = "" if unlinked or not left else " (--unlinked lists them)"
    return (
        f"{len(found)} papers, {models} models, {conflicts} conflicts, "
        f"{left} values without a model{hint}, {errors} with errors"
    )
