"""Scores: gold spans against predicted spans, as precision, recall and F1.

Three measures say when a span counts as found:

- ``strict``: a span of the other side has the same borders and the same label.
- ``partial``: the two overlap in at least one character and have the same label;
  one to one, as many matches as can be had, each of them counts 1.
- ``border``: a span of the other side has the same borders, whatever its label.

Precision is the share of the predicted spans that were found in gold, recall the share
of the gold spans that were found in the prediction, F1 their harmonic mean; all are
fractions in [0, 1]. Under ``border`` the precision of a label looks at the predicted
spans of that label and its recall at the gold ones, each against all labels.

``micro`` sums the counts over the labels. ``macro`` is the unweighted mean of each of
the three numbers (so its F1 is a mean of F1s) over the labels that have a gold or a
predicted span; its counts are those of ``micro``.

Nothing to score: a label with neither gold nor predicted spans has None for all three
and stands outside the macro mean; without any span, micro and macro are None too.
Otherwise a number whose denominator is zero is 0.0. spaCy's ``Scorer.score_spans``
does the same, but leaves such a label out where this module lists it with None.

Intervals are 95 % percentile bootstraps over documents: documents are drawn with
replacement, as many as there are, and 1/40 of the draws is cut off at either end.
A draw that holds nothing to score is left out; the interval is None if all are, if
there are fewer than two documents, and if ``samples`` is 0. No result depends on the
order of the documents, nor on that of the spans in a document.
"""

import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from papertag.spans import LABELS, Span, check_spans

Pair = tuple[Sequence[Span], Sequence[Span]]  # gold, predicted of one document
Bounds = tuple[float, float]  # low, high

# A row holds six counts for each label, in the order of LABELS: support, predicted,
# and how many are found under each measure, here as the columns (of gold, of
# predicted): a strict or a partial match has one span on either side.
_Row = tuple[int, ...]
_WIDTH = 6
_FOUND = {"strict": (2, 2), "partial": (3, 3), "border": (4, 5)}
_EMPTY: _Row = (0,) * (_WIDTH * len(LABELS))


class Interval(NamedTuple):
    """The 95 % bounds (low, high) of the three numbers, fractions in [0, 1]."""

    precision: Bounds
    recall: Bounds
    f1: Bounds


@dataclass(frozen=True, slots=True)
class Score:
    """Three fractions in [0, 1] or None (nothing to score), and their span counts.

    ``support`` counts gold spans, ``matched_gold`` those of them that were found;
    ``predicted`` and ``matched_predicted`` are the same for the predicted spans.
    """

    precision: float | None
    recall: float | None
    f1: float | None
    support: int
    predicted: int
    matched_gold: int
    matched_predicted: int
    interval: Interval | None

    def to_json(self) -> dict[str, Any]:
        """Return plain JSON types."""
        rates = ("precision", "recall", "f1")
        counts = ("support", "predicted", "matched_gold", "matched_predicted")
        bounds = self.interval and {
            name: list(pair) for name, pair in self.interval._asdict().items()
        }
        return {name: getattr(self, name) for name in (*rates, *counts)} | {
            "interval": bounds
        }


@dataclass(frozen=True, slots=True)
class Measure:
    """The scores under one measure: of every label in LABELS, micro and macro."""

    types: Mapping[str, Score]
    micro: Score
    macro: Score

    def to_json(self) -> dict[str, Any]:
        """Return plain JSON types."""
        types = {label: score.to_json() for label, score in self.types.items()}
        micro, macro = self.micro.to_json(), self.macro.to_json()
        return {"types": types, "micro": micro, "macro": macro}


@dataclass(frozen=True, slots=True)
class Scores:
    """The number of documents, and their scores under the three measures."""

    documents: int
    strict: Measure
    partial: Measure
    border: Measure

    def to_json(self) -> dict[str, Any]:
        """Return plain JSON types; what there is nothing to score for is null."""
        measures = {name: getattr(self, name).to_json() for name in _FOUND}
        return {"documents": self.documents} | measures


