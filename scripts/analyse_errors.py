"""Show how a pipeline errs on a tagged folder or file, as Markdown.

    python scripts/analyse_errors.py GOLD [--pipeline FOLDER]

Which type was taken for which, whatever the borders; false spans in text without any;
and the errors, most frequent first.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Annotated, NamedTuple

import typer

from papertag.cli import guard
from papertag.documents import Document, read_documents
from papertag.evaluation import predict
from papertag.pipeline import load_pipeline
from papertag.spans import LABELS, Span

NONE = "none"


class Error(NamedTuple):
    """A span that only gold has, with what stands there instead, or a spurious one."""

    kind: str  # missed, spurious; border, type: a prediction overlaps the gold span
    label: str
    text: str
    instead: str = ""

    def __str__(self) -> str:
        """Return it as a line of a list has it."""
        instead = f", found {self.instead}" if self.instead else ""
        return f"{self.kind} {self.label}: {self.text!r}{instead}"


def main(
    gold: Annotated[Path, typer.Argument()],
    pipeline: Annotated[Path | None, typer.Option()] = None,
    most: Annotated[int, typer.Option(help="how many errors to list")] = 30,
) -> None:
    """Print the confusion of types, the rate of false spans, and the errors."""
    documents = list(read_documents(gold))
    found = list(predict(load_pipeline(pipeline), documents))
    counts = confusion(documents, found)
    typer.echo(f"| gold \\ found | {' | '.join((*LABELS, NONE))} |")
    typer.echo("| --- " + "| --: " * (len(LABELS) + 1) + "|")
    for label in (*LABELS, NONE):
        cells = [str(counts[label, other] or "") for other in (*LABELS, NONE)]
        typer.echo(f"| {label} | {' | '.join(cells)} |")
    spans, words = false_spans(documents, found)
    rate = 1000 * spans / words if words else 0
    typer.echo(f"\nFalse spans in text without any: {spans} in {words:,} words,")
    typer.echo(f"{rate:.1f} in 1,000.\n")
    listed = Counter(
        error
        for document, predicted in zip(documents, found, strict=True)
        for error in errors(document, predicted)
    )
    for error, count in listed.most_common(most):
        typer.echo(f"- {count} {error}")


def confusion(
    documents: Sequence[Document], found: Sequence[Sequence[Span]]
) -> Counter[tuple[str, str]]:
    """Count gold spans by their type and that of what was found there.

    That is their own type where any prediction that overlaps them has it, else the
    first one's. Predictions that overlap no gold span count as ``("none", type)``.
    """
    counts: Counter[tuple[str, str]] = Counter()
    for document, predicted in zip(documents, found, strict=True):
        for span in document.spans:
            over = _overlapping(span, predicted)
            labels = [other.label for other in over]
            own = span.label in labels
            counts[span.label, span.label if own else (*labels, NONE)[0]] += 1
        for span in predicted:
            if not _overlapping(span, document.spans):
                counts[NONE, span.label] += 1
    return counts


def false_spans(
    documents: Sequence[Document], found: Sequence[Sequence[Span]]
) -> tuple[int, int]:
    """Count predictions, and words, in documents without a gold span."""
    free = [
        (len(predicted), len(document.text.split()))
        for document, predicted in zip(documents, found, strict=True)
        if not document.spans
    ]
    return sum(spans for spans, _ in free), sum(words for _, words in free)


def errors(document: Document, predicted: Sequence[Span]) -> Iterator[Error]:
    """Yield the gold spans that were not found as they are, and spurious ones.

    A prediction that overlaps gold spans, one of which was found, is in neither.
    """
    text = document.text
    for span in document.spans:
        if span not in predicted:
            over = _overlapping(span, predicted)
            same = any(other.label == span.label for other in over)
            kind = "border" if same else "type" if over else "missed"
            instead = ", ".join(f"{o.label} {text[o.start : o.end]!r}" for o in over)
            yield Error(kind, span.label, text[span.start : span.end], instead)
    for span in predicted:
        if not _overlapping(span, document.spans):
            yield Error("spurious", span.label, text[span.start : span.end])


def _overlapping(span: Span, others: Sequence[Span]) -> list[Span]:
    return [o for o in others if o.start < span.end and span.start < o.end]


if __name__ == "__main__":
    guard(partial(typer.run, main))
