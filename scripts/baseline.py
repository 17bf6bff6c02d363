"""Score a baseline without learning: name lists and regular expressions.

    python scripts/baseline.py corpus/tagged/test

Models are the names that training has, countries and devices those of the gazetteer;
counts, durations and years are patterns of numbers with their units.
"""

import re
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import typer
from rich.console import Console

from papertag.cli import guard
from papertag.documents import read_documents
from papertag.gazetteer import COUNTRIES, DEVICES, OTHER_COUNTRIES
from papertag.scoring import score
from papertag.spans import Span
from papertag.tables import print_scores

TRAIN = Path("corpus/tagged/train")
_NUMBER = r"\d[\d.,]*\d|\d"
_UNIT = r"(?:(?:GPU|TPU|[A-Z]\d+)[- ])?(?:hours?|days?|weeks?|months?)"


def main(gold: Path) -> None:
    """Print the table of scores."""
    patterns = list(compile_patterns())
    documents = list(read_documents(gold))
    pairs = [(document.spans, tag(document.text, patterns)) for document in documents]
    print_scores(Console(), score(pairs))


def compile_patterns() -> Iterator[tuple[str, re.Pattern[str]]]:
    """Yield label and pattern, those that win first."""
    names = {
        document.text[span.start : span.end]
        for document in read_documents(TRAIN)
        for span in document.spans
        if span.label == "model"
    }
    devices = {
        f"{vendor}{name}"
        for maker, products in DEVICES.items()
        for name in products
        for vendor in (f"{maker} ", "")
        if vendor or len(name) > 1
    }
    countries = {*COUNTRIES, *COUNTRIES.values(), *OTHER_COUNTRIES}
    yield "training", re.compile(rf"(?:{_NUMBER}|two|three|four|five)[ -]{_UNIT}\b")
    yield "hardware", _any(devices)
    yield "model", _any(names)
    yield "params", re.compile(rf"(?:{_NUMBER})\s?(?:[BM]|[bmtr]+illion)\b")
    yield "country", _any(countries)
    yield "year", re.compile(r"(?<=[a-z] )20[12]\d\b")


def tag(text: str, patterns: list[tuple[str, re.Pattern[str]]]) -> list[Span]:
    """Return the matches of all patterns; where two overlap, the first pattern's."""
    spans: list[Span] = []
    taken = bytearray(len(text))
    for label, pattern in patterns:
        for match in pattern.finditer(text):
            start, end = match.span()
            if not any(taken[start:end]):
                taken[start:end] = b"\1" * (end - start)
                spans.append(Span(start, end, label))
    return sorted(spans)


def _any(names: set[str]) -> re.Pattern[str]:
    ordered = sorted(names, key=lambda name: (-len(name), name))
    return re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, ordered))})(?!\w)")


if __name__ == "__main__":
    guard(partial(typer.run, main))
