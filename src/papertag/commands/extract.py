"""`papertag extract`: papers in, a table of the models they introduce out."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from papertag import __version__
from papertag.commands.options import (
    Encoding,
    Force,
    Jobs,
    MaxMegabytes,
    MaxPages,
    MaxUnpacked,
    Pipeline,
    Quiet,
)
from papertag.commands.terminal import STOPPED, complain, progress, say
from papertag.errors import OutputError, PapertagError
from papertag.files import check_absent, write_file
from papertag.formats import Format
from papertag.papers import STDIN, Task, list_papers
from papertag.sources.reading import LIMITS
from papertag.sources.source import Limits
from papertag.tagging import Tagger

if TYPE_CHECKING:
    from papertag.records.journal import Counts

FAILED, JOURNAL = ".failed.jsonl", ".journal"  # behind the output's name


def extract(
    papers: Annotated[
        list[Path],
        typer.Argument(
            metavar="PAPER",
            help="Text, Markdown, PDF, LaTeX, HTML, JATS, TEI, .gz, .zip and .tar, "
            "folders of these, or - for standard input.",
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
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on with a run that was stopped.")
    ] = False,
    jobs: Jobs = 1,
    max_pages: MaxPages = LIMITS.pages,
    max_megabytes: MaxMegabytes = LIMITS.megabytes,
    max_unpacked: MaxUnpacked = LIMITS.unpacked_megabytes,
    quiet: Quiet = False,
) -> None:
    """Make a table of the models that papers introduce, a row a model.

    `papertag extract papers/ --output facts.csv` has columns as in Epoch AI's table of
    models, each value normalised, with the sentence that proves it. A value that can
    not be linked to a model is never guessed; where values differ, the row says so.
    Papers that are done stand in `facts.csv.journal` until all are, and `--resume` goes
    on from there after a stop; those that can not be read, in `facts.csv.failed.jsonl`.
    """
    from papertag.records.extracting import Job, extract_papers
    from papertag.records.journal import Journal, key_of
    from papertag.records.writers import NESTED, check_output, write_rows

    _check_usage(papers, force and resume, jobs)
    check_output(output)
    limits = Limits(max_pages, max_megabytes, max_unpacked)
    tasks, errors = list_papers(papers, Format.JSONL, limits=limits)
    journal_path = Path(f"{output}{JOURNAL}")
    _check_place(output, tasks, force or (resume and journal_path.exists()))
    nested = output.suffix.lower() == NESTED
    job = Job(tagged, unlinked, nested, encoding, limits)
    settings = {
        "papertag": __version__,
        "--pipeline": pipeline,
        "--tagged": tagged,
        "--unlinked": unlinked,
        "--encoding": encoding,
        "format": "nested" if nested else "flat",
    }
    keys = {key_of(task): task for task in tasks}
    with Journal(journal_path, settings, resume=resume, anew=force) as journal:
        resumed = sum(key in journal for key in keys)
        load = partial(_tagger, pipeline, tagged)
        outcomes = extract_papers(keys, journal, job, load, jobs)
        try:
            for outcome in progress(outcomes, len(keys), quiet, resumed):
                errors += [outcome.error] if outcome.error else []
        except KeyboardInterrupt:
            done = journal.count(keys).papers
            say(f"papertag: stopped; papers that are done: {done}; --resume goes on")
            raise typer.Exit(STOPPED) from None
        counts = journal.count(keys)
        if counts.papers:
            write_rows(output, journal.rows(keys))
        _write_failed(Path(f"{output}{FAILED}"), errors)
        if not errors:
            journal.remove()
    for error in errors:
        complain(error)
    if not quiet:
        say(_summary(counts, resumed, len(errors), unlinked))
    if errors:
        raise typer.Exit(1)


def _check_usage(papers: Sequence[Path], both: bool, jobs: int) -> None:
    if both:
        raise typer.BadParameter("--resume and --force exclude each other")
    if jobs > 1 and STDIN in papers:
        raise typer.BadParameter("standard input is one paper; leave out --jobs")


def _check_place(output: Path, tasks: Sequence[Task], force: bool) -> None:
    """Raise OutputError where the table would take the place of something."""
    if not force:
        check_absent(output)
    for task in tasks if output.exists() else ():
        source = task.source
        if source != STDIN and source.exists() and output.samefile(source):
            cure = "name another file with --output"
            raise OutputError("the output would overwrite the paper", cure, str(output))


def _tagger(pipeline: str | None, tagged: bool) -> Tagger:
    """Return what tags one paper; a worker process calls this, too."""
    if tagged:
        from papertag.records.extracting import as_tagged

        return as_tagged
    from papertag.pipeline import load_pipeline, tag

    return partial(tag, load_pipeline(pipeline))


def _write_failed(path: Path, errors: Sequence[PapertagError]) -> None:
    """List papers that could not be read; a list of an earlier run goes."""
    from papertag.records.writers import write_lines

    if not errors:
        path.unlink(missing_ok=True)
        return
    rows = (
        {"paper": error.place, "problem": error.problem, "cure": error.cure}
        for error in errors
    )
    write_file(path, partial(write_lines, list(rows)))


def _summary(counts: "Counts", resumed: int, errors: int, unlinked: bool) -> str:
    hint = "" if unlinked or not counts.unlinked else " (--unlinked lists them)"
    before = f" ({resumed} of them before the stop)" if resumed else ""
    return (
        f"{counts.papers} papers{before}, {counts.models} models, "
        f"{counts.conflicts} conflicts, "
        f"{counts.unlinked} values without a model{hint}, {errors} with errors"
    )
