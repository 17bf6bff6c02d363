"""Source: the running text of a paper, and where each stretch of it came from."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple, Protocol

Range = tuple[int, int]  # half-open, code points of the text
Box = tuple[float, float, float, float]  # PDF points: left, bottom, right, top


class Kind(StrEnum):
    """What a paper came as."""

    TEXT = "text"
    MARKDOWN = "markdown"
    PDF = "pdf"
    LATEX = "latex"
    HTML = "html"
    JATS = "jats"
    TEI = "tei"


class Place(NamedTuple):
    """Where a stretch of text stands in the paper as it came."""

    page: int | None = None  # of a PDF, from 1
    box: Box | None = None
    line: int | None = None  # from 1, as the column, of the file if one is named
    column: int | None = None
    file: str | None = None  # one that LaTeX includes, or a member of an archive
    xpath: str | None = None  # of HTML and XML

    def __str__(self) -> str:
        parts = [self.file, self.page and f"page {self.page}", self.xpath]
        if self.line:
            parts.append(f"{self.line}:{self.column}")
        return ":".join(str(part) for part in parts if part)


class Map(Protocol):
    """From ranges of the text back to places."""

    def places(self, start: int, end: int) -> list[Place]:
        """Return where ``text[start:end]`` stands."""


@dataclass(frozen=True)
class Limits:
    """How much a paper may be; what is more ends in an error that says so."""

    pages: int = 2_000  # of a PDF
    megabytes: int = 64  # of a file of LaTeX, HTML or XML
    unpacked_megabytes: int = 256  # of all that an archive holds
    members: int = 10_000  # of an archive
    expanded_characters: int = 1_000_000  # that the macros of a LaTeX paper make


@dataclass(frozen=True)
class Source:
    """A paper as running text, with a map back.

    ``prose`` are the ranges that may hold mentions; ``references`` is the range of the
    list of references, None if there is none.
    """

    name: str
    kind: Kind
    text: str
    map: Map = field(repr=False)
    prose: tuple[Range, ...]
    references: Range | None = None

    def places(self, start: int, end: int) -> list[Place]:
        """Return where ``text[start:end]`` stands: one place a line in a PDF, else one.

        There is none for what the reader added, as a blank between two lines.
        """
        return self.map.places(start, end)

    def is_prose(self, start: int, end: int) -> bool:
        """Tell whether ``text[start:end]`` lies in one range of prose."""
        return any(first <= start and end <= last for first, last in self.prose)

    @property
    def skipped(self) -> tuple[Range, ...]:
        """The ranges that hold no facts: what is no prose, and the references."""
        starts = (0, *(end for _, end in self.prose))
        ends = (*(start for start, _ in self.prose), len(self.text))
        gaps = [gap for gap in zip(starts, ends, strict=True) if gap[0] < gap[1]]
        return tuple(sorted([*gaps, *([self.references] if self.references else ())]))

    @property
    def masked(self) -> str:
        """The text with blanks for what is no prose; offsets and lines stay."""
        parts, position = [], 0
        for start, end in (*self.prose, (len(self.text),) * 2):
            parts += [_blank(self.text[position:start]), self.text[start:end]]
            position = end
        return "".join(parts)


def _blank(text: str) -> str:
    return "".join(mark if mark in "\r\n" else " " for mark in text)
