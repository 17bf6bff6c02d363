"""Linking: which value belongs to which model.

The rules stand in RULES, the surest first; each looks at one value and gives models
with its own weight, or none. The first rule that gives models decides. A value that no
rule links stays unlinked.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import NamedTuple

from papertag.records.aliases import Model, is_variant
from papertag.records.introduction import is_complement
from papertag.records.paper import Paper
from papertag.records.parameters import read_parameters
from papertag.spans import Span

_OPENS = re.compile(
    r"^[\s\"'”’*`}\])]*(?:s\b)?\s*(?:\(|\[|:|,|at|with|of|—|–|\||&|-)\s*"
    r"(?:(?:with|at|of|has|only|about|around|roughly|some|size:?|a)\s+)*[~≈*]{0,2}$",
    re.I,
)
_HAS = re.compile(
    r"^[\s\"'”’*`}\])]*\s*(?:\([^()]*\)\s*)?(?:itself\s+|alone\s+)?"
    r"(?:has|have|had|with|counts?|comprises|contains?|consists of|holds?|totals?|is|was)"
    r"\b[^.;:]{0,60}$",
    re.I,
)
_AND = re.compile(r"\W*(?:\([^()]*\))?\W*(?:and|or|,|/|&)?\W*")
_CLAUSE = re.compile(
    r";|\bwhile\b|\bwhereas\b|\bcompared (?:to|with)\b|\bagainst\b|\bthan\b|\bunlike\b|"
    r"\bin contrast\b|\bbut\b",
    re.I,
)
_INFERENCE = re.compile(
    r"\b(?:inference|latenc|fps|frames per second|tokens? per second|tok/s|real[- ]time|"
    r"decod(?:es|ing) runs|serv(?:ed|es|ing)|deploy|runs? (?:at|on)|fits?\b|prefill|"
    r"first audio|quantis|quantiz|converted|ms\b|milliseconds|throughput of|"
    r"evaluat(?:ed|ion) (?:on|ran)|without a graphics card|in practice|needs? \d+ GB|"
    r"perplexity|portable|laptop|installed|loaded|\d-bit|will do|phones?|\d s (?:are|is|on|per)\b|still run)",
    re.I,
)
_TRAINING = re.compile(
    r"\b(?:train|pre-?train|fine-?tun|distil|tuned|tuning|optimi[sz]ed|converge|epochs?|"
    r"gpu[- ]hours|occupied|occupies|took|needed|lasted|comput|experiment|"
    r"implemented|hardware|gpus?:|devices?:|cluster|supercomputer|node)\w*",
    re.I,
)
_TRAINED = re.compile(
    r"\b(?:re)?(?:train|pre-?train|fine-?tun|distil|tuned|tuning)\w*", re.I
)
_LATER_PHASE = re.compile(
    r"\b(?:fine-?tun|instruct|post-?train|dpo|sft|rlhf|annealing|second stage|"
    r"alignment|preference|smaller one)\w*",
    re.I,
)
_ASIDE = re.compile(
    r"\b(?:ablation|exploratory|discarded|failed|proxy|proposal|each epoch|one epoch|"
    r"retrained|baseline|for comparison|we repeated|nightly|competitor|every|"
    r"per epoch|re-?implement)\w*",
    re.I,
)
_OF_A_PART = re.compile(
    r"\b(?:encoder|decoder|connector|head|heads|adapter|embedding|tower|backbone|"
    r"module|modules|modul|teacher|autoencoder|vae|tokenizer|projector|proxy|student|"
    r"belong to|belongs to|add|adds|added|additional|further|fewer than|less than|"
    r"of them|ablations?|at three sizes|competitor|open models of|optimum|between)\b",
    re.I,
)
_PART_BEHIND = re.compile(
    r"^\s*(?:parameters?|weights)?[^.;,]{0,12}\b(?:in|for|of|by|belong to) (?:the|its|them) ?"
    r"(?:\w+ )?(?:encoder|decoder|head|embedding|adapter|connector|tower|projection)|"
    r"^\s*(?:U-Net|encoder|decoder|adapter|head|proxy)\b",
    re.I,
)
_OURS = re.compile(r"\b(?:we|our|ours|us|this (?:model|network|work|system))\b", re.I)
_SELF = re.compile(
    r"\b(?:(?:the|this|our|each|full|whole|entire|main|production|deployed|final|"
    r"proposed) (?:\w+ ){0,2}(?:models?|network|run|system|training|pre-?training|"
    r"procedure|architecture|encoder|weights|checkpoints?|release)|training|it|they|both|"
    r"parameters?:?|params:?|size:?|pre-?training|all three|computations?|experiments|weights|checkpoints)\b",
    re.I,
)
_STARTS_WITH_SELF = re.compile(
    r"\W*(?:the|this|our|its) (?:\w+ ){0,2}?(?:model|network|system|encoder|run|training|"
    r"pre-?training|architecture)\b|\W*(?:it|training|pre-?training|we)\b",
    re.I,
)
_PLURAL = re.compile(
    r"\b(?:both|all (?:three|four|five|pre-?training|models|runs|checkpoints)|they|"
    r"(?:the|these|our) (?:\w+ )?(?:models|checkpoints|runs|weights|sizes)|"
    r"the checkpoints|main run|the jobs|the computations|each of)\b",
    re.I,
)
_TOTAL = re.compile(
    r"\b(?:overall|in total|altogether|account for|including discarded|in all)\b", re.I
)
_CELLS = re.compile(r"\||\s&\s|\t")
_ROWS = 12  # of a table above a value in which its head is looked for
_EACH = re.compile(r"\b(?:each|both|all)\b", re.I)
_LARGE = re.compile(r"\b(?:large|larger|largest|big|bigger|full)\b", re.I)
_SIZES = (
    r"(large|larger|largest|big|bigger|small|smaller|smallest|compact|little|lite|tiny|"
    r"base|medium)"
)
_SIZED = re.compile(
    rf"\b(?:the|our|a|its) {_SIZES}(?:r|st)?\b(?:\s+(?:one|model|variant|version|network|size))?",
    re.I,
)
_FOR_SIZE = re.compile(
    rf"^[^.;,]{{0,22}}?\b(?:for|of|by|to) the {_SIZES}\b", re.I
)
_NAME_OF_A_SIZE = re.compile(
    r"^[\s-]*(?:parameters?[\s-]+)?(?:models?|variants?|versions?|runs?|one|network|"
    r"configuration|students?|competitors?)\b",
    re.I,
)
_MADE = re.compile(
    r"\b(?:develop|built|build|made|train|created|we are|our|compan|start-?up|lab|"
    r"laborator|team|institut|universit|department|group|authors?|researchers?|"
    r"programme|consortium|society|work was done|based in|site|center|centre|"
    r"cooperative|tuning|tuned|done in|cluster|supercomputer|system|released|partner|published)\w*",
    re.I,
)
_FUNDED = re.compile(r"\b(?:fund|support|grant|scholarship|donat)\w*", re.I)


class Link(NamedTuple):
    """A value, a model it belongs to, how surely, and the rule that says so."""

    value: Span
    model: Model
    weight: float
    rule: str


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
    def named(self) -> list[tuple[Span, Model]]:
        """Models named in the same sentence."""
        return self.paper.by_sentence.get(self.index, [])

    @cached_property
    def mentions(self) -> list[tuple[Span, Model]]:
        """The same without those of others that something is only compared with."""
        if not _STARTS_WITH_SELF.match(self.sentence):
            return self.named
        return [
            (span, model)
            for span, model in self.named
            if self.is_own(model) or not is_complement(self.paper, span)
        ]

    def is_own(self, model: Model) -> bool:
        """Tell whether the paper introduces a model."""
        return model.key in self.own

    def own_models(self) -> list[Model]:
        """Return the models that the paper introduces."""
        return [model for model in self.paper.models if self.is_own(model)]


def link_values(paper: Paper, own: dict[str, float]) -> tuple[list[Link], list[Span]]:
    """Return the links of a paper's values, and the values that no rule links."""
    links: list[Link] = []
    unlinked: list[Span] = []
    for value in paper.values:
        case = Case(paper, own, value)
        if is_of_something_else(case):
            continue
        found = next(filter(None, (_apply(rule, case) for rule in RULES)), [])
        found = [link for link in found if not contradicts_name(case, link.model)]
        links += found
        if not found:
            unlinked.append(value)
    return links, unlinked


