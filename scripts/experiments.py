"""Train variants of a config one after the other, and keep every result in one table.

    python scripts/experiments.py run                 what is still to be run
    python scripts/experiments.py run best no-swap --seeds 0,1,2
    python scripts/experiments.py table               write training/README.md anew
    python scripts/experiments.py curve               draw training/learning-curve.svg

The variants are in configs/experiments.toml: settings of a config, or of the variant
that `base` names, that differ; `share` is how much of the training data is used. A run
is not repeated while its recipe, which is all settings and the training data, has a
result; one that was stopped starts again. Runs lie in training/runs (not in git),
results in training/results.jsonl, one line each. Table and curve have the newest recipe
of each name.
"""

import hashlib
import json
import statistics
import subprocess
import sys
import time
import tomllib
from collections import defaultdict
from pathlib import Path
from typing import Annotated, Any

import matplotlib.pyplot as plt
import spacy
import typer
from spacy.tokens import DocBin

from papertag.documents import read_documents
from papertag.evaluation import predict
from papertag.files import write_all
from papertag.pipeline import load_pipeline
from papertag.scoring import score
from papertag.spans import LABELS
from papertag.splits import digest as text_digest

EXPERIMENTS, RESULTS = Path("configs/experiments.toml"), Path("training/results.jsonl")
README, RUNS, BUILT = Path("training/README.md"), Path("training/runs"), "corpus/built"
CURVE = Path("training/learning-curve.svg")
BEGIN, END = "<!-- results: scripts/experiments.py table -->", "<!-- end -->"
SPLITS = {name: Path("corpus/tagged") / name for name in ("dev", "test")}

app = typer.Typer(add_completion=False, help=__doc__)


@app.command()
def run(
    names: Annotated[list[str] | None, typer.Argument()] = None,
    seeds: Annotated[str, typer.Option(help="for instance 0,1,2")] = "0",
    gold: Annotated[Path | None, typer.Option(help="score this, too")] = None,
) -> None:
    """Train and score the named variants, or all, with each seed."""
    variants = tomllib.loads(EXPERIMENTS.read_text(encoding="utf8"))
    if unknown := set(names or ()) - set(variants):
        raise typer.BadParameter(f"not in {EXPERIMENTS}: {', '.join(sorted(unknown))}")
    for name in names or list(variants):
        for seed in map(int, seeds.split(",")):
            variant = settings(name, variants)
            key = {"name": name, "recipe": digest(variant), "seed": seed}
            if any(key.items() <= result.items() for result in results()):
                continue
            result = key | train(name, seed, variant)
            result |= scores(RUNS / f"{name}-{seed}/model-best", gold)
            lines = [json.dumps(row) for row in (*results(), result)]
            write_all({RESULTS: ("\n".join(lines) + "\n").encode()})


@app.command()
def table() -> None:
    """Put the table of all results into training/README.md."""
    before, rest = README.read_text(encoding="utf8").split(BEGIN)
    text = f"{before}{BEGIN}\n\n{markdown(results())}\n{END}{rest.split(END)[1]}"
    write_all({README: text.encode()})


@app.command()
def curve() -> None:
    """Draw strict F1 against the share of the training data, for each config."""
    figure, axes = plt.subplots(figsize=(7, 4.5), layout="constrained")
    points = defaultdict(list)
    for row in newest(results()):
        for kind in ("test", "gold"):
            if "share" in row and kind in row:
                place = "own test split" if kind == "test" else "real passages"
                line = f"{row['config']}, {place}"
                points[line].append((row["tokens"] / 1000, row[kind]["strict"]))
    for line, pairs in points.items():
        axes.plot(*zip(*sorted(pairs), strict=True), marker="o", label=line)
    axes.set_xscale("log", base=2)
    axes.set(xlabel="training data, thousand tokens", ylabel="strict micro F1, percent")
    axes.xaxis.set_major_formatter("{x:.0f}")
    axes.grid(alpha=0.3)
    axes.legend()
    beside = CURVE.with_suffix(".new.svg")
    figure.savefig(beside, metadata={"Date": None})
    beside.replace(CURVE)


