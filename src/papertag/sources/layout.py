"""Layout: the lines of a PDF's pages in reading order, without running heads."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import groupby

from papertag.sources.pages import Line

_MIN_LINES = 4  # of text on each side of a gutter
_SHARE = 0.2  # of a page's characters that the smaller column holds
_GUTTER = 0.7  # font sizes
_EDGE = 3  # lines at the top and bottom of a page that may be running heads
_NUMBER = re.compile(
    r"(?i)^\W*(?:page\s*)?(?:\d{1,5}|[ivxlc]{1,6})(?:\s*(?:of|/)\s*\d+)?\W*$"
)
_LEVEL = 0.3  # font sizes: how far apart the parts of one line may stand
_FULL = -1  # the column of what goes across all
_SAME = 4  # points: how far apart running heads of two pages may stand


def in_order(pages: Sequence[Sequence[Line]]) -> list[list[Line]]:
    """Return the lines of each page in reading order, each with its column's edges.

    What goes across the columns, as a title does, ends what stands above it. A page
    whose last column is nearly empty has the columns of the others.
    """
    found = [_gutters(page) for page in pages]
    keys = [tuple(round(x) for x in gutters) for gutters in found if gutters]
    usual = max(dict.fromkeys(keys), key=keys.count, default=())
    return [
        _order(page, gutters or (usual if _fits(page, usual) else []))
        for page, gutters in zip(pages, found, strict=True)
    ]


def _fits(page: Sequence[Line], gutters: Sequence[float]) -> bool:
    most = sum(len(line.glyphs) for line in page) / 4
    return all(_crossing(page, gutter) < most for gutter in gutters)


def _order(lines: Sequence[Line], gutters: Sequence[float]) -> list[Line]:
    for gutter in gutters:
        lines = [part for line in lines for part in _cut_at(line, gutter)]
    placed = [(line, _column(line, lines, gutters)) for line in lines]
    placed.sort(key=lambda pair: -pair[0].base)
    columns: dict[int, list[Line]] = {}
    ordered: list[Line] = []
    for is_full, group in groupby(placed, lambda pair: pair[1] == _FULL):
        band = list(group)
        for column in (_FULL,) if is_full else range(len(gutters) + 1):
            rows = _rows([line for line, number in band if number == column])
            columns.setdefault(column, []).extend(rows)
            ordered += rows
    for rows in columns.values():
        edges = _edges_of(rows)
        for line in rows:
            line.column = edges
    return ordered


def without_heads(pages: Sequence[Sequence[Line]]) -> list[list[Line]]:
    """Return the pages without running heads, running feet and page numbers.

    Such a row stands among the outer ones of a page, and is a number, or stands at
    the same height on another page, but for its digits.
    """
    rows = [_rows(sorted(page, key=lambda line: -line.base)) for page in pages]
    seen = Counter(key for page in rows for key in {_key(row) for row in _outer(page)})
    kept = []
    for number, (page, inner) in enumerate(zip(pages, rows, strict=True), start=1):
        outer = [inner[0], inner[-1]] if inner else []
        heads = [n for n in outer if _has_number(n, number)]
        heads += [row for row in _outer(inner) if _is_repeated(row, seen)]
        kept.append([n for n in page if not any(_are_level(n, row) for row in heads)])
    return kept


def _outer(rows: list[Line]) -> list[Line]:
    return rows[:_EDGE] + rows[_EDGE:][-_EDGE:]


def _has_number(line: Line, number: int) -> bool:
    cells = line.cells
    return bool(_NUMBER.match(line.text)) or str(number) in (cells[0], cells[-1])


def _is_repeated(row: Line, seen: Counter[tuple[str, int]]) -> bool:
    text, height = _key(row)
    return len(text) > 1 and sum(seen[text, height + step] for step in (-1, 0, 1)) > 1


def _are_level(line: Line, other: Line) -> bool:
    return abs(line.base - other.base) < _LEVEL * max(line.size, other.size)


def _key(line: Line) -> tuple[str, int]:
    return re.sub(r"\d+", "0", line.text), round(line.base / _SAME)


def _gutters(lines: Sequence[Line]) -> list[float]:
    """Return the x between each two columns, from left to right."""
    if len(lines) < 2 * _MIN_LINES:
        return []
    start = min(line.left for line in lines)
    width = max(line.right for line in lines) - start
    places = [start + width * step / 100 for step in range(25, 76)]
    best = min(places, key=lambda x: (_crossing(lines, x), abs(x - start - width / 2)))
    parts = [part for line in lines for part in _cut_at(line, best)]
    left = [line for line in parts if line.right <= best]
    right = [line for line in parts if line.left >= best]
    if not (_are_beside(left, right) and _are_much([left, right], parts)):
        return []
    return [*_gutters(left), best, *_gutters(right)]


def _are_much(sides: list[list[Line]], lines: Sequence[Line]) -> bool:
    least = _SHARE * sum(len(line.glyphs) for line in lines)
    return all(
        len(side) >= _MIN_LINES and sum(len(line.glyphs) for line in side) >= least
        for side in sides
    )


def _are_beside(left: list[Line], right: list[Line]) -> bool:
    if not left or not right:
        return False
    top = min(max(line.base for line in side) for side in (left, right))
    return top > max(min(line.base for line in side) for side in (left, right))


def _crossing(lines: Sequence[Line], x: float) -> int:
    """Return how many characters stand in lines that have no gap at ``x``."""
    across = (line for line in lines if line.left < x < line.right)
    return sum(len(line.glyphs) for line in across if _gap_at(line, x) is None)


def _gap_at(line: Line, x: float) -> int | None:
    gaps = line.gaps(_GUTTER)
    return next((index for index, left, right in gaps if left <= x <= right), None)


def _cut_at(line: Line, x: float) -> list[Line]:
    """Cut a line in two where a gap lies over ``x``."""
    index = _gap_at(line, x) if line.left < x < line.right else None
    return [line] if index is None else line.cut(index)


def _column(line: Line, lines: Sequence[Line], gutters: Sequence[float]) -> int:
    """Return the number of a line's column, _FULL if it goes across.

    A line that is too long for its column has another one beside it.
    """
    first = sum(gutter <= line.left for gutter in gutters)
    if first == sum(gutter < line.right for gutter in gutters):
        return first
    beside = (other for other in lines if other.left > gutters[first])
    is_long = any(abs(other.base - line.base) < line.size for other in beside)
    return first if is_long else _FULL


def _rows(lines: Sequence[Line]) -> list[Line]:
    """Return the lines from top to bottom; what stands on one base line is one."""
    rows: list[list[Line]] = []
    for line in lines:
        if rows and _are_level(rows[-1][-1], line):
            rows[-1].append(line)
        else:
            rows.append([line])
    return [_join(sorted(row, key=lambda line: line.left)) for row in rows]


def _edges_of(lines: Sequence[Line]) -> tuple[int, int]:
    """Return where a column begins and where most of its lines end."""
    rights = Counter(round(line.right) for line in lines)
    right = max(rights, key=lambda x: (rights[x], x), default=0)
    if rights[right] < 3:  # noqa: PLR2004 (ragged)
        right = max(rights, default=0)
    return round(min((line.left for line in lines), default=0)), right


def _join(row: list[Line]) -> Line:
    """Make one line of what stands side by side."""
    glyphs = list(row[0].glyphs)
    for line in row[1:]:
        last, first = glyphs[-1], line.glyphs[0]
        if abs(first.left - last.right) > 0.1 * line.size:
            space = last._replace(text=" ", left=last.right, right=first.left)
            glyphs.append(space)
        glyphs += line.glyphs
    return Line(glyphs)


def body_size(pages: Sequence[list[Line]]) -> float:
    """Return the font size, in points, that most characters have."""
    sizes = Counter[float]()
    for line in _all(pages):
        sizes[round(line.size * 2) / 2] += len(line.glyphs)
    return max(sizes, key=lambda size: sizes[size], default=10)


def _all(pages: Sequence[list[Line]]) -> Iterator[Line]:
    for page in pages:
        yield from page
