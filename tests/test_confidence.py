"""Confidence learns which entities are right, and says so in probabilities."""

import numpy as np
import pytest
import spacy
from spacy.tokens import Span as TokenSpan
from spacy.training import Example

from papertag.calibration import calibration_error, removed
from papertag.confidence import FACTORY, Confidence, margins

NAMES = ("BERT", "Nova", "Orion", "Vega", "Lyra")


def _nlp(upper):
    """Return a pipeline of encoder, features and ner, that learnt a few names."""
    nlp = spacy.blank("papertag")
    nlp.add_pipe("tok2vec", config={"model": {"width": 32, "depth": 2}})
    listener = {"@architectures": "spacy.Tok2VecListener.v1", "width": 32}
    model = {
        "@architectures": "spacy.TransitionBasedParser.v2",
        **{"state_type": "ner", "extra_state_tokens": False, "hidden_width": 16},
        **{"maxout_pieces": 2, "use_upper": upper, "nO": None, "tok2vec": listener},
    }
    nlp.add_pipe("ner", config={"model": model})
    examples = []
    for name in NAMES:
        text = f"We trained {name} Large on 8 chips ."
        spans = [
            (11, 17 + len(name), "model"),
            (21 + len(name), 22 + len(name), "year"),
        ]
        doc = nlp.make_doc(text)
        examples.append(Example.from_dict(doc, {"entities": spans}))
    spacy.util.fix_random_seed(0)
    nlp.initialize(lambda: examples)
    for _ in range(40):
        nlp.update(examples)
    return nlp


@pytest.fixture(scope="module")
def nlp():
    return _nlp(upper=False)


@pytest.fixture
def docs(nlp):
    """Docs, and whether their entities are right: as likely as a curve says."""
    draw, made, right = np.random.default_rng(0), [], []
    for _ in range(400):
        words = draw.choice(("trained", "on", "Nova", "Large", "8", "BERT", "the"), 12)
        doc = nlp(" ".join(words))
        if doc.ents:
            logits = 2 * margins(nlp.get_pipe("ner"), doc)
            right.append(list(draw.random(len(logits)) < 1 / (1 + np.exp(-logits))))
            made.append(doc)
    assert len(made) > 300
    return made, right


def _scored(component, docs, right):
    return [
        (ent._.score, truth)
        for doc, truths in zip(docs, right, strict=True)
        for ent, truth in zip(component(doc).ents, truths, strict=True)
    ]


def test_scores_are_probabilities_that_rank(nlp, docs):
    docs, right = docs
    component = Confidence(nlp)
    component.fit(docs[:200], right[:200])
    scored = _scored(component, docs[200:], right[200:])
    assert calibration_error(scored) < 0.1
    assert removed(scored) > 0.3
    assert all(doc.tensor.size == 0 for doc in docs[200:])


def test_what_was_learnt_is_saved(nlp, docs, tmp_path):
    docs, right = docs
    component = Confidence(nlp)
    component.fit(docs, right)
    component.to_disk(tmp_path / "confidence")
    other = Confidence(nlp).from_disk(tmp_path / "confidence")
    doc, same = docs[0], docs[0].copy()
    scores = [ent._.score for ent in component(doc).ents]
    assert scores == [ent._.score for ent in other(same).ents]
    assert None not in scores


def test_without_mistakes_to_learn_from_all_have_one_score(nlp, docs):
    docs, _ = docs
    component = Confidence(nlp)
    right = [[True] * len(doc.ents) for doc in docs]
    right[0][0] = False
    count = sum(map(len, right))
    component.fit(docs, right)
    scores = {round(ent._.score, 6) for ent in component(docs[0]).ents}
    assert scores == {round(count / (count + 2), 6)}


def test_docs_without_rows_or_entities_are_left_alone(nlp, docs):
    (doc, *_), _ = docs
    blank = spacy.blank("papertag")
    blank.add_pipe(FACTORY)
    assert blank("BERT").ents == ()
    doc.tensor = np.zeros((0,), dtype="f")
    assert {ent._.score for ent in Confidence(nlp)(doc).ents} == {None}


def _parsed(ner, doc):
    """Return the margin of each move, as spaCy's parser goes through a doc."""
    names = [ner.moves.get_class_name(number) for number in range(ner.moves.n_moves)]
    model, states = ner.model.predict([doc]), ner.moves.init_batch([doc])
    found, label = [], None
    for token in doc:
        scores = model.predict(states)[0]
        kinds = ("IL" if label else "BUO") if token.i + 1 < len(doc) else "LUO"
        could = [
            number
            for number, name in enumerate(names)
            if name[0] in kinds and (not label or name[2:] == label)
        ]
        first, *others = sorted((scores[number] for number in could), reverse=True)
        found.append(first - max(others, default=-np.inf))
        ner.transition_states(states, model.predict(states))
        if token.ent_iob_ == "B":
            label = token.ent_type_
        if token.i + 1 == len(doc) or doc[token.i + 1].ent_iob_ != "I":
            label = None
    return found


@pytest.mark.parametrize("upper", [False, True])
def test_margins_are_those_of_the_parsers_own_scores(upper):
    nlp = _nlp(upper)
    ner = nlp.get_pipe("ner")
    for text in (
        "We trained Orion Large on 8 chips .",
        "BERT Large",
        "on Nova 8 8 BERT",
    ):
        doc = nlp(text)
        assert doc.ents
        one = _parsed(ner, doc)
        wanted = [min(one[max(e.start - 1, 0) : e.end + 1]) for e in doc.ents]
        assert margins(ner, doc) == pytest.approx(wanted, abs=1e-4)


def test_an_entity_is_as_sure_as_the_least_sure_move(nlp):
    doc = nlp("We trained Vega Large on 8 chips .")
    other = doc.copy()
    other.set_ents([TokenSpan(other, 2, 3, "model")])  # its border is in doubt
    ner = nlp.get_pipe("ner")
    assert margins(ner, doc)[0] > 0 > margins(ner, other)[0]
