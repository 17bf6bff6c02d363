"""Tag many papers by worker processes, and draw the memory that each process takes.

    python scripts/watch_memory.py --papers 5000 --jobs 2 --picture training/memory.svg

The papers are those of the corpus, over and over, each with a name of its own made of
random letters in it, so that spaCy meets new words all the time. Needs Linux's /proc.
"""

import random
import string
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from itertools import cycle, islice
from pathlib import Path
from typing import Annotated

import typer
from matplotlib.figure import Figure

from papertag.documents import read_documents
from papertag.files import write_all
from pictures import svg

SECONDS = 1.0  # between two looks
Points = dict[int, list[tuple[int, float]]]


def main(
    papers: Annotated[int, typer.Option()] = 5000,
    jobs: Annotated[int, typer.Option()] = 2,
    python: Annotated[
        str, typer.Option(help="of another environment")
    ] = sys.executable,
    corpus: Annotated[Path, typer.Option()] = Path("corpus/tagged/train"),
    picture: Annotated[Path | None, typer.Option(help="an SVG to draw")] = None,
) -> None:
    """Print what the processes took, in all and each at most."""
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder, "papers"), Path(folder, "tagged")
        write_papers(corpus, source, papers)
        command = [python, "-m", "papertag", "tag", str(source), "-o", str(target)]
        begun = time.perf_counter()
        with subprocess.Popen([*command, "-j", str(jobs), "-q"]) as process:
            points = watch(process, target)
        seconds = time.perf_counter() - begun
        done = len(list(target.glob("*.txt")))
    typer.echo(f"{done} papers in {seconds:.0f} s, exit code {process.returncode}")
    for number, line in enumerate(points.values()):
        highest = max(memory for _, memory in line)
        middle = line[len(line) // 2][1]
        typer.echo(
            f"process {number}: {middle:.0f} MiB half-way, {highest:.0f} at most"
        )
    if picture:
        write_all({picture: drawing(points)})


def write_papers(corpus: Path, folder: Path, count: int) -> None:
    """Write so many papers, a new word in each."""
    draw = random.Random(0)
    folder.mkdir()
    documents = cycle(list(read_documents(corpus)))
    for number, document in enumerate(islice(documents, count)):
        word = "".join(draw.choices(string.ascii_letters, k=12))
        text = f"{word}\n\n{document.text}"
        (folder / f"{number:05}.txt").write_text(text, encoding="utf8", newline="")


def watch(process: subprocess.Popen, target: Path) -> Points:
    """Return for each process: papers that all have done, and its memory in MiB."""
    points: Points = defaultdict(list)
    while process.poll() is None:
        done = len(list(target.glob("*.txt"))) if target.exists() else 0
        for number in (process.pid, *children(process.pid)):
            try:
                status = Path(f"/proc/{number}/statm").read_text(encoding="ascii")
            except OSError:  # it has ended
                continue
            points[number].append((done, int(status.split()[1]) * 4096 / 2**20))
        time.sleep(SECONDS)
    return points


def children(number: int) -> list[int]:
    """Return the processes that a process has started."""
    path = Path(f"/proc/{number}/task/{number}/children")
    try:
        return [int(child) for child in path.read_text(encoding="ascii").split()]
    except OSError:
        return []


def drawing(points: Points) -> bytes:
    """Return a picture, as SVG: a line for each process."""
    figure = Figure(figsize=(7, 3.6), layout="constrained")
    axes = figure.subplots()
    for number, line in enumerate(points.values()):
        color = "black" if number == 0 else None  # the command, then its workers
        axes.plot(*zip(*line, strict=True), color=color)
    axes.set(xlabel="papers tagged by all; black: the command, colours: its workers")
    axes.set(ylabel="resident memory, MiB", ylim=(0, None))
    axes.grid(alpha=0.3)
    return svg(figure)


if __name__ == "__main__":
    typer.run(main)
