"""Context: rules that find the model in what was said before, or in the whole paper."""

from papertag.records import cues
from papertag.records.aliases import Model, are_relatives, is_variant
from papertag.records.case import (
    Case,
    is_of_a_part,
    is_size_as_name,
    is_total,
    main_model,
    only,
    speaks_of_others,
    speaks_of_training,
    without_repeats,
)
from papertag.records.sizes import size_word

_BACK = 3  # sentences of the same paragraph
_TOP = 8  # a paper names its authors in the first eighth


def by_makers(case: Case) -> list[Model]:
    """A country of the authors, or of those who made or trained it: all own models."""
    own = any(case.is_own(model) for _, model in case.mentions)
    if (speaks_of_others(case) or cues.RELATED.search(case.section)) and not own:
        return []
    if not (cues.MADE.search(case.sentence) or _is_at_the_top(case)):
        return []
    if cues.FUNDED.search(case.sentence) and has_affiliations(case):
        return []
    return case.own_models()


def by_plural(case: Case) -> list[Model]:
    """ "Both were released in 2023": the own models just named, or all of them."""
    if case.mentions or is_total(case) or not cues.PLURAL.search(case.sentence):
        return []
    for index in range(case.index - 1, case.index - 1 - _BACK, -1):
        named = case.paper.by_sentence.get(index, [])
        own = [m for _, m in without_repeats(named) if case.is_own(m)]
        if len(own) > 1:
            return own
    return case.own_models()


def by_previous_sentence(case: Case) -> list[Model]:
    """A sentence about "it" or "the model": what the sentences before spoke of."""
    if speaks_of_others(case) or _is_of_no_whole(case):
        return []
    own = [model for model in _named_before(case) if case.is_own(model)]
    is_shared = case.value.label == "hardware" or cues.EACH.search(case.before)
    if is_shared or not own:
        return own
    return only(own) if case.value.label == "training" else own[:1]


def by_default(case: Case) -> list[Model]:
    """The only own model, or the first of its family, where the text says "it"."""
    label = case.value.label
    if speaks_of_others(case) or _is_of_no_whole(case):
        return []
    if label == "params" and not cues.SELF.search(case.sentence):
        return []
    if label in {"training", "hardware"} and not speaks_of_training(case):
        return []
    main = main_model(case)
    sizes = [
        model
        for model in case.own_models()
        if main and is_variant(model, main[0]) and (model.size or size_word(model))
    ]
    if len(sizes) > 1 and label in {"hardware", "year"}:
        return sizes
    is_general = label == "hardware" and cues.TRAINED.search(case.sentence)
    return _one_family(case) if is_general and not main else main


def has_affiliations(case: Case) -> bool:
    """Tell whether countries stand near the top, where authors are named."""
    return any(
        value.label == "country" and value.start < len(case.paper.text) / _TOP
        for value in case.paper.values
        if value != case.value
    )


def _one_family(case: Case) -> list[Model]:
    """Return all own models if they are relatives: "training ran on" is of them all."""
    own = case.own_models()
    return own if all(m is own[0] or are_relatives(m, own[0]) for m in own) else []


def _is_at_the_top(case: Case) -> bool:
    return case.value.start < len(case.paper.text) / _TOP


def _is_of_no_whole(case: Case) -> bool:
    """Tell a count of a part, a total, a year of no release, and the work of others."""
    if cues.RELATED.search(case.section):
        return True
    if case.value.label == "year" and not cues.RELEASED.search(case.sentence):
        return True
    is_count = case.value.label == "params"
    if is_count and (is_of_a_part(case) or is_size_as_name(case)):
        return True
    return is_total(case) and len(case.own_models()) > 1


def _named_before(case: Case) -> list[Model]:
    """Return the models of the last sentence of the paragraph that named any."""
    paragraph = case.paper.layout.sentences[case.index].paragraph
    for index in range(case.index - 1, max(-1, case.index - 1 - _BACK), -1):
        if case.paper.layout.sentences[index].paragraph != paragraph:
            break
        if named := case.paper.by_sentence.get(index):
            return [model for _, model in without_repeats(named)]
    return []
