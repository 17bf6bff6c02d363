"""Time `papertag tag` on one long text with several pipelines, in turn, and compare.

Each run is a process of its own; the figures are words a second without loading, and
the peak memory of the process. Ratios are against the first pipeline, round by round.
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
from papertag.markup import Tagged
from papertag.pipeline import load_pipeline, tag
start = time.perf_counter()
nlp = load_pipeline(sys.argv[1] if sys.argv[1] != "shipped" else None)
text = open(sys.argv[2], encoding="utf8", newline="").read()
loaded = time.perf_counter()
spans = tag(nlp, Tagged(text)).spans
seconds = time.perf_counter() - loaded
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
