"""doccano's JSON lines: ``{"text", "label": [[start, end, "model"]]}``.

Its offsets are those of JavaScript's strings, UTF-16 code units, in a project that
does not count grapheme clusters (doccano's default). They differ from code points
behind characters such as emoji.
"""

import json
from itertools import accumulate
from typing import Any

from papertag.errors import InputError, SpanError
from papertag.files import check_text
from papertag.formats.document import in_utf8
from papertag.markup import Tagged
from papertag.spans import Span, check_spans

_LISTS = ("label", "labels", "entities")  # newest first; the last with relations
_CURE = 'write {"text": "...", "label": [[0, 4, "model"]]}'
_LAST_OF_ONE_UNIT = 0xFFFF


def write(paper: Tagged, source: str) -> str:
    """Return a paper as a line of JSON; doccano keeps its source as metadata."""
    units = _units(paper.text)
    rows = [[units[span.start], units[span.end], span.label] for span in paper.spans]
    value = {"text": paper.text, "label": rows, "source": in_utf8(source)}
    return json.dumps(value, ensure_ascii=False) + "\n"


def fits(value: Any) -> bool:
    """Tell doccano's records from Prodigy's by their keys."""
    return (
        isinstance(value, dict)
        and "spans" not in value
        and any(isinstance(value.get(key), list) for key in _LISTS)
    )


def parse(value: dict[str, Any]) -> tuple[str, tuple[Span, ...]]:
    """Return text and spans of a record that `fits`; raises InputError, SpanError."""
    text = value.get("text", value.get("data"))
    if not isinstance(text, str):
        raise InputError("has no text", _CURE)
    check_text(text)
    rows = next(value[key] for key in _LISTS if isinstance(value.get(key), list))
    points = {unit: point for point, unit in enumerate(_units(text))}
    return text, check_spans((_span(row, points) for row in rows), len(text))


def _units(text: str) -> list[int]:
    """Return the offset in UTF-16 units of each code point, and of the text's end."""
    sizes = (1 + (ord(character) > _LAST_OF_ONE_UNIT) for character in text)
    return list(accumulate(sizes, initial=0))


def _span(row: Any, points: dict[int, int]) -> Span:
    if isinstance(row, dict):
        row = [row.get(key) for key in ("start_offset", "end_offset", "label")]
    if not isinstance(row, list) or [type(item) for item in row] != [int, int, str]:
        raise InputError("a label is not [start, end, label]", _CURE)
    start, end, label = row
    if start not in points or end not in points:
        problem = f"{label} {start}-{end} reaches out of the text, or cuts a character"
        cure = "offsets count UTF-16 units, as doccano does; the end is exclusive"
        raise SpanError(problem, cure)
    return Span(points[start], points[end], label)
