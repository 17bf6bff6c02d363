"""The corpus is as its README says, and nothing of gold is in it."""

import importlib.util
import json
import re
from pathlib import Path

import pytest

from papertag.documents import Document, read_documents
from papertag.markup import parse
from papertag.spans import LABELS

ROOT = Path(__file__).parents[1]
GOLD = ROOT.parent / "shared/gold/dev.jsonl"


@pytest.fixture(scope="module")
def check():
    path = ROOT / "scripts/check_corpus.py"
    spec = importlib.util.spec_from_file_location("check_corpus", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def documents():
    return list(read_documents(ROOT / "corpus/tagged"))


def _document(source):
    tagged = parse(source)
    return Document("one.txt", tagged.text, tagged.spans)


def test_the_report_in_the_readme_is_of_this_corpus(check, documents, monkeypatch):
    monkeypatch.chdir(ROOT)
    readme = check.README.read_text(encoding="utf8")
    assert check.report(documents) in readme, "python scripts/check_corpus.py --write"


def test_the_corpus_has_the_size_and_density_that_real_text_asks_for(check, documents):
    figures = check.figures(documents)
    assert figures["words"] >= 250_000
    assert figures["documents"] >= 1000
    assert 2 <= figures["spans in 100 words"] <= 4
    assert figures["without spans, %"] >= 20
    counts = dict.fromkeys(LABELS, 0)
    models = set()
    for document in documents:
        for span in document.spans:
            counts[span.label] += 1
            if span.label == "model":
                models.add(document.text[span.start : span.end])
    assert min(counts.values()) >= 400
    assert len(models) >= 2500


def test_no_span_has_a_wrong_edge_and_no_document_a_copy(check, documents):
    assert list(check.edge_errors(documents)) == []
    assert list(check.copies(documents)) == []


@pytest.mark.parametrize(
    "source",
    [
        "It is <model>the Nova</model>.",
        "On <hardware>A100 GPUs</hardware>.",
        "On <hardware>8 x A100</hardware>.",
        "With <params>7B parameters</params>.",
        "In <year>May 2023</year>.",
        "For <training>for 3 days</training>.",
        "<country>Japan's</country> first.",
        "See <model>Nova,</model> too.",
    ],
)
def test_wrong_edges_are_found(check, source):
    assert len(list(check.edge_errors([_document(source)]))) == 1


def test_what_may_have_been_missed_is_listed(check):
    source = (
        "<model>Nova</model> ran. Nova has 7B weights; 3 days on A100s in Japan, 2023."
    )
    listed = [found.kind for found in check.missed([_document(source)])]
    kinds = ["params", "hardware", "training", "country", "year", "tagged elsewhere"]
    assert sorted(listed) == sorted(kinds)


def test_capitals_are_counted_in_mid_sentence_outside_of_mentions(check):
    source = "The Nova Lab in Oslo, Norway ran <model>Nova Prime</model> on COCO. Then"
    assert check._capitals(_document(source)) == 5


def test_words_in_common_with_gold_are_found(check):
    left = _document("one two three four five six seven eight nine ten eleven")
    right = _document("zero two three four five six seven eight nine ten eleven x")
    assert len(list(check.shared_with([left], [right]))) == 1
    assert not list(check.shared_with([left], [_document(right.text[9:])]))


@pytest.mark.skipif(not GOLD.exists(), reason="gold lies beside the checkout")
def test_nothing_of_gold_is_in_the_corpus_and_its_figures_are_true(check, documents):
    passages = list(read_documents(GOLD))
    assert list(check.shared_with(documents, passages)) == []
    stored = json.loads((ROOT / check.FIGURES).read_text(encoding="utf8"))
    assert stored == check.figures(passages)


@pytest.mark.parametrize(
    ("name", "pages"),
    [("best", ["training"]), ("shipped", ["", "training", "src/papertag/shipped"])],
)
def test_scores_are_of_this_test_split_and_in_the_readmes(name, pages, documents):
    scores = json.loads((ROOT / f"training/{name}.json").read_text(encoding="utf8"))
    strict, partial = (scores[kind]["micro"] for kind in ("strict", "partial"))
    test = [d for d in documents if Path(d.source).parent.name == "test"]
    assert strict["support"] == sum(len(document.spans) for document in test)
    for page in pages:
        text = (ROOT / page / "README.md").read_text(encoding="utf8")
        rows = text.splitlines()
        (line,) = (row for row in rows if re.match(r"\| \**micro\** \|", row))
        assert f" {100 * strict['f1']:.1f} " in line
        assert re.search(rf"\b{100 * partial['f1']:.1f}\b", line)
        assert f"{len(test)} documents" in text
