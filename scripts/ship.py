"""Put a trained pipeline into the package, with its scores and data in meta.json."""

import json
import tempfile
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from papertag import __version__
from papertag.cli import guard
from papertag.documents import read_documents
from papertag.evaluation import evaluate, predict
from papertag.pipeline import load_pipeline
from papertag.spans import LABELS

DESCRIPTION = (
    "Marks models, countries, parameter counts, hardware, training times and years in "
    "papers about AI models. Trained on the papertag corpus: texts written for this "
    "project, no text of others."
)


def main(
    pipeline: Annotated[Path, typer.Argument(help="As training/cnn/model-best.")],
    target: Annotated[Path, typer.Argument(help="As src/papertag/shipped.")],
    scores: Annotated[Path, typer.Option(help="Where to write the scores.")],
    test: Annotated[Path, typer.Option()] = Path("corpus/tagged/test"),
    manifest: Annotated[Path, typer.Option()] = Path("corpus/built/manifest.json"),
) -> None:
    """Score PIPELINE on the test split, and put it into TARGET."""
    gold = list(read_documents(test))
    nlp = load_pipeline(pipeline)
    result = evaluate(gold, list(predict(nlp, gold))).to_json()
    scores.write_text(json.dumps(result, indent=1) + "\n", encoding="utf8")
    splits = json.loads(manifest.read_text(encoding="utf8"))["splits"]
    strict = result["strict"]
    nlp.config["paths"] = {"train": None, "dev": None}  # of the machine that trained
    nlp.meta.update(
        name="papertag",
        version=__version__,
        description=DESCRIPTION,
        author="The papertag developers",
        license="MIT",
        trained_on={name: splits[name] for name in ("train", "dev")},
        performance={
            **_ents(strict["micro"], "ents_"),
            "ents_per_type": {label: _ents(strict["types"][label]) for label in LABELS},
            "ents_partial_f": result["partial"]["micro"]["f1"],
            "measured_on": str(test),
        },
    )
    with tempfile.TemporaryDirectory(dir=target.parent) as work:
        nlp.to_disk(Path(work) / "new")
        if target.exists():
            target.rename(Path(work) / "old")
        (Path(work) / "new").rename(target)
    typer.echo(f"shipped: micro F1 {strict['micro']['f1']:.3f} on {test}")


def _ents(score: dict[str, float], prefix: str = "") -> dict[str, float]:
    """Return a score under the names that spaCy's meta.json uses."""
    names = {"p": "precision", "r": "recall", "f": "f1"}
    return {f"{prefix}{letter}": score[name] for letter, name in names.items()}


if __name__ == "__main__":
    guard(partial(typer.run, main))
