"""Durations: training time in hours, and device time in chip-hours."""

import re
from enum import StrEnum
from typing import NamedTuple

from papertag.records.quantities import DIGITS, MAGNITUDES, WORDS, parse_number

DAYS_A_MONTH = 365.25 / 12
HOURS = {
    **{"second": 1 / 3600, "sec": 1 / 3600, "s": 1 / 3600},
    **{"minute": 1 / 60, "min": 1 / 60},
    **{"hour": 1.0, "hr": 1.0, "h": 1.0},
    **{"day": 24.0, "d": 24.0, "week": 168.0, "wk": 168.0},
    **{"month": 24 * DAYS_A_MONTH, "year": 24 * 365.25, "yr": 24 * 365.25},
}
_UNIT = "|".join(sorted(HOURS, key=len, reverse=True))
_MAGNITUDE = "|".join(sorted(MAGNITUDES, key=len, reverse=True))
_AMOUNT = (
    rf"(?:(?:{DIGITS})[½¼¾]?(?:\s*(?:{_MAGNITUDE})(?![a-z]))?(?:\s+and\s+a\s+half)?"
    rf"|{WORDS})"
)
_TERM = re.compile(
    rf"(?P<amount>{_AMOUNT})[\s-]*(?P<unit>{_UNIT})s?\.?(?![a-z\d])"
    r"(?P<half>\s+and\s+a\s+half)?",
    re.IGNORECASE,
)
_RANGE = re.compile(
    rf"(?:between\s+)?(?P<low>{_AMOUNT})\s*(?:(?P<unit>{_UNIT})s?\s+)?"
    rf"(?:to|and|or|-|–|—)\s*(?P<high>{_AMOUNT}[\s-]*(?:{_UNIT})s?\.?)",
    re.IGNORECASE,
)
_DEVICE = re.compile(
    rf"(?P<amount>{_AMOUNT})[\s-]*(?P<device>[A-Za-z][\w./ -]*?)[\s-]*"
    rf"(?P<unit>{_UNIT})s?\.?",
    re.IGNORECASE,
)
_COMPUTE = re.compile(r"flops?\b|flop/s", re.IGNORECASE)
_NO_CHIP = re.compile(r"\b(?:core|cpu|node|server|machine|vcpu)s?\b", re.IGNORECASE)
_SHARED = re.compile(
    rf"(?:[^.;]|\.(?=\d)){{0,40}}?(?:{DIGITS})(?![\d.])\s*(?:(?:{_MAGNITUDE})\b)?\s*"
    rf"(?P<rest>(?![\d.])[\w/ -]{{0,24}}?[\s-]?\b(?:{_UNIT})s?)\b",
    re.IGNORECASE,
)


class Kind(StrEnum):
    """What a duration measures."""

    WALL = "wall-clock time"
    CHIP = "chip time"
    OTHER = "neither hours nor chip-hours"


class Duration(NamedTuple):
    """Hours from ``low`` to ``high``, which are the same but for a range."""

    low: float
    high: float
    kind: Kind = Kind.WALL
    note: str = ""


def parse_duration(text: str) -> Duration | None:
    """Return the hours that a mention says, or None where it says none.

    ``1.7M A100 GPU hours`` is chip time; time of cores or nodes, and compute as
    ``petaflop/s-days``, are neither hours nor chip-hours.
    """
    text = " ".join(text.split())
    if _COMPUTE.search(text):
        return Duration(0, 0, Kind.OTHER, "compute, not time")
    return _range(text) or _composite(text) or _device_time(text)


def read_duration(text: str, start: int, end: int) -> Duration | None:
    """Return the hours of ``text[start:end]``; its unit may follow in its list."""
    mention = text[start:end]
    found = parse_duration(mention)
    if found or not re.fullmatch(_AMOUNT, mention.strip(), re.IGNORECASE):
        return found
    shared = _SHARED.match(text[end : end + 80])
    return parse_duration(f"{mention} {shared['rest']}") if shared else None


def _composite(text: str) -> Duration | None:
    """Read ``14 days``, ``3 days 8 hours``, ``9 days and 18 hours``."""
    total, position = 0.0, 0
    while term := _TERM.match(text, position):
        total += _hours(term["amount"], term["unit"], bool(term["half"]))
        position = term.end()
        glue = re.compile(r"[\s,]*(?:and\s+)?(?=\S)", re.IGNORECASE)
        gap = glue.match(text, position)
        if position == len(text) or gap is None:
            break
        position = gap.end()
    return Duration(total, total) if total and position >= len(text) else None


def _range(text: str) -> Duration | None:
    match = _RANGE.fullmatch(text)
    if not match:
        return None
    high = _composite(match["high"])
    unit = match["unit"] or (_TERM.match(match["high"]) or {"unit": "h"})["unit"]
    if high is None:
        return None
    low = _hours(match["low"], unit)
    return Duration(low, high.low) if 0 < low < high.low else None


def _device_time(text: str) -> Duration | None:
    match = _DEVICE.fullmatch(text)
    if not match:
        return None
    hours = _hours(match["amount"], match["unit"])
    if not hours:
        return None
    if _NO_CHIP.search(match["device"]):
        return Duration(hours, hours, Kind.OTHER, f"{match['device'].strip()}-hours")
    return Duration(hours, hours, Kind.CHIP)


def _hours(amount: str, unit: str, half: bool = False) -> float:
    number = parse_number(amount.strip(" -")) or 0.0
    return float(f"{(number + 0.5 * half) * HOURS[unit.lower()]:.10g}")
