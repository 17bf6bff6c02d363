"""CoNLL: a token a line, its tag last, as B-, I- or O; from which the text is rebuilt.

Columns, between tabs: token, start, end (code points), white space, tag. White space
is what follows the token, as UDPipe writes it in CoNLL-U: ``_`` is one space,
``SpaceAfter=No`` none, ``SpacesAfter=`` any other, escaped; ``SpacesBefore=`` is what
the text begins with. A text without words is one of length 0, ``_``. An empty line
stands where a line of the text ends, ``-DOCSTART-`` in front of each text.

A file without these columns, as others write it, is read by this rule: the first column
is the token, the last the tag; tokens are joined by single spaces, sentences by line
breaks. The text of the paper is lost, and the document's note says so.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from papertag.errors import InputError
from papertag.files import BOM, read_text
from papertag.formats.document import Document, in_order
from papertag.markup import Tagged
from papertag.spans import Span

START = "-DOCSTART-"
NOTE = "tokens joined by spaces, sentences by line breaks: the text itself is lost"

_KEEP = "keep the columns as they were written"
_ESCAPES = {" ": r"\s", "\t": r"\t", "\n": r"\n", "\r": r"\r"}
_UNESCAPES = {escape: space for space, escape in _ESCAPES.items()}
_TAG = re.compile(r"O|(?P<kind>[BILESU])-(?P<label>.+)")
_OURS = re.compile(
    r"(?P<word>[^\t]+)\t(?P<start>[0-9]{1,15})\t(?P<end>[0-9]{1,15})"
    r"\t(?P<misc>\S+)\t(?P<tag>\S+)"
)


@dataclass
class _Sentences:
    """The lines of one document, by sentences, each with its number in the file."""

    line: int
    sentences: list[list[tuple[int, str]]] = field(default_factory=lambda: [[]])

    @property
    def rows(self) -> list[tuple[int, str]]:
        return [row for sentence in self.sentences for row in sentence]


@dataclass(frozen=True)
class _Token:
    start: int
    end: int
    tag: str
    place: str


def write(paper: Tagged, source: str) -> str:
    """Return a paper as CoNLL; raises MarkupError on white space at a span's edge."""
    from papertag.formats.tokens import blank, to_doc  # noqa: PLC0415 (spaCy)

    with blank().memory_zone():
        doc = to_doc(paper)
        words = [
            (token.idx, token.idx + len(token), _tag(token.ent_iob_, token.ent_type_))
            for token in doc
            if not token.is_space
        ]
    return _render(paper.text, words or [(0, 0, "O")])


def read(path: Path, encoding: str) -> Iterator[Callable[[], Document]]:
    """Yield a reader for each document of a file; they raise InputError, SpanError."""
    lines = read_text(path, encoding).removeprefix(BOM).split("\n")
    found = _documents(lines)
    for part in found:
        source = str(path) if len(found) == 1 else f"{path}:{part.line}"
        yield partial(_read_document, part, source, path)


def _tag(kind: str, label: str) -> str:
    return f"{kind}-{label}" if label else "O"


def _render(text: str, words: list[tuple[int, int, str]]) -> str:
    parts = [f"{START} -X- O O\n\n"]
    following = [*words[1:], (len(text), len(text), "O")]
    for (start, end, tag), (next_start, _, next_tag) in zip(
        words, following, strict=True
    ):
        after = text[end:next_start]
        before = text[:start] if start == words[0][0] else ""
        word = text[start:end] or "_"
        misc = _escape(before, after)
        parts.append(f"{word}\t{start}\t{end}\t{misc}\t{tag}\n")
        if "\n" in after and not next_tag.startswith("I-"):
            parts.append("\n")
    return "".join(parts)


def _escape(before: str, after: str) -> str:
    def escaped(spaces: str) -> str:
        return "".join(_ESCAPES.get(s, f"\\u{ord(s):04x}") for s in spaces)

    parts = [f"SpacesBefore={escaped(before)}"] if before else []
    if not after:
        parts.append("SpaceAfter=No")
    elif after != " " or before:
        parts.append(f"SpacesAfter={escaped(after)}")
    return "|".join(parts) or "_"


