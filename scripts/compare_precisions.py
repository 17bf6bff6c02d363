"""Compare what a trained pipeline can be exported to: numbers, windows, speed.

    python scripts/compare_precisions.py training/best/model-best GOLD [GOLD ...]

Prints strict F1 on each GOLD, in percent, and the word pieces that the encoder makes in
a second by one thread, in windows of 190.
"""

import time
from functools import partial
from pathlib import Path
from typing import Annotated, NamedTuple

import numpy as np
import typer

from papertag import compact
from papertag.cli import guard
from papertag.documents import read_documents
from papertag.evaluation import predict
from papertag.onnx_encoder import OnnxEncoder, feed, open_session
from papertag.onnx_graph import quantise
from papertag.pipeline import load_pipeline
from papertag.precision import Precision
from papertag.scoring import score

PIECES, RUNS = 190, 60


class Choice(NamedTuple):
    """A graph and its windows."""

    name: str
    precision: Precision
    smooth: bool = True
    window: int = 128
    stride: int = 112


CHOICES = (
    Choice("32-bit floats", Precision.FP32, stride=96),
    Choice("32-bit floats", Precision.FP32),
    Choice("8 bits, columns as they are", Precision.INT8, smooth=False),
    Choice("8 bits, columns of one width", Precision.INT8, stride=96),
    Choice("8 bits, columns of one width", Precision.INT8),
    Choice("8 bits, columns of one width", Precision.INT8, stride=120),
    Choice("8 bits, columns of one width", Precision.INT8, window=160, stride=144),
    Choice("8 bits, columns of one width", Precision.INT8, window=192, stride=176),
)


def main(
    pipeline: Annotated[Path, typer.Argument()],
    gold: Annotated[list[Path], typer.Argument()],
) -> None:
    """Print a Markdown table."""
    compact.check_installed()
    nlp = load_pipeline(pipeline)
    papers = [list(read_documents(path)) for path in gold]
    texts = [paper.text for paper in papers[0]]
    names = " | ".join(path.name for path in gold)
    typer.echo(f"| numbers | window / stride | {names} | pieces/s |")
    typer.echo("| --- | --: |" + " --: |" * (len(gold) + 1))
    for choice in CHOICES:
        floats = compact.compact(nlp, Precision.FP32, choice.window, choice.stride)
        encoder = floats.get_pipe("encoder").model  # type: ignore[attr-defined]
        shim = next(s for part in encoder.walk() for s in part.shims)
        assert isinstance(shim, OnnxEncoder)
        if choice.precision is Precision.INT8:
            shim.graph = quantise(shim.graph, shim.pieces(texts), choice.smooth)
        scores = [
            score(
                [
                    (paper.spans, spans)
                    for paper, spans in zip(part, predict(floats, part), strict=True)
                ],
                samples=0,
            ).strict.micro.f1
            for part in papers
        ]
        shown = " | ".join(f"{100 * (f1 or 0):.2f}" for f1 in scores)
        windows = f"{choice.window} / {choice.stride}"
        typer.echo(
            f"| {choice.name} | {windows} | {shown} | {speed(shim.graph):,.0f} |"
        )


def speed(graph: bytes) -> float:
    """Return how many word pieces a second one thread makes, by its best run."""
    session = open_session(graph)
    ids = np.random.default_rng(0).integers(1000, 20000, PIECES)
    best = min(_seconds(session, feed(ids)) for _ in range(RUNS))
    return PIECES / best


def _seconds(session: object, inputs: dict[str, np.ndarray]) -> float:
    begun = time.perf_counter()
    session.run(["rows"], inputs)  # type: ignore[attr-defined]
    return time.perf_counter() - begun


if __name__ == "__main__":
    guard(partial(typer.run, main))
