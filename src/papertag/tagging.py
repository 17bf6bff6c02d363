"""Tagging: many papers through one pipeline, each on its own."""

import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from papertag.errors import InputError, OutputError, PapertagError
from papertag.files import BOM, check_absent, decode, read_text, write_all
from papertag.formats import SHAPES, Format
from papertag.markup import Tagged
from papertag.papers import STDIN, Tags, Task, read_paper, write_paper


@dataclass(frozen=True)
class Job:
    """How papers are read and written; without a folder, results are returned."""

    form: Format = Format.INLINE
    tags: Tags = Tags.REFUSE
    encoding: str = "utf-8"
    folder: Path | None = None
    force: bool = False
    resume: bool = False


class Outcome(NamedTuple):
    """What became of one paper: its output, an error, or neither if it was done.

    The output is the first file of its format.
    """

    task: Task
    output: bytes | None = None
    error: PapertagError | None = None


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
            files = _tag_one(task, job, tag)
            if target:
                write_all({target.with_suffix(s): data for s, data in files.items()})
            yield Outcome(task, next(iter(files.values())))
        except PapertagError as error:
            yield Outcome(task, error=error)
        except OSError as error:  # of looking at a path, as one that is too long
            problem = str(error.strerror).lower()
            failure = OutputError(problem, "check the path", str(target or task.source))
            yield Outcome(task, error=failure)


def _is_done(task: Task, target: Path, job: Job) -> bool:
    """Tell whether a resumed job has the output; raise OutputError if it must not."""
    targets = [target.with_suffix(suffix) for suffix in SHAPES[job.form].files]
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


def _tag_one(task: Task, job: Job, tag: Callable[[Tagged], Tagged]) -> dict[str, bytes]:
    if task.source == STDIN:
        source = _decode_stdin(job.encoding)
    else:
        source = read_text(task.source, job.encoding)
    if job.form is not Format.INLINE:
        source = source.removeprefix(BOM)  # a mark of files, no character of a paper
    try:
        paper = tag(read_paper(source, job.tags))
        return write_paper(paper, str(task.source), job.form)
    except PapertagError as error:
        raise error.at(task.source) from error


def read_source(path: Path, encoding: str) -> str:
    """Return the text of a paper, or of standard input; InputError if it is none."""
    return _decode_stdin(encoding) if path == STDIN else read_text(path, encoding)


def _decode_stdin(encoding: str) -> str:
    if sys.stdin is None:
        raise InputError("standard input is closed", "open it", str(STDIN))
    try:
        return decode(sys.stdin.buffer.read(), encoding)
    except PapertagError as error:
        raise error.at(STDIN) from error
