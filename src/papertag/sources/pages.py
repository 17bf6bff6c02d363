"""Pages: the characters of a PDF page with their boxes, and the lines they form."""

import ctypes
import math
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from statistics import median
from typing import NamedTuple

import pypdfium2
import pypdfium2.raw as pdfium

from papertag.sources.source import Box

HYPHEN = "\x02"  # how PDFium marks one at the end of a line
LIGATURES = {
    "\ufb00": "ff",
    "\ufb01": "fi",
    "\ufb02": "fl",
    "\ufb03": "ffi",
    "\ufb04": "ffl",
    "\ufb05": "st",
    "\ufb06": "st",
}
_SPACES = dict.fromkeys("\xa0\t\u2002\u2003\u2009\u200a\u202f", " ")
_LEFT_OUT = {"\0", "\xad", "\u200b", "\ufeff", "\ufffe", "\uffff"}
_WIDE = 1.8  # font sizes: a gap as between the cells of a table
_APART = 0.25  # font sizes: a gap as between two words


class Glyph(NamedTuple):
    """A character on a page; ``base`` is its base line, ``size`` its font's, points."""

    text: str
    left: float
    right: float
    base: float
    size: float

    @property
    def box(self) -> Box:
        """Its box as a marker pen would have it: the height of the font."""
        bottom, top = self.base - 0.25 * self.size, self.base + 0.8 * self.size
        return self.left, bottom, self.right, top


@dataclass
class Line:
    """Glyphs of one line in reading order; a space is a glyph like any other."""

    glyphs: list[Glyph]
    column: tuple[int, int] = (0, 0)  # where it may reach: left and right, points

    def __post_init__(self) -> None:
        inked = [glyph for glyph in self.glyphs if glyph.text != " "]
        self.size = _most_common([glyph.size for glyph in inked])
        large = [glyph for glyph in inked if glyph.size > 0.8 * self.size]
        self.base = median(glyph.base for glyph in large)
        self.left = min(glyph.left for glyph in inked)
        self.right = max(glyph.right for glyph in inked)
        self._gaps = list(self._find_gaps())

    @property
    def text(self) -> str:
        """Its characters as they stand."""
        return "".join(glyph.text for glyph in self.glyphs)

    @property
    def cells(self) -> list[str]:
        """Its text, cut at wide gaps."""
        borders = [0, *(index for index, _, _ in self.gaps(_WIDE)), len(self.glyphs)]
        return [self.text[i:j].strip() for i, j in pairwise(borders)]

    @property
    def has_cells(self) -> bool:
        """Tell a line of a table, by two wide gaps, or one beside short cells."""
        gaps = len(self.gaps(_WIDE))
        return gaps > 1 or (gaps == 1 and len(self.glyphs) < 40)  # noqa: PLR2004

    def gaps(self, width: float) -> list[tuple[int, float, float]]:
        """Return index, left and right of each gap of ``width`` font sizes or more."""
        return [gap for gap in self._gaps if gap[2] - gap[1] > width * self.size]

    def _find_gaps(self) -> Iterator[tuple[int, float, float]]:
        last = self.glyphs[0]
        for index, glyph in enumerate(self.glyphs):
            if glyph.text == " ":
                continue
            if glyph.left - last.right > _APART * self.size:
                yield index, last.right, glyph.left
            last = glyph

    def cut(self, index: int) -> list["Line"]:
        """Return the lines before and from a glyph on."""
        parts = self.glyphs[:index], self.glyphs[index:]
        return [Line(part) for part in map(_strip, parts) if part]


def _most_common(sizes: list[float]) -> float:
    """Return the size that most of a line has, which small raised marks do not pull."""
    counts = Counter(round(size, 1) for size in sizes)
    return max(counts, key=lambda size: (counts[size], size))


def read_lines(page: pypdfium2.PdfPage) -> list[Line]:
    """Return the lines of a page in the order in which the file draws them."""
    textpage = page.get_textpage()
    lines: list[Line] = []
    glyphs: list[Glyph] = []

    def end() -> None:
        kept = _strip(glyphs)
        if kept:
            lines.append(Line(kept))
        glyphs.clear()

    for glyph in _glyphs(textpage):
        if glyph.text == "\n" or (glyphs and _is_new_line(glyphs[-1], glyph)):
            end()
        if glyph.text == "\n":
            continue
        glyphs.append(glyph)
    end()
    textpage.close()
    return lines


def _strip(glyphs: list[Glyph]) -> list[Glyph]:
    inked = [index for index, glyph in enumerate(glyphs) if glyph.text != " "]
    return glyphs[inked[0] : inked[-1] + 1] if inked else []


def _is_new_line(last: Glyph, glyph: Glyph) -> bool:
    """Tell a jump to another line that PDFium does not mark, as behind a hyphen."""
    if last.text == HYPHEN:
        return True
    size = max(last.size, glyph.size)
    return abs(glyph.base - last.base) > size or glyph.left < last.left - 2 * size


def _glyphs(textpage: pypdfium2.PdfTextPage) -> Iterator[Glyph]:
    """Yield the glyphs of a page that are upright, as most are; a line end is one."""
    found = list(_all_glyphs(textpage))
    turns = Counter(turn for turn, glyph in found if glyph.text.strip())
    upright = max(turns, key=lambda turn: turns[turn], default=0)
    for turn, glyph in found:
        if turn == upright or glyph.text == "\n":
            yield glyph


def _all_glyphs(textpage: pypdfium2.PdfTextPage) -> Iterator[tuple[int, Glyph]]:
    left, right, bottom, top, x, y = (ctypes.c_double() for _ in range(6))
    matrix = pdfium.FS_MATRIX()
    last = Glyph("\n", 0, 0, 0, 1)
    turn = high = 0
    for index in range(textpage.count_chars()):
        code = pdfium.FPDFText_GetUnicode(textpage, index)
        if 0xD800 <= code < 0xDC00:  # noqa: PLR2004 (a pair of UTF-16 units)
            high = code
            continue
        if 0xDC00 <= code < 0xE000:  # noqa: PLR2004
            code = 0x10000 + ((high - 0xD800) << 10) + (code - 0xDC00) if high else 0
        high = 0
        text = _readable(chr(code))
        if pdfium.FPDFText_IsGenerated(textpage, index):
            if text in ("\n", " "):
                yield turn, Glyph(text, last.right, last.right, last.base, last.size)
            continue
        if not text:
            continue
        pdfium.FPDFText_GetCharBox(textpage, index, left, right, bottom, top)
        pdfium.FPDFText_GetCharOrigin(textpage, index, x, y)
        pdfium.FPDFText_GetMatrix(textpage, index, matrix)
        size = pdfium.FPDFText_GetFontSize(textpage, index)
        size *= math.hypot(matrix.c, matrix.d) or 1
        turn = round(math.degrees(math.atan2(matrix.b, matrix.a)) / 90) % 4
        last = Glyph(text, left.value, right.value, y.value, size or 1)
        for letter in text:  # of a ligature, in equal parts
            width = (right.value - left.value) / len(text)
            start = left.value + width * text.index(letter)
            yield turn, last._replace(text=letter, left=start, right=start + width)


def _readable(text: str) -> str:
    """Return what a character of a PDF is in running text, or nothing."""
    if text in LIGATURES:
        return LIGATURES[text]
    text = _SPACES.get(text, text)
    if text in _LEFT_OUT or (text < " " and text not in ("\n", HYPHEN)):
        return ""
    return text
