"""Papers: plain texts as they come in, tagged texts as they go out."""

from collections.abc import Iterable
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple

from papertag.errors import InputError, MarkupError, PapertagError
from papertag.files import list_texts
from papertag.formats import SHAPES, Format
from papertag.markup import Tagged, parse

__all__ = [
    "STDIN",
    "Format",
    "Tags",
    "Task",
    "list_papers",
    "read_paper",
    "write_paper",
]


class Tags(StrEnum):
    """What to do with the tags that a paper brings along."""

    REFUSE = "refuse"
    REPLACE = "replace"
    TEXT = "text"


STDIN = Path("-")


class Task(NamedTuple):
    """A paper to read, and the path of its output below the output folder."""

    source: Path
    target: Path


def list_papers(
    inputs: Iterable[Path], form: Format, output: Path | None = None
) -> tuple[list[Task], list[PapertagError]]:
    """Return a task for each paper of files and folders, and an error for each misfit.

    Folders are searched for ``*.txt``, but not below ``output``, and keep their inner
    structure there; two papers of one name do not fit into it.
    """
    tasks: list[Task] = []
    errors: list[PapertagError] = []
    taken: dict[Path, Path] = {}
    for given in inputs:
        try:
            is_folder = given.is_dir()
            files = list_texts(given, output) if is_folder else [given]
        except PapertagError as error:
            errors.append(error)
            continue
        except OSError as error:
            problem = str(error.strerror).lower()
            errors.append(InputError(problem, "check the path", str(given)))
            continue
        for source in files:
            name = source.relative_to(given) if is_folder else Path(source.name)
            name = Path("stdin") if source == STDIN else name
            target = name.with_suffix(SHAPES[form].suffix)
            if output and target in taken:
                problem = f"its output would be that of {taken[target]}"
                cure = "tag the two into two folders"
                errors.append(InputError(problem, cure, str(source)))
                continue
            taken[target] = source
            tasks.append(Task(source, target))
    return tasks, errors


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


def write_paper(paper: Tagged, source: str, form: Format) -> dict[str, bytes]:
    """Return the files that a tagged paper is written as, by their suffixes."""
    found = {
        suffix: write(paper, source) for suffix, write in SHAPES[form].files.items()
    }
    return {
        suffix: content.encode() if isinstance(content, str) else content
        for suffix, content in found.items()
    }
