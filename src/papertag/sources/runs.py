"""Runs: a text put together from pieces of files, and the way back to them."""

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from papertag.markup import place
from papertag.sources.source import Place

_WORDS = re.compile(r"\s+|\S+")


class Origin(NamedTuple):
    """A range of a file: ``length`` characters from ``offset`` on."""

    file: int  # an index
    offset: int
    length: int


class Run(NamedTuple):
    """``text[start:end]`` stands at ``origin``, as a copy or in place of all of it."""

    start: int
    end: int
    origin: Origin
    is_copy: bool = True

    def part(self, start: int, end: int) -> Origin:
        """Return where the part within ``start`` and ``end`` stands."""
        if not self.is_copy:
            return self.origin
        first, last = max(start, self.start), min(end, self.end)
        offset = self.origin.offset + first - self.start
        return Origin(self.origin.file, offset, last - first)


class Runs:
    """Runs in the order of the text, which need not cover all of it."""

    def __init__(self, runs: Sequence[Run]) -> None:
        self.runs = runs
        self._starts = [run.start for run in runs]

    def within(self, start: int, end: int) -> Iterator[Run]:
        """Yield the runs that share characters with ``text[start:end]``."""
        first = max(0, bisect_right(self._starts, start) - 1)
        for run in self.runs[first:]:
            if run.start >= end:
                return
            if run.end > start:
                yield run


@dataclass(frozen=True)
class FileMap:
    """The map of texts: line and column of a file, which has a name if not the paper.

    ``files`` are names and contents; the paper's own name is empty.
    """

    files: tuple[tuple[str, str], ...] = field(repr=False)
    runs: Runs = field(repr=False)

    def places(self, start: int, end: int) -> list[Place]:
        """Return the place of ``text[start:end]``, one for each file it stands in."""
        first: dict[int, int] = {}
        for run in self.runs.within(start, end):
            origin = run.part(start, end)
            first.setdefault(origin.file, origin.offset)
        return [self._place(file, offset) for file, offset in first.items()]

    def _place(self, file: int, offset: int) -> Place:
        name, content = self.files[file]
        line, column = place(content, offset).split(":")
        return Place(line=int(line), column=int(column), file=name or None)


def identity(text: str) -> FileMap:
    """Return the map of a text that is its file's content."""
    return FileMap((("", text),), Runs([Run(0, len(text), Origin(0, 0, len(text)))]))


class Builder:
    """Puts a text together; white space comes singly, as a blank, line or paragraph."""

    def __init__(self) -> None:
        self.size = 0
        self.runs: list[Run] = []
        self._parts: list[str] = []
        self._space: tuple[str, Origin | None] = ("", None)

    @property
    def text(self) -> str:
        """All that was added, without white space at the end."""
        return "".join(self._parts)

    def add(self, text: str, origin: Origin | None, is_copy: bool = False) -> None:
        """Add text that has no white space at its edges."""
        kind, where = self._space
        if self.size and kind:
            self._append(kind, where, where is not None and where.length == len(kind))
        self._space = ("", None)
        self._append(text, origin, is_copy)

    def space(self, kind: str, origin: Origin | None = None) -> None:
        """Ask for white space before what comes next; the widest one is written."""
        if _rank(kind) > _rank(self._space[0]):
            self._space = (kind, origin)

    def flow(self, text: str, origin: Origin, is_copy: bool = True) -> None:
        """Add running text: words, and white space as it comes."""
        for found in _WORDS.finditer(text):
            where = origin
            if is_copy:
                offset = origin.offset + found.start()
                where = Origin(origin.file, offset, len(found[0]))
            if found[0].isspace():
                self.space(_kind(found[0]), where)
            else:
                self.add(found[0], where, is_copy)

    def _append(self, text: str, origin: Origin | None, is_copy: bool) -> None:
        start, self.size = self.size, self.size + len(text)
        self._parts.append(text)
        if origin is None:
            return
        run = Run(start, self.size, origin, is_copy)
        if self.runs and _follows(self.runs[-1], run):
            last = self.runs[-1]
            length = last.origin.length + origin.length
            self.runs[-1] = last._replace(
                end=self.size, origin=last.origin._replace(length=length)
            )
        else:
            self.runs.append(run)


def _follows(last: Run, run: Run) -> bool:
    """Tell whether two copies are one."""
    both = last.is_copy and run.is_copy and last.end == run.start
    end = last.origin.offset + last.origin.length
    return both and (last.origin.file, end) == (run.origin.file, run.origin.offset)


def _kind(piece: str) -> str:
    return "\n\n" if piece.count("\n") > 1 else "\n" if "\n" in piece else " "


def _rank(kind: str) -> int:
    return ("", " ", "\t", "\n", "\n\n").index(kind)
