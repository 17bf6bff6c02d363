"""Papers of every kind as sources: kinds, limits, archives, Markdown, references."""

import gzip
import io
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

from papertag.errors import InputError
from papertag.sources import Kind, Limits, list_members, open_sources, read_source
from papertag.sources.markdown import read_markdown
from papertag.sources.reading import parse_source, text_source
from papertag.sources.sections import find_references
from papertag.sources.source import Place

PDF = Path(__file__).parent / "data/pdf/five-1-2.pdf"
LATEX = "\\documentclass{article}\\begin{document}We train Kestrel.\\end{document}"
HTML = "<!DOCTYPE html><html><body><p>We train Kestrel.</p></body></html>"
JATS = '<?xml version="1.0"?><article><body><p>We train Kestrel.</p></body></article>'
TEI = '<TEI xmlns="http://www.tei-c.org/ns/1.0"><text>We train Kestrel.</text></TEI>'


def zipped(files: dict[str, str | bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def tarred(files: dict[str, str]) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        for name, content in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(content.encode())
            archive.addfile(info, io.BytesIO(content.encode()))
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("content", "name", "kind"),
    [
        (LATEX, "a.tex", Kind.LATEX),
        (LATEX, "a.md", Kind.LATEX),
        (LATEX, "a.txt", Kind.TEXT),
        (HTML, "a.html", Kind.HTML),
        (HTML, "a.tex", Kind.HTML),
        (HTML, "a.txt", Kind.TEXT),
        (HTML, "-", Kind.TEXT),
        ("<h1>Kestrel</h1>", "a.html", Kind.HTML),
        (JATS, "a.xml", Kind.JATS),
        (JATS, "a.html", Kind.JATS),
        (TEI, "a.xml", Kind.TEI),
        ("# Kestrel", "a.md", Kind.MARKDOWN),
        ("---\nlicense: mit\n---\n# Kestrel", "card", Kind.MARKDOWN),
        ("Kestrel", "a", Kind.TEXT),
        ("Kestrel", "2301.12345", Kind.TEXT),
    ],
)
def test_the_kind_is_told_by_content_first(content, name, kind):
    source = parse_source(content.encode(), name)
    assert source.kind is kind
    assert "Kestrel" in source.text
    found = source.places(*(source.text.index("Kestrel") + n for n in (0, 7)))
    assert len(found) == 1
    assert found[0].line or found[0].xpath


def test_a_pdf_is_one_under_any_name():
    assert parse_source(PDF.read_bytes(), "a.txt").kind is Kind.PDF
    assert parse_source(PDF.read_bytes(), "-").kind is Kind.PDF


@pytest.mark.parametrize(
    "text", ["", "a\r\nb\r", "\ufeffx", "&lt;model>", "\\a \U0001f600"]
)
def test_plain_text_and_markdown_are_their_own_text(text):
    for kind in (Kind.TEXT, Kind.MARKDOWN):
        source = text_source(text, "a", kind)
        assert source.text == text
        assert len(source.masked) == len(text)
    assert text_source("a\nbc", "a", Kind.TEXT).places(3, 4) == [
        Place(line=2, column=2)
    ]


@pytest.mark.parametrize(
    ("content", "name", "problem"),
    [
        (b"\xff\xd8\xff\xe0JFIF", "a.pdf", "is a JPEG picture"),
        (b"hello", "a.pdf", "is named as a PDF but is none"),
        (b"<?xml version='1.0'?><svg/>", "a.xml", "is XML of another kind (<svg>)"),
        (b"hello", "a.xml", "is named as XML but is none"),
        (b"caf\xe9", "a.md", "byte 3 (0xe9) is not utf-8"),
        (b"<article><p></article>", "a.xml", "is no well-formed XML"),
        (b"<html></html>", "a.html", "has no text (html)"),
    ],
)
def test_what_is_no_paper_is_named(content, name, problem):
    with pytest.raises(InputError) as caught:
        parse_source(content, name)
    assert caught.value.problem.startswith(problem)


def test_a_reader_without_its_library_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "lxml", None)  # as where it is not installed
    monkeypatch.delitem(sys.modules, "papertag.sources.trees", raising=False)
    with pytest.raises(
        InputError, match=r"needs lxml.*; pip install 'papertag\[formats]'"
    ):
        parse_source(HTML.encode(), "a.html")
    assert parse_source(LATEX.encode(), "a.tex").text == "We train Kestrel."


