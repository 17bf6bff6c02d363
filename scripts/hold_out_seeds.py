"""Leave each seed out of training in turn, tag it, and print what was found."""

import sys
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import redirect_stdout
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer
from spacy.cli.train import train

from experiments import EXPERIMENTS, recipes
from papertag import corpus
from papertag.cli import guard
from papertag.evaluation import predict
from papertag.pipeline import load_pipeline
from papertag.scoring import Pair, Score, score
from papertag.splits import Split


def main(
    variant: Annotated[str, typer.Option(help=f"of {EXPERIMENTS}")] = "short",
    seeds: Annotated[Path, typer.Option()] = Path("seeds"),
    tagged: Annotated[Path, typer.Option()] = Path("corpus/tagged"),
) -> None:
    """Print a Markdown table; the logs of the trainings go to standard error."""
    own = recipes([variant])[variant]
    config = Path(f"configs/{own.pop('config', 'best')}.cfg")
    rest = corpus.read_splits([tagged])
    papers = corpus.read_splits([seeds], only=Split.TRAIN)
    pairs = {}
    for held_out in papers:
        others = [paper for paper in papers if paper is not held_out]
        with tempfile.TemporaryDirectory() as folder, redirect_stdout(sys.stderr):
            path = trained(config, [*rest, *others], Path(folder), own)
            nlp = load_pipeline(path)
        (found,) = predict(nlp, [held_out.document])
        pairs[Path(held_out.document.source).name] = (held_out.document.spans, found)
    typer.echo("| held out | strict: found / missed / wrong | partial |")
    typer.echo("| --- | --- | --- |")
    for name, pair in pairs.items():
        _print_row(name, [pair])
    _print_row("all", list(pairs.values()))


def trained(
    config: Path,
    entries: Sequence[corpus.Entry],
    work: Path,
    settings: Mapping[str, Any] | None = None,
) -> Path:
    """Train with some settings of a config changed; return the pipeline's folder."""
    corpus.write(corpus.build(entries), work, force=True)
    paths = {f"paths.{name}": str(work / f"{name}.spacy") for name in ("train", "dev")}
    train(config, work / "out", overrides={**paths, **(settings or {})})
    return work / "out/model-best"


def _print_row(name: str, pairs: list[Pair]) -> None:
    scores = score(pairs, samples=0)
    strict, partial = (_counts(m.micro) for m in (scores.strict, scores.partial))
    typer.echo(f"| `{name}` | {strict} | {partial} |")


def _counts(micro: Score) -> str:
    found = micro.matched_gold
    missed, wrong = micro.support - found, micro.predicted - micro.matched_predicted
    return f"{found} / {missed} / {wrong}"


if __name__ == "__main__":
    guard(partial(typer.run, main))
