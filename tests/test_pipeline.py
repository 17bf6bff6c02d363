"""The pipeline that ships, and long papers through it."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
import spacy
from spacy.tokens import Span as TokenSpan

import papertag
from papertag.documents import Document, read_documents
from papertag.errors import PipelineError
from papertag.evaluation import predict
from papertag.markup import Tagged, parse, render
from papertag.pipeline import SHIPPED, find_spans, load_pipeline, tag
from papertag.spans import LABELS

ROOT = Path(__file__).parents[1]
MEBIBYTE = 2**20


@pytest.fixture(scope="module")
def nlp():
    return papertag.load()


@pytest.fixture(scope="module")
def long_text():
    documents = list(read_documents(ROOT / "corpus/tagged/train"))[:40]
    return "\n\n".join(document.text for document in documents)


def _run(code: str) -> str:
    """Return what a fresh process prints."""
    command = [sys.executable, "-W", "error", "-c", code]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def test_the_shipped_pipeline_finds_plain_facts(nlp):
    doc = nlp("GPT-3 has 175 billion parameters and was trained on NVIDIA V100 GPUs.")
    found = {(ent.text, ent.label_) for ent in doc.ents}
    assert ("GPT-3", "model") in found
    assert ("175 billion", "params") in found


def test_spacy_load_gives_the_same_as_papertag_load(nlp):
    other = spacy.load("papertag")
    text = (SHIPPED.parent / "example.txt").read_text(encoding="utf8")
    assert find_spans(other(text)) == find_spans(nlp(text))
    assert find_spans(nlp(text))
    assert other.meta == nlp.meta


def test_load_takes_what_spacy_load_takes():
    assert papertag.load(disable=["ner"]).pipe_names == ["encoder", "confidence"]
    assert "ner" not in papertag.load(exclude=["ner"]).component_names


def test_the_shipped_pipeline_says_what_it_is(nlp):
    assert set(nlp.get_pipe("ner").labels) == set(LABELS)
    assert nlp.meta["trained_on"]["train"]["documents"] > 100
    assert nlp.meta["version"] == papertag.__version__
    scores = json.loads((ROOT / "training/shipped.json").read_text(encoding="utf8"))
    measured = scores["strict"]["micro"]["f1"]
    assert nlp.meta["performance"]["ents_f"] == pytest.approx(measured)
    assert set(nlp.meta["performance"]["ents_per_type"]) == set(LABELS)
    assert 0.5 < nlp.meta["performance"]["ents_f"] < 1
    size = sum(file.stat().st_size for file in SHIPPED.rglob("*") if file.is_file())
    assert size < 30 * MEBIBYTE
    assert str(ROOT) not in (SHIPPED / "config.cfg").read_text(encoding="utf8")


def test_a_saved_pipeline_loads_with_plain_spacy_in_a_fresh_process(nlp, tmp_path):
    nlp.to_disk(tmp_path / "saved")
    code = f"import spacy; nlp = spacy.load({str(tmp_path / 'saved')!r})\n"
    code += "print(type(nlp).__module__, [t.text for t in nlp.make_doc('8xA100s')])"
    assert _run(code).strip() == "papertag.pipeline ['8', 'x', 'A100', 's']"


@pytest.mark.parametrize("layout", ["paragraphs", "one line"])
def test_a_long_paper_gives_the_spans_of_the_unchunked_run(
    nlp, long_text, layout, monkeypatch
):
    text = long_text if layout == "paragraphs" else " ".join(long_text.split())
    monkeypatch.setattr(nlp, "chunk_size", 10**9, raising=False)
    whole = find_spans(nlp(text))
    assert len(whole) > 200
    for size in (97, 1000, 4000):
        monkeypatch.setattr(nlp, "chunk_size", size)
        assert len(nlp.make_doc(text)) > size
        assert find_spans(nlp(text)) == whole
        (piped,) = nlp.pipe([text])
        assert find_spans(piped) == whole
        assert piped.text == text


def test_pipe_keeps_order_and_contexts(nlp, long_text, monkeypatch):
    texts = ["GPT-3.", long_text, "", "BERT has 340M parameters."]
    expected = [find_spans(nlp(text)) for text in texts]
    monkeypatch.setattr(nlp, "chunk_size", 500, raising=False)
    pairs = list(nlp.pipe(zip(texts, "abcd", strict=True), as_tuples=True))
    assert [context for _, context in pairs] == list("abcd")
    assert [find_spans(doc) for doc, _ in pairs] == expected
    assert [doc.text for doc, _ in pairs] == texts


def test_three_million_characters_go_through_whole(nlp):
    paragraph = f"We train GPT-3 with 175B parameters on {'a' * 250}.\n\n"
    text = paragraph * (3_000_000 // len(paragraph) + 1)
    doc = nlp(text)
    assert len(text) > 3_000_000
    assert doc.text == text
    found = find_spans(doc)
    assert len(found) > 5000  # to the very end
    assert found[-1].end > len(text) - len(paragraph)


def test_spans_have_no_white_space_at_their_edges():
    doc = spacy.blank("papertag")("by \nLLaMA-\n and 52\n")
    borders = ((1, 4, "model"), (5, 7, "params"))
    doc.set_ents([TokenSpan(doc, *border) for border in borders])
    found = [(doc.text[s.start : s.end], s.label) for s in find_spans(doc)]
    assert found == [("LLaMA-", "model"), ("52", "params")]


def test_a_span_that_the_layout_does_not_allow_is_left_out():
    nlp = spacy.blank("papertag")
    patterns = [{"label": "model", "pattern": text} for text in ("GPT-3", "BERT", "p")]
    nlp.add_pipe("entity_ruler").add_patterns(patterns)
    tagged = parse("<p>a GPT-</p><p>3 and &lt;p> or BERT</p>")
    found = tag(nlp, tagged)
    assert render(found) == ("<p>a GPT-</p><p>3 and &lt;p> or <model>BERT</model></p>")


def test_every_span_has_a_score(nlp, long_text, monkeypatch):
    monkeypatch.setattr(nlp, "chunk_size", 1000)
    for text in ("GPT-3 has 175B parameters.", long_text):
        doc = nlp(text)
        assert len(doc.ents)
        assert all(0 <= ent._.score <= 1 for ent in doc.ents)
        assert [span.score for span in find_spans(doc)] == [
            ent._.score for ent in doc.ents
        ]


def test_spans_below_a_score_are_left_out(nlp, long_text):
    paper = Tagged(long_text)
    spans = tag(nlp, paper).spans
    low, high = min(s.score for s in spans), max(s.score for s in spans)
    assert low < high
    some = tag(nlp, paper, min_score=(low + high) / 2).spans
    assert some == tuple(s for s in spans if s.score >= (low + high) / 2)
    assert 0 < len(some) < len(spans)


def test_a_package_that_is_no_pipeline_is_named():
    for name in ("numpy", "spacy", "rich"):
        with pytest.raises(PipelineError, match="cannot be loaded") as caught:
            load_pipeline(name)
        assert caught.value.place == name


def test_what_a_pipeline_of_others_fails_on_is_an_error():
    nlp = spacy.blank("en")
    nlp.max_length = 10
    with pytest.raises(PipelineError, match=r"the pipeline fails: .*E088"):
        tag(nlp, Tagged("a text of more than ten characters"))
    with pytest.raises(PipelineError, match=r"the pipeline fails: .*E088"):
        list(predict(nlp, [Document("a.txt", "a text of more than ten characters")]))


def test_a_folder_that_is_no_pipeline_is_named(tmp_path):
    with pytest.raises(PipelineError) as caught:
        load_pipeline(tmp_path)
    assert str(tmp_path) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_pipeline_with_other_labels_is_refused(tmp_path):
    other = spacy.blank("en")
    other.add_pipe("ner").add_label("PERSON")
    other.initialize()
    other.to_disk(tmp_path)
    with pytest.raises(PipelineError, match="PERSON"):
        load_pipeline(tmp_path)


def test_a_piece_that_an_error_handler_leaves_out_takes_its_doc_along(monkeypatch):
    nlp = spacy.blank("papertag")
    nlp.add_pipe("papertag_test_boom")
    nlp.add_pipe("entity_ruler").add_patterns([{"label": "model", "pattern": "BERT"}])
    monkeypatch.setattr(nlp, "chunk_size", 50)
    nlp.default_error_handler = lambda *arguments: None
    good = "BERT is here.\n\n" * 40
    texts = ["BOOM\n\n" + good, good, "BERT", good + "BOOM", "no BERT"]
    docs = list(nlp.pipe(texts))
    assert [doc.text for doc in docs] == [good, "BERT", "no BERT"]
    assert [len(doc.ents) for doc in docs] == [40, 1, 1]


@spacy.Language.component("papertag_test_boom")
def boom(doc):
    if "BOOM" in doc.text:
        raise ValueError
    return doc


def test_peak_memory_of_long_texts_is_bounded(tmp_path, long_text):
    """A paper of 100,000 words: at most 300 MiB above a short one."""
    (tmp_path / "a.txt").write_text((long_text + "\n\n") * 8, encoding="utf8")
    code = f"""
import resource, papertag
nlp = papertag.load()
nlp("BERT")
peak = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
before = peak()
text = open({str(tmp_path / "a.txt")!r}, encoding="utf8").read()
words = 0
while words < 100_000:
    words += len(text.split())
    text = text if words >= 100_000 else text * 2
assert len(nlp(text).ents) > 1000
print(peak() - before)
"""
    assert int(_run(code)) < 300
