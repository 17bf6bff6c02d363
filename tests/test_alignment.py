"""Spans onto tokens: what fits is an entity, what does not is missing, not outside."""

import pytest
import spacy
from hypothesis import given, settings
from hypothesis import strategies as st
from spacy.tokenizer import Tokenizer
from spacy.tokens import Doc, DocBin

from papertag.alignment import set_spans
from papertag.spans import LABELS, Span
from papertag.tokenization import tokenizer

MISSING, INSIDE, OUTSIDE, BEGIN = range(4)  # spaCy's ent_iob
hostile_texts = st.lists(
    st.sampled_from(
        ["Nova", "8xA100", "34B.", " ", "\n\n", "\r\n", "e\u0301", "😀", "中7"]
    )
    | st.text(max_size=3),
    max_size=12,
).map("".join)


@st.composite
def hostile_spans(draw: st.DrawFn) -> tuple[str, list[Span]]:
    text = draw(hostile_texts)
    borders = st.lists(st.integers(0, len(text)), unique=True, max_size=10)
    cuts = sorted(draw(borders))
    labels = st.sampled_from(LABELS)
    pairs = zip(cuts[::2], cuts[1::2], strict=False)
    return text, [Span(start, end, draw(labels)) for start, end in pairs]


@pytest.fixture(scope="module")
def tokenize() -> Tokenizer:
    return tokenizer(spacy.blank("papertag"))


def entities(doc: Doc) -> list[Span]:
    return [Span(ent.start_char, ent.end_char, ent.label_) for ent in doc.ents]


def through_docbin(doc: Doc) -> Doc:
    saved = DocBin(docs=[doc]).to_bytes()
    (loaded,) = DocBin().from_bytes(saved).get_docs(spacy.blank("papertag").vocab)
    return loaded


def test_exact_spans_become_entities(tokenize):
    doc = tokenize("GPT-3 has 175B parameters.")
    spans = [Span(0, 5, "model"), Span(10, 14, "params")]
    assert set_spans(doc, spans) == []
    assert entities(doc) == spans
    assert [t.ent_iob for t in doc] == [
        BEGIN,
        INSIDE,
        INSIDE,
        OUTSIDE,
        BEGIN,
        *[OUTSIDE] * 2,
    ]


def test_a_misaligned_span_is_returned_and_its_tokens_are_missing(tokenize):
    doc = tokenize("On transformers and Nova in 2023")
    bad, good = Span(3, 12, "model"), Span(20, 24, "model")
    assert set_spans(doc, [bad, good]) == [bad]
    for read in (doc, through_docbin(doc)):
        assert [token.ent_iob for token in read] == [2, MISSING, 2, BEGIN, 2, 2]
        assert [token.ent_iob_ for token in read][:2] == ["O", ""]
        assert entities(read) == [good]


def test_every_token_under_a_misaligned_span_is_missing(tokenize):
    doc = tokenize("a bcd e fgh i")
    bad = Span(3, 9, "training")
    assert set_spans(doc, [bad]) == [bad]
    assert [token.ent_iob for token in doc] == [OUTSIDE, *[MISSING] * 3, OUTSIDE]


def test_a_token_that_an_entity_has_stays_in_it(tokenize):
    doc = tokenize("Nova transformers")
    spans = [Span(0, 4, "model"), Span(4, 8, "year")]
    assert set_spans(doc, spans) == [spans[1]]
    assert entities(doc) == [spans[0]]
    assert [token.ent_iob for token in doc] == [BEGIN, MISSING]


def test_a_doc_without_spans_has_its_entities_set(tokenize):
    doc = tokenize("Nothing to tag here.")
    assert not doc.has_annotation("ENT_IOB")
    assert set_spans(doc, []) == []
    for read in (doc, through_docbin(doc)):
        assert read.has_annotation("ENT_IOB")
        assert {token.ent_iob for token in read} == {OUTSIDE}


def test_an_empty_doc_is_fine(tokenize):
    doc = tokenize("")
    assert set_spans(doc, []) == []
    assert len(through_docbin(doc)) == 0


def test_two_misaligned_spans_in_one_token(tokenize):
    doc = tokenize("on transformers")
    spans = [Span(3, 5, "model"), Span(6, 9, "year")]
    assert set_spans(doc, spans) == spans
    assert [token.ent_iob for token in doc] == [OUTSIDE, MISSING]


@given(hostile_spans())
@settings(max_examples=500, deadline=None)
def test_each_token_is_in_an_entity_or_missing_or_outside(tokenize, case):
    text, spans = case
    doc = tokenize(text)
    starts = {token.idx for token in doc}
    ends = {token.idx + len(token) for token in doc}
    fitting = [s for s in spans if s.start in starts and s.end in ends]
    misaligned = [s for s in spans if s not in fitting]
    assert set_spans(doc, spans) == misaligned
    for read in (doc, Doc(doc.vocab).from_bytes(doc.to_bytes())):
        assert entities(read) == fitting
        for token in read:
            end = token.idx + len(token)
            inside = any(s.start < end and token.idx < s.end for s in fitting)
            touched = any(s.start < end and token.idx < s.end for s in misaligned)
            wanted = "BI" if inside else "" if touched else "O"
            assert (token.ent_iob_ in wanted) if wanted else token.ent_iob_ == ""
