"""Case: one value in its paper, and what the rules of linking ask about it."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from papertag.records import cues
from papertag.records.aliases import Model
from papertag.records.introduction import is_complement
from papertag.records.paper import Paper
from papertag.records.parameters import read_parameters
from papertag.spans import Span


@dataclass(frozen=True)
class Case:
    """One value in its paper, and what the rules ask about it."""

    paper: Paper
    own: dict[str, float]
    value: Span

    @property
    def index(self) -> int:
        """The index of the value's sentence."""
        return self.paper.layout.at(self.value.start)

    @property
    def before(self) -> str:
        """The sentence up to the value, as one line."""
        start = self.paper.sentence(self.value.start).start
        return self.paper.words(start, self.value.start)

    @property
    def sentence(self) -> str:
        """The whole sentence, as one line."""
        sentence = self.paper.sentence(self.value.start)
        return self.paper.words(sentence.start, sentence.end)

    @property
    def section(self) -> str:
        """The heading above the value, in lower case; empty if there is none."""
        return self.paper.sentence(self.value.start).section

    @property
    def named(self) -> list[tuple[Span, Model]]:
        """Models named in the same sentence."""
        return self.paper.by_sentence.get(self.index, [])

    @cached_property
    def mentions(self) -> list[tuple[Span, Model]]:
        """The same without those of others that something is only compared with."""
        if not cues.STARTS_WITH_SELF.match(self.sentence):
            return self.named
        return [
            (span, model)
            for span, model in self.named
            if self.is_own(model) or not is_complement(self.paper, span)
        ]

    @property
    def alike(self) -> list[Span]:
        """The values of the same label in the same sentence."""
        values = self.paper.values_by_sentence[self.index]
        return [value for value in values if value.label == self.value.label]

    def is_own(self, model: Model) -> bool:
        """Tell whether the paper introduces a model."""
        return model.key in self.own

    def own_models(self) -> list[Model]:
        """Return the models that the paper introduces."""
        return [model for model in self.paper.models if self.is_own(model)]


def is_of_something_else(case: Case) -> bool:
    """Tell what is no fact of this kind: hardware that only runs a trained model."""
    if case.value.label != "hardware":
        return False
    said = case.sentence
    return bool(cues.INFERENCE.search(said)) and not cues.TRAINED.search(said)


def is_of_a_part(case: Case) -> bool:
    """Tell a count of a part of a model, or one that is only compared with."""
    clause = re.split(r"[;:]|, (?:and|while|whereas) ", case.before)[-1]
    behind = case.paper.words(case.value.end, case.value.end + 45)
    return bool(cues.OF_A_PART.search(clause[-70:]) or cues.PART_BEHIND.match(behind))


def contradicts_name(case: Case, model: Model) -> bool:
    """Tell whether a count is another than the one that the model's name says."""
    if case.value.label != "params" or not model.size:
        return False
    counts = read_parameters(case.paper.text, case.value.start, case.value.end)
    total = counts.total if counts else None
    return total is not None and not 0.7 < total / model.size < 1.4


def speaks_of_training(case: Case) -> bool:
    """Tell a sentence about training: by its words, or a device and a time in it."""
    values = case.paper.values_by_sentence.get(case.index, [])
    labels = {value.label for value in values}
    return {"training", "hardware"} <= labels or bool(
        cues.TRAINING.search(case.sentence)
    )


def is_total(case: Case) -> bool:
    """Tell chip time that is said of all models together."""
    return case.value.label == "training" and bool(cues.TOTAL.search(case.sentence))


def main_model(case: Case) -> list[Model]:
    """Return the paper's one own model, or the one that stands out, if there is one."""
    own = sorted(case.own_models(), key=lambda model: -case.own[model.key])
    if len(own) == 1:
        return own
    if len(own) > 1 and case.own[own[0].key] >= case.own[own[1].key] + 0.8:
        return own[:1]
    return []


def speaks_of_others(case: Case) -> bool:
    """Tell a sentence that names a model which is not the paper's own."""
    return any(not case.is_own(model) for _, model in case.mentions)


def is_size_as_name(case: Case) -> bool:
    """Tell a count that stands for a model, as in "the 34B variant"."""
    behind = case.paper.words(case.value.end, case.value.end + 30)
    is_count = case.value.label == "params"
    is_named = cues.NAME_OF_A_SIZE.match(behind) and cues.THE.search(case.before)
    return is_count and bool(is_named)


def without_repeats(pairs: Iterable[tuple[Span, Model]]) -> list[tuple[Span, Model]]:
    """Return the first mention of each model."""
    seen: dict[str, tuple[Span, Model]] = {}
    for span, model in pairs:
        seen.setdefault(model.key, (span, model))
    return list(seen.values())


def only(models: list[Model]) -> list[Model]:
    """Return the models if there is one of them, else none."""
    return models if len(models) == 1 else []


def distance(one: Span, other: Span) -> int:
    """Return how many characters stand between two spans."""
    return max(one.start, other.start) - min(one.end, other.end)


def parted(case: Case, start: int, end: int) -> bool:
    """Tell whether a clause ends between two offsets."""
    return bool(cues.CLAUSE.search(case.paper.words(start, end)))
