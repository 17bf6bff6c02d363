"""Papers: which ones there are, and how they are opened."""

import sys
from collections.abc import Callable, Iterable, Iterator
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import NamedTuple

from papertag.errors import InputError, MarkupError, PapertagError
from papertag.files import BOM, list_files, read_bytes
from papertag.formats import SHAPES, Format
from papertag.markup import Tagged, parse
from papertag.sources.kinds import ARCHIVES, SUFFIXES, is_latex_paper
from papertag.sources.reading import (
    LIMITS,
    list_members,
    parse_source,
    read_packed,
    read_source,
    text_source,
)
from papertag.sources.source import Kind, Limits, Source


class Tags(StrEnum):
    """What to do with the tags that a paper brings along."""

    REFUSE = "refuse"
    REPLACE = "replace"
    TEXT = "text"
    USE = "use"


STDIN = Path("-")


class Task(NamedTuple):
    """A paper to read, and the path of its output below the output folder.

    ``member`` is the paper's name where ``source`` is an archive.
    """

    source: Path
    target: Path
    member: str = ""

    @property
    def name(self) -> Path:
        """The paper's path, as messages and records have it."""
        return Path(f"{self.source}/{self.member}") if self.member else self.source


def list_papers(
    inputs: Iterable[Path],
    form: Format,
    output: Path | None = None,
    *,
    in_place: bool = False,
    limits: Limits = LIMITS,
) -> tuple[list[Task], list[PapertagError]]:
    """Return a task for each paper of files and folders, and an error for each misfit.

    Folders are searched for all that is a paper, but not below ``output``, and keep
    their inner structure there; two papers of one name do not fit into it. A paper
    that is tagged in place keeps its ending.
    """
    tasks: list[Task] = []
    errors: list[PapertagError] = []
    taken: dict[Path, Path] = {}
    for given in inputs:
        for found in _found(given, output, limits):
            if isinstance(found, PapertagError):
                errors.append(found)
                continue
            try:
                target = _in_place(found, limits) if in_place else _target(found, form)
            except PapertagError as error:
                errors.append(error)
                continue
            task = found._replace(target=target)
            if output and target in taken:
                problem = f"its output would be that of {taken[target]}"
                cure = "tag the two into two folders"
                errors.append(InputError(problem, cure, str(task.name)))
                continue
            taken[target] = task.name
            tasks.append(task)
    return tasks, errors


def _in_place(task: Task, limits: Limits) -> Path:
    """Return the path of a paper that is tagged in place, out of what packs it."""
    name = task.target
    if task.source == STDIN or task.member or name.suffix.lower() not in ARCHIVES:
        return name
    while name.suffix.lower() in ARCHIVES:
        name = name.with_suffix("")
    members = list_members(task.source, limits)
    return name / members[0] if members else name


def _target(task: Task, form: Format) -> Path:
    """Return the path of an output: the paper's, with the ending of its format."""
    name = task.target
    while name.suffix.lower() in ARCHIVES:
        name = name.with_suffix("")
    suffix = SHAPES[form].suffix
    known = name.suffix.lower() in SUFFIXES
    return name.with_suffix(suffix) if known else Path(f"{name}{suffix}")


def _found(
    given: Path, output: Path | None, limits: Limits
) -> Iterator[Task | PapertagError]:
    """Yield the papers that a path leads to; the target is the path within it."""
    try:
        is_folder = given.is_dir()
        files = _in_folder(given, output) if is_folder else [given]
    except PapertagError as error:
        yield error
        return
    except OSError as error:
        problem = (error.strerror or str(error)).lower()
        yield InputError(problem, "check the path", str(given))
        return
    for source in files:
        name = source.relative_to(given) if is_folder else Path(source.name)
        target = Path("stdin") if source == STDIN else name
        if source.suffix.lower() not in ARCHIVES:
            yield Task(source, target)
            continue
        try:
            members = list_members(source, limits)
        except PapertagError as error:
            yield error
            continue
        if len(members) <= 1:
            yield Task(source, target)
            continue
        folder = target.with_suffix("")
        for member in members:
            yield Task(source, folder / member, member)


def _in_folder(folder: Path, output: Path | None) -> list[Path]:
    """Return the papers below a folder; LaTeX that is no whole paper is part of one."""
    found = [
        path
        for path in list_files(folder, {*SUFFIXES, *ARCHIVES}, output)
        if SUFFIXES.get(path.suffix.lower()) is not Kind.LATEX or _may_be_paper(path)
    ]
    if not found:
        raise InputError("no papers in this folder", "check the path", str(folder))
    return found


def _may_be_paper(path: Path) -> bool:
    """Tell LaTeX from a part of it; what can not be read fails when its turn comes."""
    try:
        return is_latex_paper(read_bytes(path))
    except InputError:
        return True


def read_paper(source: str, tags: Tags = Tags.REFUSE) -> Tagged:
    """Return the text to tag, with its layout if its tags are to be replaced or used.

    A text whose tags do not parse is plain text that mentions them. Raises InputError
    where the paper is tagged already and ``tags`` says to refuse that, MarkupError
    where tags that do not parse are to be replaced or used.
    """
    if tags is Tags.TEXT:
        return Tagged(source)
    try:
        tagged = parse(source)
    except MarkupError:
        if tags is not Tags.REFUSE:
            raise
        return Tagged(source)
    if tags is Tags.USE:
        return tagged
    if tags is Tags.REPLACE:
        return Tagged(tagged.text, (), tagged.layout)
    if tagged.spans:
        problem = f"is tagged already (spans: {len(tagged.spans)})"
        raise InputError(problem, "--retag replaces the tags, --as-text keeps them")
    return Tagged(source)


def open_paper(
    task: Task, encoding: str = "utf-8", limits: Limits = LIMITS
) -> tuple[Source, Callable[[], bytes]]:
    """Return the running text of a paper, and what gives its bytes, unpacked.

    Raises InputError, its place the paper, on what cannot be read.
    """
    if task.source != STDIN:
        source = read_source(task.source, encoding, limits, task.member)
        return source, partial(read_packed, task.source, limits, task.member)
    content = _read_stdin()
    try:
        source = parse_source(content, str(STDIN), encoding, limits)
    except PapertagError as error:
        raise error.at(STDIN) from error
    return source, lambda: content


def _read_stdin() -> bytes:
    if sys.stdin is None:
        raise InputError("standard input is closed", "open it", str(STDIN))
    return sys.stdin.buffer.read()


def take_tags(
    source: Source, tags: Tags = Tags.REFUSE, *, keep_mark: bool = False
) -> tuple[Tagged, Source]:
    """Return a paper as `read_paper` does, and its source without the tags.

    Only a text that is typed can be tagged already. Its byte order mark is a mark of
    files, no character of the paper, unless ``keep_mark`` says so.
    """
    if source.kind not in (Kind.TEXT, Kind.MARKDOWN):
        return Tagged(source.text), source
    text = source.text if keep_mark else source.text.removeprefix(BOM)
    paper = read_paper(text, tags)
    if paper.text != source.text:
        source = text_source(paper.text, source.name, source.kind)
    return paper, source
