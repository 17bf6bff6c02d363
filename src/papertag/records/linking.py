"""Linking: which value belongs to which model.

The rules stand in RULES, the surest first; each looks at one value and gives models
with its own weight, or none. The first rule that gives models decides. A value that no
rule links stays unlinked.
"""

from collections.abc import Callable
from typing import NamedTuple

from papertag.records import cues
from papertag.records.aliases import Model
from papertag.records.case import Case, contradicts_name, is_of_something_else
from papertag.records.context import (
    by_default,
    by_makers,
    by_plural,
    by_previous_sentence,
)
from papertag.records.nearby import (
    beside_its_name,
    by_column,
    by_list_order,
    by_row,
    by_subject,
)
from papertag.records.paper import Paper
from papertag.records.sizes import as_name, by_relative_size, by_size
from papertag.spans import Span


class Link(NamedTuple):
    """A value, a model it belongs to, how surely, and the rule that says so."""

    value: Span
    model: Model
    weight: float
    rule: str


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
    Rule(
        by_previous_sentence,
        0.65,
        frozenset({"params", "hardware", "training", "year"}),
    ),
    Rule(by_default, 0.55, frozenset({"params", "hardware", "training", "year"})),
)


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
        doubt *= 0.6 if cues.ASIDE.search(case.sentence) else 1.0
        said = case.before[-90:] + case.paper.words(case.value.end, case.value.end + 30)
        doubt *= 0.8 if cues.LATER_PHASE.search(said) else 1.0
    name = rule.find.__name__
    return [
        Link(case.value, model, rule.weight * doubt, name) for model in rule.find(case)
    ]
