"""spaCy's DocBin with one doc; ``ent._.score`` is kept with it."""

from spacy.tokens import DocBin
from spacy.tokens import Span as TokenSpan

from papertag.formats.document import rounded
from papertag.formats.tokens import blank, to_doc
from papertag.markup import Tagged

SCORE = "score"  # the extension that a pipeline's scores have, too


def write(paper: Tagged, source: str) -> bytes:
    """Return a paper as the bytes of a ``.spacy`` file."""
    if not TokenSpan.has_extension(SCORE):
        TokenSpan.set_extension(SCORE, default=None)
    with blank().memory_zone():  # else the vocabulary would grow with every paper
        doc = to_doc(paper)
        for ent, span in zip(doc.ents, sorted(paper.spans), strict=True):
            if span.score is not None:
                ent._.set(SCORE, rounded(span))
        return DocBin(docs=[doc], store_user_data=True).to_bytes()
