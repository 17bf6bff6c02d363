"""Confidence: how likely each entity is right, as ``ent._.score`` in [0, 1].

spaCy's ``ner`` decides without a probability. This component looks at the rows that it
decided by: those of the entity's first and last token, their mean, and the neighbours'.
A logistic regression over them, fitted on what the pipeline finds in tagged texts that
it has not learnt from, tells the right ones from the wrong; a second one, over logits
of the first from folds that it was not fitted on, makes a score mean what it says
(Platt 1999, Probabilistic outputs for support vector machines).
"""

from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
import srsly
from numpy.typing import NDArray
from spacy.language import Language
from spacy.pipeline import Pipe
from spacy.tokens import Doc

from papertag.spans import LABELS

FACTORY = "papertag_confidence"
FOLDS = 5
LEAST = 20  # entities that one can learn anything from
STRENGTH = 0.001  # of the regression's freedom: there are more columns than mistakes


class Confidence(Pipe):
    """Sets ``ent._.score``, then drops ``doc.tensor``, which nothing else needs."""

    def __init__(self, name: str = FACTORY) -> None:
        self.name = name
        self.weights: NDArray[np.float32] = np.zeros(0, dtype="f")
        self.bias, self.slope = 0.0, 1.0

    def __call__(self, doc: Doc) -> Doc:
        """Return the doc with a score for each entity, None where there are no rows."""
        if len(doc.tensor) and len(self.weights):
            logits = features(doc) @ self.weights
            scores = 1 / (1 + np.exp(-(self.slope * logits + self.bias)))
            for ent, score in zip(doc.ents, scores, strict=True):
                ent._.score = float(score)
        doc.tensor = np.zeros((0,), dtype="f")
        return doc

    def fit(self, docs: Sequence[Doc], right: Sequence[Sequence[bool]]) -> None:
        """Learn from entities, of each doc in order, whether they are right.

        The docs must not be those that the pipeline learnt from, and keep their rows.
        With fewer than LEAST entities that are right, or wrong, all get one score.
        """
        from sklearn.linear_model import LogisticRegression
        from sklearn.model_selection import GroupKFold, cross_val_predict
        from sklearn.pipeline import make_pipeline
        from sklearn.preprocessing import StandardScaler

        rows = np.concatenate([features(doc) for doc in docs])
        truths = np.concatenate([np.array(each, dtype=bool) for each in right])
        few = min(truths.sum(), (~truths).sum())
        if few < LEAST:
            odds = (truths.sum() + 1) / ((~truths).sum() + 1)  # Laplace's rule
            self.weights, self.slope = np.zeros(rows.shape[1], dtype="f"), 1.0
            self.bias = float(np.log(odds))
            return
        groups = np.repeat(np.arange(len(docs)), [len(doc.ents) for doc in docs])
        model = make_pipeline(
            StandardScaler(), LogisticRegression(C=STRENGTH, max_iter=1000)
        )
        unseen = cross_val_predict(
            model,
            rows,
            truths,
            groups=groups,
            cv=GroupKFold(FOLDS),
            method="decision_function",
        )
        platt = LogisticRegression(C=np.inf).fit(unseen[:, None], truths)
        scaler, regression = (step for _, step in model.fit(rows, truths).steps)
        self.weights = (regression.coef_[0] / scaler.scale_).astype("f")
        intercept = regression.intercept_[0] - float(self.weights @ scaler.mean_)
        self.slope = float(platt.coef_[0, 0])
        self.bias = float(platt.intercept_[0] + self.slope * intercept)

    def to_bytes(self, *, exclude: Iterable[str] = ()) -> bytes:
        """Return weights, slope and bias."""
        value = {"slope": self.slope, "bias": self.bias, "weights": self.weights}
        return bytes(srsly.msgpack_dumps(value))

    def from_bytes(self, data: bytes, *, exclude: Iterable[str] = ()) -> "Confidence":
        """Take weights, slope and bias from ``data``."""
        value = srsly.msgpack_loads(data)
        self.weights = np.array(value["weights"], dtype="f")
        self.slope, self.bias = value["slope"], value["bias"]
        return self

    def to_disk(self, path: str | Path, *, exclude: Iterable[str] = ()) -> None:
        """Write weights, slope and bias to a file."""
        Path(path).write_bytes(self.to_bytes())

    def from_disk(
        self, path: str | Path, *, exclude: Iterable[str] = ()
    ) -> "Confidence":
        """Read weights, slope and bias from a file."""
        return self.from_bytes(Path(path).read_bytes())


def features(doc: Doc) -> NDArray[np.float32]:
    """Return one row an entity: its type, and the rows of its tokens and neighbours."""
    ents = doc.ents
    starts = np.array([ent.start for ent in ents], dtype="int64")
    ends = np.array([ent.end for ent in ents], dtype="int64")
    rows = np.pad(doc.tensor, ((1, 1), (0, 0)))  # none in front and behind
    means = [doc.tensor[ent.start : ent.end].mean(axis=0) for ent in ents]
    labels = [[float(ent.label_ == label) for label in LABELS] for ent in ents]
    columns = [
        np.array(labels, dtype="f").reshape(len(ents), len(LABELS)),
        rows[starts + 1],
        rows[ends],
        np.array(means, dtype="f").reshape(len(ents), rows.shape[1]),
        rows[starts],
        rows[ends + 1],
    ]
    return np.concatenate(columns, axis=1).astype("f")


@Language.factory(FACTORY)
def create_confidence(nlp: Language, name: str) -> Confidence:
    """Return the component of a pipeline whose encoder fills ``doc.tensor``."""
    return Confidence(name)
