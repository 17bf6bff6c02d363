"""Paragraphs: the lines of a PDF joined to running text, hyphenation undone."""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from papertag.sources.boxes import Boxes
from papertag.sources.layout import body_size
from papertag.sources.pages import HYPHEN, Glyph, Line

_LEADING = 1.45  # base lines of a paragraph are not further apart, in font sizes
_INDENT = 0.7  # font sizes
_SMALL = 0.93  # of the body's font size: a footnote, a caption
_BEGINS = re.compile(
    r"(?:[•◦▪‣∗*–-]|\[\d{1,3}\]|\(?\d{1,2}[.)])\s"
    r"|(?:Figure|Fig\.|Table|Algorithm|Listing)\s?\w{1,3}[.:]"
)
_FLOAT = re.compile(r"(?:Figure|Fig\.|Table|Algorithm|Listing)\s?\w{1,3}[.:]")
_ENDS = re.compile(r"[.!?:][)\]\"'”’]*[\d¹²³⁰-⁹]*$")
_ACCENTS = dict(
    zip(
        "´`¨ˆ˜¸¯˘˙˚ˇ",
        "\u0301\u0300\u0308\u0302\u0303\u0327\u0304\u0306\u0307\u030a\u030c",
        strict=True,
    )
)
_WHOLE = 4  # letters: a shorter half is hardly a word
_HYPHENS = (HYPHEN, "-", "\u2010")
_RAISED = str.maketrans("0123456789+-−", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻")
_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")


@dataclass
class Block:
    """A paragraph, or a line of a table, with the page that each line stands on."""

    lines: list[Line]
    pages: list[int]
    is_aside: bool = False  # a footnote, caption or table: text may go on behind it


def join(pages: Sequence[list[Line]]) -> tuple[str, Boxes]:
    """Return the text of pages whose lines are in reading order, and its map.

    An empty line stands between paragraphs; lines of a table follow one another.
    """
    blocks = _reunite(list(_blocks(pages)))
    writer = _Writer(_words(pages))
    for index, block in enumerate(blocks):
        if index:
            both = block.lines[0].has_cells and blocks[index - 1].lines[-1].has_cells
            writer.gap("\n" if both else "\n\n")
        writer.write(block)
    return "".join(writer.text), writer.boxes


def _words(pages: Sequence[list[Line]]) -> Counter[str]:
    """Count the words that stand on one line, and so are no halves."""
    words = Counter[str]()
    is_half = False
    for line in (line for page in pages for line in page):
        found = _WORD.findall(line.text.lower())
        ends = line.text[-1] in _HYPHENS
        words.update(found[is_half : len(found) - ends])
        is_half = ends
    return words


def _blocks(pages: Sequence[list[Line]]) -> Iterator[Block]:
    body = body_size(pages)
    for number, page in enumerate(pages, start=1):
        block: Block | None = None
        for index, line in enumerate(page):
            after = page[index + 1] if index + 1 < len(page) else None
            if block and not _begins(block, line, after):
                block.lines.append(line)
                block.pages.append(number)
                continue
            if block:
                yield block
            aside = line.size < _SMALL * body or bool(_FLOAT.match(line.text))
            block = Block([line], [number], aside or line.has_cells)
        if block:
            yield block


def _begins(block: Block, line: Line, after: Line | None) -> bool:
    """Tell whether a line begins a paragraph; ``after`` is the line below it."""
    last = block.lines[-1]
    if abs(line.size - last.size) > 0.08 * last.size or _BEGINS.match(line.text):
        return True
    if line.has_cells or last.has_cells:
        return True
    if line.column != last.column or line.base > last.base:
        return not _goes_on(block, line)
    if last.base - line.base > _LEADING * line.size:
        return True
    if last.text.endswith(HYPHEN):
        return False
    return _ends_early(last, line) or _is_indented(block, line, after)


def _ends_early(last: Line, line: Line) -> bool:
    """Tell whether the next line's first word would have fitted onto a line."""
    word = line.text.partition(" ")[0]
    width = line.glyphs[len(word) - 1].right - line.left
    return last.column[1] - last.right > width + line.size


def _is_indented(block: Block, line: Line, after: Line | None) -> bool:
    step = _INDENT * line.size
    last = block.lines[-1]
    if line.left < last.left - step:
        return len(block.lines) > 1
    if line.left < last.left + step:
        return False
    hangs = after is not None and abs(after.left - line.left) < 1
    return not hangs and not _BEGINS.match(block.lines[0].text)


def _goes_on(block: Block, line: Line) -> bool:
    """Tell whether a paragraph goes on at the top of the next column or page."""
    last = block.lines[-1]
    if abs(line.size - last.size) > 0.08 * last.size or line.has_cells:
        return False
    if _BEGINS.match(line.text):
        return False
    if last.text.endswith(HYPHEN):
        return True
    if line.text[0].islower():
        return True
    return not _ENDS.search(last.text) and not _ends_early(last, line)


def _reunite(blocks: list[Block]) -> list[Block]:
    """Join a paragraph that a page's end, footnotes or floats cut in two."""
    done: list[Block] = []
    for block in blocks:
        body = next((b for b in reversed(done) if not b.is_aside), None)
        if body and not block.is_aside and _is_cut(body, block):
            body.lines += block.lines
            body.pages += block.pages
        else:
            done.append(block)
    return done


def _is_cut(first: Block, second: Block) -> bool:
    """Tell whether two blocks, of two columns or pages, are one paragraph."""
    last, line = first.lines[-1], second.lines[0]
    moved = first.pages[-1] != second.pages[0] or line.base > last.base
    return moved and _goes_on(first, line)


class _Writer:
    """Collects the text and the place of each of its characters."""

    def __init__(self, words: Counter[str]) -> None:
        self.words = words
        self.text: list[str] = []
        self.boxes = Boxes()
        self.line = 0

    def gap(self, text: str) -> None:
        for mark in text:
            self.add(mark, 0, Glyph(mark, 0, 0, 0, 0))

    def add(self, text: str, page: int, glyph: Glyph) -> None:
        self.text.append(text)
        self.boxes.add(page, self.line, glyph)

    def write(self, block: Block) -> None:
        glyphs: list[Glyph] = []
        for index, (line, page) in enumerate(
            zip(block.lines, block.pages, strict=True)
        ):
            self.line += 1
            following = block.lines[index + 1 : index + 2]
            glyphs = _with_raised(line)
            hyphen = glyphs[-1].text in _HYPHENS
            if hyphen and following:
                glyphs = self.hyphenated(glyphs, following[0])
            elif glyphs[-1].text == HYPHEN:
                glyphs = [*glyphs[:-1], glyphs[-1]._replace(text="-")]
            for text, glyph in _composed(glyphs):
                self.add(text, page, glyph)
            if following and not hyphen:
                self.gap(" ")

    def hyphenated(self, glyphs: list[Glyph], following: Line) -> list[Glyph]:
        """Return the glyphs of a line that ends in a hyphen, without it if it divides.

        It stays where a number or capital is beside it, and in what is written with a
        hyphen elsewhere, or is made of words of the paper.
        """
        first = "".join(glyph.text for glyph in glyphs[:-1]).rpartition(" ")[2]
        second = following.text.partition(" ")[0]
        head, tail = re.search(r"[^\W_]*$", first), re.match(r"[^\W_]*", second)
        left, right = head[0] if head else "", tail[0] if tail else ""
        divides = left.isalpha() and right.isalpha() and right[0].islower()
        if divides and not self.is_compound(first, left.lower(), right.lower()):
            return glyphs[:-1]
        return [*glyphs[:-1], glyphs[-1]._replace(text="-")]

    def is_compound(self, first: str, left: str, right: str) -> bool:
        apart, whole = self.words[f"{left}-{right}"], self.words[left + right]
        if whole or apart:
            return apart > whole
        if len(left) == 1 or ("-" in first and self.words[left]):
            return True
        are_words = bool(self.words[left] and self.words[right])
        return are_words and min(len(left), len(right)) >= _WHOLE


def _with_raised(line: Line) -> list[Glyph]:
    """Return a line's glyphs, its raised digits as such: 10¹¹, not 1011."""
    return [
        glyph._replace(text=glyph.text.translate(_RAISED))
        if glyph.size < 0.85 * line.size and glyph.base > line.base + 0.15 * line.size
        else glyph
        for glyph in line.glyphs
    ]


def _composed(glyphs: Iterable[Glyph]) -> Iterator[tuple[str, Glyph]]:
    """Yield the glyphs, an accent and the letter below it as one."""
    accent: Glyph | None = None
    for glyph in glyphs:
        if accent and glyph.left < accent.right and glyph.text.isalpha():
            letter = "i" if glyph.text == "ı" else glyph.text
            text = unicodedata.normalize("NFC", letter + _ACCENTS[accent.text])
            accent = None
            if len(text) == 1:
                yield text, glyph
                continue
            yield letter, glyph
            continue
        if accent:
            yield accent.text, accent
        accent = glyph if glyph.text in _ACCENTS else None
        if not accent:
            yield glyph.text, glyph
    if accent:
        yield accent.text, accent
