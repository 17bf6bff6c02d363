"""Nearby: rules that find the model in the sentence or table of the value."""

from itertools import pairwise

from papertag.records import cues
from papertag.records.aliases import Model
from papertag.records.case import (
    Case,
    is_of_a_part,
    is_size_as_name,
    parted,
    without_repeats,
)
from papertag.spans import Span


def beside_its_name(case: Case) -> list[Model]:
    """``X (118M)``, ``X: 118M``, ``X has 118M``."""
    earlier = [pair for pair in case.named if pair[0].end <= case.value.start]
    if not earlier:
        return []
    span, model = earlier[-1]
    gap = case.paper.words(span.end, case.value.start)
    others = [
        value
        for value in case.paper.values_by_sentence.get(case.index, [])
        if value.label == case.value.label
        and span.end <= value.start < case.value.start
    ]
    if others or (case.value.label == "params" and is_of_a_part(case)):
        return []
    if cues.OPENS.match(gap):
        return [model]
    if case.value.label == "params" and cues.HAS.match(gap):
        return [model]
    return []


def by_list_order(case: Case) -> list[Model]:
    """ "X, Y and Z have 1B, 3B and 7B": as many values as models, in the same order."""
    values = case.alike
    mentions = without_repeats(case.named)
    own = [pair for pair in mentions if case.is_own(pair[1])]
    position = values.index(case.value)
    if len(values) < 2:
        return []
    if not mentions:
        return _as_listed_before(case, len(values))[position : position + 1]
    for pairs in (mentions, own):
        apart = pairs and (
            pairs[-1][0].end <= values[0].start or values[-1].end <= pairs[0][0].start
        )
        if len(pairs) == len(values) and apart:
            return [pairs[position][1]]
    return []


def _as_listed_before(case: Case, count: int) -> list[Model]:
    """Return so many own models as the sentences before name, in their order."""
    sizes = case.paper.values_by_sentence.get(case.index, [])
    is_by_size = (
        any(v.label == "params" for v in sizes) and case.value.label != "params"
    )
    is_clear = count > 2 or "respectively" in case.sentence
    if is_by_size or not is_clear or cues.SIZED.search(case.sentence):
        return []
    named: list[tuple[Span, Model]] = []
    for index in range(case.index - 1, max(-1, case.index - 4), -1):
        named = case.paper.by_sentence.get(index, []) + named
        own = [m for _, m in without_repeats(named) if case.is_own(m)]
        if len(own) >= count:
            return own if len(own) == count else []
    return []


def by_column(case: Case) -> list[Model]:
    """A table row without models, below a row that names one for each value."""
    values = case.alike
    if case.mentions or len(values) < 2 or not cues.CELLS.search(case.sentence):
        return []
    for index in range(case.index - 1, max(-1, case.index - cues.ROWS), -1):
        named = case.paper.by_sentence.get(index, [])
        if named:
            models = [model for _, model in without_repeats(named)]
            position = values.index(case.value)
            return models[position : position + 1] if len(models) == len(values) else []
    return []


def by_row(case: Case) -> list[Model]:
    """The row of a table, or the item of a list, that begins with a model."""
    if not case.mentions:
        return []
    span, model = case.mentions[0]
    start = case.paper.sentence(case.value.start).start
    lead = case.paper.line(start, span.start)
    is_row = "|" in case.sentence or " & " in case.sentence or "\t" in case.sentence
    if span.start < case.value.start and is_row and len(lead) < 8:
        return [model]
    return []


def by_subject(case: Case) -> list[Model]:
    """The nearest model in the same clause, before the value if there is one."""
    pairs = case.mentions
    if not pairs:
        return []
    if case.value.label == "params":
        if is_of_a_part(case) or is_size_as_name(case):
            return []
    elif any(case.is_own(model) for _, model in pairs):
        pairs = [pair for pair in pairs if case.is_own(pair[1])]
    elif cues.OURS.search(case.sentence):
        return []
    before = [pair for pair in pairs if pair[0].end <= case.value.start]
    after = [pair for pair in pairs if pair[0].start >= case.value.end]
    clause = [p for p in before if not parted(case, p[0].end, case.value.start)]
    if clause:
        return joined(case, clause[::-1])
    following = [p for p in after if not parted(case, case.value.end, p[0].start)]
    return joined(case, following)


def joined(case: Case, pairs: list[tuple[Span, Model]]) -> list[Model]:
    """Return the first model of pairs, and those that are joined to it by "and"."""
    models = [model for _, model in pairs[:1]]
    for (one, _), (other, model) in pairwise(pairs):
        left, right = sorted((one, other))
        if not cues.AND.fullmatch(case.paper.words(left.end, right.start)):
            break
        models.append(model)
    return models[:1] if case.value.label == "params" else models
