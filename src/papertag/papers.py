"""Papers: which ones there are, and how they are written when they are tagged."""

from collections.abc import Iterable, Iterator
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple

from papertag.documents import to_json
from papertag.errors import InputError, MarkupError, PapertagError
from papertag.files import list_files, read_bytes
from papertag.markup import Tagged, parse, render
from papertag.sources.kinds import ARCHIVES, is_latex_paper
from papertag.sources.kinds import SUFFIXES as KINDS
from papertag.sources.reading import LIMITS, list_members
from papertag.sources.source import Kind, Limits


class Format(StrEnum):
    """How a tagged paper is written."""

    INLINE = "inline"
    JSONL = "jsonl"
    PDF = "pdf"


class Tags(StrEnum):
    """What to do with the tags that a paper brings along."""

    REFUSE = "refuse"
    REPLACE = "replace"
    TEXT = "text"


STDIN = Path("-")
SUFFIXES = {Format.INLINE: ".txt", Format.JSONL: ".jsonl", Format.PDF: ".pdf"}


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
        return self.source / self.member if self.member else self.source


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
            target = found.target
            if not in_place:
                target = _target(target, form)
            task = found._replace(target=target)
            if output and target in taken:
                problem = f"its output would be that of {taken[target]}"
                cure = "tag the two into two folders"
                errors.append(InputError(problem, cure, str(task.name)))
                continue
            taken[target] = task.name
            tasks.append(task)
    return tasks, errors


def _target(name: Path, form: Format) -> Path:
    """Return the path of an output: the paper's, with the ending of its format."""
    while name.suffix.lower() in ARCHIVES:
        name = name.with_suffix("")
    known = name.suffix.lower() in KINDS
    return (
        name.with_suffix(SUFFIXES[form]) if known else Path(f"{name}{SUFFIXES[form]}")
    )


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
        yield InputError(str(error.strerror).lower(), "check the path", str(given))
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
        for path in list_files(folder, {*KINDS, *ARCHIVES}, output)
        if KINDS.get(path.suffix.lower()) is not Kind.LATEX
        or is_latex_paper(read_bytes(path))
    ]
    if not found:
        raise InputError("no papers in this folder", "check the path", str(folder))
    return found


def read_paper(source: str, tags: Tags = Tags.REFUSE) -> Tagged:
    """Return the text to tag, with its layout if its tags are to be replaced.

    A text whose tags do not parse is plain text that mentions them. Raises InputError
    where the paper is tagged already and ``tags`` says to refuse that, MarkupError
    where tags that do not parse are to be replaced.
    """
    if tags is Tags.TEXT:
        return Tagged(source)
    try:
        tagged = parse(source)
    except MarkupError:
        if tags is Tags.REPLACE:
            raise
        return Tagged(source)
    if tags is Tags.REPLACE:
        return Tagged(tagged.text, (), tagged.layout)
    if tagged.spans:
        problem = f"is tagged already (spans: {len(tagged.spans)})"
        raise InputError(problem, "--retag replaces the tags, --as-text keeps them")
    return Tagged(source)


def write_paper(paper: Tagged, source: str, form: Format) -> str:
    """Return a tagged paper as it is written; JSONL is one line with its newline."""
    if form is Format.JSONL:
        return to_json(paper.text, paper.spans, source) + "\n"
    return render(paper)
