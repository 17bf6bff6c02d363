"""Evaluation: a pipeline, or tagged output that exists, against gold documents."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import spacy
from spacy.language import Language
from spacy.tokens import Doc

from papertag.documents import Document
from papertag.errors import InputError
from papertag.pipeline import failures, find_spans
from papertag.scoring import Scores, score
from papertag.spans import LABELS, Span
from papertag.tokenization import tokenizer

OUTSIDE = "none"


@dataclass(frozen=True)
class Evaluation:
    """The scores, and how the labels of tokens agree where scikit-learn is there."""

    scores: Scores
    agreement: dict[str, Any] | None

    def to_json(self) -> dict[str, Any]:
        """Return plain JSON types."""
        return {**self.scores.to_json(), "agreement": self.agreement}


def predict(nlp: Language, gold: Sequence[Document]) -> Iterator[tuple[Span, ...]]:
    """Yield what the pipeline finds in the text of each gold document."""
    with failures():
        yield from map(find_spans, nlp.pipe(document.text for document in gold))


def match(
    gold: Sequence[Document], predicted: Iterable[Document]
) -> list[tuple[Span, ...]]:
    """Return for each gold document the spans of the prediction over the same text.

    Raises InputError on a gold text that the prediction lacks, and on a text that
    only the prediction has.
    """
    by_text: dict[str, list[Document]] = defaultdict(list)
    for document in predicted:
        by_text[document.text].append(document)
    found = []
    for document in gold:
        if not by_text[document.text]:
            problem = "this text is not among the predicted ones"
            cure = "tag the very same files; check line ends and wrappers"
            raise InputError(problem, cure, document.source)
        found.append(by_text[document.text].pop(0).spans)
    left = [document for documents in by_text.values() for document in documents]
    if left:
        problem = f"this predicted text is not in gold, nor are {len(left) - 1} others"
        raise InputError(problem, "score matching folders", left[0].source)
    return found


def evaluate(
    gold: Sequence[Document], predicted: Sequence[Sequence[Span]]
) -> Evaluation:
    """Score predicted spans against gold documents in the same order."""
    pairs = [(d.spans, spans) for d, spans in zip(gold, predicted, strict=True)]
    return Evaluation(score(pairs), _agreement(gold, predicted))


def _agreement(
    gold: Sequence[Document], predicted: Sequence[Sequence[Span]]
) -> dict[str, Any] | None:
    """Return Cohen's kappa and the confusion matrix over tokens.

    Rows of the matrix are gold labels, columns predicted ones, in the order given.
    None where scikit-learn (``papertag[evaluate]``) is not installed.
    """
    try:
        from sklearn.metrics import cohen_kappa_score, confusion_matrix  # noqa: PLC0415
    except ImportError:
        return None
    tokenize = tokenizer(spacy.blank("papertag"))
    left, right = [], []
    for document, spans in zip(gold, predicted, strict=True):
        doc = tokenize(document.text)
        left += _token_labels(doc, document.spans)
        right += _token_labels(doc, spans)
    names = [*LABELS, OUTSIDE]
    matrix = confusion_matrix(left, right, labels=names).tolist() if left else []
    differ = len({*left, *right}) > 1  # kappa is not defined over one label alone
    kappa = float(cohen_kappa_score(left, right, labels=names)) if differ else None
    return {"kappa": kappa, "labels": names, "confusion": matrix}


def _token_labels(doc: Doc, spans: Iterable[Span]) -> list[str]:
    labels = [OUTSIDE] * len(doc)
    for span in spans:
        tokens = doc.char_span(span.start, span.end, alignment_mode="expand")
        if tokens is not None:
            labels[tokens.start : tokens.end] = [span.label] * len(tokens)
    return labels
