"""Score records against the gold rows of corpus/records, by field, on both halves.

    python scripts/score_records.py [--half open|held-out] [--tags gold|pipeline] [-v]

The half of a document is a hash of its name. In the same table stands a baseline that
gives each value to the model named nearest to it.
"""

import argparse
import hashlib
import json
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from papertag.markup import Tagged, parse
from papertag.records import Extraction, Record, extract
from papertag.records.aliases import model_key
from papertag.records.linking import Link
from papertag.records.paper import Paper
from papertag.records.record import (
    ACTIVE,
    CHIP_HOURS,
    CODE,
    COUNTRY,
    DATE,
    HARDWARE,
    HOURS,
    MODEL,
    PARAMETERS,
    QUANTITY,
)
from papertag.spans import Span

ROOT = Path(__file__).parent.parent
GOLD = ROOT / "corpus" / "records" / "gold.jsonl"
HALVES = ("open", "held-out")
SCORED = (PARAMETERS, ACTIVE, HARDWARE, QUANTITY, HOURS, CHIP_HOURS, COUNTRY, DATE)
Counts = dict[str, list[int]]  # right, predicted, gold


def main() -> None:
    """Print precision and recall of each field, for the rules and the baseline."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--half", choices=HALVES, action="append")
    parser.add_argument("--tags", choices=("gold", "pipeline"), action="append")
    parser.add_argument("--verbose", "-v", action="store_true")
    options = parser.parse_args()
    documents = [json.loads(line) for line in GOLD.read_text("utf-8").splitlines()]
    for tags in options.tags or ("gold", "pipeline"):
        tagged = {gold["document"]: read(gold["document"], tags) for gold in documents}
        for half in options.half or HALVES:
            chosen = [gold for gold in documents if half_of(gold["document"]) == half]
            rules, nearest = score_all(chosen, tagged, options.verbose)
            print(f"\n{half} half, {len(chosen)} documents, tags: {tags}")
            print_table(rules, nearest)


def half_of(document: str) -> str:
    """Return the half of a document: by the first byte of a hash of its file's name."""
    return HALVES[hashlib.sha256(Path(document).name.encode()).digest()[0] % 2]


_nlp: list[Any] = []


def read(document: str, tags: str) -> tuple[str, tuple[Span, ...]]:
    """Return the text of a document, with its own tags or those of the pipeline."""
    gold = parse((ROOT / document).read_text("utf-8"))
    if tags == "gold":
        return gold.text, gold.spans
    from papertag.pipeline import load_pipeline, tag

    if not _nlp:
        _nlp.append(load_pipeline())
    return gold.text, tag(_nlp[0], Tagged(gold.text)).spans


def score_all(
    documents: list[dict[str, Any]],
    tagged: dict[str, tuple[str, tuple[Span, ...]]],
    verbose: bool,
) -> tuple[Counts, Counts]:
    """Return the counts of the rules and of the baseline over documents."""
    rules: Counts = defaultdict(lambda: [0, 0, 0])
    nearest: Counts = defaultdict(lambda: [0, 0, 0])
    for gold in documents:
        text, spans = tagged[gold["document"]]
        found = extract(text, spans, gold["document"])
        score(gold, found, rules, verbose)
        score(gold, by_distance(text, spans, gold["document"]), nearest, False)
    return rules, nearest


def by_distance(text: str, spans: tuple[Span, ...], source: str) -> Extraction:
    """Extract with the baseline in place of the rules of linking."""
    return extract(text, spans, source, link=link_nearest)


def link_nearest(paper: Paper, own: dict[str, float]) -> tuple[list[Link], list[Span]]:
    """Link each value to the model mentioned nearest to it."""
    del own
    links = []
    for value in paper.values:
        if paper.mentions:
            _, model = min(
                paper.mentions,
                key=lambda pair: (
                    max(pair[0].start, value.start) - min(pair[0].end, value.end)
                ),
            )
            links.append(Link(value, model, 0.5, "nearest"))
    return links, []


def score(
    gold: dict[str, Any], found: Extraction, counts: Counts, verbose: bool
) -> None:
    """Add one document's counts; rows are the same by the key of the model's name."""
    rows = {key: row for row in gold["rows"] for key in _keys(row)}
    missing = [row for row in gold["rows"] if not row.get("optional")]
    for row in missing:
        _add(counts, MODEL, gold=1)
        for name in SCORED:
            _add(counts, name, gold=name in row and name not in row.get("skip", ()))
    for record in found.records:
        row = rows.get(model_key(record.model), {})
        missing = [other for other in missing if other is not row]
        if row.get("optional"):
            continue
        _add(counts, MODEL, right=bool(row), predicted=1)
        wrong = [] if row else ["no row of its own"]
        wrong += [line for name in SCORED for line in _score(name, record, row, counts)]
        for line in wrong if verbose else ():
            print(f"{gold['document']}: {record.model}: {line}")
    for row in missing if verbose else ():
        print(f"{gold['document']}: {row[MODEL]}: row is missing")


def _keys(row: dict[str, Any]) -> list[str]:
    return [model_key(name) for name in (row[MODEL], *row.get("aliases", ()))]


def _add(
    counts: Counts, name: str, *, right: int = 0, predicted: int = 0, gold: int = 0
) -> None:
    counts[name] = [
        old + new
        for old, new in zip(counts[name], (right, predicted, gold), strict=True)
    ]


def _score(
    name: str, record: Record, row: dict[str, Any], counts: Counts
) -> Iterator[str]:
    """Add the counts of one field, and yield a line if it is wrong."""
    if name in row.get("skip", ()):
        return
    values = record.values(CODE if name == COUNTRY else name)
    want = row.get(name)
    wanted = want["any"] if isinstance(want, dict) else [want]
    got: Any = sorted(map(str, values)) if name == COUNTRY else next(iter(values), None)
    right = want is not None and any(_same(got, one) for one in wanted)
    _add(counts, name, right=right, predicted=bool(values))
    if not right and (values or want is not None):
        yield f"{name}: {got!r}, gold {wanted}"


def _same(got: Any, want: Any) -> bool:
    if isinstance(want, float | int) and isinstance(got, float):
        return abs(got - want) <= 0.005 * abs(want)
    return bool(got == (tuple(want) if isinstance(got, tuple) else want))


def print_table(rules: Counts, nearest: Counts) -> None:
    """Print a line for each field; a dash where there is nothing to divide by."""
    print(f"{'field':26} {'gold':>5} {'prec.':>6} {'recall':>6}  nearest value")
    for name in (MODEL, *SCORED):
        right, predicted, gold = rules[name]
        near = nearest[name]
        print(
            f"{name:26} {gold:5} {_share(right, predicted)} {_share(right, gold)}  "
            f"{_share(near[0], near[1])} {_share(near[0], near[2])}"
        )


def _share(part: int, whole: int) -> str:
    return f"{100 * part / whole:6.1f}" if whole else "     -"


if __name__ == "__main__":
    main()
