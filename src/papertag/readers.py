"""Readers: training docs, shuffled, weighed, cut and augmented anew in each epoch."""

import itertools
import math
import random
from collections.abc import Callable, Iterator
from pathlib import Path

from spacy.language import Language
from spacy.tokens import Doc, DocBin
from spacy.training import Example

from papertag.augmentation import Augmenter


def epochs(  # noqa: PLR0913, PLR0917 (the settings of one reader)
    path: Path | None,
    augmenter: Augmenter | None = None,
    spanless: float = 1.0,
    rare: float = 1.0,
    rare_labels: list[str] | None = None,
    window: int = 0,
) -> Callable[[Language], Iterator[Example]]:
    """Return a reader for ``max_epochs = -1``: each call is one epoch in a new order.

    spaCy's own reader augments once, for all epochs. ``spanless`` and ``rare`` are how
    often, on average, a doc without any span, and one with a span of ``rare_labels``,
    occurs in an epoch; all others occur once. A doc of more than ``window`` tokens
    (0: any) is cut, elsewhere each time, into pieces of about one size, none above the
    window but for a mention at its border: the encoder sees text in windows anyway, and
    so none is mostly padding.
    """
    docs: list[Doc] = []

    def times(doc: Doc) -> float:
        labels = {ent.label_ for ent in doc.ents}
        if not labels:
            return spanless
        return rare if labels & set(rare_labels or ()) else 1.0

    def read(nlp: Language) -> Iterator[Example]:
        if path is None:
            raise ValueError("give the reader a path: --paths.train FILE.spacy")
        if not docs:
            docs.extend(DocBin().from_disk(path).get_docs(nlp.vocab))
        chosen = []
        for doc in docs:
            share = times(doc)
            chosen += [doc] * (int(share) + (random.random() < share % 1))
        random.shuffle(chosen)
        for doc in chosen:
            words, spaces = [t.text for t in doc], [bool(t.whitespace_) for t in doc]
            example = Example(Doc(nlp.vocab, words, spaces), doc)
            for new in augmenter(nlp, example) if augmenter else [example]:
                yield from _cut(new, window)

    return read


def _cut(example: Example, window: int) -> Iterator[Example]:
    """Yield pieces of an example, none of which begins inside an entity."""
    doc = example.reference
    if not window or len(doc) <= window:
        yield example
        return
    pieces = math.ceil(len(doc) / window)
    size = len(doc) / pieces
    slack = window - size  # what a border may move; half of it, for two move apart
    borders = [0, len(doc)]
    for number in range(1, pieces):
        border = math.floor(number * size + random.uniform(-slack, slack) / 2)
        while border and doc[border].ent_iob_ == "I":
            border -= 1
        borders.append(border)
    borders.sort()
    for start, end in itertools.pairwise(borders):
        if start < end:
            yield Example(
                _piece(example.predicted, start, end), _piece(doc, start, end)
            )


def _piece(doc: Doc, start: int, end: int) -> Doc:
    return doc[start:end].as_doc()
