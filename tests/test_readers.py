"""The reader of training docs: every token once an epoch, in pieces of one size."""

import random

import pytest
import spacy
from spacy.tokens import DocBin

from papertag.alignment import set_spans
from papertag.augmentation import swap_mentions
from papertag.readers import epochs
from papertag.spans import Span
from papertag.tokenization import tokenizer


@pytest.fixture(scope="module")
def nlp():
    blank = spacy.blank("papertag")
    blank.tokenizer = tokenizer(blank)
    return blank


@pytest.fixture
def path(nlp, tmp_path):
    docs = []
    for number in range(6):
        doc = nlp.make_doc("Nova Prime one " * 100 + str(number))
        spans = [Span(at, at + 10, "model") for at in range(0, 1500, 15)]
        set_spans(doc, spans if number < 3 else spans[:0])
        docs.append(doc)
    docs[2].set_ents([spacy.tokens.Span(docs[2], 0, 2, label="year")])
    DocBin(docs=docs).to_disk(tmp_path / "train.spacy")
    return tmp_path / "train.spacy"


def test_an_epoch_is_every_doc_in_an_order_of_its_own(nlp, path):
    random.seed(1)
    read = epochs(path)
    orders = [[eg.reference.text[-1] for eg in read(nlp)] for _ in range(5)]
    assert {tuple(sorted(order)) for order in orders} == {tuple("012345")}
    assert len({tuple(order) for order in orders}) > 1


def test_windows_hold_every_token_and_cut_no_mention(nlp, path):
    random.seed(1)
    read = epochs(path, window=64)
    first, second = (list(read(nlp)) for _ in range(2))
    for examples in (first, second):
        assert sum(len(eg.reference) for eg in examples) == 6 * 301
        assert all(30 < len(eg.reference) <= 65 for eg in examples)
        assert sum(len(eg.reference.ents) for eg in examples) == 100 + 100 + 1
        assert all(len(ent) == 2 for eg in examples for ent in eg.reference.ents)
        assert all(eg.predicted.text == eg.reference.text for eg in examples)
    assert {len(eg.reference) for eg in first} != {len(eg.reference) for eg in second}


def test_docs_are_weighed(nlp, path):
    random.seed(1)
    read = epochs(path, spanless=0.5, rare=2.0, rare_labels=["year"])
    seen = [eg.reference.text[-1] for _ in range(40) for eg in read(nlp)]
    assert seen.count("2") == 80
    assert seen.count("0") == seen.count("1") == 40
    assert 40 < sum(seen.count(free) for free in "345") < 80


def test_examples_are_augmented_anew_in_each_epoch(nlp, path):
    random.seed(1)
    read = epochs(path, augmenter=swap_mentions(1.0, 1.0))
    texts = [next(eg for eg in read(nlp) if eg.reference.ents).text for _ in range(5)]
    assert len(set(texts)) == 5
