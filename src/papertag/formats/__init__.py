"""Formats: the shapes that a tagged paper is written in, and read from.

A writer takes a paper and the name of its source and returns one file, as text (written
in UTF-8) or bytes. A reader yields, for each document of a file, a function that
returns it, so that one bad document does not hide the others.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from papertag.errors import InputError
from papertag.formats import (
    brat,
    conll,
    doccano,
    html_page,
    jsonl,
    label_studio,
    rows,
    web_annotation,
)
from papertag.formats.document import Document
from papertag.markup import Tagged, render

Writer = Callable[[Tagged, str], str | bytes]
Reader = Callable[[Path, str], Iterator[Callable[[], Document]]]


class Format(StrEnum):
    """How a tagged paper is written."""

    INLINE = "inline"
    JSONL = "jsonl"
    DOCCANO = "doccano"
    LABEL_STUDIO = "label-studio"
    BRAT = "brat"
    CONLL = "conll"
    DOCBIN = "docbin"
    WEB_ANNOTATION = "web-annotation"
    CSV = "csv"
    PARQUET = "parquet"
    HTML = "html"
    PDF = "pdf"


@dataclass(frozen=True)
class Shape:
    """The files of a format, by suffix, and what else is special about it."""

    files: Mapping[str, Writer]
    is_line: bool = False  # several papers make one stream
    is_binary: bool = False
    check: Callable[[], None] = lambda: None  # raises where an extra is missing

    @property
    def suffix(self) -> str:
        """Return the suffix of the first file, which stands for all."""
        return next(iter(self.files))


def _inline(paper: Tagged, source: str) -> str:
    return render(paper)


def _docbin(paper: Tagged, source: str) -> bytes:
    from papertag.formats import docbin  # noqa: PLC0415 (spaCy)

    return docbin.write(paper, source)


def _pdf(paper: Tagged, source: str) -> bytes:
    raise InputError("is no PDF", "choose another --format")


SHAPES: Mapping[Format, Shape] = {
    Format.INLINE: Shape({".txt": _inline}),
    Format.JSONL: Shape({".jsonl": jsonl.write}, is_line=True),
    Format.DOCCANO: Shape({".jsonl": doccano.write}, is_line=True),
    Format.LABEL_STUDIO: Shape({".json": label_studio.write}),
    Format.BRAT: Shape({".ann": brat.write_annotations, ".txt": brat.write_text}),
    Format.CONLL: Shape({".conll": conll.write}),
    Format.DOCBIN: Shape({".spacy": _docbin}, is_binary=True),
    Format.WEB_ANNOTATION: Shape({".jsonld": web_annotation.write}),
    Format.CSV: Shape({".csv": rows.write_csv}),
    Format.PARQUET: Shape(
        {".parquet": rows.write_parquet}, is_binary=True, check=rows.check_parquet
    ),
    Format.HTML: Shape({".html": html_page.write}),
    # What came as a PDF is a copy of it with highlights, which `tagging` makes.
    Format.PDF: Shape({".pdf": _pdf}, is_binary=True),
}

READERS: Mapping[str, Reader] = {
    ".jsonl": jsonl.read,
    ".json": label_studio.read,
    ".conll": conll.read,
    ".bio": conll.read,
}
WRITTEN_ONLY = {suffix for shape in SHAPES.values() for suffix in shape.files} - {
    *READERS,
    *SHAPES[Format.INLINE].files,
    *SHAPES[Format.BRAT].files,
}


def write_paper(paper: Tagged, source: str, form: Format) -> dict[str, bytes]:
    """Return the files that a tagged paper is written as, by their suffixes."""
    found = {
        suffix: write(paper, source) for suffix, write in SHAPES[form].files.items()
    }
    return {
        suffix: content.encode() if isinstance(content, str) else content
        for suffix, content in found.items()
    }
