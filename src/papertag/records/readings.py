"""Readings: what a mention says as fields and values, whatever the model."""

from typing import NamedTuple

from papertag.records.countries import parse_country
from papertag.records.dates import read_date
from papertag.records.durations import Kind, read_duration
from papertag.records.hardware import read_hardware
from papertag.records.parameters import read_parameters
from papertag.records.record import (
    ACTIVE,
    CHIP_HOURS,
    CODE,
    COUNTRY,
    DATE,
    HARDWARE,
    HOURS,
    MEMORY,
    PARAMETERS,
    QUANTITY,
    Value,
)
from papertag.spans import Span


class Reading(NamedTuple):
    """A value of a field, and a note on how it is to be understood."""

    field: str
    value: Value
    note: str = ""


def read_value(text: str, span: Span) -> list[Reading]:
    """Return what a mention says, the leading field first; nothing if it is unclear."""
    return _READERS[span.label](text, span.start, span.end)


def _parameters(text: str, start: int, end: int) -> list[Reading]:
    found = read_parameters(text, start, end)
    if found is None:
        return []
    pairs = ((PARAMETERS, found.total), (ACTIVE, found.active))
    return [Reading(name, value, found.note) for name, value in pairs if value]


def _hardware(text: str, start: int, end: int) -> list[Reading]:
    found = read_hardware(text, start, end)
    readings = [Reading(HARDWARE, found.name)]
    if found.memory:
        readings.append(Reading(MEMORY, found.memory))
    if found.quantity:
        readings.append(Reading(QUANTITY, float(found.quantity), found.note))
    return readings


def _duration(text: str, start: int, end: int) -> list[Reading]:
    found = read_duration(text, start, end)
    if found is None or found.kind is Kind.OTHER:
        return []
    name = HOURS if found.kind is Kind.WALL else CHIP_HOURS
    same = found.low == found.high
    return [Reading(name, found.low if same else (found.low, found.high), found.note)]


def _country(text: str, start: int, end: int) -> list[Reading]:
    found = parse_country(text[start:end])
    return [Reading(COUNTRY, found.name), Reading(CODE, found.code)] if found else []


def _date(text: str, start: int, end: int) -> list[Reading]:
    found = read_date(text, start, end)
    return [Reading(DATE, found.iso, found.note)] if found else []


_READERS = {
    "params": _parameters,
    "hardware": _hardware,
    "training": _duration,
    "country": _country,
    "year": _date,
}
