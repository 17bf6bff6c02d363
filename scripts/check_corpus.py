"""Check the corpus: errors, lists to read, and the report in its README.

python scripts/check_corpus.py            errors, and the report
python scripts/check_corpus.py --write    put the report into corpus/README.md
python scripts/check_corpus.py --list     mentions that may have been missed
python scripts/check_corpus.py --gold ../shared/gold/dev.jsonl
                    no ten words in common with gold; its figures for the report
"""

import json
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Annotated, NamedTuple

import typer

from papertag.cli import guard
from papertag.documents import Document, read_documents
from papertag.files import write_all
from papertag.gazetteer import COUNTRIES, OTHER_COUNTRIES
from papertag.scoring import Pair, score
from papertag.spans import LABELS, Span
from papertag.splits import SPLITS, near_copies

TAGGED, README = Path("corpus/tagged"), Path("corpus/README.md")
READINGS, FIGURES = Path("corpus/readings.jsonl"), Path("corpus/gold-figures.json")
BEGIN, END = "<!-- report: scripts/check_corpus.py --write -->", "<!-- end -->"
LONG = 1500  # words
BINS = (0, 1, 2, 4, 6, 9, 12)  # spans in 100 words, lower borders
WINDOW = 500  # words for the type/token ratio
CAPITALS = re.compile(r"(?<=[a-z,] )[A-Z]\w+")  # in mid-sentence
DENSE = re.compile(r"-[ab]\d+$")  # the dense documents of the trial

EDGES = {
    "white space or punctuation at an edge": re.compile(
        r"^[\s\"'“‘`*_(\[{,;:~≈<>|]|[\s\"'”’`*_,;:|]$|(?<![A-Z])\.$"
    ),
    "an article or 'about'": re.compile(
        r"(?i)^(the|about|over|up to|around|roughly|approximately|nearly|some) "
    ),
    "a genitive": re.compile(r"['’]s$"),
}
EDGES_OF = {
    "params": re.compile(r"(?i)param|token|weights?$|flop|^\D*$(?<!illion)"),
    "hardware": re.compile(
        r"(?i)\b(gpus?|chips?|nodes?|cards?|accelerators?|pods?|processors?|boards?"
        r"|servers?|cluster|cpus?|tpus)$|^\d+\s?[x×]|^\d+ (?!GB)"
    ),
    "year": re.compile(r"^(?!(19|20)\d\d$)"),
    "training": re.compile(r"(?i)\b(of|for|in)$|^(in|for) "),
}
_NATIONS = "|".join(
    re.escape(name)
    for name in sorted(
        {*COUNTRIES, *COUNTRIES.values(), *OTHER_COUNTRIES}, key=len, reverse=True
    )
)
_TIME = r"(?:hours?|days?|weeks?|months?)"
CANDIDATES = {
    "params": re.compile(
        r"(?<![\w$.])\d[\d.,]*\s?(?:[BM]|billion|million|trillion)\b"
        r"(?! (?:tokens|words|images|sentences|pairs|hours|examples|documents))"
    ),
    "hardware": re.compile(
        r"\b(?:[AHVP]100|H[28]00|A800|K[48]0|A6000|MI\d{3}X?|TPU ?v\d\S*|RTX \w+"
        r"|GTX \w+|Tesla \w+|Xeon|EPYC|Gaudi|Trainium|Ascend \d+\w?|Jetson \w+)s?\b"
    ),
    "training": re.compile(
        rf"(?i)\b(?:\d[\d.,]*|one|two|three|four|five|six)[ -](?:\w+[ -])?{_TIME}\b"
    ),
    "country": re.compile(rf"\b(?:{_NATIONS})\b"),
    "year": re.compile(r"(?<![\w(,.-])(?:19[5-9]\d|20[0-2]\d)\b(?![\w)])"),
}


def main(
    write: Annotated[bool, typer.Option("--write")] = False,
    show: Annotated[bool, typer.Option("--list")] = False,
    gold: Annotated[Path | None, typer.Option()] = None,
) -> None:
    """Print errors and the report; exit 1 where there are errors."""
    documents = list(read_documents(TAGGED))
    problems = [*edge_errors(documents), *copies(documents)]
    if gold:
        passages = list(read_documents(gold))
        problems += shared_with(documents, passages)
        shape = json.dumps(figures(passages), indent=1) + "\n"
        write_all({FIGURES: shape.encode()})
    if show:
        for place, kind, text in missed(documents):
            typer.echo(f"{place}: {kind}? {text}")
    text = report(documents)
    if write:
        before, rest = README.read_text(encoding="utf8").split(BEGIN)
        after = rest.split(END)[1]
        write_all({README: f"{before}{BEGIN}\n{text}{END}{after}".encode()})
    elif not show:
        typer.echo(text)
    for problem in problems:
        typer.echo(problem, err=True)
    raise typer.Exit(bool(problems))