def settings(name: str, variants: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """Return the settings of a variant, those of its base included."""
    own = dict(variants[name])
    base = own.pop("base", None)
    return {**settings(base, variants), **own} if base else own


def digest(variant: dict[str, Any]) -> str:
    """Return a digest of all settings of a variant and of its training data."""
    config = Path(f"configs/{variant.get('config', 'best')}.cfg").read_bytes()
    manifest = Path(variant.get("built", BUILT), "manifest.json").read_bytes()
    own = json.dumps(variant, sort_keys=True).encode()
    return hashlib.sha256(b"\0".join((config, manifest, own))).hexdigest()[:12]


def train(name: str, seed: int, variant: dict[str, Any]) -> dict[str, Any]:
    """Run `spacy train` with the variant's settings; returns what it took."""
    variant = dict(variant)
    config = variant.pop("config", "best")
    built = variant.pop("built", BUILT)
    output = RUNS / f"{name}-{seed}"
    output.parent.mkdir(parents=True, exist_ok=True)
    used = {}
    data = Path(built, "train.spacy")
    if share := variant.pop("share", None):
        data, tokens = subset(data, share, output.with_suffix(".spacy"))
        used = {"share": share, "tokens": tokens}
    command = [sys.executable, "-m", "spacy", "train", f"configs/{config}.cfg"]
    options = {
        "output": output,
        "paths.train": data,
        "paths.dev": f"{built}/dev.spacy",
        "system.seed": seed,
        **variant,
    }
    for key, value in options.items():
        text = (
            json.dumps(value) if isinstance(value, bool | list | None) else str(value)
        )
        command += [f"--{key}", text]
    start = time.monotonic()
    log = RUNS / f"{name}-{seed}.log"
    with log.open("w", encoding="utf8") as file:
        ran = subprocess.run(command, stdout=file, stderr=file, check=False)
    if ran.returncode:
        sys.exit(f"{log}: the training failed; its last lines say why")
    seconds = round(time.monotonic() - start)
    return {"config": config, "settings": variant, **used, "seconds": seconds}


def subset(data: Path, share: float, output: Path) -> tuple[Path, int]:
    """Write that share of the docs, a larger one includes it; return its tokens."""
    docs = list(DocBin().from_disk(data).get_docs(spacy.blank("papertag").vocab))
    docs.sort(key=lambda doc: text_digest(doc.text))
    chosen = docs[: round(share * len(docs))]
    DocBin(docs=chosen).to_disk(output)
    return output, sum(map(len, chosen))


def scores(pipeline: Path, gold: Path | None) -> dict[str, Any]:
    """Return strict F1 by type, strict and partial micro F1, in percent."""
    nlp = load_pipeline(pipeline)
    found = {}
    for name, path in {**SPLITS, "gold": gold}.items():
        if path:
            documents = list(read_documents(path))
            found[name] = _percent(documents, list(predict(nlp, documents)))
    return found


def _percent(documents: list[Any], predicted: list[Any]) -> dict[str, float]:
    pairs = [(d.spans, spans) for d, spans in zip(documents, predicted, strict=True)]
    measured = score(pairs, samples=0)
    strict, partial = measured.strict, measured.partial
    rates = {label: strict.types[label].f1 for label in LABELS}
    rates |= {"precision": strict.micro.precision, "recall": strict.micro.recall}
    rates |= {"strict": strict.micro.f1, "partial": partial.micro.f1}
    return {name: round(100 * (rate or 0), 1) for name, rate in rates.items()}


def results() -> list[dict[str, Any]]:
    """Return the results so far, oldest first."""
    if not RESULTS.exists():
        return []
    return [json.loads(line) for line in RESULTS.read_text("utf8").splitlines()]


def newest(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the results of the newest recipe of each name."""
    last = {row["name"]: row["recipe"] for row in rows}
    return [row for row in rows if row["recipe"] == last[row["name"]]]


def markdown(rows: list[dict[str, Any]]) -> str:
    """Return one line a variant, its seeds as mean and standard deviation."""
    groups = defaultdict(list)
    for row in newest(rows):
        groups[row["name"]].append(row)
    columns = ["strict", "partial", "precision", "recall", *LABELS]
    lines = [
        f"| variant | seeds | minutes | {' | '.join(columns)} |",
        "| --- " + "| --: " * (2 + len(columns)) + "|",
    ]
    for name, group in groups.items():
        minutes = statistics.mean(row["seconds"] for row in group) / 60
        cells = [_mean([row["dev"][column] for row in group]) for column in columns]
        lines.append(f"| {name} | {len(group)} | {minutes:.0f} | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def _mean(values: list[float]) -> str:
    mean = f"{statistics.mean(values):.1f}"
    if len(values) == 1:
        return mean
    return f"{mean} ± {statistics.stdev(values):.1f}"


if __name__ == "__main__":
    app()
