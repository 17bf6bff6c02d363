"""Every format: what is written is read back, by papertag or by the format's peers."""

import csv
import io
import json
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import pytest
import spacy
from bioc import brat as bioc_brat
from hypothesis import given, settings
from hypothesis import strategies as st
from pyarrow import parquet
from spacy.tokens import DocBin
from spacy.training.converters import conll_ner_to_docs
from spacy.vocab import Vocab

from hostile import papers, scores
from papertag.documents import read_documents
from papertag.errors import InputError, MarkupError, OutputError, PapertagError
from papertag.formats import (
    READERS,
    SHAPES,
    WRITTEN_ONLY,
    Format,
    rows,
    write_paper,
)
from papertag.formats.label_studio import CONFIG
from papertag.markup import Tagged, parse
from papertag.spans import LABELS, Span, check_spans

READ = [
    Format.JSONL,
    Format.DOCCANO,
    Format.LABEL_STUDIO,
    Format.BRAT,
    Format.CONLL,
]
SAMPLE = Tagged("😀 Nova has 7B", (Span(2, 6, "model", 0.9), Span(11, 13, "params")))
WRITTEN = [form for form in Format if form is not Format.PDF]  # from any text
ROOT = Path(__file__).parents[1]
JUNK = [
    "",
    "9",
    "-1",
    "null",
    "\t",
    "\n",
    '"',
    "[",
    "}",
    "\\ud800",
    "\0",
    "B-",
    "é" * 9,
]
few = settings(max_examples=50, deadline=None)  # spaCy is loaded by the first


