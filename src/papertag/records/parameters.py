"""Parameters: how many a mention says a model has, total and active apart."""

import re
from typing import NamedTuple

from papertag.records.quantities import DIGITS, MAGNITUDES, POWER, WORDS, parse_number

_MAGNITUDE = "|".join(sorted(MAGNITUDES, key=len, reverse=True))
_AMOUNT = rf"(?:{DIGITS})(?:{POWER}|\s*-?\s*(?:{_MAGNITUDE})(?![a-z]))?".replace(
    "?P<power>", "?:"
).replace("?P<exponent>", "?:")
_EXPERTS = re.compile(rf"(\d+)\s*[x×]\s*({_AMOUNT})", re.IGNORECASE)
_NOUN = re.compile(r"[\s-]*(?:parameters?|params?|weights)\.?$", re.IGNORECASE)
_BOTH = re.compile(
    rf"({_AMOUNT})[\s(,;/-]+(?:with\s+)?({_AMOUNT})\s*(?:active|activated)\b.*",
    re.IGNORECASE,
)
_SHARED = re.compile(
    rf"(?:\s*(?:,|/|–|-|and|or|to|"
    rf"&)\s*(?:{DIGITS}))+\s*-?\s*(?P<magnitude>{_MAGNITUDE})(?![a-z])",
    re.IGNORECASE,
)
_ACTIVE_AFTER = re.compile(
    r"[\s-]*(?:of\s+(?:them|which|these|(?:the|"
    r"its)\s+\S+)\s+)?(?:parameters\s+)?(?:are\s+|is\s+)?(?:parameters\s+)?"
    r"(?:are\s+|being\s+)?(?:active\b|activated\b)",
    re.IGNORECASE,
)
_ACTIVE_BEFORE = re.compile(
    r"(?:\bactive|\bactivat(?:es|ed|ing)|\buses|\busing|\bfires)\s+"
    r"(?:(?:parameters|only|about|around|roughly|just|of|some)[\s:]+|[~≈:]\s*)*$",
    re.IGNORECASE,
)
_PART_AFTER = re.compile(
    r"[\s-]*(?:parameters?\s+)?(?:\w+\s+)?(?:adapter|LoRA|embedding|head\b|"
    r"are\s+(?:trainable|trained|updated))",
    re.IGNORECASE,
)


class Parameters(NamedTuple):
    """Parameter counts; ``total`` or ``active`` is None where it is not said."""

    total: float | None
    active: float | None = None
    note: str = ""


def parse_parameters(text: str) -> Parameters | None:
    """Return the counts that a mention says by itself, or None where it says none."""
    text = _NOUN.sub("", " ".join(text.split()))
    experts = _EXPERTS.fullmatch(text)
    if experts:
        size = parse_number(experts[2])
        note = f"{experts[1]} experts of {experts[2]}; layers they share count often"
        return Parameters(int(experts[1]) * size, None, note) if size else None
    both = _BOTH.fullmatch(text)
    if both:
        return Parameters(parse_number(both[1]), parse_number(both[2]))
    value = parse_number(text)
    return Parameters(value) if value else None


def read_parameters(text: str, start: int, end: int) -> Parameters | None:
    """Return the counts of the mention ``text[start:end]``, by the words around it.

    A magnitude may stand at the end of its list ("3, 8 and 20 billion"), and a count
    may be that of the active parameters. None where it is that of a part, as of an
    adapter, or where it says none.
    """
    before, after = text[max(0, start - 60) : start], text[end : end + 80]
    mention = text[start:end]
    shared = _SHARED.match(after)
    if shared and re.fullmatch(rf"{DIGITS}|{WORDS}", mention, re.IGNORECASE):
        mention = f"{mention} {shared['magnitude']}"
    found = parse_parameters(mention)
    if found is None or found.active is not None:
        return found
    if _PART_AFTER.match(after):
        return None
    if _ACTIVE_AFTER.match(after) or _ACTIVE_BEFORE.search(before):
        return Parameters(None, found.total, found.note)
    return found