class Candidate(NamedTuple):
    """Untagged text that may be a mention."""

    place: str
    kind: str
    text: str


def genre(name: str) -> str:
    """Return what stands before the first hyphen of a document's name."""
    return Path(name).stem.split("-")[0]


def edge_errors(documents: Sequence[Document]) -> Iterator[str]:
    """Yield the spans that begin or end where the guideline does not let them."""
    for document in documents:
        for span in document.spans:
            mention = document.text[span.start : span.end]
            rules = {**EDGES, f"no {span.label}": EDGES_OF.get(span.label)}
            for problem, pattern in rules.items():
                if pattern and pattern.search(mention):
                    yield f"{document.place(span.start)}: {problem}: {mention!r}"


def copies(documents: Sequence[Document]) -> Iterator[str]:
    """Yield the pairs of documents that are nearly the same."""
    for left, right in near_copies([document.text for document in documents]):
        yield f"{documents[right].source}: a near copy of {documents[left].source}"


def shared_with(
    documents: Sequence[Document], passages: Sequence[Document]
) -> Iterator[str]:
    """Yield the documents that have ten words in a row in common with a passage."""
    theirs = {run for passage in passages for run in runs(words(passage), 10)}
    for document in documents:
        for run in set(runs(words(document), 10)) & theirs:
            yield f"{document.source}: also in gold: {' '.join(run)}"


def missed(documents: Sequence[Document]) -> Iterator[Candidate]:
    """Yield untagged text that is tagged elsewhere in the document, or looks so."""
    for document in documents:
        covered = _covered(document)
        tagged = {document.text[s.start : s.end] for s in document.spans}
        again = "|".join(map(re.escape, sorted(tagged, key=len, reverse=True)))
        patterns = dict(CANDIDATES)
        if tagged:
            patterns["tagged elsewhere"] = re.compile(rf"(?<!\w)(?:{again})(?!\w)")
        for kind, pattern in patterns.items():
            for match in pattern.finditer(document.text):
                if not covered.intersection(range(*match.span())):
                    around = document.text[
                        max(0, match.start() - 30) : match.end() + 20
                    ]
                    place = document.place(match.start())
                    yield Candidate(place, kind, f"{match[0]!r} in {around!r}")


def report(documents: Sequence[Document]) -> str:
    """Return the report in Markdown; it depends on the files in `corpus/` alone."""
    parts = [
        _table(documents, lambda d: Path(d.source).parent.name, SPLITS, "split"),
        _table(documents, lambda d: genre(d.source), _genres(documents), "genre"),
        _shape(documents),
        _facts(documents),
        _agreement(documents),
    ]
    return "\n" + "\n\n".join(parts) + "\n\n"


def figures(documents: Sequence[Document]) -> dict[str, object]:
    """Return the shape of a set of texts: densities, and how varied the words are."""
    densities = [100 * len(d.spans) / max(1, len(d.text.split())) for d in documents]
    spans = sum(len(document.spans) for document in documents)
    size = sum(len(document.text.split()) for document in documents)
    ratios = [
        len(set(window)) / WINDOW
        for window in _windows([w for d in documents for w in words(d)])
    ]
    shares = Counter(max(b for b in BINS if b <= density) for density in densities)
    capitals = sum(_capitals(document) for document in documents)
    free = sum(not document.spans for document in documents)
    return {
        "documents": len(documents),
        "words": size,
        "spans in 100 words": round(100 * spans / size, 2),
        "untagged capitals in 100 words": round(100 * capitals / size, 2),
        "without spans, %": round(100 * free / len(documents), 1),
        "type/token ratio": round(sum(ratios) / len(ratios), 3),
        "documents by density, %": {
            str(b): round(100 * shares[b] / len(documents), 1) for b in BINS
        },
    }


def words(document: Document) -> list[str]:
    """Return a document's words, lower-cased, as white space parts them."""
    return document.text.lower().split()


def runs(sequence: Sequence[str], length: int) -> Iterator[tuple[str, ...]]:
    """Yield all runs of that many words."""
    for start in range(len(sequence) - length + 1):
        yield tuple(sequence[start : start + length])