def score(pairs: Iterable[Pair], *, samples: int = 1000, seed: int = 0) -> Scores:
    """Score the (gold, predicted) spans of documents; ``samples`` bootstrap draws.

    Raises SpanError if a label is unknown, or if spans of one side of a document are
    empty or overlap.
    """
    # Sorted, so that a draw does not depend on the order of the documents.
    rows = sorted(
        _count(check_spans(gold), check_spans(found)) for gold, found in pairs
    )
    rng, size = random.Random(seed), len(rows)
    # One document drawn again and again would give an interval that says nothing.
    draws = [_sum(rng.choices(rows, k=size)) for _ in range(samples if size > 1 else 0)]
    return Scores(size, **{name: _measure(name, _sum(rows), draws) for name in _FOUND})


def _count(gold: Sequence[Span], predicted: Sequence[Span]) -> _Row:
    in_gold = {(span.start, span.end) for span in gold}
    in_predicted = {(span.start, span.end) for span in predicted}
    row: list[int] = []
    for label in LABELS:
        left = [span for span in gold if span.label == label]
        right = [span for span in predicted if span.label == label]
        row += (
            len(left),
            len(right),
            len(set(left) & set(right)),
            _matches(left, right),
            sum((span.start, span.end) in in_predicted for span in left),
            sum((span.start, span.end) in in_gold for span in right),
        )
    return tuple(row)


def _matches(left: Sequence[Span], right: Sequence[Span]) -> int:
    """Return the size of a maximum one-to-one matching of overlapping spans.

    Both sides are flat and in reading order. Heads that do not overlap: the one that
    ends first overlaps nothing that is left, so it can go. Heads that overlap: some
    maximum matching pairs them. It uses at least one of them, else they could be
    added; it never pairs both elsewhere, for then each would reach beyond the other's
    end; and if it pairs one of them elsewhere, it may as well take the other head.
    """
    found = i = j = 0
    while i < len(left) and j < len(right):
        if left[i].end <= right[j].start:
            i += 1
        elif right[j].end <= left[i].start:
            j += 1
        else:
            found, i, j = found + 1, i + 1, j + 1
    return found


def _sum(rows: Sequence[_Row]) -> _Row:
    return tuple(map(sum, zip(_EMPTY, *rows, strict=True)))


class _Counts(NamedTuple):
    support: int
    predicted: int
    matched_gold: int
    matched_predicted: int


class _Rates(NamedTuple):
    precision: float
    recall: float
    f1: float


def _measure(name: str, total: _Row, draws: Iterable[_Row]) -> Measure:
    counts = _counts(name, total)
    rates = zip(*(_rates(_counts(name, row)) for row in (total, *draws)), strict=True)
    *types, micro, macro = (
        _score(count, whole, drawn)
        for count, (whole, *drawn) in zip([*counts, counts[-1]], rates, strict=True)
    )
    return Measure(dict(zip(LABELS, types, strict=True)), micro, macro)


def _score(counts: _Counts, rates: _Rates | None, drawn: list[_Rates | None]) -> Score:
    precision, recall, f1 = rates or (None, None, None)
    return Score(precision, recall, f1, *counts, interval=_interval(drawn))


def _counts(name: str, row: _Row) -> list[_Counts]:
    """Return the counts of each label, then of all."""
    of_gold, of_predicted = _FOUND[name]
    cells = [row[start : start + _WIDTH] for start in range(0, len(row), _WIDTH)]
    counts = [_Counts(c[0], c[1], c[of_gold], c[of_predicted]) for c in cells]
    return [*counts, _Counts(*map(sum, zip(*counts, strict=True)))]


def _rates(counts: Sequence[_Counts]) -> list[_Rates | None]:
    """Return the rates of each label, then micro and macro; ``counts`` end in all."""
    *types, micro = map(_rate, counts)
    present = [rates for rates in types if rates is not None]
    means = [sum(column) / len(present) for column in zip(*present, strict=True)]
    return [*types, micro, _Rates(*means) if present else None]


def _rate(counts: _Counts) -> _Rates | None:
    support, predicted, matched_gold, matched_predicted = counts
    if not support and not predicted:
        return None
    precision = matched_predicted / predicted if predicted else 0.0
    recall = matched_gold / support if support else 0.0
    both = precision + recall
    return _Rates(precision, recall, 2 * precision * recall / both if both else 0.0)


def _interval(drawn: Iterable[_Rates | None]) -> Interval | None:
    present = [rates for rates in drawn if rates is not None]
    if not present:
        return None
    cut = len(present) // 40  # 2.5 %
    columns = (sorted(column) for column in zip(*present, strict=True))
    return Interval(*((column[cut], column[-1 - cut]) for column in columns))
