"""Train variants of a config one after the other, and keep every result in one table.

    python scripts/experiments.py run                 what is still to be run
    python scripts/experiments.py run best no-swap --seeds 0,1,2
    python scripts/experiments.py table               write training/README.md anew
    python scripts/experiments.py curve               draw training/learning-curve.svg

The variants are in configs/experiments.toml. A run is not repeated while its recipe has
a result: all settings, the training data, the code that is registered. One that was
stopped starts again. Runs lie in training/runs (not in git), results in
training/results.jsonl, one line each. The table has them all and says which are of a
recipe that has changed since; the curve has those of today's recipes.
"""

import hashlib
import json
import os
import statistics
import subprocess
import sys
import time
import tomllib
from collections import defaultdict
from collections.abc import Set
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path
from threading import Lock
from typing import Annotated, Any

import spacy
import typer
from spacy.tokens import DocBin
from spacy.util import load_config

from papertag.cli import guard
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
CODE = sorted(
    Path(__file__).parents[1] / "src/papertag" / f"{module}.py"
    for module in (
        *("alignment", "augmentation", "callbacks", "encoder", "gazetteer", "layers"),
        *("names", "optimizers", "readers", "tokenization"),
    )
)
DEV, TEST = Path("corpus/tagged/dev"), Path("corpus/tagged/test")

_KEEPING = Lock()

app = typer.Typer(add_completion=False, help=__doc__)


@app.command()
def run(
    names: Annotated[list[str] | None, typer.Argument()] = None,
    seeds: Annotated[str, typer.Option(help="for instance 0,1,2")] = "0",
    gold: Annotated[
        Path | None, typer.Option(help="score the test split and this, too")
    ] = None,
    jobs: Annotated[
        int, typer.Option(min=1, help="runs at once; they share the cores")
    ] = 1,
) -> None:
    """Train and score the named variants, or all, with each seed."""
    wanted = [
        (name, variant, int(seed))
        for seed in seeds.split(",")
        for name, variant in recipes(names).items()
    ]
    with ThreadPoolExecutor(jobs) as pool:
        runs = [pool.submit(run_one, *each, gold, jobs) for each in wanted]
        for each in as_completed(runs):
            each.result()  # raises what went wrong


def run_one(
    name: str, variant: dict[str, Any], seed: int, gold: Path | None, jobs: int
) -> None:
    """Train and score one variant with one seed, as far as it is not done."""
    key = {"name": name, "recipe": digest(variant), "seed": seed}
    done = [row for row in results() if key.items() <= row.items()]
    wanted = {"dev", "gold"} if gold else {"dev"}
    if done and wanted <= done[0].keys():
        return
    pipeline = RUNS / f"{name}-{seed}/model-best"
    result = done[0] if done and pipeline.exists() else None
    if result is None:
        result = key | train(name, seed, variant, jobs)
        keep(result)
    keep(result | scores(pipeline, gold))


def keep(result: dict[str, Any]) -> None:
    """Write a result, in place of an earlier one of the same recipe and seed."""
    key = {name: result[name] for name in ("name", "recipe", "seed")}
    with _KEEPING:
        others = [row for row in results() if not key.items() <= row.items()]
        lines = [json.dumps(row) for row in (*others, result)]
        write_all({RESULTS: ("\n".join(lines) + "\n").encode()})


@app.command()
def table() -> None:
    """Put the table of the results into training/README.md."""
    before, rest = README.read_text(encoding="utf8").split(BEGIN)
    now = {row["recipe"] for row in current()}
    text = f"{before}{BEGIN}\n\n{markdown(results(), now)}\n{END}{rest.split(END)[1]}"
    write_all({README: text.encode()})


@app.command()
def curve() -> None:
    """Draw strict F1 against the amount of training data, for variants with a share."""
    rows = [row for row in current() if "share" in row]
    if not rows:
        sys.exit("no results of variants with a share; run some first")
    write_all({CURVE: drawing(rows)})


def drawing(rows: list[dict[str, Any]]) -> bytes:
    """Return a picture, as SVG: a line for each config and kind of text."""
    from matplotlib.figure import Figure

    from pictures import svg

    points: dict[str, dict[int, list[float]]] = defaultdict(lambda: defaultdict(list))
    for row in rows:
        for kind, place in (("test", "own test split"), ("gold", "real passages")):
            if kind in row:
                line = points[f"{row['config']}, {place}"]
                line[row["tokens"]].append(row[kind]["strict"])
    figure = Figure(figsize=(7, 4.5), layout="constrained")
    axes = figure.subplots()
    for name, line in points.items():
        means = [statistics.mean(line[tokens]) for tokens in sorted(line)]
        axes.plot([tokens / 1000 for tokens in sorted(line)], means, "o-", label=name)
    axes.set_xscale("log", base=2)
    axes.set(xlabel="training data, thousand tokens; as many updates for each")
    axes.set(ylabel="strict micro F1, percent")
    axes.xaxis.set_major_formatter("{x:.0f}")
    axes.grid(alpha=0.3)
    axes.legend()
    return svg(figure)


def recipes(names: list[str] | None = None) -> dict[str, dict[str, Any]]:
    """Return the settings of the named variants, or of all."""
    variants = tomllib.loads(EXPERIMENTS.read_text(encoding="utf8"))
    if unknown := set(names or ()) - set(variants):
        raise typer.BadParameter(f"not in {EXPERIMENTS}: {', '.join(sorted(unknown))}")
    return {name: settings(name, variants) for name in names or variants}


