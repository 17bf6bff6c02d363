"""Tagging: many papers through one pipeline, each on its own."""

import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from papertag.errors import InputError, OutputError, PapertagError
from papertag.files import BOM, check_absent, write_all
from papertag.markup import Tagged
from papertag.papers import STDIN, Format, Tags, Task, read_paper, write_paper
from papertag.sources.reading import (
    LIMITS,
    parse_source,
    read_packed,
    read_source,
    text_source,
)
from papertag.sources.source import Kind, Limits, Source
from papertag.spans import Span


@dataclass(frozen=True)
class Job:
    """How papers are read and written; without a folder, results are returned."""

    form: Format = Format.INLINE
    tags: Tags = Tags.REFUSE
    encoding: str = "utf-8"
    folder: Path | None = None
    force: bool = False
    resume: bool = False
    in_place: bool = False  # tags go into the source of Markdown and LaTeX
    limits: Limits = LIMITS


class Outcome(NamedTuple):
    """What became of one paper: its output, an error, or neither if it was done.

    ``notes`` are lines on mentions that could not be written in place.
    """

    task: Task
    output: bytes | None = None
    error: PapertagError | None = None
    notes: tuple[str, ...] = ()


def tag_papers(
    tasks: Iterable[Task], job: Job, tag: Callable[[Tagged], Tagged]
) -> Iterator[Outcome]:
    """Yield the outcome of each paper, one that fails with its error."""
    for task in tasks:
        target = job.folder / task.target if job.folder else None
        try:
            if target and _is_done(task, target, job):
                yield Outcome(task)
                continue
            files, notes = _tag_one(task, job, tag)
            if job.folder:
                written = {job.folder / path: data for path, data in files.items()}
                for path, data in written.items():
                    if path != target:
                        _check_part(path, data, job)
                write_all(written)
            elif len(files) > 1:
                raise InputError(
                    "has several files", "name --output FOLDER", str(task.name)
                )
            yield Outcome(task, files[task.target], notes=tuple(notes))
        except PapertagError as error:
            yield Outcome(task, error=error)
        except OSError as error:  # of looking at a path, as one that is too long
            problem = str(error.strerror).lower()
            failure = OutputError(problem, "check the path", str(target or task.source))
            yield Outcome(task, error=failure)


def _is_done(task: Task, target: Path, job: Job) -> bool:
    """Tell whether a resumed job has the output; raise OutputError if it must not."""
    if target.exists() and task.source != STDIN and target.samefile(task.source):
        cure = "name another folder with --output"
        raise OutputError("the output would overwrite the paper", cure, str(target))
    if job.resume:
        return target.exists()
    if not job.force:
        check_absent(target)
    return False


def _check_part(path: Path, data: bytes, job: Job) -> None:
    """Raise OutputError where a paper's further file would replace another one."""
    if not job.force and path.exists() and path.read_bytes() != data:
        check_absent(path)


def _tag_one(
    task: Task, job: Job, tag: Callable[[Tagged], Tagged]
) -> tuple[dict[Path, bytes], list[str]]:
    """Return what to write, by the path below the output folder, and notes."""
    source, content = _read(task, job)
    try:
        paper, source = _prepare(source, job)
        found = tag(Tagged(source.masked, (), paper.layout)).spans
        spans = tuple(span for span in found if source.is_prose(span.start, span.end))
        if job.in_place:
            from papertag.sources.inplace import write_in_place

            files, notes = write_in_place(source, spans)
            folder = task.target.parent
            return {
                folder / name if name else task.target: text.encode()
                for name, text in files.items()
            }, [f"{task.name}:{note}" for note in notes]
        if job.form is Format.PDF:
            return {task.target: _highlight(content, source, spans)}, []
        tagged = Tagged(source.text, spans, paper.layout)
        written = write_paper(tagged, str(task.name), job.form)
    except PapertagError as error:
        raise error.at(task.name) from error
    return {task.target: written.encode()}, []


def _read(task: Task, job: Job) -> tuple[Source, bytes]:
    """Return the paper, and its bytes if they are to be highlighted."""
    if task.source == STDIN:
        content = _read_stdin()
        try:
            source = parse_source(content, str(STDIN), job.encoding, job.limits)
        except PapertagError as error:
            raise error.at(STDIN) from error
        return source, content
    source = read_source(task.source, job.encoding, job.limits, task.member)
    is_pdf = job.form is Format.PDF and source.kind is Kind.PDF
    wanted = read_packed(task.source, job.limits, task.member) if is_pdf else b""
    return source, wanted


def _prepare(source: Source, job: Job) -> tuple[Tagged, Source]:
    """Return the paper to tag; tags in a text that is typed are looked at."""
    if source.kind not in (Kind.TEXT, Kind.MARKDOWN):
        return Tagged(source.text), source
    text = source.text
    if job.form is Format.JSONL:
        text = text.removeprefix(BOM)  # a mark of files, no character of a record
    paper = read_paper(text, job.tags)
    if paper.text != source.text:
        source = text_source(paper.text, source.name, source.kind)
    return paper, source


def _highlight(content: bytes, source: Source, spans: Sequence[Span]) -> bytes:
    if source.kind is not Kind.PDF:
        raise InputError(f"is no PDF ({source.kind})", "choose another --format")
    from papertag.sources.highlights import highlight

    return highlight(content, source, spans)


def _read_stdin() -> bytes:
    if sys.stdin is None:
        raise InputError("standard input is closed", "open it", str(STDIN))
    return sys.stdin.buffer.read()
