"""Tag each training document by a pipeline that has not seen it, and compare.

    python scripts/cross_validate.py training/folds --variant short

Prints scores by type over all training documents, then the mentions on which tags and
predictions differ, most frequent first: what to reread. FOLDER keeps the pipeline and
the predictions (`fold-0.jsonl`, ...) of each fold; a fold that is there is not trained
again.
"""

import sys
import tomllib
from collections import Counter, defaultdict
from collections.abc import Sequence
from contextlib import redirect_stdout
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from spacy.cli.train import train

from analyse_errors import Error, errors
from experiments import EXPERIMENTS, settings
from papertag import corpus
from papertag.cli import guard
from papertag.documents import Document, read_documents, to_json
from papertag.evaluation import match, predict
from papertag.files import write_all
from papertag.pipeline import load_pipeline
from papertag.scoring import score
from papertag.spans import Span
from papertag.splits import Split
from papertag.tables import print_scores

Tagged = tuple[Document, tuple[Span, ...]]


def main(
    folder: Annotated[Path, typer.Argument()],
    tagged: Annotated[Path, typer.Option()] = Path("corpus/tagged/train"),
    variant: Annotated[str, typer.Option(help=f"of {EXPERIMENTS}")] = "short",
    folds: Annotated[int, typer.Option(min=2)] = 3,
    most: Annotated[int, typer.Option(help="how many differences to list")] = 100,
) -> None:
    """Train on all folds but one, tag that one; all in turn."""
    documents = sorted(read_documents(tagged), key=lambda document: document.text)
    own = settings(variant, tomllib.loads(EXPERIMENTS.read_text(encoding="utf8")))
    found: list[Tagged] = []
    for number in range(folds):
        held_out = documents[number::folds]
        output = folder / f"fold-{number}.jsonl"
        if not output.exists():
            rest = [doc for i, doc in enumerate(documents) if i % folds != number]
            nlp = load_pipeline(_train(own, rest, held_out, folder / f"fold-{number}"))
            lines = [
                to_json(document.text, spans, document.source)
                for document, spans in zip(
                    held_out, predict(nlp, held_out), strict=True
                )
            ]
            write_all({output: ("\n".join(lines) + "\n").encode()})
        found += zip(held_out, match(held_out, read_documents(output)), strict=True)
    scores = score([(document.spans, spans) for document, spans in found])
    print_scores(Console(), scores)
    for error, files in differences(found)[:most]:
        instead = f", found {error.instead}" if error.instead else ""
        what = f"{error.kind} {error.label}: {error.text!r}{instead}"
        typer.echo(f"- {files.total()} {what} ({', '.join(files)})")


def differences(found: Sequence[Tagged]) -> list[tuple[Error, Counter[str]]]:
    """Return each kind of difference with the files it is in, most frequent first."""
    places: defaultdict[Error, Counter[str]] = defaultdict(Counter)
    for document, spans in found:
        for error in errors(document, spans):
            places[error][Path(document.source).name] += 1
    return sorted(places.items(), key=lambda item: -item[1].total())


def _train(
    own: dict[str, Any],
    rest: Sequence[Document],
    held_out: Sequence[Document],
    work: Path,
) -> Path:
    """Return the trained pipeline's folder; what is held out is only scored."""
    entries = [corpus.Entry(document, Split.TRAIN) for document in rest]
    entries += [corpus.Entry(document, Split.DEV) for document in held_out]
    corpus.write(corpus.build(entries), work, force=True)
    paths = {f"paths.{name}": str(work / f"{name}.spacy") for name in ("train", "dev")}
    changed = {key: value for key, value in own.items() if key != "config"}
    config = Path(f"configs/{own.get('config', 'best')}.cfg")
    with redirect_stdout(sys.stderr):
        train(config, work / "out", overrides=paths | changed)
    return work / "out/model-best"


if __name__ == "__main__":
    guard(partial(typer.run, main))
