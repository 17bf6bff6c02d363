"""Show whether a pipeline's scores mean what they say, on tagged papers.

    python scripts/calibrate.py GOLD [--pipeline FOLDER] [--picture FILE.svg]

Prints the expected calibration error with its interval, its bins, and which share of
the wrong spans goes when the best 80 % of all are kept.
"""

from collections.abc import Iterable, Sequence
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer
from matplotlib.figure import Figure

from papertag import calibration
from papertag.cli import guard
from papertag.documents import Document, read_documents
from papertag.errors import PipelineError
from papertag.evaluation import predict
from papertag.files import write_all
from papertag.pipeline import gives_scores, load_pipeline
from papertag.spans import Span
from pictures import svg

Parts = list[list[tuple[float, bool]]]


def main(
    gold: Annotated[Path, typer.Argument()],
    pipeline: Annotated[Path | None, typer.Option()] = None,
    picture: Annotated[Path | None, typer.Option(help="an SVG to draw")] = None,
) -> None:
    """Print the figures, as Markdown."""
    nlp = load_pipeline(pipeline)
    if not gives_scores(nlp):
        raise PipelineError("gives no scores", "export it", str(pipeline))
    documents = list(read_documents(gold))
    parts = scored(documents, predict(nlp, documents))
    found = figures(parts)
    low, high = found["interval"]
    typer.echo(f"Expected calibration error {found['calibration_error']:.3f},")
    typer.echo(f"95 % interval {low:.3f} to {high:.3f}.")
    if found["removed"] is not None:
        typer.echo(f"Of the wrong spans {100 * found['removed']:.0f} % are among the")
        typer.echo("lowest 20 % of all.\n")
    typer.echo("| spans | mean score | right |\n| --: | --: | --: |")
    for each in calibration.reliability(_flat(parts)):
        typer.echo(f"| {each.spans} | {each.score:.3f} | {each.right:.3f} |")
    if picture:
        write_all({picture: drawing(parts)})


def scored(documents: Sequence[Document], found: Iterable[Sequence[Span]]) -> Parts:
    """Return for each document the score of each predicted span, and if it is right."""
    return [
        [(span.score or 0.0, span in document.spans) for span in spans]
        for document, spans in zip(documents, found, strict=True)
    ]


def figures(parts: Parts) -> dict[str, Any]:
    """Return the calibration error, its interval, the share of wrong ones removed."""
    return {
        "calibration_error": calibration.calibration_error(_flat(parts)),
        "interval": calibration.interval(parts),
        "removed": calibration.removed(_flat(parts)),
    }


def drawing(parts: Parts) -> bytes:
    """Return a picture, as SVG: reliability, and precision against coverage."""
    spans = _flat(parts)
    figure = Figure(figsize=(8, 3.6), layout="constrained")
    left, right = figure.subplots(1, 2)
    bins = calibration.reliability(spans)
    left.plot([0, 1], [0, 1], color="grey", linestyle=":", label="scores that are true")
    left.plot([b.score for b in bins], [b.right for b in bins], "o-", label="measured")
    left.set(xlabel="mean score of a bin", ylabel="share of right spans")
    left.legend()
    points = calibration.coverage(spans)
    right.plot([x for x, _ in points], [y for _, y in points])
    right.set(xlabel="share of spans kept, best first", ylabel="precision of these")
    for axes in (left, right):
        axes.grid(alpha=0.3)
    return svg(figure)


def _flat(parts: Parts) -> list[tuple[float, bool]]:
    return [each for part in parts for each in part]


if __name__ == "__main__":
    guard(partial(typer.run, main))
