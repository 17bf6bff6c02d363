"""Spans: the six entity types, and one mention of one of them in a text.

Offsets are half-open and count Unicode code points of the plain text:
``text[span.start:span.end]`` is the mention.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import pairwise

from papertag.errors import SpanError

LABELS = ("model", "country", "params", "hardware", "training", "year")


@dataclass(frozen=True, order=True, slots=True)
class Span:
    """A mention: ``start`` and ``end`` (exclusive) in code points, and its label.

    ``score`` is how likely it is right, in [0, 1], None where nobody said so; two spans
    are the same whatever their scores.
    """

    start: int
    end: int
    label: str
    score: float | None = field(default=None, compare=False)


def check_spans(spans: Iterable[Span], length: float = math.inf) -> tuple[Span, ...]:
    """Return the spans of a text of ``length`` characters in reading order.

    Raises SpanError on a label outside LABELS, on a span that is empty or reaches
    out of the text, and on two spans that overlap.
    """
    ordered = tuple(sorted(spans))
    for span in ordered:
        if span.label not in LABELS:
            raise SpanError(
                f"unknown label {span.label!r} at {span.start}",
                f"use one of {', '.join(LABELS)}",
            )
        if not 0 <= span.start < span.end <= length:
            raise SpanError(
                f"span {span.start}-{span.end} ({span.label}) is empty or reaches "
                f"out of the text of {length} characters",
                "offsets count Unicode code points, the end is exclusive",
            )
    for left, right in pairwise(ordered):
        if right.start < left.end:
            raise SpanError(
                f"spans {left.start}-{left.end} ({left.label}) and "
                f"{right.start}-{right.end} ({right.label}) overlap",
                "spans are flat: keep one of them",
            )
    return ordered
