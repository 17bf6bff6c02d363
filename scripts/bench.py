"""Time pipelines over one long text, in turn, each run in a process of its own.

    python scripts/bench.py shipped FOLDER FOLDER:eager FOLDER:bf16

A pipeline is a folder, or `shipped`. A transformer's folder runs as spacy-transformers
loads it, with torch's fused attention; `:eager` behind it is without that, `:bf16` with
it and in bfloat16 where the CPU has it. Figures are medians over the rounds: seconds
until it is loaded, imports included; words a second over the whole text, tokenising
included; the ratio to the first, round by round; the process's peak memory.
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median
from typing import Annotated

import typer

from papertag.documents import read_documents

CHILD = """
import json, resource, sys, time
start = time.perf_counter()
from papertag.markup import Tagged
from papertag.pipeline import load_pipeline, tag
source, _, variant = sys.argv[1].partition(":")
nlp = load_pipeline(source if source != "shipped" else None)
if variant == "bf16":
    from papertag.callbacks import quick_encoder
    quick_encoder(True)(nlp)
if variant == "eager":
    shim = nlp.get_pipe("transformer").model.layers[0].shims[0]
    fused = shim._model
    shim._model = type(fused)._from_config(fused.config, attn_implementation="eager")
    shim._model.load_state_dict(fused.state_dict())
loaded = time.perf_counter()
text = open(sys.argv[2], encoding="utf8", newline="").read()
begun = time.perf_counter()
spans = tag(nlp, Tagged(text)).spans
seconds = time.perf_counter() - begun
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(json.dumps([loaded - start, len(text.split()) / seconds, peak, len(spans)]))
"""


def main(
    pipelines: Annotated[list[str], typer.Argument(help="Folders, or: shipped.")],
    words: Annotated[int, typer.Option()] = 100_000,
    rounds: Annotated[int, typer.Option()] = 3,
    corpus: Annotated[Path, typer.Option()] = Path("corpus/tagged/train"),
) -> None:
    """Print a Markdown table with the median of each figure over the rounds."""
    runs: dict[str, list[list[float]]] = {name: [] for name in pipelines}
    with tempfile.NamedTemporaryFile("w", suffix=".txt", encoding="utf8") as paper:
        paper.write(_long_text(corpus, words))
        paper.flush()
        for _ in range(rounds):
            for name in pipelines:
                command = [sys.executable, "-c", CHILD, name, paper.name]
                output = subprocess.run(command, stdout=subprocess.PIPE, check=True)
                runs[name].append(json.loads(output.stdout))
    typer.echo("| pipeline | load, s | words/s | ratio | peak memory, MiB |")
    typer.echo("| --- | --: | --: | --: | --: |")
    first = [run[1] for run in runs[pipelines[0]]]
    for name, figures in runs.items():
        load, speed, peak, _ = (median(column) for column in zip(*figures, strict=True))
        ratio = median(b[1] / a for a, b in zip(first, figures, strict=True))
        typer.echo(
            f"| {name} | {load:.1f} | {speed:,.0f} | {ratio:.2f} | {peak:,.0f} |"
        )


def _long_text(corpus: Path, words: int) -> str:
    """Return the corpus's paragraphs, repeated until there are enough words."""
    texts = [document.text for document in read_documents(corpus)]
    paragraphs, count = [], 0
    while count < words:
        for text in texts:
            if count < words:
                paragraphs.append(text)
                count += len(text.split())
    return "\n\n".join(paragraphs)


if __name__ == "__main__":
    typer.run(main)
