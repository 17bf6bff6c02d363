"""Measure what reading a PDF costs: errors in the text, and F1 of the tags.

python scripts/measure_sources.py tests/data/pdf
takes NAME.pdf beside NAME.txt, the tagged truth, as scripts/typeset.py writes them, and
prints a table in Markdown; PDFs without a truth are read and timed only.
"""

import sys
import time
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from rapidfuzz.distance import Levenshtein

import typeset
from papertag.documents import read_tagged
from papertag.errors import PapertagError
from papertag.markup import Tagged
from papertag.pipeline import load_pipeline, tag
from papertag.sources import read_source
from papertag.spans import Span


class Counts(NamedTuple):
    """Mentions that are right, found, and in the gold standard."""

    right: int
    found: int
    gold: int

    @property
    def f1(self) -> float:
        """Strict F1 in percent."""
        return 200 * self.right / max(1, self.found + self.gold)


def body(text: str) -> str:
    """Return a text on one line, without what floats: footnote, caption, table."""
    text = " ".join(text.split())
    rows = [" ".join(row) for row in typeset.ROWS]
    for line in (typeset.FOOT, f"Table 1: {typeset.CAPTION}", *rows):
        text = text.replace(line, "", 1)
    return " ".join(text.split())


def error_rate(truth: str, text: str) -> float:
    """Return the edits from one text to the other, in percent of the first one."""
    one, other = body(truth), body(text)
    return 100 * Levenshtein.distance(one, other) / len(one)


def moved(gold: Tagged, text: str) -> set[Span]:
    """Return the gold spans where they stand in another text; those it lost are out."""
    places: dict[int, int] = {}
    for step in Levenshtein.opcodes(gold.text, text):
        if step.tag == "equal":
            for offset in range(step.src_end - step.src_start):
                places[step.src_start + offset] = step.dest_start + offset
    return {
        Span(places[span.start], places[span.end - 1] + 1, span.label)
        for span in gold.spans
        if span.start in places and span.end - 1 in places
    }


def add(counts: Iterable[Counts]) -> Counts:
    """Return the sum of counts."""
    return Counts(*(sum(column) for column in zip(*counts, strict=True)))


def main(folder: Path) -> None:
    """Print a row for each PDF of a folder, and their sums by columns."""
    nlp = load_pipeline()
    sums: dict[str, list[tuple[Counts, Counts, float]]] = {}
    print("| PDF | seconds | characters | CER, % | F1 of truth | F1 by PDF |")
    print("| --- | --: | --: | --: | --: | --: |")
    for path in sorted(folder.rglob("*.pdf")):
        start = time.perf_counter()
        try:
            text = read_source(path).text
        except PapertagError as error:
            print(f"| {path.stem} | {error.problem} | | | | |")
            continue
        cells = [path.stem, f"{time.perf_counter() - start:.2f}", f"{len(text):,}"]
        if path.with_suffix(".txt").exists():
            gold = read_tagged(path.with_suffix(".txt"))
            there = set(tag(nlp, Tagged(gold.text)).spans)
            here = set(tag(nlp, Tagged(text)).spans)
            wanted = moved(Tagged(gold.text, gold.spans), text)
            size = len(gold.spans)
            one = Counts(len(there & set(gold.spans)), len(there), size)
            other = Counts(len(here & wanted), len(here), size)
            rate = error_rate(gold.text, text)
            sums.setdefault(path.stem[-1], []).append((one, other, rate))
            cells += [f"{rate:.2f}", f"{one.f1:.1f}", f"{other.f1:.1f}"]
        print("| " + " | ".join([*cells, *[""] * (6 - len(cells))]) + " |")
    for columns, rows in sorted(sums.items()):
        one, other, rates = zip(*rows, strict=True)
        figures = (
            f"{sum(rates) / len(rates):.2f} | {add(one).f1:.1f} | {add(other).f1:.1f}"
        )
        print(f"| columns: {columns} ({len(rows)} papers) | | | {figures} |")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
