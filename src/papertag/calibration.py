"""Calibration: do scores mean what they say, and do they rank?

All functions take each predicted span as its score, in [0, 1], and whether it is right.
"""

import random
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

Scored = Sequence[tuple[float, bool]]

BINS, SAMPLES, SEED = 10, 1000, 0


class Bin(NamedTuple):
    """Spans of neighbouring scores: how many, their mean score, the share right."""

    spans: int
    score: float
    right: float


def reliability(scored: Scored, bins: int = BINS) -> list[Bin]:
    """Return bins of equal mass, from the lowest scores to the highest."""
    ordered = sorted(scored)
    borders = [len(ordered) * number // bins for number in range(bins + 1)]
    found = []
    for start, end in pairwise(borders):
        part = ordered[start:end]
        if part:
            score = sum(score for score, _ in part) / len(part)
            right = sum(right for _, right in part) / len(part)
            found.append(Bin(len(part), score, right))
    return found


def calibration_error(scored: Scored, bins: int = BINS) -> float:
    """Return the expected calibration error over bins of equal mass, in [0, 1].

    It is the mean distance of a bin's mean score from its share of right spans (Naeini,
    Cooper and Hauskrecht 2015, who have bins of equal width), 0 without spans.
    """
    total = len(scored) or 1
    return (
        sum(b.spans * abs(b.score - b.right) for b in reliability(scored, bins)) / total
    )


def interval(
    documents: Sequence[Scored], samples: int = SAMPLES
) -> tuple[float, float]:
    """Return the 95 % bootstrap interval of the calibration error over documents."""
    draw = random.Random(SEED)
    errors = sorted(
        calibration_error(
            [
                each
                for part in draw.choices(documents, k=len(documents))
                for each in part
            ]
        )
        for _ in range(samples)
    )
    return errors[int(0.025 * samples)], errors[int(0.975 * samples) - 1]


def coverage(scored: Scored) -> list[tuple[float, float]]:
    """Return the share of spans kept, and the precision of these, best spans first."""
    points, right = [], 0
    for number, (_, is_right) in enumerate(sorted(scored, reverse=True), start=1):
        right += is_right
        points.append((number / len(scored), right / number))
    return points


def removed(scored: Scored, keep: float = 0.8) -> float | None:
    """Return which share of the wrong spans goes if the best ``keep`` of all stay.

    None where no span is wrong.
    """
    ordered = sorted(scored, reverse=True)
    wrong = sum(not right for _, right in ordered)
    left_out = ordered[round(keep * len(ordered)) :]
    return sum(not right for _, right in left_out) / wrong if wrong else None
