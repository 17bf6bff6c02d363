"""Sizes: rules for sentences that call a model by its size."""

import re

from papertag.records import cues
from papertag.records.aliases import Model, is_variant
from papertag.records.case import Case, distance, only, parted
from papertag.records.parameters import read_parameters

_PLAIN = 3  # the rank of a name without a word for its size, beside one with


def as_name(case: Case) -> list[Model]:
    """ "the 34B model": a size that stands for the one own model of that size."""
    counts = read_parameters(case.paper.text, case.value.start, case.value.end)
    total = counts.total if counts else None
    return of_size(case, total) if total else []


def by_size(case: Case) -> list[Model]:
    """ "the 34B model was trained for 58 days": the one own model of that size."""
    sizes = [
        value
        for value in case.paper.values_by_sentence.get(case.index, [])
        if value.label == "params" and value != case.value
    ]
    if not sizes or case.value.label == "params":
        return []
    nearest = min(sizes, key=lambda size: distance(size, case.value))
    counts = read_parameters(case.paper.text, nearest.start, nearest.end)
    limit = distance(nearest, case.value)
    ends = sorted((nearest.start, nearest.end, case.value.start, case.value.end))
    if parted(case, ends[1], ends[2]):
        return []
    if any(distance(s, case.value) < limit for s, m in case.mentions if case.is_own(m)):
        return []
    total = counts.total if counts else None
    return of_size(case, total) if total else []


def by_relative_size(case: Case) -> list[Model]:
    """ "the larger one took 11 days": the largest or smallest of the own variants."""
    own = case.own_models()
    sized = [model for model in own if size_word(model) or model.size]
    if len(own) == 2 and sized and (is_variant(*own) or is_variant(*own[::-1])):
        sized = own
    if len(sized) < 2:
        return []
    before = case.before[-70:]
    behind = case.paper.words(case.value.end, case.value.end + 40)
    behind = "" if case.value.label == "hardware" else behind
    said = cues.FOR_SIZE.match(behind) or last(cues.SIZED, before)
    is_near = said and (said.re is cues.FOR_SIZE or said.end() > len(before) - 14)
    if not said or (case.mentions and not is_near):
        return []
    named = [m for m in sized if re.search(rf"\b{said[1]}\b", m.name, re.I)]
    if named:
        return only(named)
    return [
        max(sized, key=rank) if cues.LARGE.search(said[1]) else min(sized, key=rank)
    ]


def of_size(case: Case, total: float) -> list[Model]:
    """Return the one own model of a size; of a model and its variants the model."""
    models = [m for m in case.own_models() if says(m, total)]
    first = min(models, key=lambda model: len(model.key), default=None)
    if first and all(m is first or m.key.startswith(first.key) for m in models):
        return [first]
    return []


def says(model: Model, total: float) -> bool:
    """Tell whether a name's size is a count, or that count rounded: 54B, 54.2B."""
    return model.size is not None and abs(model.size - total) <= 0.08 * total


def size_word(model: Model) -> int:
    """Rank names by their size words: small, base, large."""
    tail = model.name.lower()
    words = ("nano|tiny|xs|lite|mini", r"small|-s\b|-c2", "base|-b\\b", r"large|-l\b")
    ranks = [rank for rank, word in enumerate(words, 1) if re.search(word, tail)]
    return ranks[-1] if ranks else 0


def rank(model: Model) -> tuple[float, int]:
    """Return what orders models by size: the count in a name, or its words."""
    return model.size or 0.0, size_word(model) or _PLAIN


def last(pattern: re.Pattern[str], text: str) -> re.Match[str] | None:
    """Return the last place where a pattern is found."""
    return next(reversed(list(pattern.finditer(text))), None)
