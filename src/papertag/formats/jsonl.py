"""JSON lines, a paper each: Prodigy's shape, as papertag writes it; doccano's is read.

``{"text", "spans": [{"start", "end", "label", "score"}], "meta": {"source"}}``; offsets
count code points.
"""

import json
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

from papertag.errors import InputError, PapertagError
from papertag.files import BOM, check_text, read_text
from papertag.formats import doccano
from papertag.formats.document import Document, in_utf8, rounded
from papertag.markup import Tagged
from papertag.spans import Span, check_spans

_SHOWN = 60  # characters of a bad input that a message quotes


def write(paper: Tagged, source: str) -> str:
    """Return a paper as a line of JSON."""
    return to_json(paper.text, paper.spans, source) + "\n"


def to_json(text: str, spans: Iterable[Span], source: str) -> str:
    """Return a text with spans as one line of JSON in Prodigy's shape, no newline."""
    rows = [_row(span) for span in spans]
    value = {"text": text, "spans": rows, "meta": {"source": in_utf8(source)}}
    return json.dumps(value, ensure_ascii=False)


def read(path: Path, encoding: str) -> Iterator[Callable[[], Document]]:
    """Yield a reader for each line that is not empty, nor was rejected in Prodigy."""
    lines = read_text(path, encoding).removeprefix(BOM).split("\n")
    for number, line in enumerate(lines, start=1):
        if line.strip() and not _is_rejected(line):
            yield partial(_read_line, line, f"{path}:{number}")


def _is_rejected(line: str) -> bool:
    """Tell a record that an annotator rejected or ignored."""
    if '"answer"' not in line:
        return False
    try:
        value = json.loads(line)
    except (ValueError, RecursionError):
        return False  # `_read_line` says what is wrong with it
    return isinstance(value, dict) and value.get("answer") in ("reject", "ignore")


def _read_line(line: str, source: str) -> Document:
    try:
        value = json.loads(line)
        text, spans = doccano.parse(value) if doccano.fits(value) else _parse(value)
    except (ValueError, RecursionError) as error:
        problem = f"not JSON that can be read: {str(error)[:_SHOWN]}"
        raise InputError(problem, "write one object a line", source) from error
    except PapertagError as error:
        raise InputError(error.problem, error.cure, source) from error
    return Document(source, text, spans, is_record=True)


def _row(span: Span) -> dict[str, Any]:
    row: dict[str, Any] = {"start": span.start, "end": span.end, "label": span.label}
    if span.score is not None:
        row["score"] = rounded(span)
    return row


def _parse(value: Any) -> tuple[str, tuple[Span, ...]]:
    cure = 'write {"text": "...", "spans": [{"start": 0, "end": 4, "label": "model"}]}'
    if not isinstance(value, dict) or not isinstance(value.get("text"), str):
        raise InputError("has no text", cure)
    check_text(value["text"])
    rows = value.get("spans", [])
    if not isinstance(rows, list) or not all(map(_is_span, rows)):
        raise InputError("a span lacks whole numbers start and end, or label", cure)
    spans = (Span(row["start"], row["end"], row["label"]) for row in rows)
    return value["text"], check_spans(spans, len(value["text"]))


def _is_span(row: Any) -> bool:
    wanted = {"start": int, "end": int, "label": str}
    return isinstance(row, dict) and all(
        type(row.get(key)) is kind for key, kind in wanted.items()
    )
