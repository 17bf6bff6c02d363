"""Rows: a span each, with source, start, end, label, text and score; CSV or Parquet."""

import csv
import io
from importlib.util import find_spec
from typing import Any

from papertag.errors import OutputError
from papertag.formats.document import in_utf8, rounded
from papertag.markup import Tagged

COLUMNS = ("source", "start", "end", "label", "text", "score")


def write_csv(paper: Tagged, source: str) -> str:
    """Return a paper's spans as CSV in the form of RFC 4180, with a header."""
    buffer = io.StringIO(newline="")
    writer = csv.DictWriter(buffer, COLUMNS)
    writer.writeheader()
    writer.writerows(_rows(paper, source))
    return buffer.getvalue()


def write_parquet(paper: Tagged, source: str) -> bytes:
    """Return a paper's spans as Parquet; needs ``papertag[formats]``."""
    check_parquet()
    import pyarrow as pa  # noqa: PLC0415 (an extra)
    from pyarrow import parquet  # noqa: PLC0415

    kinds = (pa.string(), pa.int64(), pa.int64(), pa.string(), pa.string())
    schema = pa.schema(list(zip(COLUMNS, (*kinds, pa.float64()), strict=True)))
    buffer = io.BytesIO()
    rows = pa.Table.from_pylist(_rows(paper, source), schema)
    parquet.write_table(rows, buffer)
    return buffer.getvalue()


def check_parquet() -> None:
    """Raise OutputError where pyarrow is not installed."""
    if find_spec("pyarrow") is None:
        cure = "pip install 'papertag[formats]'"
        raise OutputError("parquet needs pyarrow, not installed here", cure)


def _rows(paper: Tagged, source: str) -> list[dict[str, Any]]:
    return [
        {
            "source": in_utf8(source),
            "start": span.start,
            "end": span.end,
            "label": span.label,
            "text": paper.text[span.start : span.end],
            "score": rounded(span),
        }
        for span in paper.spans
    ]