def _apply(rule: "Rule", case: Case) -> list[Link]:
    if case.value.label not in rule.labels:
        return []
    doubt = 1.0
    if case.value.label in {"training", "hardware"}:
        doubt *= 0.6 if _ASIDE.search(case.sentence) else 1.0
        doubt *= 0.8 if _LATER_PHASE.search(case.before[-90:]) else 1.0
    name = rule.find.__name__
    return [
        Link(case.value, model, rule.weight * doubt, name) for model in rule.find(case)
    ]


def is_of_something_else(case: Case) -> bool:
    """Tell what is no fact of this kind: hardware that only runs a trained model."""
    if case.value.label != "hardware":
        return False
    said = case.sentence
    return bool(_INFERENCE.search(said)) and not _TRAINED.search(said)


def is_of_a_part(case: Case) -> bool:
    """Tell a count of a part of a model, or one that is only compared with."""
    clause = re.split(r"[;:]|, (?:and|while|whereas) ", case.before)[-1]
    behind = case.paper.words(case.value.end, case.value.end + 45)
    return bool(_OF_A_PART.search(clause[-70:]) or _PART_BEHIND.match(behind))


def contradicts_name(case: Case, model: Model) -> bool:
    """Tell whether a count is another than the one that the model's name says."""
    if case.value.label != "params" or not model.size:
        return False
    counts = read_parameters(case.paper.text, case.value.start, case.value.end)
    total = counts.total if counts else None
    return total is not None and not 0.7 < total / model.size < 1.4  # noqa: PLR2004


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
    if _OPENS.match(gap):
        return [model]
    if case.value.label == "params" and _HAS.match(gap):
        return [model]
    return []


