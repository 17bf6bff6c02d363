"""PDFs as sources: text in reading order, boxes, what is left out, highlights."""

import ctypes
import io
import re
from pathlib import Path

import pypdfium2
import pypdfium2.raw as pdfium
import pytest
from rapidfuzz.distance import Levenshtein

import typeset
from papertag.errors import InputError
from papertag.markup import parse
from papertag.sources.highlights import COLOURS, highlight
from papertag.sources.pdf import read_pdf
from papertag.sources.source import Limits
from papertag.spans import LABELS, Span

FOLDER = Path(__file__).parent / "data/pdf"
PAPERS = sorted(FOLDER.glob("*.pdf"))


def read(path: Path):
    return read_pdf(path.read_bytes(), path.name, Limits())


def flat(text: str) -> str:
    return " ".join(text.split())


def body(text: str) -> str:
    """The text without what floats: footnote, caption, table."""
    text = flat(text)
    rows = [" ".join(row) for row in typeset.ROWS]
    for line in (typeset.FOOT, f"Table 1: {typeset.CAPTION}", *rows):
        assert line in text
        text = text.replace(line, "", 1)
    return flat(text)


@pytest.mark.parametrize("path", PAPERS, ids=lambda path: path.stem)
def test_the_text_of_typeset_papers(path):
    truth = body(parse(path.with_suffix(".txt").read_text("utf8")).text)
    found = body(read(path).text)
    assert Levenshtein.distance(truth, found) / len(truth) < 0.005


def test_a_line_end_in_a_word_is_undone_and_each_line_has_a_place():
    source = read(FOLDER / "five-0-2.pdf")
    start = source.text.index("self-supervised learning")
    places = source.places(start, start + 24)
    assert len(places) == 2
    assert {place.page for place in places} == {1}
    first, second = (place.box for place in places)
    assert first[1] > second[3] - 3  # above one another
    assert first[0] > second[0]
    assert source.places(source.text.index("\n"), source.text.index("\n") + 1) == []


def test_places_are_where_the_page_prints_the_text():
    for name in ("five-3-2", "five-1-2"):
        path = FOLDER / f"{name}.pdf"
        source = read(path)
        document = pypdfium2.PdfDocument(path)
        for index in range(0, len(source.text), 97):
            letter = source.text[index]
            if letter.isascii() and letter.isalnum():
                (place,) = source.places(index, index + 1)
                page = document[place.page - 1].get_textpage()
                assert letter in page.get_text_bounded(*place.box)
        document.close()


def made(rows: list[tuple[float, float, str]], pages: int = 1) -> bytes:
    """A PDF that prints each text at its place, in Helvetica of 10 points."""
    document = pypdfium2.PdfDocument.new()
    font = pdfium.FPDFText_LoadStandardFont(document, b"Helvetica")
    for number in range(pages):
        page = document.new_page(600, 800)
        for x, y, text in rows:
            shown = text.replace("#", str(number + 1)).replace("@", "abc"[number])
            letters = shown.encode("utf-16-le") + b"\0\0"
            item = pdfium.FPDFPageObj_CreateTextObj(document, font, 10)
            units = (ctypes.c_ushort * (len(letters) // 2)).from_buffer_copy(letters)
            pdfium.FPDFText_SetText(item, units)
            pdfium.FPDFPageObj_Transform(item, 1, 0, 0, 1, x, y)
            pdfium.FPDFPage_InsertObject(page, item)
        pdfium.FPDFPage_GenerateContent(page)
    buffer = io.BytesIO()
    document.save(buffer)
    document.close()
    return buffer.getvalue()


def test_columns_are_read_one_after_the_other_however_they_are_drawn():
    rows = [(200, 760, "A Title across the two columns of a page")]
    for index in range(8):
        y = 700 - 12 * index
        rows.append((50, y, f"left goes on and on, until its line is full {index},"))
        rows.append((320, y, f"right goes on and on, until its line is full {index},"))
    words = read_pdf(made(rows), "a", Limits()).text.split()
    assert words[:3] == ["A", "Title", "across"]
    sides = [word for word in words if word in ("left", "right")]
    assert sides == 8 * ["left"] + 8 * ["right"]


def test_running_heads_and_page_numbers_are_left_out():
    rows = [(50, 780, "A Running Head"), (50, 400, "Body @ of it."), (300, 20, "#")]
    text = read_pdf(made(rows, pages=3), "a", Limits()).text
    assert text == "Body a of it.\n\nBody b of it.\n\nBody c of it."


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (made([]), "has no text on its pages (pages: 1)"),
        (made([(50, 50, "x")], pages=3), "has 3 pages, more than 2"),
        (PAPERS[0].read_bytes()[:20_000], "is a damaged PDF"),
        (b"%PDF-1.4\nnothing", "is a damaged PDF"),
        ((FOLDER.parent / "locked.pdf").read_bytes(), "is a PDF with a password"),
    ],
)
def test_bad_pdfs_are_named(content, problem):
    with pytest.raises(InputError) as caught:
        read_pdf(content, "a", Limits(pages=2))
    assert caught.value.problem.startswith(problem)
    assert caught.value.cure


def test_highlights_are_real_annotations():
    path = FOLDER / "five-0-2.pdf"
    source = read(path)
    words = list(re.finditer(r"\w{9,}", source.text))
    spans = [
        Span(*words[5 * number].span(), label, 0.5 + number / 100)
        for number, label in enumerate(LABELS)
    ]
    content = highlight(path.read_bytes(), source, spans)
    assert read_pdf(content, "a", Limits()).text == source.text
    document = pypdfium2.PdfDocument(content)
    found = [note for page in document for note in annotations(page)]
    assert sorted(found) == sorted(
        (pdfium.FPDF_ANNOT_HIGHLIGHT, f"{s.label} {s.score:.2f}", COLOURS[s.label])
        for s in spans
    )
    document.close()


def annotations(page: pypdfium2.PdfPage):
    for index in range(pdfium.FPDFPage_GetAnnotCount(page)):
        note = pdfium.FPDFPage_GetAnnot(page, index)
        buffer = (ctypes.c_ushort * 99)()
        pdfium.FPDFAnnot_GetStringValue(note, b"Contents", buffer, 198)
        text = bytes(buffer).decode("utf-16-le").partition("\0")[0]
        colour = [ctypes.c_uint() for _ in range(4)]
        kind = pdfium.FPDFANNOT_COLORTYPE_Color
        assert pdfium.FPDFAnnot_GetColor(note, kind, *colour)
        assert pdfium.FPDFAnnot_CountAttachmentPoints(note) >= 1
        subtype = pdfium.FPDFAnnot_GetSubtype(note)
        pdfium.FPDFPage_CloseAnnot(note)
        yield subtype, text, tuple(c.value for c in colour[:3])
