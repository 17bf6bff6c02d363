"""Scores that mean what they say, and scores that do not."""

import random

import pytest

from papertag.calibration import (
    calibration_error,
    coverage,
    interval,
    reliability,
    removed,
)


def _spans(count, right):
    """Return spans with scores all over [0, 1], right as often as ``right`` says."""
    draw = random.Random(1)
    scores = [draw.random() for _ in range(count)]
    return [(score, draw.random() < right(score)) for score in scores]


def test_true_scores_have_hardly_any_error():
    assert calibration_error(_spans(20_000, lambda score: score)) < 0.015


@pytest.mark.parametrize("shift", [0.1, 0.3])
def test_scores_that_promise_too_much_are_off_by_that(shift):
    spans = [
        (min(1, score * 0.5 + 0.5), right)
        for score, right in _spans(20_000, lambda score: score * 0.5 + 0.5 - shift)
    ]
    assert calibration_error(spans) == pytest.approx(shift, abs=0.02)


def test_bins_have_equal_mass_and_hold_all():
    spans = _spans(1003, lambda score: score)
    bins = reliability(spans)
    assert sum(each.spans for each in bins) == 1003
    assert {each.spans for each in bins} == {100, 101}
    assert [each.score for each in bins] == sorted(each.score for each in bins)
    assert calibration_error([]) == 0
    assert calibration_error([(1.0, True)]) == 0
    assert calibration_error([(1.0, False)]) == 1


def test_the_interval_holds_the_error_and_is_the_same_each_time():
    documents = [_spans(20, lambda score: score) for _ in range(30)]
    documents = [[(s, r) for s, r in part] for part in documents]
    low, high = interval(documents, samples=200)
    assert low <= high
    assert (low, high) == interval(documents, samples=200)
    assert (
        low <= calibration_error([each for part in documents for each in part]) <= high
    )


def test_what_is_kept_and_what_goes():
    spans = [(0.9, True), (0.8, True), (0.7, True), (0.6, False), (0.1, False)]
    assert coverage(spans)[2] == (0.6, 1.0)
    assert coverage(spans)[-1] == (1.0, 0.6)
    assert removed(spans) == 0.5
    assert removed(spans, keep=0.6) == 1.0
    assert removed(spans[:3]) is None