def by_list_order(case: Case) -> list[Model]:
    """"X, Y and Z have 1B, 3B and 7B": as many values as models, in the same order."""
    values = [
        value
        for value in case.paper.values_by_sentence.get(case.index, [])
        if value.label == case.value.label
    ]
    mentions = _without_repeats(case.named)
    own = [pair for pair in mentions if case.is_own(pair[1])]
    position = values.index(case.value)
    if not mentions and len(values) > 1:
        earlier = _without_repeats(case.paper.by_sentence.get(case.index - 1, []))
        named = [model for _, model in earlier if case.is_own(model)]
        return named[position : position + 1] if len(named) == len(values) else []
    for pairs in (mentions, own):
        if len(values) < 2 or len(pairs) != len(values):  # noqa: PLR2004
            continue
        if pairs[-1][0].end <= values[0].start or values[-1].end <= pairs[0][0].start:
            return [pairs[position][1]]
    return []


def by_column(case: Case) -> list[Model]:
    """A table row without models, below a row that names one for each value."""
    values = [
        value
        for value in case.paper.values_by_sentence.get(case.index, [])
        if value.label == case.value.label
    ]
    if case.mentions or len(values) < 2 or not _CELLS.search(case.sentence):  # noqa: PLR2004
        return []
    for index in range(case.index - 1, max(-1, case.index - _ROWS), -1):
        named = case.paper.by_sentence.get(index, [])
        if named:
            models = [model for _, model in _without_repeats(named)]
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
    if span.start < case.value.start and is_row and len(lead) < 8:  # noqa: PLR2004
        return [model]
    return []


def as_name(case: Case) -> list[Model]:
    """"the 34B model": a size that stands for the one own model of that size."""
    counts = read_parameters(case.paper.text, case.value.start, case.value.end)
    total = counts.total if counts else None
    return _of_size(case, total) if total else []


def by_size(case: Case) -> list[Model]:
    """"the 34B model was trained for 58 days": the one own model of that size."""
    sizes = [
        value
        for value in case.paper.values_by_sentence.get(case.index, [])
        if value.label == "params" and value != case.value
    ]
    if not sizes or case.value.label == "params":
        return []
    nearest = min(sizes, key=lambda size: _distance(size, case.value))
    counts = read_parameters(case.paper.text, nearest.start, nearest.end)
    limit = _distance(nearest, case.value)
    ends = sorted((nearest.start, nearest.end, case.value.start, case.value.end))
    if _parted(case, ends[1], ends[2]):
        return []
    if any(_distance(s, case.value) < limit for s, m in case.mentions if case.is_own(m)):
        return []
    total = counts.total if counts else None
    return _of_size(case, total) if total else []


