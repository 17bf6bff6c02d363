"""Documents: tagged texts from ``.txt`` files, folders of them, and JSONL."""

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from papertag.errors import InputError, MarkupError, PapertagError
from papertag.files import BOM, check_text, list_texts, read_text
from papertag.markup import Piece, near_tags, parse, place
from papertag.spans import Span, check_spans

_SHOWN = 60  # characters of a bad input that a message quotes


@dataclass(frozen=True)
class Document:
    """A plain text, its spans, and where both come from."""

    source: str  # "folder/a.txt", or "file.jsonl:3"
    text: str
    spans: tuple[Span, ...] = ()
    layout: tuple[Piece, ...] = ()

    def place(self, offset: int) -> str:
        """Return ``file:line`` of an offset into the text."""
        if self.source.rpartition(".jsonl:")[1]:
            return self.source
        line = 1 + self.text.count("\n", 0, offset)
        for piece in self.layout:
            if piece.end <= offset:
                line += piece.source.count("\n")
                line -= self.text.count("\n", piece.start, piece.end)
        return f"{self.source}:{line}"


def read_documents(
    path: Path, encoding: str = "utf-8", *, check: bool = True
) -> Iterator[Document]:
    """Yield the documents of a tagged file, a folder of them, or a ``.jsonl`` file.

    With ``check`` they must be fit for training and measuring: no near-tags, and no
    span with white space at an edge. Raises InputError, its place ``file:line``, on
    what is not well-formed, or an ExceptionGroup of all of these, at the end.
    """
    readers: Iterator[Callable[..., Document]]
    if path.is_dir():
        readers = (partial(read_tagged, file, encoding) for file in list_texts(path))
    elif path.suffix == ".jsonl":
        readers = _read_jsonl(path, encoding)
    else:
        readers = iter([partial(read_tagged, path, encoding)])
    errors = []
    for read in readers:
        try:
            yield read(check=check)
        except PapertagError as error:
            errors.append(error)
    if len(errors) == 1:
        raise errors[0]
    if errors:
        raise ExceptionGroup("bad documents", errors)


def read_tagged(path: Path, encoding: str = "utf-8", *, check: bool = True) -> Document:
    """Return the document of one tagged text.

    Raises MarkupError on what breaks the grammar, and what ``check`` forbids.
    """
    source = read_text(path, encoding).removeprefix(BOM)
    try:
        for offset, text in near_tags(source) if check else ():
            cure = "write the tag exactly, or &lt; in front if it is text"
            shown = repr(text[:_SHOWN])[1:-1]
            raise MarkupError(f"{shown} is almost a tag", cure, place(source, offset))
        tagged = parse(source)
    except MarkupError as error:
        raise error.at(path) from error
    document = Document(str(path), tagged.text, tagged.spans, tagged.layout)
    if check:
        _check_edges(document)
    return document


def _read_jsonl(path: Path, encoding: str) -> Iterator[Callable[..., Document]]:
    """Yield a reader for each line of a JSONL file that is not empty."""
    lines = read_text(path, encoding).removeprefix(BOM).split("\n")
    for number, line in enumerate(lines, start=1):
        if line.strip():
            yield partial(_read_line, line, f"{path}:{number}")


def _read_line(line: str, source: str, *, check: bool = True) -> Document:
    try:
        document = _from_json(json.loads(line), source)
    except (ValueError, RecursionError) as error:
        problem = f"not JSON that can be read: {str(error)[:_SHOWN]}"
        raise InputError(problem, "write one object a line", source) from error
    except PapertagError as error:
        raise InputError(error.problem, error.cure, source) from error
    if check:
        _check_edges(document)
    return document


def _check_edges(document: Document) -> None:
    for span in document.spans:
        mention = document.text[span.start : span.end]
        if mention != mention.strip():
            problem = f"{mention!r} ({span.label}) has white space at an edge"
            cure = "move the border to the first or last character"
            raise MarkupError(problem, cure, document.place(span.start))


def to_json(text: str, spans: Iterable[Span], source: str) -> str:
    """Return a text with spans as one line of JSON in Prodigy's shape, no newline."""
    rows = [_span_to_json(span) for span in spans]
    # A file's name need not be UTF-8, JSON must be.
    name = source.encode("utf8", "replace").decode("utf8")
    value = {"text": text, "spans": rows, "meta": {"source": name}}
    return json.dumps(value, ensure_ascii=False)


def _span_to_json(span: Span) -> dict[str, Any]:
    row: dict[str, Any] = {"start": span.start, "end": span.end, "label": span.label}
    if span.score is not None:
        row["score"] = round(span.score, 4)
    return row


def _from_json(value: Any, source: str) -> Document:
    cure = 'write {"text": "...", "spans": [{"start": 0, "end": 4, "label": "model"}]}'
    if not isinstance(value, dict) or not isinstance(value.get("text"), str):
        raise InputError("has no text", cure)
    check_text(value["text"])
    rows = value.get("spans", [])
    if not isinstance(rows, list) or not all(map(_is_span, rows)):
        raise InputError("a span lacks whole numbers start and end, or label", cure)
    spans = (Span(row["start"], row["end"], row["label"]) for row in rows)
    text = value["text"]
    return Document(source, text, check_spans(spans, len(text)))


def _is_span(row: Any) -> bool:
    wanted = {"start": int, "end": int, "label": str}
    return isinstance(row, dict) and all(
        type(row.get(key)) is kind for key, kind in wanted.items()
    )
