"""Dates: a year, and what stands around it, as an ISO date.

As in Epoch AI's table a date always has a month and a day: an unknown day is the 15th,
and of a year alone the date is the 1st of July.
"""

import re
from typing import NamedTuple

UNKNOWN_DAY = "15"
UNKNOWN_MONTH_AND_DAY = "07-01"

_MONTHS = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
]
_NAMES = {name[:3]: number for number, name in enumerate(_MONTHS, 1)}
_MONTH = r"(?P<month>(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?)"
_DAY = r"(?P<day>[0-3]?\d)(?:st|nd|rd|th)?"
_BEFORE = (
    re.compile(rf"\b{_DAY}\s+(?:of\s+)?{_MONTH},?\s+$", re.IGNORECASE),
    re.compile(rf"\b{_MONTH}\s+{_DAY},?\s+$", re.IGNORECASE),
    re.compile(rf"\b{_MONTH},?\s+(?:of\s+)?$", re.IGNORECASE),
)
_AFTER = (
    re.compile(r"[-/](?P<number>[01]\d)[-/](?P<day>[0-3]\d)(?!\d)"),
    re.compile(r"[-/](?P<number>[01]\d)(?!\d)"),
)


class Date(NamedTuple):
    """An ISO date, and a note on which of its parts are unknown."""

    iso: str
    note: str = ""


def read_date(text: str, start: int, end: int) -> Date | None:
    """Return the date of the year ``text[start:end]``, or None if it is no year."""
    year = text[start:end].strip()
    if not re.fullmatch(r"(?:19|20)\d\d", year):
        return None
    before, after = text[max(0, start - 30) : start], text[end : end + 7]
    for pattern, where in ((p, before) for p in _BEFORE):
        match = pattern.search(where)
        number = _NAMES.get(match["month"][:3].lower()) if match else None
        if match and number:
            return _date(year, number, match.groupdict().get("day"))
    for pattern in _AFTER:
        match = pattern.match(after)
        if match:
            return _date(year, int(match["number"]), match.groupdict().get("day"))
    return Date(f"{year}-{UNKNOWN_MONTH_AND_DAY}", "month and day are unknown")


def _date(year: str, month: int, day: str | None) -> Date:
    if not 1 <= month <= 12:
        return Date(f"{year}-{UNKNOWN_MONTH_AND_DAY}", "month and day are unknown")
    if day and 1 <= int(day) <= 31:
        return Date(f"{year}-{month:02}-{int(day):02}")
    return Date(f"{year}-{month:02}-{UNKNOWN_DAY}", "day is unknown")
