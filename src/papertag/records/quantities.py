"""Quantities: numbers as papers write them, in digits, in words, with a magnitude."""

import re

MAGNITUDES = {
    **{"k": 1e3, "thousand": 1e3, "thousands": 1e3},
    **{"m": 1e6, "mn": 1e6, "mio": 1e6, "million": 1e6, "millions": 1e6},
    **{"b": 1e9, "bn": 1e9, "g": 1e9, "billion": 1e9, "billions": 1e9},
    **{"t": 1e12, "tn": 1e12, "trillion": 1e12, "trillions": 1e12},
}
_UNITS = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
]
_TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
_WORDS = {
    **{word: float(value) for value, word in enumerate(_UNITS)},
    **{word: 10.0 * value for value, word in enumerate(_TENS, 2)},
    **{"a": 1.0, "an": 1.0, "single": 1.0, "dozen": 12.0},
}
_SCALES = {
    **{"hundred": 1e2, "thousand": 1e3},
    **{"million": 1e6, "billion": 1e9, "trillion": 1e12},
}
_GLYPHS = {"½": 0.5, "¼": 0.25, "¾": 0.75}

_WORD = "|".join(sorted({*_WORDS, *_SCALES, "half", "and"}, key=len, reverse=True))
_MAGNITUDE = "|".join(sorted(MAGNITUDES, key=len, reverse=True))
DIGITS = r"\d+(?:[,\u2009\u202f\u00a0 ]\d{3})+(?!\d)(?:\.\d+)?|\d+(?:[.,]\d+)?"
POWER = r"\s*(?:[x×*·]\s*10\s*\^?\s*\{?(?P<power>\d+)\}?|e\+?(?P<exponent>\d+))"
WORDS = rf"(?:{_WORD})(?:[\s-]+(?:{_WORD}))*"
_NUMBER = re.compile(
    rf"(?P<digits>{DIGITS})(?P<glyph>[½¼¾]?)"
    rf"(?:{POWER}|\s*-?\s*(?P<magnitude>{_MAGNITUDE})(?![a-z]))?"
    r"(?P<half>\s+and\s+a\s+half)?",
    re.IGNORECASE,
)
_SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789")


def parse_number(text: str) -> float | None:
    """Return the number that ``text`` is, or None; ``1.8 trillion``, ``6,738,415,616``.

    Digits may stand in groups of three, with a power of ten, or before a magnitude as
    ``B``; words as ``twenty-four`` or ``six and a half``.
    """
    text = _plain(text)
    match = _NUMBER.fullmatch(text)
    return _value(match) if match else parse_words(text)


def parse_words(text: str) -> float | None:
    """Return the number that words say, as ``one hundred and ten``, or None."""
    text = " ".join(text.lower().replace("-", " ").split())
    if re.fullmatch(r"half(?: an?)?", text):
        return 0.5
    half = re.search(rf" and a half(?: ({'|'.join(_SCALES)}))?$", text)
    if half:
        whole = parse_words(text[: half.start()])
        return None if whole is None else (whole + 0.5) * _SCALES.get(half[1], 1.0)
    words = re.sub(r"^an? (?=single)", "", text).replace(" and ", " ").split()
    if not words or any(word not in _WORDS and word not in _SCALES for word in words):
        return None
    return _add_up(words)


def _add_up(words: list[str]) -> float:
    """Return the sum of number words: scales multiply what stands before them."""
    total, group = 0.0, 0.0
    for word in words:
        if word == "hundred":
            group = (group or 1.0) * 100
        elif word in _SCALES:
            total, group = total + (group or 1.0) * _SCALES[word], 0.0
        else:
            group = (group or 1.0) * 12 if word == "dozen" else group + _WORDS[word]
    return total + group


def _plain(text: str) -> str:
    """Return text with plain digits, signs and single spaces."""
    text = re.sub(r"(?<=10)([⁰¹²³⁴⁵⁶⁷⁸⁹]+)", r"^\1", text.strip())
    text = text.translate(_SUPERSCRIPTS).replace("\\times", "×").replace("$", "")
    return " ".join(text.split())


def _value(match: re.Match[str]) -> float:
    value = _digits(match["digits"]) + _GLYPHS.get(match["glyph"], 0.0)
    value += 0.5 if match["half"] else 0.0
    power = match["power"] or match["exponent"]
    if power:
        return float(f"{value}e{power}") if int(power) < 300 else value
    scale = MAGNITUDES.get((match["magnitude"] or "").lower(), 1.0)
    return _times(value, scale)


def _digits(text: str) -> float:
    """Return digits as a number; commas part thousands where three digits follow."""
    text = re.sub(r"[,\s](?=\d{3}(?!\d))", "", text)
    return float(text.replace(",", "."))


def _times(value: float, scale: float) -> float:
    """Return the product without the dust of binary fractions: 12.3 x 1e9."""
    return float(f"{value * scale:.12g}") if value * scale < 1e12 else value * scale
