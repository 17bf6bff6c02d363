"""Layers: what a pipeline's model needs beside those of spaCy's libraries."""

from spacy.tokens import Doc
from thinc.api import Model, concatenate
from thinc.types import Floats2d

Rows = Model[list[Doc], list[Floats2d]]


def beside(encoder: Rows, features: Rows) -> Rows:
    """Return a layer whose rows are the encoder's and the features', side by side.

    One row a token, of both widths together. An uncased encoder sees no case and tears
    names and numbers to pieces; hash embeddings of shape and affixes give both back.
    """
    return concatenate(encoder, features)
