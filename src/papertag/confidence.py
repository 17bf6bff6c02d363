"""Confidence: how likely each entity is right, as ``ent._.score`` in [0, 1].

spaCy's ``ner`` decides token by token, by the best of its moves' scores, and keeps no
probability. This component computes the scores again where entities stand. How far the
move that was made is ahead of the next best is its margin, and an entity is as sure as
the least sure move that made it: those of its tokens, and of the two beside it, which
gave it its borders. A logistic curve over this one number, fitted on what the pipeline
finds in tagged texts that it has not learnt from, makes it a probability (Platt 1999,
Probabilistic outputs for support vector machines).
"""

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from spacy.language import Language
from spacy.pipeline import Pipe
from spacy.tokens import Doc

FACTORY = "papertag_confidence"
LEAST = 20  # entities that one can learn anything from

Floats = NDArray[np.float32]


class Confidence(Pipe):
    """Sets ``ent._.score``, then drops ``doc.tensor``, which nothing else needs."""

    def __init__(self, nlp: Language, name: str = FACTORY) -> None:
        self.nlp, self.name = nlp, name
        self.slope, self.bias = 0.0, 0.0

    def __call__(self, doc: Doc) -> Doc:
        """Return the doc with a score for each entity, None where there are no rows."""
        if len(doc.tensor) and doc.ents:
            logits = self.slope * margins(self.nlp.get_pipe("ner"), doc) + self.bias
            for ent, score in zip(doc.ents, 1 / (1 + np.exp(-logits)), strict=True):
                ent._.score = float(score)
        doc.tensor = np.zeros((0,), dtype="f")
        return doc

    def fit(self, docs: Sequence[Doc], right: Sequence[Sequence[bool]]) -> None:
        """Learn from entities, of each doc in order, whether they are right.

        The docs must not be those that the pipeline learnt from, and keep their rows.
        With fewer than LEAST entities that are right, or wrong, all get one score.
        """
        from sklearn.linear_model import LogisticRegression

        truths = np.concatenate([np.array(each, dtype=bool) for each in right])
        if min(truths.sum(), (~truths).sum()) < LEAST:
            odds = (truths.sum() + 1) / ((~truths).sum() + 1)  # Laplace's rule
            self.slope, self.bias = 0.0, float(np.log(odds))
            return
        ner = self.nlp.get_pipe("ner")
        column = np.concatenate([margins(ner, doc) for doc in docs if doc.ents])
        platt = LogisticRegression(C=np.inf).fit(column[:, None], truths)
        self.slope, self.bias = float(platt.coef_[0, 0]), float(platt.intercept_[0])

    def to_bytes(self, *, exclude: Iterable[str] = ()) -> bytes:
        """Return slope and bias as JSON."""
        return json.dumps({"slope": self.slope, "bias": self.bias}).encode()

    def from_bytes(self, data: bytes, *, exclude: Iterable[str] = ()) -> "Confidence":
        """Take slope and bias from ``data``."""
        value = json.loads(data)
        self.slope, self.bias = value["slope"], value["bias"]
        return self

    def to_disk(self, path: str | Path, *, exclude: Iterable[str] = ()) -> None:
        """Write slope and bias to a file."""
        Path(path).write_bytes(self.to_bytes())

    def from_disk(
        self, path: str | Path, *, exclude: Iterable[str] = ()
    ) -> "Confidence":
        """Read slope and bias from a file."""
        return self.from_bytes(Path(path).read_bytes())


def margins(ner: Any, doc: Doc) -> Floats:
    """Return for each entity the smallest margin of the moves that made it.

    ``doc`` has been tagged by ``ner`` and still has the rows that it decided by.
    """
    moves = [ner.moves.get_class_name(number) for number in range(ner.moves.n_moves)]
    places = [range(max(e.start - 1, 0), min(e.end + 1, len(doc))) for e in doc.ents]
    tokens = sorted({token for place in places for token in place})
    index = {token: number for number, token in enumerate(tokens)}
    first = {t: ent.start for ent in doc.ents for t in range(ent.start, ent.end)}
    open_at = [index[start] if (start := first.get(t, t)) < t else -1 for t in tokens]
    rows = np.asarray(doc.tensor[tokens], dtype="f")
    scores = _scores(ner.model, rows, np.array(open_at))
    made = [moves.index(_move(doc, token)) for token in tokens]
    allowed = [
        _rivals(moves, moves[number], token + 1 == len(doc))
        for number, token in zip(made, tokens, strict=True)
    ]
    each = np.arange(len(tokens))
    taken = scores[each, made]
    best = np.where(allowed, scores, -np.inf).max(axis=1)
    margin = taken - best
    return np.array([margin[[index[t] for t in place]].min() for place in places], "f")


def _move(doc: Doc, token: int) -> str:
    """Return the move that the parser made at a token, as spaCy names it."""
    label = doc[token].ent_type_
    if not label:
        return "O"
    is_first = doc[token].ent_iob_ == "B"
    is_last = token + 1 == len(doc) or doc[token + 1].ent_iob_ != "I"
    return f"{'IBLU'[is_first + 2 * is_last]}-{label}"


def _rivals(moves: Sequence[str], made: str, is_last: bool) -> list[bool]:
    """Tell of each move whether it could have been made instead.

    Inside an entity only its type's I and L can, outside all that begins one, and O. At
    the last token of the doc, nothing can go on behind it.
    """
    kind, _, label = made.partition("-")
    if kind in "IL":
        could = {f"I-{label}", f"L-{label}"}
    else:
        could = {move for move in moves if move[0] in "BUO"}
    if is_last:
        could = {move for move in could if move[0] not in "BI"}
    return [move in could and move != made for move in moves]


def _scores(model: Any, rows: Floats, open_at: NDArray[np.int64]) -> Floats:
    """Return the score of each move at each token, (tokens, moves).

    As spaCy's parser computes them from three of its rows: the token's own, that of the
    first token of the open entity, that of the token before if an entity is open.
    ``open_at`` has the index of the first token, -1 where none is open.
    """
    lower = model.get_ref("lower")
    weights, bias, pad = (lower.get_param(name) for name in ("W", "b", "pad"))
    hidden = model.get_ref("tok2vec").layers[-1].predict(rows)
    own, first, before = np.einsum("ti,fopi->ftop", hidden, weights)
    is_open = (open_at >= 0)[:, None, None]
    first = np.where(is_open, first[open_at], pad[0, 1])
    before = np.where(is_open, np.roll(before, 1, axis=0), pad[0, 2])
    found: Floats = (own + first + before + bias).max(axis=-1)
    return model.get_ref("upper").predict(found) if model.attrs["has_upper"] else found


@Language.factory(FACTORY)
def create_confidence(nlp: Language, name: str) -> Confidence:
    """Return the component of a pipeline whose encoder fills ``doc.tensor``."""
    return Confidence(nlp, name)
