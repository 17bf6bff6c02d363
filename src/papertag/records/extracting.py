"""Extracting: the records of many papers, each on its own."""

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from papertag.errors import InputError, MarkupError, PapertagError
from papertag.files import BOM
from papertag.markup import Tagged, parse
from papertag.records.extraction import extract
from papertag.records.record import Extraction
from papertag.tagging import read_source


def extract_papers(
    sources: Iterable[Path],
    tag: Callable[[Tagged], Tagged] | None = None,
    encoding: str = "utf-8",
) -> Iterator[Extraction | PapertagError]:
    """Yield the extraction of each paper, or the error of one that cannot be read.

    ``tag`` finds the spans of plain papers; without it the papers are tagged already.
    """
    for source in sources:
        try:
            yield _extract_one(source, tag, encoding)
        except PapertagError as error:
            yield error


def _extract_one(
    source: Path, tag: Callable[[Tagged], Tagged] | None, encoding: str
) -> Extraction:
    text = read_source(source, encoding).removeprefix(BOM)
    try:
        paper = _read_tagged(text) if tag is None else tag(_read_plain(text))
        return extract(paper.text, paper.spans, str(source))
    except PapertagError as error:
        raise error.at(source) from error


def _read_tagged(text: str) -> Tagged:
    paper = parse(text)
    if not paper.spans and text.strip():
        raise InputError("holds no tags", "leave out --tagged, and papertag finds them")
    return paper


def _read_plain(text: str) -> Tagged:
    """Return a text to tag; one whose tags do not parse is text that mentions them."""
    try:
        paper = parse(text)
    except MarkupError:
        return Tagged(text)
    if paper.spans:
        problem = f"is tagged already (spans: {len(paper.spans)})"
        raise InputError(problem, "--tagged uses its tags")
    return Tagged(text)