def settings(name: str, variants: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """Return the settings of a variant, those of its base included."""
    own = dict(variants[name])
    base = own.pop("base", None)
    return {**settings(base, variants), **own} if base else own


def digest(variant: dict[str, Any]) -> str:
    """Return a digest of all that a training of this variant comes from."""
    config = load_config(Path(f"configs/{variant.get('config', 'best')}.cfg"))
    splits = manifest(variant)["splits"]
    data = [splits[name]["sha256"] for name in ("train", "dev")]
    code = [hashlib.sha256(path.read_bytes()).hexdigest() for path in CODE]
    parts = json.dumps([config, variant, data, code], sort_keys=True)
    return hashlib.sha256(parts.encode()).hexdigest()[:12]


def manifest(variant: dict[str, Any]) -> dict[str, Any]:
    """Return what `papertag convert` says of a variant's training data."""
    path = Path(variant.get("built", BUILT), "manifest.json")
    return json.loads(path.read_text(encoding="utf8"))


def train(
    name: str, seed: int, variant: dict[str, Any], jobs: int = 1
) -> dict[str, Any]:
    """Run `spacy train` with the variant's settings; returns what it took."""
    used = {"documents": manifest(variant)["splits"]["train"]["documents"]}
    variant = dict(variant)
    config = variant.pop("config", "best")
    built = variant.pop("built", BUILT)
    output = RUNS / f"{name}-{seed}"
    output.parent.mkdir(parents=True, exist_ok=True)
    data = Path(built, "train.spacy")
    if share := variant.pop("share", None):
        data, tokens = subset(data, share, RUNS / f"{name}-{seed}.spacy")
        documents = round(share * used["documents"])
        used = {"share": share, "tokens": tokens, "documents": documents}
    command = [sys.executable, "-m", "spacy", "train", f"configs/{config}.cfg"]
    options = {
        "output": output,
        "paths.train": data,
        "paths.dev": f"{built}/dev.spacy",
        "system.seed": seed,
        **variant,
    }
    for key, value in options.items():
        is_json = isinstance(value, bool | list | dict | None)
        command += [f"--{key}", json.dumps(value) if is_json else str(value)]
    start = time.monotonic()
    log = RUNS / f"{name}-{seed}.log"
    threads = {"OMP_NUM_THREADS": str(max(1, (os.cpu_count() or 1) // jobs))}
    with log.open("w", encoding="utf8") as file:
        ran = subprocess.run(
            command, stdout=file, stderr=file, check=False, env=os.environ | threads
        )
    if ran.returncode:
        sys.exit(f"{log}: the training failed; its last lines say why")
    seconds = round(time.monotonic() - start)
    used |= {"seconds": seconds, "jobs": jobs}
    return {"config": config, "settings": variant, **used}


def subset(data: Path, share: float, output: Path) -> tuple[Path, int]:
    """Write that share of the docs, a larger one includes it; return its tokens."""
    docs = list(DocBin().from_disk(data).get_docs(spacy.blank("papertag").vocab))
    docs.sort(key=lambda doc: text_digest(doc.text))
    chosen = docs[: round(share * len(docs))]
    DocBin(docs=chosen).to_disk(output)
    return output, sum(map(len, chosen))


def scores(pipeline: Path, gold: Path | None) -> dict[str, Any]:
    """Return strict F1 by type, strict and partial micro F1, in percent.

    Variants are chosen by dev; test and gold are for those that are kept.
    """
    nlp = load_pipeline(pipeline)
    found = {}
    paths = {"dev": DEV} | ({"test": TEST, "gold": gold} if gold else {})
    for name, path in paths.items():
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


def current() -> list[dict[str, Any]]:
    """Return the results of recipes as they are today."""
    today = {name: digest(variant) for name, variant in recipes().items()}
    return [row for row in results() if today.get(row["name"]) == row["recipe"]]


def markdown(rows: list[dict[str, Any]], now: Set[str]) -> str:
    """Return one line a recipe, its seeds as mean and standard deviation.

    One that is not of ``now`` has a mark; its training data is told by its documents.
    """
    groups = defaultdict(list)
    for row in rows:
        if "dev" in row:  # or it was stopped before it was scored
            groups[row["name"], row["recipe"]].append(row)
    columns = ["strict", "partial", "precision", "recall", *LABELS]
    lines = [
        f"| variant | documents | seeds | minutes | {' | '.join(columns)} |",
        "| --- " + "| --: " * (3 + len(columns)) + "|",
    ]
    for (name, recipe), group in groups.items():
        minutes = statistics.mean(row["seconds"] for row in group) / 60
        cells = [
            name if recipe in now else f"{name} †",
            f"{group[0]['documents']:,}",
            str(len(group)),
            f"{minutes:.0f}",
            *(_mean([row["dev"][column] for row in group]) for column in columns),
        ]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def _mean(values: list[float]) -> str:
    mean = f"{statistics.mean(values):.1f}"
    if len(values) == 1:
        return mean
    return f"{mean} ± {statistics.stdev(values):.1f}"


if __name__ == "__main__":
    guard(app)
