"""brat's standoff: a text, and beside it ``.ann`` with a line for each span.

``T1<TAB>model 0 5<TAB>GPT-3``; offsets count code points of the text as it is. A score
is a note. A mention across line breaks is written as brat writes it: in fragments,
``0 5;6 9``, which are one span again where only white space lies between them.
"""

import re
from itertools import pairwise
from pathlib import Path

from papertag.errors import InputError, SpanError
from papertag.files import BOM, read_text
from papertag.formats.document import Document, check_edges, in_order, rounded
from papertag.markup import Tagged
from papertag.spans import Span

SUFFIX = ".ann"
_BREAKS = r"[\t\n\r\v\f\x1c-\x1e\x85\u2028\u2029]"  # what ends a line, and a tab
_RANGE = "[0-9]{1,15} [0-9]{1,15}"
_TEXTBOUND = re.compile(
    rf"T\d+\t(?P<label>\S+) (?P<offsets>{_RANGE}(?:;{_RANGE})*)\t(?P<mention>.*)"
)


def write_text(paper: Tagged, source: str) -> str:
    """Return the text, which is not altered."""
    return paper.text


def write_annotations(paper: Tagged, source: str) -> str:
    """Return the lines of ``.ann``; raises MarkupError on white space at an edge."""
    check_edges(Document("", paper.text, paper.spans))
    lines = []
    for number, span in enumerate(paper.spans, start=1):
        parts = _fragments(paper.text, span)
        offsets = ";".join(f"{start} {end}" for start, end in parts)
        mention = " ".join(paper.text[start:end] for start, end in parts)
        lines.append(f"T{number}\t{span.label} {offsets}\t{mention}\n")
        if span.score is not None:
            lines.append(f"#{number}\tAnnotatorNotes T{number}\t{rounded(span)}\n")
    return "".join(lines)


def read(path: Path, encoding: str) -> Document:
    """Return the document of a text with ``.ann`` beside it.

    Raises InputError or SpanError, its place the line of ``.ann``. Lines that are not
    of entities, as relations and notes, are passed over.
    """
    text = read_text(path, encoding)
    annotations = path.with_suffix(SUFFIX)
    placed = []
    lines = read_text(annotations, encoding).split("\n")
    for number, line in enumerate(lines, start=1):
        if line.startswith("T"):
            place = f"{annotations}:{number}"
            placed.append((_span(line, text, place), place))
    spans = in_order(placed, len(text))
    mark = len(text) - len(text.removeprefix(BOM))
    shifted = (Span(span.start - mark, span.end - mark, span.label) for span in spans)
    return Document(str(path), text[mark:], tuple(shifted))


def _fragments(text: str, span: Span) -> list[tuple[int, int]]:
    """Return the pieces of a span between line breaks, by offsets."""
    pieces = re.finditer(rf"(?:(?!{_BREAKS}).)+", text[span.start : span.end], re.S)
    return [(span.start + p.start(), span.start + p.end()) for p in pieces]


def _span(line: str, text: str, place: str) -> Span:
    found = _TEXTBOUND.fullmatch(line.rstrip("\r"))
    if not found:
        cure = "write T1, a tab, model 0 5, a tab, and the mention"
        raise InputError("is no entity as brat writes one", cure, place)
    parts = [[int(n) for n in part.split()] for part in found["offsets"].split(";")]
    start, end = parts[0][0], parts[-1][1]
    for (_, left), (right, _) in pairwise(parts):
        if left > right or text[left:right].strip():
            cure = "papertag's spans have no gaps: mark one piece"
            raise SpanError(f"entity {start}-{end} has a gap", cure, place)
    mention = " ".join(text[left:right] for left, right in parts)
    if end <= len(text) and mention != found["mention"]:
        problem = f"says {found['mention'][:60]!r}, the text has {mention[:60]!r}"
        cure = "offsets count code points; was the text edited?"
        raise InputError(problem, cure, place)
    return Span(start, end, found["label"])
