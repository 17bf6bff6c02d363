"""Put new tagged documents into corpus/tagged/{train,dev,test}, a share of each genre.

    python scripts/split_corpus.py FOLDER

A document's genre is what stands before the first hyphen of its name. Of each genre in
the folder, the documents with the smallest hashes (of their text) go to dev and test, a
tenth each. A name that the corpus has already is refused.
"""

import sys
from collections import defaultdict
from collections.abc import Iterable
from functools import partial
from pathlib import Path

import typer

from papertag.cli import guard
from papertag.corpus import SHARE
from papertag.documents import Document, read_documents
from papertag.files import read_text, write_all
from papertag.splits import Split, digest

TAGGED = Path("corpus/tagged")


def main(folder: Path) -> None:
    """Copy the documents of a folder into the splits."""
    documents = list(read_documents(folder))
    taken = {path.name for path in TAGGED.rglob("*.txt")}
    for document in documents:
        if Path(document.source).name in taken:
            sys.exit(f"{document.source}: is in {TAGGED} already; take another name")
    contents = {
        TAGGED / split / Path(document.source).name: read_text(Path(document.source))
        for document, split in assign(documents)
    }
    write_all({path: text.encode() for path, text in contents.items()})


def assign(documents: Iterable[Document]) -> Iterable[tuple[Document, Split]]:
    """Yield each document with its split."""
    genres = defaultdict(list)
    for document in documents:
        genres[Path(document.source).stem.split("-")[0]].append(document)
    for group in genres.values():
        group.sort(key=lambda document: digest(document.text))
        share = round(SHARE * len(group))
        for number, document in enumerate(group):
            is_dev, is_test = number < share, number < 2 * share
            yield (
                document,
                Split.DEV if is_dev else Split.TEST if is_test else Split.TRAIN,
            )


if __name__ == "__main__":
    guard(partial(typer.run, main))
