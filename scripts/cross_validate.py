"""Tag each training document by a pipeline that has not seen it, and compare.

    python scripts/cross_validate.py training/folds --variant short

Prints scores by type over all training documents, then the mentions on which tags and
predictions differ, most frequent first: what to reread. FOLDER keeps the pipeline and
the predictions (`fold-0.jsonl`, ...) of each fold; a fold that is there is not trained
again.
"""

import sys
from collections import Counter, defaultdict
from collections.abc import Sequence
from contextlib import redirect_stdout
from functools import partial
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from analyse_errors import Error, errors
from experiments import EXPERIMENTS, recipes
from hold_out_seeds import trained
from papertag import corpus
from papertag.cli import guard
from papertag.documents import Document, read_documents
from papertag.evaluation import match, predict
from papertag.files import write_all
from papertag.formats.jsonl import to_json
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
    own = recipes([variant])[variant]
    config = Path(f"configs/{own.pop('config', 'best')}.cfg")
    found: list[Tagged] = []
    for number in range(folds):
        held_out = documents[number::folds]
        output = folder / f"fold-{number}.jsonl"
        if not output.exists():
            entries = [
                corpus.Entry(doc, Split.DEV if i % folds == number else Split.TRAIN)
                for i, doc in enumerate(documents)
            ]
            with redirect_stdout(sys.stderr):
                path = trained(config, entries, folder / f"fold-{number}", own)
            nlp = load_pipeline(path)
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
        typer.echo(f"- {files.total()} {error} ({', '.join(files)})")


def differences(found: Sequence[Tagged]) -> list[tuple[Error, Counter[str]]]:
    """Return each kind of difference with the files it is in, most frequent first."""
    places: defaultdict[Error, Counter[str]] = defaultdict(Counter)
    for document, spans in found:
        for error in errors(document, spans):
            places[error][Path(document.source).name] += 1
    return sorted(places.items(), key=lambda item: -item[1].total())


if __name__ == "__main__":
    guard(partial(typer.run, main))