def _genres(documents: Sequence[Document]) -> list[str]:
    return sorted({genre(document.source) for document in documents})


def _covered(document: Document) -> set[int]:
    return {i for span in document.spans for i in range(span.start, span.end)}


def _capitals(document: Document) -> int:
    """Count the words with a capital in mid-sentence that are in no mention."""
    covered = _covered(document)
    return sum(
        match.start() not in covered for match in CAPITALS.finditer(document.text)
    )


def _windows(sequence: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(sequence) - WINDOW + 1, WINDOW):
        yield sequence[start : start + WINDOW]


def _table(
    documents: Sequence[Document],
    key: Callable[[Document], str],
    names: Sequence[str],
    head: str,
) -> str:
    lines = [
        f"| {head} | documents | words | spans in 100 words | {' | '.join(LABELS)} |",
        "| --- " + "| --: " * (3 + len(LABELS)) + "|",
    ]
    for name in (*names, "all"):
        chosen = [d for d in documents if name in ("all", key(d))]
        size = sum(len(d.text.split()) for d in chosen)
        counts = Counter(span.label for d in chosen for span in d.spans)
        cells = [f"{counts[label]:,}" for label in LABELS]
        density = 100 * counts.total() / max(1, size)
        row = [name, f"{len(chosen):,}", f"{size:,}", f"{density:.1f}", *cells]
        lines.append(f"| {' | '.join(row)} |")
    return "\n".join(lines)


def _shape(documents: Sequence[Document]) -> str:
    ours = figures(documents)
    theirs = json.loads(FIGURES.read_text())
    lines = ["| | corpus | gold dev |", "| --- | --: | --: |"]
    for name, value in ours.items():
        if isinstance(value, dict):
            for (low, share), high in zip(
                value.items(), [*BINS[1:], None], strict=True
            ):
                label = f"{low} to {high}" if high else f"{low} and more"
                other = theirs[name][low]
                lines.append(f"| {label} spans in 100 words, % | {share} | {other} |")
        else:
            lines.append(f"| {name} | {value:,} | {theirs[name]:,} |")
    return "\n".join(lines)


def _facts(documents: Sequence[Document]) -> str:
    models = {
        document.text[span.start : span.end]
        for document in documents
        for span in document.spans
        if span.label == "model"
    }
    holders = defaultdict(set)
    for document in documents:
        for run in runs(words(document), 5):
            holders[run].add(document.source)
    recurring = sum(len(sources) > 1 for sources in holders.values()) / len(holders)
    size = sum(len(d.text.split()) for d in documents)
    dense = [d for d in documents if DENSE.search(Path(d.source).stem)]
    dense_share = sum(len(d.text.split()) for d in dense) / size
    long = sum(len(d.text.split()) >= LONG for d in documents)
    listed = Counter(candidate.kind for candidate in missed(documents))
    kinds = ", ".join(f"{kind} {count:,}" for kind, count in sorted(listed.items()))
    return "\n".join(
        [
            f"- Different model names: {len(models):,}.",
            f"- Documents of {LONG:,} words and more: {long}.",
            f"- Words in the dense documents of the trial: {100 * dense_share:.1f} %.",
            f"- Five-word sequences in several documents: {100 * recurring:.2f} %.",
            f"- Spans with a wrong edge: {len(list(edge_errors(documents)))}; "
            f"near copies: {len(list(copies(documents)))}.",
            f"- Left untagged though it looks so (`--list`): {kinds}.",
        ]
    )


def _agreement(documents: Sequence[Document]) -> str:
    readings = map(json.loads, READINGS.read_text("utf8").splitlines())
    names = {Path(document.source).stem for document in documents}
    pairs = defaultdict(list)
    for reading in readings:
        assert reading["name"] in names, f"{READINGS}: no document {reading['name']}"
        first, second = (
            [Span(*span) for span in reading[reader]] for reader in ("first", "second")
        )
        pairs[genre(reading["name"])].append((first, second))
    lines = ["| genre | documents | spans | agreement (strict F1), % |"]
    lines.append("| --- | --: | --: | --: |")
    every: list[Pair] = [pair for group in pairs.values() for pair in group]
    for name, group in [*sorted(pairs.items()), ("all", every)]:
        micro = score(group, samples=0).strict.micro
        cells = f"{len(group):,} | {micro.support:,} | {100 * micro.f1:.1f}"
        lines.append(f"| {name} | {cells} |")
    return "\n".join(lines)


if __name__ == "__main__":
    guard(partial(typer.run, main))
