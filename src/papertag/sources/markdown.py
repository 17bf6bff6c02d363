"""Markdown: the source as it is, and which parts of it are prose."""

import re
from collections.abc import Iterator

from markdown_it import MarkdownIt

from papertag.sources.runs import identity
from papertag.sources.sections import find_references
from papertag.sources.source import Kind, Range, Source

_FRONT = re.compile(
    r"\ufeff?(---|\+\+\+)[ \t]*\r?\n.*?^\1[ \t]*(?:\r?\n|\Z)", re.S | re.M
)
_CODE = ("fence", "code_block")
_INLINE = re.compile(
    r"<!--.*?-->"  # a comment
    r"|(?<=\])\((?:[^()\s]|\([^()\s]*\))*"  # a link's target
    r"(?:\s+(?:\"[^\"]*\"|'[^']*'))?\s*\)"  # and title
    r"|^ {0,3}\[[^\]\n]+\]:[ \t]*\S[^\n]*"  # a target further down
    r"|(?:https?|ftp)://[^\s<>)\]]+"
    r"|</?[a-zA-Z][^<>]*>",  # a tag
    re.DOTALL | re.MULTILINE,
)


def read_markdown(text: str, name: str) -> Source:
    """Return Markdown as it is; front matter, code and link targets are no prose."""
    prose = tuple(_rest(len(text), sorted(_left_out(text))))
    return Source(
        name, Kind.MARKDOWN, text, identity(text), prose, find_references(text)
    )


def _left_out(text: str) -> Iterator[Range]:
    front = _FRONT.match(text)
    start = front.end() if front else 0
    if front:
        yield 0, start
    for found in _INLINE.finditer(text, start):
        yield found.span()
    starts = [0, *(m.end() for m in re.finditer(r"\r\n|\r|\n", text)), len(text)]
    # Blanked, so that its lines count but are read as nothing.
    rest = re.sub(r"[^\r\n]", " ", text[:start]) + text[start:]
    for token in MarkdownIt("commonmark").parse(rest):
        if token.type in _CODE and token.map:
            first, last = token.map
            yield starts[first], starts[min(last, len(starts) - 1)]


def _rest(size: int, ranges: list[Range]) -> Iterator[Range]:
    """Yield what is between ranges, which may overlap."""
    position = 0
    for start, end in ranges:
        if position < start:
            yield position, start
        position = max(position, end)
    if position < size:
        yield position, size
