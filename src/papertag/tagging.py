"""Tagging: many papers through one pipeline, each on its own."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple, Protocol

from papertag.errors import InputError, OutputError, PapertagError
from papertag.files import check_absent, write_all
from papertag.formats import SHAPES, Format, write_paper
from papertag.markup import Piece, Tagged
from papertag.papers import STDIN, Tags, Task, open_paper, take_tags
from papertag.sources.reading import LIMITS
from papertag.sources.source import Kind, Limits, Source
from papertag.spans import Span

Tagger = Callable[[Tagged], Tagged]


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

    def run(self, task: Task, tag: Tagger) -> "Outcome":
        """Tag one paper."""
        return next(tag_papers([task], self, tag))


class Outcome(NamedTuple):
    """What became of one paper: its output, an error, or neither if it was done.

    ``notes`` are lines on mentions that could not be written in place.
    """

    task: Task
    output: bytes | None = None
    error: PapertagError | None = None
    notes: tuple[str, ...] = ()


class Work(Protocol):
    """What is done with each paper."""

    def run(self, task: Task, tag: Tagger) -> Outcome:
        """Return what became of a paper; nothing that is its fault is raised."""


def tag_papers(tasks: Iterable[Task], job: Job, tag: Tagger) -> Iterator[Outcome]:
    """Yield the outcome of each paper, one that fails with its error."""
    for task in tasks:
        target = job.folder / task.target if job.folder else None
        try:
            if target and _is_done(task, target, job):
                yield Outcome(task)
                continue
            files, notes = _tag_one(task, job, tag)
            _write(task, files, job)
            yield Outcome(task, files[task.target], notes=notes)
        except PapertagError as error:
            yield Outcome(task, error=error)
        except OSError as error:  # of looking at a path, as one that is too long
            problem = (error.strerror or str(error)).lower()
            failure = OutputError(problem, "check the path", str(target or task.source))
            yield Outcome(task, error=failure)


def _is_done(task: Task, target: Path, job: Job) -> bool:
    """Tell whether a resumed job has the output; raise OutputError if it must not."""
    targets = _targets(target, job)
    for path in targets:
        if path.exists() and task.source != STDIN and path.samefile(task.source):
            cure = "name another folder with --output"
            raise OutputError("the output would overwrite the paper", cure, str(path))
    if job.resume:
        return all(path.exists() for path in targets)
    if not job.force:
        for path in targets:
            check_absent(path)
    return False


def _targets(target: Path, job: Job) -> list[Path]:
    """Return the files of an output that are known beforehand."""
    if job.in_place:
        return [target]
    return [target.with_suffix(suffix) for suffix in SHAPES[job.form].files]


def _write(task: Task, files: Mapping[Path, bytes], job: Job) -> None:
    """Write the files of a paper, if there is a folder for them."""
    if job.folder is None:
        if job.in_place and len(files) > 1:
            cure = "name --output FOLDER"
            raise InputError("has several files", cure, str(task.name))
        return
    known = _targets(job.folder / task.target, job)
    written = {job.folder / path: data for path, data in files.items()}
    for path, data in written.items():
        if path not in known:
            inner = path.relative_to((job.folder / task.target).parent)
            _check_part(path, data, job, task.source.parent / inner)
    write_all(written)


def _check_part(path: Path, data: bytes, job: Job, own: Path) -> None:
    """Raise OutputError where a paper's further file would replace another one."""
    if path.exists() and own.exists() and path.samefile(own):
        cure = "name another folder with --output"
        raise OutputError("the output would overwrite the paper", cure, str(path))
    if not job.force and path.exists() and path.read_bytes() != data:
        check_absent(path)


def _tag_one(
    task: Task, job: Job, tag: Tagger
) -> tuple[dict[Path, bytes], tuple[str, ...]]:
    """Return what to write, by the path below the output folder, and notes."""
    source, content = open_paper(task, job.encoding, job.limits)
    try:
        paper, source = take_tags(source, job.tags, keep_mark=job.form is Format.INLINE)
        spans = find_spans(source, tag, paper.layout)
        if job.in_place:
            return _mark(task, source, spans)
        if job.form is Format.PDF and source.kind is Kind.PDF:
            from papertag.sources.highlights import highlight

            return {task.target: highlight(content(), source, spans)}, ()
        tagged = Tagged(source.text, spans, paper.layout)
        files = write_paper(tagged, str(task.name), job.form)
    except PapertagError as error:
        raise error.at(task.name) from error
    return {task.target.with_suffix(suffix): files[suffix] for suffix in files}, ()


def find_spans(
    source: Source, tag: Tagger, layout: tuple[Piece, ...] = ()
) -> tuple[Span, ...]:
    """Return the spans of a paper's prose, in code points of its text."""
    found = tag(Tagged(source.masked, (), layout)).spans
    return tuple(span for span in found if source.is_prose(span.start, span.end))


def _mark(
    task: Task, source: Source, spans: Sequence[Span]
) -> tuple[dict[Path, bytes], tuple[str, ...]]:
    """Return the files of a paper with tags in place.

    Its own file is the last one to be written: where it is, the others are.
    """
    from papertag.sources.inplace import write_in_place

    files, notes = write_in_place(source, spans)
    folder = task.target.parent
    parts = {folder / name: text.encode() for name, text in files.items() if name}
    whole = {task.target: files[""].encode()}
    return parts | whole, tuple(f"{task.name}:{note}" for note in notes)
