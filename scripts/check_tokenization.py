"""Count spans of gold texts that fit no tokens, and tokens a word, beside spaCy."""

from functools import partial
from pathlib import Path
from typing import Annotated

import spacy
import typer

from papertag.alignment import set_spans
from papertag.cli import guard
from papertag.documents import read_documents
from papertag.tokenization import tokenizer


def main(
    gold: Annotated[list[Path], typer.Argument(help="Tagged folders or .jsonl.")],
) -> None:
    """Print a Markdown table, and each span that does not fit papertag's tokens."""
    documents = [document for path in gold for document in read_documents(path)]
    words = sum(len(document.text.split()) for document in documents)
    nlp = spacy.blank("en")
    typer.echo("| tokenizer | spans | misaligned | tokens a word |")
    typer.echo("| --- | --: | --: | --: |")
    for name, tokenize in (("papertag", tokenizer(nlp)), ("spaCy", nlp.tokenizer)):
        misaligned, tokens = [], 0
        for document in documents:
            doc = tokenize(document.text)
            found = set_spans(doc, document.spans)
            misaligned += [(document, span) for span in found]
            tokens += sum(not token.is_space for token in doc)
        spans = sum(len(document.spans) for document in documents)
        row = f"{spans} | {len(misaligned)} | {tokens / words:.3f}"
        typer.echo(f"| {name} | {row} |")
        for document, span in misaligned if name == "papertag" else ():
            mention = document.text[span.start : span.end]
            typer.echo(f"{document.place(span.start)}: {mention!r}", err=True)


if __name__ == "__main__":
    guard(partial(typer.run, main))