def _unescape(spaces: str) -> str:
    def plain(found: re.Match[str]) -> str:
        return _UNESCAPES.get(found[0]) or chr(int(found[1], 16))

    return re.sub(r"\\(?:[stnr]|u([0-9a-f]{4}))", plain, spaces)


def _documents(lines: list[str]) -> list[_Sentences]:
    """Return the documents of a file, without those that have no tokens at all."""
    found = [_Sentences(1)]
    for number, line in enumerate(lines, start=1):
        row = line.rstrip("\r")
        if row.split(None, 1)[:1] == [START] and not _OURS.fullmatch(row):
            found.append(_Sentences(number))
        elif row.strip():
            found[-1].sentences[-1].append((number, row))
        elif found[-1].sentences[-1]:
            found[-1].sentences.append([])
    return [document for document in found if document.rows]


def _read_document(part: _Sentences, source: str, path: Path) -> Document:
    is_ours = any(_OURS.fullmatch(row) for _, row in part.rows)
    build = _with_offsets if is_ours else _without_offsets
    text, tokens = build(part, path)
    is_record = source != str(path)
    spans = in_order(_spans(tokens), len(text))
    note = "" if is_ours else f"{source}: {NOTE}"
    return Document(source, text, spans, is_record=is_record, note=note)


def _with_offsets(part: _Sentences, path: Path) -> tuple[str, list[_Token]]:
    texts: list[str] = []
    tokens, size = [], 0
    for number, row in part.rows:
        place = f"{path}:{number}"
        found = _OURS.fullmatch(row)
        if not found:
            raise InputError("has other columns than other lines", _KEEP, place)
        before, after = _spaces(found["misc"])
        if (before + after).strip():
            problem = f"{found['misc']!r} is no white space"
            raise InputError(problem, _KEEP, place)
        start, end = int(found["start"]), int(found["end"])
        word = found["word"] if end > start else ""
        if (start, end) != (size + len(before), size + len(before) + len(word)):
            problem = f"{word!r} is said to stand at {start}-{end}, the lines before it"
            raise InputError(f"{problem} end at {size}", _KEEP, place)
        texts += [before, word, after]
        size = end + len(after)
        tokens.append(_Token(start, end, found["tag"], place))
    return "".join(texts), tokens


def _spaces(misc: str) -> tuple[str, str]:
    fields = dict(part.partition("=")[::2] for part in misc.split("|"))
    before = _unescape(fields.get("SpacesBefore", ""))
    default = "" if fields.get("SpaceAfter") == "No" else " "
    return before, _unescape(fields.get("SpacesAfter", default))


def _without_offsets(part: _Sentences, path: Path) -> tuple[str, list[_Token]]:
    sentences = [sentence for sentence in part.sentences if sentence]
    words, tokens, start = [], [], 0
    for sentence in sentences:
        line = []
        for number, row in sentence:
            place = f"{path}:{number}"
            columns = row.split()
            if len(columns) == 1:
                cure = "write a token and its tag, as in: GPT-3 B-model"
                raise InputError("has one column", cure, place)
            line.append(columns[0])
            end = start + len(columns[0])
            tokens.append(_Token(start, end, columns[-1], place))
            start = end + 1
        words.append(" ".join(line))
    return "\n".join(words), tokens


def _spans(tokens: list[_Token]) -> Iterator[tuple[Span, str]]:
    """Yield spans from tags of any usual scheme: BIO, IOB1, BILOU or BIOES."""
    opened: list[_Token] = []
    label = ""
    for token in tokens:
        kind, name = _parse_tag(token)
        if opened and (kind not in {"I", "L", "E"} or name != label):
            yield _span(opened, label)
            opened = []
        if kind != "O":
            opened, label = [*opened, token], name
        if opened and kind in {"L", "E", "U", "S"}:
            yield _span(opened, label)
            opened = []
    if opened:
        yield _span(opened, label)


def _span(tokens: list[_Token], label: str) -> tuple[Span, str]:
    return Span(tokens[0].start, tokens[-1].end, label), tokens[0].place


def _parse_tag(token: _Token) -> tuple[str, str]:
    found = _TAG.fullmatch(token.tag)
    if not found:
        cure = "write O, B-model, I-model and so on, in the last column"
        raise InputError(f"{token.tag!r} is no tag", cure, token.place)
    return found["kind"] or "O", found["label"] or ""
