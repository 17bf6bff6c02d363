"""Extraction: the spans of one paper become records of the models it introduces."""

from collections import defaultdict
from collections.abc import Callable, Sequence

from papertag.records.aliases import is_variant
from papertag.records.introduction import introduced
from papertag.records.linking import Link, link_values
from papertag.records.paper import Paper, read_paper
from papertag.records.readings import Reading, read_value
from papertag.records.record import (
    CODE,
    COUNTRY,
    HARDWARE,
    MEMORY,
    PARAMETERS,
    QUANTITY,
    Conflict,
    Evidence,
    Extraction,
    Fact,
    Record,
)
from papertag.spans import Span

SEVERAL = (COUNTRY, CODE)  # fields that may hold more than one value
_OF_THE_DEVICE = (MEMORY, QUANTITY)  # which go where the device goes
_OF_THE_FAMILY = ("country", "year")  # labels of what a family shares
_BY_NAME = 0.7  # how sure a size is that only the model's name says


Linker = Callable[[Paper, dict[str, float]], tuple[list[Link], list[Span]]]


def extract(
    text: str, spans: Sequence[Span], source: str, link: Linker = link_values
) -> Extraction:
    """Return the records of one text; pure: the same input gives the same records.

    ``spans`` are in code points of ``text``. Raises SpanError where they do not fit.
    """
    return extract_from(read_paper(text, spans), source, link)


def extract_from(paper: Paper, source: str, link: Linker = link_values) -> Extraction:
    """Return the records of one paper as `read_paper` gives it."""
    own = introduced(paper)
    links, unlinked = link(paper, own)
    links += inherited(paper, links, own)
    records: list[Record] = []
    conflicts: list[Conflict] = []
    for model in paper.models:
        if model.key not in own:
            continue
        facts, clashes = _settle(paper, [link for link in links if link.model is model])
        if PARAMETERS not in facts and model.size:
            evidence = _evidence(paper, model.mentions[0])
            note = "from the model's name"
            facts[PARAMETERS] = (
                Fact(PARAMETERS, model.size, evidence, _BY_NAME, note),
            )
        score = min(1.0, own[model.key] / 2) * _score(model.mentions[0])
        names = dict.fromkeys(
            " ".join(paper.text[s.start : s.end].split()) for s in model.mentions
        )
        records.append(
            Record(
                model.name,
                source,
                facts,
                _evidence(paper, model.mentions[0]),
                round(score, 4),
                tuple(name for name in names if name != model.name),
            )
        )
        conflicts += [Conflict(model.name, *clash) for clash in clashes]
    left = [fact for span in unlinked for fact in _facts(paper, span, 0.0)]
    return Extraction(source, tuple(records), tuple(left), tuple(conflicts))


def inherited(paper: Paper, links: list[Link], own: dict[str, float]) -> list[Link]:
    """Return links of a family's country and year to its sizes that have none."""
    more = []
    known = {(link.model.key, link.value.label) for link in links}
    for model in paper.models:
        if model.key in own and model.size:
            more += [
                Link(link.value, model, link.weight * 0.8, "inherited")
                for link in links
                if link.value.label in _OF_THE_FAMILY
                and is_variant(model, link.model)
                and (model.key, link.value.label) not in known
            ]
    return more


def _settle(
    paper: Paper, links: list[Link]
) -> tuple[dict[str, tuple[Fact, ...]], list[tuple[str, tuple[Fact, ...]]]]:
    """Return the best fact of each field of a model, and the fields in conflict."""
    best: dict[str, dict[object, Fact]] = defaultdict(dict)
    for link in links:
        for fact in _facts(paper, link.value, link.weight):
            known = best[fact.field].get(fact.value)
            if known is None or fact.score > known.score:
                best[fact.field][fact.value] = fact
    facts: dict[str, tuple[Fact, ...]] = {}
    clashes: list[tuple[str, tuple[Fact, ...]]] = []
    for name, found in best.items():
        ordered = tuple(sorted(found.values(), key=lambda fact: -fact.score))
        facts[name] = ordered if name in SEVERAL else ordered[:1]
        if name not in SEVERAL and len(ordered) > 1:
            clashes.append((name, ordered))
    return _with_its_device(facts), clashes


def _with_its_device(
    facts: dict[str, tuple[Fact, ...]],
) -> dict[str, tuple[Fact, ...]]:
    """Leave out memory and count that are said of another device."""
    device = facts.get(HARDWARE)
    if not device:
        return facts
    return {
        name: found
        for name, found in facts.items()
        if name not in _OF_THE_DEVICE
        or found[0].evidence.start == device[0].evidence.start
        or found[0].evidence.sentence == device[0].evidence.sentence
    }


def _facts(paper: Paper, span: Span, weight: float) -> list[Fact]:
    evidence = _evidence(paper, span)
    score = round(weight * _score(span), 4)
    return [_fact(reading, evidence, score) for reading in read_value(paper.text, span)]


def _fact(reading: Reading, evidence: Evidence, score: float) -> Fact:
    return Fact(reading.field, reading.value, evidence, score, reading.note)


def _evidence(paper: Paper, span: Span) -> Evidence:
    places = tuple(paper.places(span.start, span.end))
    return Evidence(paper.said(span.start), span.start, span.end, places)


def _score(span: Span) -> float:
    """Return a span's score; one that nobody scored is taken as right."""
    return 1.0 if span.score is None else span.score
