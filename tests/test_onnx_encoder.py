"""The ONNX encoder: every token gets a row, of the word pieces that stand in it."""

import numpy as np
import pytest
import spacy

from papertag.errors import PipelineError
from papertag.onnx_encoder import LONGEST, align, onnx_encoder

HOSTILE = {
    "a giant token": "x" * 20_000,
    "dots": "." * 10_000,
    "base64": "QmFzZTY0" * 1_500,
    "CJK": "模型" * 3_000,
    "emoji": "🤖👩‍💻" * 1_000,
    "zero width": "a\u200bb\u200c\u200d " * 500,
    "combining": "e\u0301\u0323" * 2_000,
    "control": "\x01\x02 a \x03" * 300,
    "blank": " \n\t" * 500,
    "LaTeX": r"\mathcal{L}_{\theta}^{2}" * 600,
}


class Counter:
    """In place of the graph: a row of ones for each word piece it is shown."""

    def __init__(self) -> None:
        self.lengths: list[int] = []

    def run(self, names, feed):
        ids = feed["input_ids"]
        assert ids.shape == feed["attention_mask"].shape == feed["token_type_ids"].shape
        self.lengths.append(ids.shape[1])
        return [np.ones((*ids.shape, 4), dtype="f")]


@pytest.fixture
def model():
    shipped = spacy.load("papertag").get_pipe("encoder").model
    model = onnx_encoder(window=128, stride=96, width=4)
    vocabulary = next(shim for node in shipped.walk() for shim in node.shims).vocabulary
    model.shims[0].vocabulary = vocabulary
    model.shims[0].__dict__["session"] = Counter()
    return model


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_no_input_is_cut_off(model, text):
    doc = spacy.blank("papertag")(f"GPT-3 {text} BERT.")
    (rows,) = model.predict([doc])
    assert rows.shape == (len(doc), 4)
    shim = model.shims[0]
    assert max(shim.session.lengths) <= LONGEST
    pieces = shim.tokenizer.encode(doc.text, add_special_tokens=False).offsets
    seen = {place for start, end in pieces for place in range(start, end)}
    covered = [
        bool(seen & set(range(token.idx, token.idx + len(token)))) for token in doc
    ]
    assert (rows[:, 0] == covered).all()  # coverage is 1.0
    assert rows[0, 0] == rows[-1, 0] == 1


def test_a_doc_alone_gives_the_rows_it_gives_among_others(model):
    blank = spacy.blank("papertag")
    docs = [blank(text) for text in ("", "GPT-3", "word " * 300, " ", "8xA100s")]
    together = model.predict(docs)
    for doc, rows in zip(docs, together, strict=True):
        assert np.array_equal(rows, model.predict([doc])[0])
        assert len(rows) == len(doc)


def test_pieces_go_to_every_token_that_they_stand_in():
    starts = np.array([0, 4, 5, 9])  # "8000", "x", "A100", "s"
    which, index = align(starts, [(0, 2), (2, 6), (6, 10), (3, 3)])
    assert list(zip(which, index, strict=True)) == [
        *((0, 0), (0, 1), (1, 1), (2, 1), (2, 2), (3, 2))
    ]


def test_windows_leave_no_token_out(model):
    with pytest.raises(PipelineError, match="a stride of 129 leaves out tokens"):
        onnx_encoder(window=128, stride=129, width=4)


def test_it_cannot_be_trained(model):
    with pytest.raises(PipelineError, match="cannot be trained"):
        model.begin_update([spacy.blank("papertag")("GPT-3")])