def by_relative_size(case: Case) -> list[Model]:
    """"the larger one took 11 days": the largest or smallest of the own variants."""
    sized = [model for model in case.own_models() if _size_word(model) or model.size]
    if len(sized) < 2:  # noqa: PLR2004
        return []
    before = case.before[-70:]
    behind = case.paper.words(case.value.end, case.value.end + 40)
    behind = "" if case.value.label == "hardware" else behind
    said = _FOR_SIZE.match(behind) or _last(_SIZED, before)
    is_near = said and (said.re is _FOR_SIZE or said.end() > len(before) - 14)  # noqa: PLR2004
    if not said or (case.mentions and not is_near):
        return []
    named = [m for m in sized if re.search(rf"\b{said[1]}\b", m.name, re.I)]
    if named:
        return _one(named)
    return [max(sized, key=_rank) if _LARGE.search(said[1]) else min(sized, key=_rank)]


def by_subject(case: Case) -> list[Model]:
    """The nearest model in the same clause, before the value if there is one."""
    pairs = case.mentions
    if not pairs:
        return []
    if case.value.label == "params":
        if is_of_a_part(case):
            return []
    elif any(case.is_own(model) for _, model in pairs):
        pairs = [pair for pair in pairs if case.is_own(pair[1])]
    elif _OURS.search(case.sentence):
        return []
    before = [pair for pair in pairs if pair[0].end <= case.value.start]
    after = [pair for pair in pairs if pair[0].start >= case.value.end]
    clause = [p for p in before if not _parted(case, p[0].end, case.value.start)]
    if clause:
        return _joined(case, clause[::-1])
    following = [p for p in after if not _parted(case, case.value.end, p[0].start)]
    return _joined(case, following)


def by_makers(case: Case) -> list[Model]:
    """A country of the authors, or of those who made or trained it: all own models."""
    if any(not case.is_own(model) for _, model in case.mentions) and not any(
        case.is_own(model) for _, model in case.mentions
    ):
        return []
    if not (_MADE.search(case.sentence) or case.value.start < len(case.paper.text) / 8):
        return []
    if _FUNDED.search(case.sentence) and _has_affiliations(case):
        return []
    return case.own_models()


def by_plural(case: Case) -> list[Model]:
    """"Both were released in 2023": the own models just named, or all of them."""
    if case.mentions or _is_total(case) or not _PLURAL.search(case.sentence):
        return []
    for index in range(case.index - 1, case.index - 4, -1):
        named = case.paper.by_sentence.get(index, [])
        own = [m for _, m in _without_repeats(named) if case.is_own(m)]
        if len(own) > 1:
            return own
    return case.own_models()


def by_previous_sentence(case: Case) -> list[Model]:
    """A sentence about "it" or "the model": what the sentences before spoke of."""
    if any(not case.is_own(model) for _, model in case.mentions):
        return []
    behind = case.paper.words(case.value.end, case.value.end + 30)
    if case.value.label == "params" and (
        is_of_a_part(case) or _NAME_OF_A_SIZE.match(behind)
    ):
        return []
    if _is_total(case) and len(case.own_models()) > 1:
        return []
    paragraph = case.paper.layout.sentences[case.index].paragraph
    for index in range(case.index - 1, max(-1, case.index - 4), -1):
        if case.paper.layout.sentences[index].paragraph != paragraph:
            return []
        named = case.paper.by_sentence.get(index, [])
        own = [m for _, m in _without_repeats(named) if case.is_own(m)]
        if len(own) > 1 and (case.value.label == "hardware" or _EACH.search(case.before)):
            return own
        if own:
            return own[:1] if case.value.label != "training" else _one(own)
        if named:
            return []
    return []


def by_default(case: Case) -> list[Model]:
    """The only own model, or the first of its family, where "the model" is spoken of."""
    behind = case.paper.words(case.value.end, case.value.end + 30)
    if case.value.label == "params" and _NAME_OF_A_SIZE.match(behind):
        return []
    if any(not case.is_own(model) for _, model in case.mentions):
        return []
    label = case.value.label
    if label == "params" and (
        is_of_a_part(case) or not _SELF.search(case.sentence)
    ):
        return []
    if _is_total(case) and len(case.own_models()) > 1:
        return []
    if label in {"training", "hardware"} and not _speaks_of_training(case):
        return []
    main = _main(case)
    if label == "params" or not main:
        return main
    variants = [
        model
        for model in case.own_models()
        if is_variant(model, main[0]) and (model.size or _size_word(model))
    ]
    return variants if len(variants) > 1 and label != "training" else main


class Rule(NamedTuple):
    """How sure a rule is, and the labels it is for."""

    find: Callable[[Case], list[Model]]
    weight: float
    labels: frozenset[str] = frozenset(
        {"params", "hardware", "training", "country", "year"}
    )


