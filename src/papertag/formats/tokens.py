"""Tokens: a paper as spaCy's doc, cut wherever a span begins or ends."""

from bisect import bisect_left, bisect_right
from functools import cache
from itertools import pairwise

import spacy
from spacy.tokens import Doc

from papertag.alignment import set_spans
from papertag.formats.document import Document, check_edges
from papertag.markup import Tagged


@cache
def blank() -> spacy.language.Language:
    """Return a pipeline with papertag's tokenizer and nothing else."""
    config = {"nlp": {"tokenizer": {"@tokenizers": "papertag.Tokenizer.v1"}}}
    return spacy.blank("papertag", config=config)


def to_doc(paper: Tagged) -> Doc:
    """Return a paper as a doc with its spans as entities.

    The tokens are those of papertag's tokenizer, cut once more where a span begins or
    ends inside one. Raises MarkupError on a span with white space at an edge.
    """
    check_edges(Document("", paper.text, paper.spans))
    doc = blank().make_doc(paper.text)
    if set_spans(doc, paper.spans):
        doc = _cut(doc, paper)
        left = set_spans(doc, paper.spans)
        assert not left, left
    return doc


def _cut(doc: Doc, paper: Tagged) -> Doc:
    borders = sorted({edge for span in paper.spans for edge in (span.start, span.end)})
    words, spaces = [], []
    for token in doc:
        end = token.idx + len(token)
        inside = borders[bisect_right(borders, token.idx) : bisect_left(borders, end)]
        edges = [token.idx, *inside, end]
        words += [doc.text[a:b] for a, b in pairwise(edges)]
        spaces += [False] * len(inside) + [bool(token.whitespace_)]
    return Doc(doc.vocab, words=words, spaces=spaces)
