"""PDF: pages to running text, with page and box of each character."""

import contextlib
from collections.abc import Iterator

import pypdfium2
import pypdfium2.raw as pdfium

from papertag.errors import InputError
from papertag.sources.layout import in_order, without_heads
from papertag.sources.pages import read_lines
from papertag.sources.paragraphs import join
from papertag.sources.sections import find_references
from papertag.sources.source import Kind, Limits, Source

_TAIL = 1024  # bytes at the end of a PDF in which its end must be marked


def read_pdf(content: bytes, name: str, limits: Limits) -> Source:
    """Return the text of a PDF, a paragraph a line, in reading order.

    Raises InputError on a PDF that is encrypted, damaged, too long or without text.
    """
    with open_pdf(content) as document:
        count = len(document)
        if count > limits.pages:
            cure = "--max-pages allows more"
            raise InputError(f"has {count} pages, more than {limits.pages}", cure)
        pages = [read_lines(page) for page in _pages(document)]
    ordered = in_order(without_heads(pages))
    text, boxes = join(ordered)
    if not text.strip():
        cure = "it may be scanned: run text recognition (OCR) over it first"
        raise InputError(f"has no text on its pages (pages: {count})", cure)
    prose = ((0, len(text)),)
    return Source(name, Kind.PDF, text, boxes, prose, find_references(text))


@contextlib.contextmanager
def open_pdf(content: bytes) -> Iterator[pypdfium2.PdfDocument]:
    """Open a PDF; raises InputError where it needs a password or is damaged."""
    if b"%%EOF" not in content[-_TAIL:]:
        raise InputError("is a damaged PDF: its end is missing", "fetch it anew")
    try:
        document = pypdfium2.PdfDocument(content)
    except pypdfium2.PdfiumError as error:
        if error.err_code == pdfium.FPDF_ERR_PASSWORD:
            cure = "save a copy without the password"
            raise InputError("is a PDF with a password", cure) from error
        raise InputError("is a damaged PDF", "fetch or make it anew") from error
    try:
        yield document
    finally:
        document.close()


def _pages(document: pypdfium2.PdfDocument) -> Iterator[pypdfium2.PdfPage]:
    for number in range(len(document)):
        try:
            page = document[number]
        except pypdfium2.PdfiumError as error:
            problem = f"is a damaged PDF: page {number + 1} can not be read"
            raise InputError(problem, "fetch or make it anew") from error
        yield page
        page.close()
