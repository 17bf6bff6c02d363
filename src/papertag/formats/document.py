"""Document: a plain text, its spans, and where both come from."""

from collections.abc import Iterable
from dataclasses import dataclass

from papertag.errors import MarkupError, SpanError
from papertag.markup import Piece
from papertag.spans import Span, check_spans


@dataclass(frozen=True)
class Document:
    """A plain text, its spans, and where both come from.

    A record is one of many in its file, and ``source`` says which one; ``note`` is
    what a reader should know of how the text was made.
    """

    source: str  # "folder/a.txt", or "file.jsonl:3" of a record, or ""
    text: str
    spans: tuple[Span, ...] = ()
    layout: tuple[Piece, ...] = ()
    is_record: bool = False
    note: str = ""

    def place(self, offset: int) -> str:
        """Return ``file:line`` of an offset, the line alone if there is no source."""
        if self.is_record:
            return self.source
        line = 1 + self.text.count("\n", 0, offset)
        for piece in self.layout:
            if piece.end <= offset:
                line += piece.source.count("\n")
                line -= self.text.count("\n", piece.start, piece.end)
        return f"{self.source}:{line}" if self.source else str(line)


def check_edges(document: Document) -> None:
    """Raise MarkupError on a span with white space at an edge."""
    for span in document.spans:
        mention = document.text[span.start : span.end]
        if mention != mention.strip():
            problem = f"{mention!r} ({span.label}) has white space at an edge"
            cure = "move the border to the first or last character"
            raise MarkupError(problem, cure, document.place(span.start))


def in_order(placed: Iterable[tuple[Span, str]], length: int) -> tuple[Span, ...]:
    """Return spans, each given with its place, in reading order.

    Raises SpanError, with the place of the span that is wrong, as `check_spans` does.
    """
    ordered = sorted(placed, key=lambda item: item[0])
    before: tuple[Span, ...] = ()
    for span, place in ordered:
        try:
            check_spans((*before, span), length)
        except SpanError as error:
            raise SpanError(error.problem, error.cure, place) from error
        before = (span,)
    return tuple(span for span, _ in ordered)


def in_utf8(source: str) -> str:
    """Return a file's name as UTF-8 can hold it: a name need not be UTF-8."""
    return source.encode("utf8", "replace").decode("utf8")


def rounded(span: Span) -> float | None:
    """Return a span's score as it is written, None if it has none."""
    return None if span.score is None else round(span.score, 4)
