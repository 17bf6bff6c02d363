"""Time training with several settings of the best recipe, in turn, and compare.

Each setting is a pipeline of its own in one process; each round updates all of them,
with a batch of each one's own. The figures are tokens a second of whole updates:
encoder, head and optimizer. Ratios are against the recipe, round by round.
"""

import itertools
import time
from pathlib import Path
from statistics import median
from typing import Annotated, Any

import typer
from spacy.language import Language
from spacy.training.initialize import init_nlp
from spacy.util import load_config, registry

ENCODER = "components.transformer.model"
SETTINGS: dict[str, dict[str, Any]] = {
    "the recipe": {},
    "fused attention": {f"{ENCODER}.transformer_config.attn_implementation": "sdpa"},
    "32-bit floats": {"initialize.after_init.bfloat16": False},
    "dropout in the encoder": {
        f"{ENCODER}.transformer_config.attention_probs_dropout_prob": 0.1,
        f"{ENCODER}.transformer_config.hidden_dropout_prob": 0.1,
    },
    "word embeddings trained": {"initialize.after_init.frozen": []},
    "batches of 2,000 tokens": {"training.batcher.size": 2000},
    "uncut docs": {"corpora.train.window": 0},
}


def main(
    config: Annotated[Path, typer.Argument()] = Path("configs/best.cfg"),
    built: Annotated[Path, typer.Option()] = Path("corpus/built"),
    rounds: Annotated[int, typer.Option(help="updates of each setting")] = 30,
) -> None:
    """Print a Markdown table with the median over the rounds."""
    paths = {f"paths.{name}": str(built / f"{name}.spacy") for name in ("train", "dev")}
    speeds: dict[str, list[float]] = {name: [] for name in SETTINGS}
    trainings = {
        name: _training(load_config(config, paths | changed))
        for name, changed in SETTINGS.items()
    }
    for number in range(rounds + 1):
        for name, (nlp, batches, settings) in trainings.items():
            batch = next(batches)
            start = time.perf_counter()
            nlp.update(batch, sgd=False, drop=settings["dropout"])
            for _, component in nlp.pipeline:  # as `spacy train` does
                component.finish_update(settings["optimizer"])
            settings["optimizer"].step_schedules()
            seconds = time.perf_counter() - start
            if number:  # the first update allocates
                speeds[name].append(sum(len(eg.reference) for eg in batch) / seconds)
    typer.echo("| setting | tokens/s | ratio |")
    typer.echo("| --- | --: | --: |")
    first = speeds["the recipe"]
    for name, speed in speeds.items():
        ratio = median(b / a for a, b in zip(first, speed, strict=True))
        typer.echo(f"| {name} | {median(speed):,.0f} | {ratio:.2f} |")


def _training(config: Any) -> tuple[Language, Any, Any]:
    """Return a pipeline, its endless batches and its settings of training."""
    nlp = init_nlp(config)
    sections = nlp.config.interpolate()
    resolved = registry.resolve(sections["training"])
    read = registry.resolve(sections["corpora"])["train"]
    batches = resolved["batcher"](eg for _ in itertools.count() for eg in read(nlp))
    return nlp, iter(batches), resolved


if __name__ == "__main__":
    typer.run(main)
