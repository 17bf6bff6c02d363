"""The encoder works ahead, and nothing else changes."""

import threading

import pytest

from papertag.ahead import TOKENS, Ahead
from papertag.pipeline import load_pipeline

TEXTS = [f"We present Nova-{number}, with {number}B parameters." for number in range(9)]


@pytest.fixture(scope="module")
def nlp():
    return load_pipeline()


def _found(docs):
    return [[(ent.text, ent.label_) for ent in doc.ents] for doc in docs]


@pytest.mark.parametrize("threads", ["1", "2"])
@pytest.mark.parametrize("size", [1, 2, 64])
def test_docs_come_in_order_with_their_own_rows(nlp, monkeypatch, threads, size):
    wanted = _found(map(nlp, TEXTS))
    assert all(wanted)
    monkeypatch.setenv("OMP_NUM_THREADS", threads)
    assert _found(nlp.pipe(TEXTS, batch_size=size)) == wanted


def test_the_next_docs_are_encoded_while_the_last_ones_are_in_use(nlp, monkeypatch):
    monkeypatch.setenv("OMP_NUM_THREADS", "2")
    encoder, begun = nlp.get_pipe("encoder"), threading.Event()
    predict, calls = encoder.predict, []

    def watched(docs):
        calls.append(docs)
        if len(calls) > 1:
            begun.set()
        return predict(docs)

    monkeypatch.setattr(encoder, "predict", watched)
    docs = encoder.pipe([nlp.make_doc(text) for text in TEXTS], batch_size=1)
    assert len(next(docs).tensor)
    assert begun.wait(timeout=60)  # though nobody has asked for the second yet


def test_a_batch_holds_no_more_tokens_than_a_piece(nlp, monkeypatch):
    encoder, sizes = nlp.get_pipe("encoder"), []
    predict = encoder.predict

    def watched(docs):
        sizes.append(sum(map(len, docs)))
        return predict(docs)

    monkeypatch.setattr(encoder, "predict", watched)
    doc = nlp.make_doc("x " * 3000)
    assert len(list(encoder.pipe([doc.copy() for _ in range(5)]))) == 5
    assert sizes == [9000, 6000]
    assert max(sizes) < TOKENS + len(doc)


def test_what_fails_is_handled_as_spacy_does(nlp, monkeypatch):
    encoder = nlp.get_pipe("encoder")
    predict = encoder.predict

    def failing(docs):
        if "Nova-3" in docs[0].text:
            raise ValueError("no")
        return predict(docs)

    monkeypatch.setattr(encoder, "predict", failing)
    with pytest.raises(ValueError, match="no"):
        list(nlp.pipe(TEXTS, batch_size=1))
    left_out = []
    monkeypatch.setattr(
        Ahead, "get_error_handler", lambda self: lambda *args: left_out.append(args)
    )
    docs = list(encoder.pipe(map(nlp.make_doc, TEXTS), batch_size=1))
    assert len(docs) == len(TEXTS) - 1
    assert [str(error) for *_, error in left_out] == ["no"]
