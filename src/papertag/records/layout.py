"""Layout: a paper's sentences, each with its paragraph and section, by plain rules."""

import bisect
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property

_HEADING = re.compile(
    r"^\s{0,3}(?:#{1,6}\s+|\\(?:sub)*section\*?\{|\*\*)?"
    r"(?:(?:\d+|[A-Z])(?:\.\d+)*\.?\s+)?(?P<name>[A-Z][^.!?|&]{2,80}?)[*}:.]{0,3}\s*$"
)
_MARKED_HEADING = re.compile(r"\s{0,3}(?:#{1,6}\s|\\(?:sub)*section\b)")
_REFERENCES = re.compile(
    r"^\W*(?:\\(?:sub)?section\*?\{)?(?:[\dIVX]+\.?\s+)?"
    r"(?:references|bibliography|works cited|literature cited|literature)\W*$",
    re.IGNORECASE,
)
_BIBLIOGRAPHY = re.compile(r"\\begin\{thebibliography\}")
_AFTER_REFERENCES = re.compile(
    r"^\W*(?:\\(?:sub)?section\*?\{)?(?:appendix|appendices|supplement|annex|"
    r"[A-H](?:\.\d+)*\.?\s+[A-Z]|\\appendix|\\end\{thebibliography\})",
    re.IGNORECASE,
)
_YEAR = re.compile(r"\b(?:19|20)\d\d[a-z]?\b")
_LINE_OF_ITS_OWN = re.compile(r"^\s*(?:[-*•–]\s|\d+[.)]\s|\|)|\|\s*$|\\\\\s*$|\s&\s|\t")
_ABBREVIATION = re.compile(
    r"(?:\b(?:al|e\.g|i\.e|cf|vs|fig|figs|eq|sec|tab|no|approx|resp|ca|dr|prof|st|inc|"
    r"ltd|u\.s|u\.k|ver|vol|p|pp)|(?:^|[\s(])[A-Z])\.$",
    re.IGNORECASE,
)
_END = re.compile(r"[.!?][\"'”’)\]*]*\s+(?=[\"'“‘(\[*\\]*[A-Z0-9À-Þ])")


@dataclass(frozen=True)
class Sentence:
    """A sentence, table row or heading: ``text[start:end]`` of the paper."""

    start: int
    end: int
    paragraph: int
    section: str = field(compare=False, default="")


@dataclass(frozen=True)
class Layout:
    """The sentences of a text in reading order, and what of it is a reference list."""

    sentences: tuple[Sentence, ...]
    references: tuple[tuple[int, int], ...] = ()

    def at(self, offset: int) -> int:
        """Return the index of the sentence that holds or precedes an offset."""
        return max(0, bisect.bisect_right(self._starts, offset) - 1)

    @cached_property
    def _starts(self) -> list[int]:
        return [sentence.start for sentence in self.sentences]

    def is_reference(self, offset: int) -> bool:
        """Tell whether an offset lies in a reference list."""
        return any(start <= offset < end for start, end in self.references)


def read_layout(text: str, skip: Sequence[tuple[int, int]] = ()) -> Layout:
    """Part a text into sentences; a row of a table or list is one of its own.

    What the ranges ``skip`` hold is left out as reference lists are.
    """
    sentences: list[Sentence] = []
    section = ""
    for number, (start, end) in enumerate(_paragraphs(text)):
        first = text[start:end].split("\n", 1)[0]
        heading = _HEADING.match(first)
        if heading and len(first) < 90:
            section = heading["name"].strip().lower()
        for left, right in _cut(text, start, end):
            sentences.append(Sentence(left, right, number, section))
    return Layout(tuple(sentences), (*_references(text), *skip))


def _paragraphs(text: str) -> Iterator[tuple[int, int]]:
    position = 0
    for gap in re.finditer(r"\n[ \t\r]*\n\s*|\Z", text):
        if text[position : gap.start()].strip():
            yield position, gap.start()
        position = gap.end()


def _cut(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Yield the sentences of a paragraph, and each line that stands for itself."""
    left = start
    for line in re.finditer(r"[^\n]*(?:\n|$)", text[start:end]):
        right = start + line.end()
        is_heading = _MARKED_HEADING.match(line[0]) or (
            line.start() == 0 and len(line[0]) < 90 and _HEADING.match(line[0].rstrip())
        )
        if _LINE_OF_ITS_OWN.search(line[0].rstrip("\n")) or is_heading:
            if text[start + line.start() : right].lstrip()[:1] not in {"-", "*", "•"}:
                yield from _sentences(text, left, start + line.start())
                yield from _sentences(text, start + line.start(), right)
                left = right
            else:  # an item may run on in the next lines
                yield from _sentences(text, left, start + line.start())
                left = start + line.start()
    yield from _sentences(text, left, end)


def _sentences(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    left = start
    for stop in _END.finditer(text, start, end):
        if _ABBREVIATION.search(text[left : stop.start() + 1]):
            continue
        yield left, stop.end()
        left = stop.end()
    if text[left:end].strip():
        yield left, end


def _references(text: str) -> Iterator[tuple[int, int]]:
    """Yield reference lists: from their heading to an appendix, or to the end."""
    start: int | None = None
    for line in re.finditer(r"[^\n]+", text):
        if start is None and (
            (_REFERENCES.match(line[0]) and _lists_works(text[line.end() :]))
            or _BIBLIOGRAPHY.search(line[0])
        ):
            start = line.start()
        elif start is not None and _AFTER_REFERENCES.match(line[0]):
            yield start, line.start()
            start = None
    if start is not None:
        yield start, len(text)


def _lists_works(text: str) -> bool:
    """Tell a list of works by its years; "References" may head other things too."""
    return len(_YEAR.findall(text[:800])) > 1 or len(text) < 200