_TRAIN = frozenset({"hardware", "training", "year"})
RULES = (
    Rule(by_list_order, 0.9, frozenset({"params", "hardware", "training"})),
    Rule(beside_its_name, 0.95, frozenset({"params", "hardware", "training"})),
    Rule(by_column, 0.9),
    Rule(by_row, 0.9),
    Rule(as_name, 0.85, frozenset({"params"})),
    Rule(by_size, 0.85, _TRAIN),
    Rule(by_makers, 0.8, frozenset({"country"})),
    Rule(by_relative_size, 0.75, frozenset({"params", "hardware", "training"})),
    Rule(by_subject, 0.8),
    Rule(by_plural, 0.7, _TRAIN),
    Rule(by_previous_sentence, 0.65, frozenset({"params", "hardware", "training", "year"})),
    Rule(by_default, 0.55, frozenset({"params", "hardware", "training", "year"})),
)


def _without_repeats(pairs: Iterable[tuple[Span, Model]]) -> list[tuple[Span, Model]]:
    seen: dict[str, tuple[Span, Model]] = {}
    for span, model in pairs:
        seen.setdefault(model.key, (span, model))
    return list(seen.values())


def _joined(case: Case, pairs: list[tuple[Span, Model]]) -> list[Model]:
    """Return the first model of pairs, and those that are joined to it by "and"."""
    models = [model for _, model in pairs[:1]]
    for (one, _), (other, model) in pairwise(pairs):
        left, right = sorted((one, other))
        if not _AND.fullmatch(case.paper.words(left.end, right.start)):
            break
        models.append(model)
    return models[:1] if case.value.label == "params" else models


def _is_total(case: Case) -> bool:
    """Tell chip time that is said of all models together."""
    return case.value.label == "training" and bool(_TOTAL.search(case.sentence))


def _speaks_of_training(case: Case) -> bool:
    """Tell a sentence about training: by its words, or a device and a time in it."""
    values = case.paper.values_by_sentence.get(case.index, [])
    labels = {value.label for value in values}
    return {"training", "hardware"} <= labels or bool(_TRAINING.search(case.sentence))


def _last(pattern: re.Pattern[str], text: str) -> re.Match[str] | None:
    """Return the last place where a pattern is found."""
    return next(reversed(list(pattern.finditer(text))), None)


def _parted(case: Case, start: int, end: int) -> bool:
    return bool(_CLAUSE.search(case.paper.words(start, end)))


def _distance(one: Span, other: Span) -> int:
    return max(one.start, other.start) - min(one.end, other.end)


def _one(models: list[Model]) -> list[Model]:
    return models if len(models) == 1 else []


def _of_size(case: Case, total: float) -> list[Model]:
    """Return the one own model of a size; of a model and its variants the model."""
    models = [m for m in case.own_models() if _says(m, total)]
    first = min(models, key=lambda model: len(model.key), default=None)
    if first and all(m is first or m.key.startswith(first.key) for m in models):
        return [first]
    return []


def _says(model: Model, total: float) -> bool:
    """Tell whether a name's size is a count, or that count rounded: 54B, 54.2B."""
    return model.size is not None and abs(model.size - total) <= 0.08 * total  # noqa: PLR2004


def _size_word(model: Model) -> int:
    """Rank names by their size words: small, base, large."""
    tail = model.name.lower()
    words = ("nano|tiny|xs|lite|mini", r"small|-s\b|-c2", "base|-b\\b", r"large|-l\b")
    ranks = [rank for rank, word in enumerate(words, 1) if re.search(word, tail)]
    return ranks[-1] if ranks else 0


def _rank(model: Model) -> tuple[float, int]:
    return model.size or 0.0, _size_word(model)


def _main(case: Case) -> list[Model]:
    """Return the paper's one own model, or the one that stands out, if there is one."""
    own = sorted(case.own_models(), key=lambda model: -case.own[model.key])
    if len(own) == 1:
        return own
    if len(own) > 1 and case.own[own[0].key] >= case.own[own[1].key] + 0.8:
        return own[:1]
    return []


def _has_affiliations(case: Case) -> bool:
    """Tell whether countries stand near the top, where authors are named."""
    return any(
        value.label == "country" and value.start < len(case.paper.text) / 8
        for value in case.paper.values
        if value != case.value
    )
