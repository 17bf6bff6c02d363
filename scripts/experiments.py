"""Train variants of a config one after the other, and keep every result in one table.

    python scripts/experiments.py run                 what is still to be run
    python scripts/experiments.py run best no-swap --seeds 0,1,2
    python scripts/experiments.py table               write training/README.md anew

The variants are in configs/experiments.toml: settings of a config, or of the variant
that `base` names, that differ. A run that has a result is not repeated; one that was
stopped starts again. Runs lie in training/runs (not in git), results in
training/results.jsonl, one line each.
"""

import json
import statistics
import subprocess
import sys
import time
import tomllib
from collections import defaultdict
from pathlib import Path
from typing import Annotated, Any

import typer

from papertag.documents import read_documents
from papertag.evaluation import predict
from papertag.files import write_all
from papertag.pipeline import load_pipeline
from papertag.scoring import score
from papertag.spans import LABELS

EXPERIMENTS, RESULTS = Path("configs/experiments.toml"), Path("training/results.jsonl")
README, RUNS, BUILT = Path("training/README.md"), Path("training/runs"), "corpus/built"
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
            if any(r["name"] == name and r["seed"] == seed for r in results()):
                continue
            result = {"name": name, "seed": seed, **train(name, seed, variant)}
            result |= scores(RUNS / f"{name}-{seed}/model-best", gold)
            lines = [json.dumps(row) for row in (*results(), result)]
            write_all({RESULTS: ("\n".join(lines) + "\n").encode()})


@app.command()
def table() -> None:
    """Put the table of all results into training/README.md."""
    before, rest = README.read_text(encoding="utf8").split(BEGIN)
    text = f"{before}{BEGIN}\n\n{markdown(results())}\n{END}{rest.split(END)[1]}"
    write_all({README: text.encode()})


def settings(name: str, variants: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """Return the settings of a variant, those of its base included."""
    own = dict(variants[name])
    base = own.pop("base", None)
    return {**settings(base, variants), **own} if base else own


def train(name: str, seed: int, variant: dict[str, Any]) -> dict[str, Any]:
    """Run `spacy train` with the variant's settings; returns what it took."""
    config = variant.pop("config", "best")
    built = variant.pop("built", BUILT)
    output = RUNS / f"{name}-{seed}"
    output.parent.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "spacy", "train", f"configs/{config}.cfg"]
    options = {
        "output": output,
        "paths.train": f"{built}/train.spacy",
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
    return {"config": config, "settings": variant, "seconds": seconds}


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


def markdown(rows: list[dict[str, Any]]) -> str:
    """Return one line a variant, its seeds as mean and standard deviation."""
    groups = defaultdict(list)
    for row in rows:
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