@pytest.fixture(scope="module")
def scratch(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("formats")


def written(paper: Tagged, form: Format) -> str:
    """Return the first file of a format, as text."""
    return next(iter(write_paper(paper, "a.txt", form).values())).decode()


def read_back(paper: Tagged, form: Format, folder: Path) -> Tagged:
    for suffix, content in write_paper(paper, "a.txt", form).items():
        folder.joinpath("paper").with_suffix(suffix).write_bytes(content)
    (document,) = read_documents(folder.joinpath("paper").with_suffix(suffix))
    return Tagged(document.text, document.spans)


@pytest.mark.parametrize("form", READ)
@few
@given(paper=papers())
def test_what_is_written_is_read_back(scratch, form, paper):
    folder = scratch / form
    folder.mkdir(exist_ok=True)
    assert read_back(paper, form, folder) == paper


@pytest.mark.parametrize("form", READ)
@few
@given(paper=papers(), data=st.data())
def test_a_damaged_file_is_read_or_refused_in_lines(scratch, form, paper, data):
    files = write_paper(paper, "a.txt", form)
    for suffix, content in files.items():
        text = content.decode()
        start, end = sorted(
            (data.draw(st.integers(0, len(text))), data.draw(st.integers(0, len(text))))
        )
        junk = data.draw(st.sampled_from(JUNK))
        damaged = text[:start] + junk + text[min(end, start + 3) :]
        (scratch / "damaged").with_suffix(suffix).write_bytes(damaged.encode())
    try:
        for document in read_documents((scratch / "damaged").with_suffix(suffix)):
            check_spans(document.spans, len(document.text))
    except* PapertagError as group:
        for error in group.exceptions:
            assert "\n" not in str(error)
            assert error.place
            assert error.cure


@few
@given(paper=papers())
def test_inline_tags_are_read_back(paper):
    again = parse(written(paper, Format.INLINE))
    assert (again.text, again.spans) == (paper.text, paper.spans)


@pytest.fixture(scope="module")
def vocab() -> Vocab:
    return spacy.blank("en").vocab


@few
@given(paper=papers())
def test_spacy_reads_the_docbin(vocab, paper):
    data = write_paper(paper, "a.txt", Format.DOCBIN)[".spacy"]
    (doc,) = DocBin().from_bytes(data).get_docs(vocab)
    assert doc.text == paper.text
    found = [(ent.start_char, ent.end_char, ent.label_) for ent in doc.ents]
    assert found == [(span.start, span.end, span.label) for span in paper.spans]
    assert [ent._.score for ent in doc.ents] == scores(paper)
    assert doc.has_annotation("ENT_IOB")  # else spaCy's scorer would pass over it


@few
@given(paper=papers())
def test_spacy_reads_conll(paper):
    docs = list(conll_ner_to_docs(written(paper, Format.CONLL), no_print=True))
    words = [token.text for doc in docs for token in doc]
    assert "".join(words) == "".join(paper.text.split()) or words == ["_"]
    found = [(ent.label_, "".join(t.text for t in ent)) for d in docs for ent in d.ents]
    mentions = [paper.text[span.start : span.end] for span in paper.spans]
    labels = [span.label for span in paper.spans]
    assert found == [
        (label, "".join(mention.split()))
        for label, mention in zip(labels, mentions, strict=True)
    ]


@few
@given(paper=papers())
def test_a_brat_parser_reads_brat(paper):
    files = write_paper(paper, "a.txt", Format.BRAT)
    read = bioc_brat.loads(files[".txt"].decode(), files[".ann"].decode())
    assert read.text == paper.text
    found = [entity for entity in read.annotations if entity.id.startswith("T")]
    assert [Span(*entity.total_span, entity.type) for entity in found] == list(
        paper.spans
    )
    for entity in found:  # as brat itself checks
        pieces = sorted((part.begin, part.end) for part in entity.locations)
        mention = " ".join(paper.text[start:end] for start, end in pieces)
        assert entity.text == mention.rstrip()


@few
@given(paper=papers())
def test_csv_and_parquet_have_a_row_a_span(paper):
    wanted = [
        {"source": "a.txt", "start": span.start, "end": span.end, "label": span.label}
        | {"text": paper.text[span.start : span.end], "score": span.score}
        for span in paper.spans
    ]
    data = write_paper(paper, "a.txt", Format.PARQUET)[".parquet"]
    assert parquet.read_table(io.BytesIO(data)).to_pylist() == wanted
    reader = csv.DictReader(io.StringIO(written(paper, Format.CSV), newline=""))
    as_text = [
        {key: "" if value is None else str(value) for key, value in row.items()}
        for row in wanted
    ]
    assert list(reader) == as_text


@few
@given(paper=papers())
def test_annotations_select_the_mentions(paper):
    page = json.loads(written(paper, Format.WEB_ANNOTATION))
    assert page["@context"][0] == "http://www.w3.org/ns/anno.jsonld"
    found = []
    for item in page["items"]:
        position, quote = item["target"]["selector"]
        start, end = position["start"], position["end"]
        found.append(Span(start, end, item["body"]["value"]))
        assert paper.text[start:end] == quote["exact"]
        assert paper.text[:start].endswith(quote["prefix"])
        assert paper.text[end:].startswith(quote["suffix"])
    assert tuple(found) == paper.spans
    assert [item.get("score") for item in page["items"]] == scores(paper)
    assert len({item["id"] for item in page["items"]}) == len(found)


class Page(HTMLParser):
    """Collects the text of <main>, and its marks by their offsets."""

    def __init__(self) -> None:
        super().__init__()
        self.text, self.spans, self.inside = "", [], False

    def handle_starttag(self, tag, attrs):
        self.inside |= tag == "main"
        assert not self.inside or tag in {"main", "mark"}
        if tag == "mark":
            self.start, self.label = len(self.text), dict(attrs)["class"]

    def handle_endtag(self, tag):
        self.inside &= tag != "main"
        if tag == "mark":
            self.spans.append(Span(self.start, len(self.text), self.label))

    def handle_data(self, data):
        self.text += data if self.inside else ""


@few
@given(paper=papers())
def test_a_page_shows_the_text_and_nothing_else(paper):
    page = Page()
    page.feed(written(paper, Format.HTML))
    page.close()
    assert (page.text, tuple(page.spans)) == (paper.text, paper.spans)


@pytest.mark.parametrize("form", WRITTEN)
def test_the_same_paper_gives_the_same_bytes(form):
    files = write_paper(SAMPLE, "a.txt", form)
    assert files == write_paper(SAMPLE, "a.txt", form)
    assert list(files) == list(SHAPES[form].files)
    assert next(iter(files)) == SHAPES[form].suffix
    if SHAPES[form].is_line:
        (content,) = files.values()
        assert content.count(b"\n") == 1


@pytest.mark.parametrize("form", [Format.BRAT, Format.CONLL, Format.DOCBIN])
@pytest.mark.parametrize("span", [Span(0, 2, "model"), Span(1, 3, "model")])
def test_white_space_at_an_edge_is_refused_where_it_would_be_lost(form, span):
    with pytest.raises(MarkupError, match="white space at an edge"):
        write_paper(Tagged(" a ", (span,)), "a.txt", form)


def test_a_name_that_is_not_utf_8_is_written():
    for form in WRITTEN:
        write_paper(SAMPLE, "\udcff.txt", form)


@pytest.mark.parametrize("suffix", sorted(WRITTEN_ONLY))
def test_what_is_only_written_is_not_taken_for_tagged_text(tmp_path, suffix):
    assert suffix in {".csv", ".html", ".jsonld", ".parquet", ".pdf", ".spacy"}
    path = tmp_path / f"a{suffix}"
    path.write_text("Nova")
    with pytest.raises(
        InputError, match=r"is written, not read; give inline"
    ) as caught:
        list(read_documents(path))
    assert caught.value.place == str(path)


def test_a_folder_holds_texts_or_other_formats(tmp_path):
    for suffix in READERS:
        form = {".jsonl": Format.JSONL, ".json": Format.LABEL_STUDIO}.get(suffix)
        content = written(SAMPLE, form or Format.CONLL)
        (tmp_path / f"a{suffix}").write_text(content)
    names = [Path(d.source).name for d in read_documents(tmp_path)]
    assert names == ["a.bio", "a.conll", "a.json:1", "a.jsonl:1"]
    (tmp_path / "b.txt").write_text("Nova")
    assert [d.text for d in read_documents(tmp_path)] == ["Nova"]


def test_a_bad_file_does_not_hide_the_others(tmp_path):
    for name, content in (("a.json", "["), ("b.json", "{}"), ("c.bio", "Nova O")):
        (tmp_path / name).write_text(content)
    documents = read_documents(tmp_path)
    assert next(documents).text == "Nova"
    with pytest.raises(ExceptionGroup) as caught:
        next(documents)
    places = [error.place for error in caught.value.exceptions]
    assert places == [str(tmp_path / "a.json"), str(tmp_path / "b.json")]


def test_parquet_without_pyarrow_is_one_line(monkeypatch):
    monkeypatch.setattr(rows, "find_spec", lambda name: None)
    with pytest.raises(OutputError) as caught:
        SHAPES[Format.PARQUET].check()
    cure = "pip install 'papertag[formats]'"
    assert str(caught.value) == f"parquet needs pyarrow, not installed here; {cure}"


def test_formats_import_no_spacy_and_no_pyarrow():
    code = (
        "import sys, papertag.formats; print({'spacy', 'pyarrow'} & set(sys.modules))"
    )
    found = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, check=True
    )
    assert found.stdout.decode().strip() == "set()"


def test_the_readme_has_the_labelling_config_and_all_formats():
    readme = (ROOT / "README.md").read_text(encoding="utf8")
    assert CONFIG in readme
    assert all(f"`{form}`" in readme for form in Format)
    assert all(CONFIG.count(f'"{label}"') == 1 for label in LABELS)
