"""Documents: tagged texts from files, and folders of them, in any format.

A ``.txt`` is inline-tagged text, or brat's if ``.ann`` stands beside it; ``.jsonl`` is
Prodigy's or doccano's, by the keys of each line; ``.json`` is Label Studio's;
``.conll`` and ``.bio`` hold a token a line.
"""

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from papertag.errors import InputError, MarkupError, PapertagError
from papertag.files import BOM, list_files, read_text
from papertag.formats import READERS, WRITTEN_ONLY, brat
from papertag.formats.document import Document, check_edges
from papertag.markup import near_tags, parse, place

__all__ = ["Document", "list_tagged", "read_documents", "read_tagged"]

_SHOWN = 60  # characters of a bad input that a message quotes


def read_documents(
    path: Path, encoding: str = "utf-8", *, check: bool = True
) -> Iterator[Document]:
    """Yield the documents of a tagged file, or of a folder of them.

    A folder is searched for ``*.txt`` or, where it holds none, for the other formats.
    With ``check`` they must be fit for training and measuring: no near-tags, and no
    span with white space at an edge. Raises InputError, its place ``file:line``, on
    what is not well-formed, or an ExceptionGroup of all of these, at the end.
    """
    errors = []
    for file in list_tagged(path) if path.is_dir() else [path]:
        for found in _read(file, encoding, check):
            if isinstance(found, Document):
                yield found
            else:
                errors.append(found)
    if len(errors) == 1:
        raise errors[0]
    if errors:
        raise ExceptionGroup("bad documents", errors)


def read_tagged(path: Path, encoding: str = "utf-8", *, check: bool = True) -> Document:
    """Return the document of one tagged text.

    Raises MarkupError on what breaks the grammar and, with ``check``, on near-tags.
    """
    source = read_text(path, encoding).removeprefix(BOM)
    try:
        for offset, text in near_tags(source) if check else ():
            cure = "write the tag exactly, or &lt; in front if it is text"
            shown = repr(text[:_SHOWN])[1:-1]
            raise MarkupError(f"{shown} is almost a tag", cure, place(source, offset))
        tagged = parse(source)
    except MarkupError as error:
        raise error.at(path) from error
    return Document(str(path), tagged.text, tagged.spans, tagged.layout)


def list_tagged(folder: Path) -> list[Path]:
    """Return the ``*.txt`` below a folder or, if there are none, the other formats.

    An ``.ann`` without its text is among the texts, to be named as such. Raises
    InputError where there is nothing of these.
    """
    annotations = list_files(folder, {brat.SUFFIX})
    alone = [path for path in annotations if not path.with_suffix(".txt").exists()]
    found = sorted(list_files(folder, {".txt"}) + alone) or list_files(folder, READERS)
    if not found:
        cure = f"check the path; {', '.join(READERS)} are read, too"
        raise InputError("no *.txt files in this folder", cure, str(folder))
    return found


def _read(path: Path, encoding: str, check: bool) -> Iterator[Document | PapertagError]:
    """Yield the documents of a file, and an error for each that cannot be read."""
    try:
        for read in _readers(path, encoding, check):
            try:
                document = read()
                if check:
                    check_edges(document)
            except PapertagError as error:
                yield error
                continue
            yield document
    except PapertagError as error:  # of the file as a whole
        yield error


def _readers(
    path: Path, encoding: str, check: bool
) -> Iterator[Callable[[], Document]]:
    """Yield a reader for each document of a file."""
    if path.suffix in WRITTEN_ONLY:
        cure = f"give inline tags, brat's, {', '.join(READERS)}"
        raise InputError(f"{path.suffix} is written, not read", cure, str(path))
    annotations = path.with_suffix(brat.SUFFIX)
    if path.suffix in READERS:
        yield from READERS[path.suffix](path, encoding)
    elif path.suffix in {".txt", brat.SUFFIX} and annotations.exists():
        yield partial(brat.read, path.with_suffix(".txt"), encoding)
    else:
        yield partial(read_tagged, path, encoding, check=check)
