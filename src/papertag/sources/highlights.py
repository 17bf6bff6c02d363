"""Highlights: a copy of a PDF with an annotation for each mention."""

import ctypes
import io
from collections.abc import Iterable

import pypdfium2
import pypdfium2.raw as pdfium

from papertag.errors import OutputError
from papertag.sources.pdf import open_pdf
from papertag.sources.source import Box, Source
from papertag.spans import Span

# Of Okabe and Ito's palette, which colour-blind readers tell apart.
COLOURS = {
    "model": (86, 180, 233),
    "country": (0, 158, 115),
    "params": (230, 159, 0),
    "hardware": (204, 121, 167),
    "training": (240, 228, 66),
    "year": (213, 94, 0),
}
_PRINTS = 4  # the flag of an annotation that is printed, too


def highlight(content: bytes, source: Source, spans: Iterable[Span]) -> bytes:
    """Return a PDF with its spans marked: a colour a type, type and score as the note.

    A span over several lines of a page is one annotation; one over two pages is two.
    """
    with open_pdf(content) as document:
        for span in spans:
            boxes: dict[int, list[Box]] = {}
            for place in source.places(span.start, span.end):
                if place.page and place.box:
                    boxes.setdefault(place.page, []).append(place.box)
            for number, found in boxes.items():
                page = document[number - 1]
                _annotate(page, found, span)
                page.close()
        output = io.BytesIO()
        document.save(output)
    return output.getvalue()


def _annotate(page: pypdfium2.PdfPage, boxes: list[Box], span: Span) -> None:
    note = span.label if span.score is None else f"{span.label} {span.score:.2f}"
    left, bottom, right, top = zip(*boxes, strict=True)
    around = pdfium.FS_RECTF(min(left), max(top), max(right), min(bottom))
    annotation = pdfium.FPDFPage_CreateAnnot(page, pdfium.FPDF_ANNOT_HIGHLIGHT)
    colour = (pdfium.FPDFANNOT_COLORTYPE_Color, *COLOURS[span.label], 255)
    done = [
        pdfium.FPDFAnnot_SetRect(annotation, around),
        pdfium.FPDFAnnot_SetFlags(annotation, _PRINTS),
        pdfium.FPDFAnnot_SetColor(annotation, *colour),
        pdfium.FPDFAnnot_SetStringValue(annotation, b"Contents", _wide(note)),
        pdfium.FPDFAnnot_SetStringValue(annotation, b"T", _wide("papertag")),
        *(pdfium.FPDFAnnot_AppendAttachmentPoints(annotation, _quad(b)) for b in boxes),
    ]
    pdfium.FPDFPage_CloseAnnot(annotation)
    if not all(done):
        raise OutputError("a highlight could not be written", "try another PDF")


def _quad(box: Box) -> pdfium.FS_QUADPOINTSF:
    """Return the corners of a box as viewers have them: upper ones first."""
    left, bottom, right, top = box
    return pdfium.FS_QUADPOINTSF(left, top, right, top, left, bottom, right, bottom)


def _wide(text: str) -> "ctypes.Array[ctypes.c_ushort]":
    data = text.encode("utf-16-le") + b"\0\0"
    return (ctypes.c_ushort * (len(data) // 2)).from_buffer_copy(data)