def test_a_large_file_of_markup_is_refused():
    content = HTML.encode() + b" " * (1 << 20)
    with pytest.raises(InputError, match="has 1 MB of html, more than 0"):
        parse_source(content, "a.html", limits=Limits(megabytes=0))


# Archives


def test_a_zip_of_papers_holds_several(tmp_path):
    path = tmp_path / "a.zip"
    files = {"a.txt": "One.", "x/b.html": HTML, "n.csv": "1", "__MACOSX/a.txt": "x"}
    path.write_bytes(zipped({**files, "c.md.gz": gzip.compress(b"# Three")}))
    assert list_members(path) == ["a.txt", "x/b.html", "c.md.gz"]
    texts = [source.text for source in open_sources(path)]
    assert texts == ["One.", "We train Kestrel.", "# Three"]
    with pytest.raises(InputError, match="holds 3 papers"):
        read_source(path)


@pytest.mark.parametrize("pack", [tarred, zipped])
def test_latex_in_an_archive_is_one_paper(tmp_path, pack):
    main = LATEX.replace("Kestrel.", "Kestrel. \\input{sec/more}")
    files = {"main.tex": main, "sec/more.tex": "More of it.", "fig.pdf": "%PDF-"}
    path = tmp_path / "2301.12345.tar.gz"
    path.write_bytes(pack(files))
    (source,) = open_sources(path)
    assert source.text == "We train Kestrel. More of it."
    place = source.places(source.text.index("More"), len(source.text))
    assert place == [Place(line=1, column=1, file="sec/more.tex")]


def test_a_packed_file_is_read_as_what_it_is(tmp_path):
    path = tmp_path / "a.html.gz"
    path.write_bytes(gzip.compress(HTML.encode()))
    assert read_source(path).kind is Kind.HTML
    assert list_members(path) == []


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (zipped({"a.txt": "x" * 3_000_000}), "holds more than 2 MB"),
        (gzip.compress(b"x" * 3_000_000), "holds more than 2 MB"),
        (zipped({"../a.txt": "x", "b.txt": "y"}), "lies outside its archive"),
        (zipped({f"{n}.txt": "x" for n in range(9)}), "holds 9 files, more than 8"),
        (zipped({"b.csv": "y"}), "holds no papers"),
        (zipped({"a.zip": zipped({"a.txt": "x"})}), "is an archive in an archive"),
        (zipped({"a.txt": "x"})[:-20], "is a damaged archive"),
        (gzip.compress(b"x" * 100)[:-12], "is a damaged gzip file"),
    ],
)
def test_bombs_and_bad_archives(tmp_path, content, problem):
    path = tmp_path / "a.zip"
    path.write_bytes(content)
    with pytest.raises(InputError) as caught:
        list(open_sources(path, limits=Limits(unpacked_megabytes=2, members=8)))
    assert caught.value.problem.startswith(problem)
    assert caught.value.place.startswith(str(path))


# Markdown

CARD = """---
license: mit
base_model: GPT-3
---
# Kestrel <!-- not GPT-1 -->

See [GPT-2](https://x.org/GPT-2_(a) "GPT-2") and <https://x.org/GPT-3>.

```python
model = "GPT-4"
```

    GPT-5

[ref]: https://x.org/GPT-6
## References
GPT-7
## Licence
"""


def test_what_is_no_prose_in_markdown_is_blank():
    source = read_markdown(CARD, "a.md")
    lines = source.masked.split("\n")
    assert len(source.masked) == len(CARD)
    assert len(lines) == CARD.count("\n") + 1
    assert [line.strip() for line in lines if line.strip()] == [
        "# Kestrel",
        "See [GPT-2]" + " " * 34 + "and" + " " * 22 + ".",
        "## References",
        "GPT-7",
        "## Licence",
    ]
    start, end = source.references
    assert CARD[start:end] == "## References\nGPT-7\n"
    assert source.is_prose(CARD.index("Kestrel"), CARD.index("Kestrel") + 7)
    assert not source.is_prose(CARD.index("GPT-4"), CARD.index("GPT-4") + 5)


@pytest.mark.parametrize(
    ("text", "section"),
    [
        ("Text.\n\nReferences\n\n[1] A.", "References\n\n[1] A."),
        ("Text.\n7. REFERENCES\n[1] A.\nA Details\nB", "7. REFERENCES\n[1] A.\n"),
        ("References\nx\nBibliography:\ny\nAppendix A\nz", "Bibliography:\ny\n"),
        ("The references are many.", None),
        ("", None),
    ],
)
def test_the_section_of_references_is_found(text, section):
    found = find_references(text)
    assert (found and text[slice(*found)]) == section
