"""`papertag tag`: plain papers in, tagged papers out."""

import sys
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

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
from papertag.errors import PipelineError
from papertag.formats import SHAPES, Format
from papertag.papers import STDIN, Tags, Task, list_papers
from papertag.sources.reading import LIMITS
from papertag.sources.source import Limits
from papertag.tagging import Job, Outcome, Tagger
from papertag.workers import Loader, run_all

EXAMPLE = Path(__file__).parents[1] / "example.txt"


def tag(
    papers: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="PAPER",
            help="Text, Markdown, PDF, LaTeX, HTML, JATS, TEI, .gz, .zip and .tar, "
            "folders of these, or - for standard input.",
            show_default=False,
        ),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output", "-o", metavar="FOLDER", help="Write one file a paper there."
        ),
    ] = None,
    form: Annotated[
        Format,
        typer.Option(
            "--format",
            "-f",
            help="Tags in the text; JSON lines (jsonl: Prodigy's); what doccano, Label "
            "Studio, brat, spaCy (docbin), W3C Web Annotation or CoNLL's readers take; "
            "rows (csv, parquet); a page to look at (html); highlights in a PDF (pdf).",
        ),
    ] = Format.INLINE,
    pipeline: Pipeline = None,
    example: Annotated[
        bool, typer.Option("--example", help="Tag the paper that comes with papertag.")
    ] = False,
    retag: Annotated[
        bool, typer.Option("--retag", help="Replace the tags of tagged papers.")
    ] = False,
    as_text: Annotated[
        bool, typer.Option("--as-text", help="Take tags in papers as ordinary text.")
    ] = False,
    encoding: Encoding = "utf-8",
    force: Force = False,
    resume: Annotated[
        bool, typer.Option("--resume", help="Leave out papers whose output exists.")
    ] = False,
    min_score: Annotated[
        float,
        typer.Option(
            "--min-score",
            min=0,
            max=1,
            metavar="SCORE",
            help="Leave out what is right with less than this probability.",
        ),
    ] = 0.0,
    jobs: Jobs = 1,
    in_place: Annotated[
        bool,
        typer.Option(
            "--in-place-markup",
            help="Put the tags into the source of a text, of Markdown or LaTeX.",
        ),
    ] = False,
    max_pages: MaxPages = LIMITS.pages,
    max_megabytes: MaxMegabytes = LIMITS.megabytes,
    max_unpacked: MaxUnpacked = LIMITS.unpacked_megabytes,
    quiet: Quiet = False,
) -> None:
    """Tag papers. Their text itself never changes.

    `papertag tag paper.txt` prints the tagged text, and `papertag tag paper.pdf` the
    running text of a PDF, tagged;
    `papertag tag papers/ --output tagged/` writes one file for each paper, goes on
    after a bad one, and with `--resume` after a stop. JSON lines hold a score for each
    span: how likely it is right.
    """
    if example and papers:
        raise typer.BadParameter("--example and papers exclude each other")
    inputs = [EXAMPLE] if example else papers or []
    _check_usage(inputs, output, retag and as_text, jobs)
    if in_place and form is not Format.INLINE:
        raise typer.BadParameter("--in-place-markup and --format exclude each other")
    if output is None and (resume or force):
        raise typer.BadParameter("--resume and --force need --output FOLDER")
    tags = Tags.REPLACE if retag else Tags.TEXT if as_text else Tags.REFUSE
    limits = Limits(max_pages, max_megabytes, max_unpacked)
    tasks, errors = list_papers(inputs, form, output, in_place=in_place, limits=limits)
    if output is None:
        _check_stream(form, len(tasks))
    SHAPES[form].check()
    done, failed = 0, []
    if tasks:
        job = Job(form, tags, encoding, output, force, resume, in_place, limits)
        run = partial(_tagger, pipeline, min_score)
        outcomes: list[Outcome] = []
        try:
            outcomes.extend(_outcomes(tasks, job, run, jobs, quiet))
        except KeyboardInterrupt:
            hint = "; --resume goes on" if output else ""
            say(f"papertag: stopped; papers that are done: {len(outcomes)}{hint}")
            raise typer.Exit(STOPPED) from None
        failed = [outcome.error for outcome in outcomes if outcome.error]
        done = sum(outcome.output is not None for outcome in outcomes)
        errors += failed
    for error in errors:
        complain(error)
    if output and not quiet:
        left_out = len(tasks) - done - len(failed)
        say(f"{done} tagged, {left_out} left out, {len(errors)} with errors")
    if errors:
        raise typer.Exit(1)


def _check_usage(
    papers: Sequence[Path], output: Path | None, both: bool, jobs: int
) -> None:
    if not papers:
        raise typer.BadParameter("name papers, or - for standard input, or --example")
    if both:
        raise typer.BadParameter("--retag and --as-text exclude each other")
    if output and output.exists() and not output.is_dir():
        raise typer.BadParameter(f"--output {output} is a file; name a folder")
    if jobs > 1 and STDIN in papers:
        raise typer.BadParameter("standard input is one paper; leave out --jobs")


def _check_stream(form: Format, papers: int) -> None:
    """Raise where papers in this format can not go to standard output."""
    shape = SHAPES[form]
    if len(shape.files) > 1:
        raise typer.BadParameter(f"{form} writes several files; name --output FOLDER")
    if papers > 1 and not shape.is_line:
        raise typer.BadParameter(
            "several papers need --output FOLDER, or --format jsonl or doccano"
        )
    if shape.is_binary and sys.stdout.isatty():
        raise typer.BadParameter(f"{form} is no text; name --output FOLDER")


def _tagger(pipeline: str | None, min_score: float) -> Tagger:
    """Return what tags one paper; a worker process calls this, too."""
    from papertag.pipeline import gives_scores, load_pipeline
    from papertag.pipeline import tag as tag_paper

    nlp = load_pipeline(pipeline)
    if min_score and not gives_scores(nlp):
        cure = "leave out --min-score, or export the pipeline: papertag export --help"
        raise PipelineError("gives no scores", cure, pipeline or "")
    return partial(tag_paper, nlp, min_score=min_score)


def _outcomes(
    tasks: Sequence[Task], job: Job, load: Loader, jobs: int, quiet: bool
) -> Iterator[Outcome]:
    """Yield the outcomes without their output, which is printed if it has no file."""
    found = run_all(tasks, job, load, jobs)
    for outcome in progress(found, len(tasks), quiet):
        if job.folder is None and outcome.output is not None:
            # As bytes: a terminal's encoding or line ends must not change the text.
            sys.stdout.buffer.write(outcome.output)
            sys.stdout.buffer.flush()
        for note in outcome.notes:
            say(f"papertag: note: {note}")
        yield outcome._replace(output=outcome.output and b"")
