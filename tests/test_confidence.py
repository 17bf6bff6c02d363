"""Confidence learns which entities are right, and says so in probabilities."""

import numpy as np
import pytest
import spacy
from spacy.tokens import Span as TokenSpan

from papertag.calibration import calibration_error, removed
from papertag.confidence import FACTORY, Confidence, features
from papertag.spans import LABELS

WIDTH = 8


@pytest.fixture
def docs():
    """Docs of ten entities each, and whether they are right: the rows tell, not all."""
    blank, draw = spacy.blank("papertag"), np.random.default_rng(0)
    made, right = [], []
    for _ in range(120):
        doc = blank("BERT and then " * 10)
        doc.set_ents([TokenSpan(doc, at, at + 1, "model") for at in range(0, 30, 3)])
        doc.tensor = draw.normal(size=(len(doc), WIDTH)).astype("f")
        logits = 1 + 2 * doc.tensor[[ent.start for ent in doc.ents], 0]
        right.append(list(draw.random(len(logits)) < 1 / (1 + np.exp(-logits))))
        made.append(doc)
    return made, right


def _scored(component, docs, right):
    pairs = []
    for doc, truths in zip(docs, right, strict=True):
        pairs += [
            (e._.score, t) for e, t in zip(component(doc).ents, truths, strict=True)
        ]
    return pairs


def test_scores_are_probabilities_that_rank(docs):
    docs, right = docs
    component = Confidence()
    component.fit(docs[:80], right[:80])
    scored = _scored(component, docs[80:], right[80:])
    assert calibration_error(scored) < 0.1
    assert removed(scored) > 0.4
    assert all(doc.tensor.size == 0 for doc in docs[80:])


def test_what_was_learnt_is_saved(docs, tmp_path):
    docs, right = docs
    component = Confidence()
    component.fit(docs, right)
    component.to_disk(tmp_path / "confidence")
    other = Confidence().from_disk(tmp_path / "confidence")
    doc, same = docs[0], docs[0].copy()
    assert [e._.score for e in component(doc).ents] == [
        e._.score for e in other(same).ents
    ]


def test_without_mistakes_to_learn_from_all_have_one_score(docs):
    docs, _ = docs
    component = Confidence()
    component.fit(docs[:2], [[True] * 10, [True] * 9 + [False]])
    assert {round(e._.score, 6) for e in component(docs[0]).ents} == {round(20 / 22, 6)}


def test_docs_without_rows_or_entities_are_left_alone(docs):
    (doc, *_), _ = docs
    blank = spacy.blank("papertag")
    blank.add_pipe(FACTORY)
    assert blank("BERT").ents == ()
    doc.tensor = np.zeros((0,), dtype="f")
    assert [e._.score for e in Confidence()(doc).ents] == [None] * 10


def test_features_are_the_type_the_rows_and_the_neighbours(docs):
    (doc, *_), _ = docs
    found = features(doc)
    assert found.shape == (10, len(LABELS) + 5 * WIDTH)
    assert (found[:, 0] == 1).all()
    first = found[0, len(LABELS) :].reshape(5, WIDTH)
    assert np.array_equal(first[0], doc.tensor[0])
    assert not first[3].any()  # nothing stands in front of the first token
    assert np.array_equal(first[4], doc.tensor[1])
