"""Rows: records as tables hold them, flat, and as JSON lines do, nested."""

import json
from collections.abc import Iterable, Iterator
from typing import Any

from papertag.records.record import (
    CHIP_HOURS,
    DATE,
    FIELDS,
    HOURS,
    MODEL,
    NUMBERS,
    Conflict,
    Evidence,
    Extraction,
    Fact,
    Record,
)
from papertag.sources.source import Place

SOURCE = "source"
ALIASES = "Aliases"
CONFLICTS = "Conflicts"
HIGH = " (high)"  # behind a field: the upper end of a range
EVIDENCE = " evidence"  # behind a field: sentence, offsets, score and note, as JSON
RANGES = (HOURS, CHIP_HOURS)

Row = dict[str, Any]


def columns() -> dict[str, str]:
    """Return the columns of a table and their SQL types, in order."""
    table = {MODEL: "VARCHAR", SOURCE: "VARCHAR"}
    for name in FIELDS:
        kind = "DOUBLE" if name in NUMBERS else "DATE" if name == DATE else "VARCHAR"
        table[name] = kind
        if name in RANGES:
            table[name + HIGH] = kind
    table |= dict.fromkeys((ALIASES, CONFLICTS), "VARCHAR")
    return table | {name + EVIDENCE: "VARCHAR" for name in (MODEL, *FIELDS)}


def flat_rows(
    extractions: Iterable[Extraction], *, unlinked: bool = False
) -> Iterator[Row]:
    """Yield a row for each record; with ``unlinked`` also for each value without one.

    Of a range the field's column has the low end, the column ``... (high)`` the high
    one. Several countries are joined by commas. An unlinked value has no model.
    """
    for extraction in extractions:
        for record in extraction.records:
            row = _flat(record.facts) | {MODEL: record.model}
            row |= {SOURCE: record.source, ALIASES: ", ".join(record.aliases) or None}
            row[MODEL + EVIDENCE] = _dump(_evidence(record.evidence, record.score))
            clashes = [_conflict(c) for c in extraction.conflicts_of(record.model)]
            yield row | {CONFLICTS: _dump(clashes) if clashes else None}
        for fact in extraction.unlinked if unlinked else ():
            yield _flat({fact.field: (fact,)}) | {SOURCE: extraction.source}


def nested_rows(
    extractions: Iterable[Extraction], *, unlinked: bool = False
) -> Iterator[Row]:
    """Yield the same rows with value, evidence and score of each field together."""
    for extraction in extractions:
        for record in extraction.records:
            yield _nested(record) | {
                CONFLICTS: [_conflict(c) for c in extraction.conflicts_of(record.model)]
            }
        for fact in extraction.unlinked if unlinked else ():
            yield {MODEL: None, SOURCE: extraction.source, fact.field: _fact(fact)}


def _nested(record: Record) -> Row:
    row: Row = {MODEL: record.model, SOURCE: record.source}
    row[ALIASES] = list(record.aliases)
    row["introduced"] = _evidence(record.evidence, record.score)
    for name in FIELDS:
        facts = record.facts.get(name, ())
        if len(facts) == 1:
            row[name] = _fact(facts[0])
        elif facts:
            row[name] = [_fact(fact) for fact in facts]
    return row


def _flat(facts: dict[str, tuple[Fact, ...]]) -> Row:
    row: Row = {}
    for name, found in facts.items():
        value: Any = found[0].value
        if isinstance(value, tuple):
            value, row[name + HIGH] = value
        elif len(found) > 1:
            value = ", ".join(sorted(str(fact.value) for fact in found))
        row[name] = value
        proofs = [_proof(fact) for fact in found]
        row[name + EVIDENCE] = _dump(proofs[0] if len(proofs) == 1 else proofs)
    return row


def _fact(fact: Fact) -> Row:
    return {"value": fact.value} | _proof(fact)


def _proof(fact: Fact) -> Row:
    proof = _evidence(fact.evidence, fact.score)
    return proof | {"note": fact.note} if fact.note else proof


def _evidence(evidence: Evidence, score: float) -> Row:
    said: Row = {name: getattr(evidence, name) for name in ("sentence", "start", "end")}
    if evidence.places:
        said["places"] = [_place(place) for place in evidence.places]
    return {"evidence": said, "score": score}


def _place(place: Place) -> Row:
    """Return what is known of a place; the box of a PDF in hundredths of a point."""
    row: Row = {k: v for k, v in place._asdict().items() if v is not None}
    if place.box:
        row["box"] = [round(edge, 2) for edge in place.box]
    return row


def _conflict(conflict: Conflict) -> Row:
    return {"field": conflict.field, "values": [_fact(fact) for fact in conflict.facts]}


def _dump(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
