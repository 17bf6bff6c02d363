"""Put a compact pipeline into the package, with its scores and its model card."""

import json
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from calibrate import drawing, figures, scored
from papertag import __version__
from papertag.cli import guard
from papertag.documents import read_documents
from papertag.evaluation import evaluate, predict
from papertag.files import write_all, write_folder
from papertag.pipeline import load_pipeline
from papertag.spans import LABELS

DESCRIPTION = (
    "Marks models, countries, parameter counts, hardware, training times and years in "
    "papers about AI models. Trained on the papertag corpus: texts written for this "
    "project, no text of others."
)
CARD = """# The pipeline that ships with papertag {version}

{description}

A MiniLM encoder (6 layers, 22 million parameters) with hash embeddings of affixes and
shape beside it, under spaCy's `ner`; `configs/best.cfg` trained it. `papertag export`
made it compact: the encoder runs by ONNX Runtime with 8-bit weights, without torch. It
can not be trained further. To teach it your corrections, train the recipe on the corpus
and your own papers, then export the result (README, "Your own tags").

**Training data.** `corpus/tagged/train`: {train[documents]:,} documents,
{train[tokens]:,} tokens, English, written for this project; {dev[documents]:,} more
(`dev`) chose the recipe, checked the export and taught it confidence.

**Scores** on `corpus/tagged/test` ({documents} documents), in percent:

| | precision | recall | strict F1 | partial F1 |
| --- | --: | --: | --: | --: |
{rows}

Real papers are harder: papertag's README has the scores on real passages.

**Confidence.** `ent._.score` is how likely a span is right. On the test split the
expected calibration error is {error:.3f} (95 % interval {low:.3f} to {high:.3f}, 10
bins of equal mass); keeping the best 80 % of the spans leaves out {removed:.0f} % of
the wrong ones.

![Reliability, and precision against coverage, on the test split](confidence.svg)

**Limits.** It reads English running text: it is not made for tables, code or reference
lists. It marks mentions, and does not tell whether a fact belongs to the paper's own
model. Names of data sets and methods that look like models are taken for models now and
then; so are countries of people who only studied a model, and years of other things.

**Licence.** MIT; the encoder's weights come from
[all-MiniLM-L6-v2](https://huggingface.co/sentence-transformers/all-MiniLM-L6-v2) by the
sentence-transformers project, Apache License 2.0, fine-tuned and quantised here.
"""


def main(
    pipeline: Annotated[Path, typer.Argument(help="What `papertag export` wrote.")],
    target: Annotated[Path, typer.Argument(help="As src/papertag/shipped.")],
    scores: Annotated[Path, typer.Option(help="Where to write the scores.")],
    test: Annotated[Path, typer.Option()] = Path("corpus/tagged/test"),
    manifest: Annotated[Path, typer.Option()] = Path("corpus/built/manifest.json"),
) -> None:
    """Score PIPELINE on the test split, and put it into TARGET."""
    gold = list(read_documents(test))
    found = list(predict(load_pipeline(pipeline), gold))
    nlp = load_pipeline(pipeline)  # another, without the words of these texts
    result = evaluate(gold, found).to_json()
    parts = scored(gold, found)
    calibration = figures(parts)
    splits = json.loads(manifest.read_text(encoding="utf8"))["splits"]
    strict = result["strict"]
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
            **{f"score_{name}": value for name, value in calibration.items()},
            "measured_on": {"folder": str(test), **_small(splits["test"])},
        },
    )
    result["calibration"] = calibration
    card = _card(result, splits)

    def write(folder: Path) -> None:
        nlp.to_disk(folder)
        (folder / "README.md").write_text(card, encoding="utf8")
        (folder / "confidence.svg").write_bytes(drawing(parts))

    write_folder(target, write)
    write_all({scores: (json.dumps(result, indent=1) + "\n").encode()})
    typer.echo(f"shipped: micro F1 {strict['micro']['f1']:.3f} on {test}")


def _card(result: dict, splits: dict) -> str:
    """Return the model card of a pipeline with these scores, on these documents."""
    calibration = result["calibration"]
    low, high = calibration["interval"]
    return CARD.format(
        version=__version__,
        description=DESCRIPTION,
        documents=result["documents"],
        rows="\n".join(_rows(result)),
        train=splits["train"],
        dev=splits["dev"],
        error=calibration["calibration_error"],
        low=low,
        high=high,
        removed=100 * calibration["removed"],
    )


def _small(split: dict[str, object]) -> dict[str, object]:
    return {name: split[name] for name in ("documents", "sha256")}


def _rows(result: dict) -> Sequence[str]:
    """Return the lines of the card's table, one a label, then micro."""
    lines = []
    for name in (*LABELS, "micro"):
        strict, partial = (
            result[measure]["micro"]
            if name == "micro"
            else result[measure]["types"][name]
            for measure in ("strict", "partial")
        )
        numbers = (strict["precision"], strict["recall"], strict["f1"], partial["f1"])
        cells = " | ".join(f"{100 * number:.1f}" for number in numbers)
        lines.append(f"| {name} | {cells} |")
    return lines


def _ents(score: dict[str, float], prefix: str = "") -> dict[str, float]:
    """Return a score under the names that spaCy's meta.json uses."""
    names = {"p": "precision", "r": "recall", "f": "f1"}
    return {f"{prefix}{letter}": score[name] for letter, name in names.items()}


if __name__ == "__main__":
    guard(partial(typer.run, main))
