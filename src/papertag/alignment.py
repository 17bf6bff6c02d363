"""Alignment: spans onto the tokens of a doc."""

import math
from collections.abc import Iterable

from spacy.tokens import Doc

from papertag.spans import Span


def set_spans(doc: Doc, spans: Iterable[Span], longest: float = math.inf) -> list[Span]:
    """Set a doc's entities from spans and return those that no tokens fit.

    A span of more than ``longest`` tokens counts as one of them.

    The tokens under such a span are marked as missing, not as outside any entity, so
    that nothing false is learnt from them. Entities are set even where there are no
    spans: spaCy's scorer skips a doc whose entities never were.
    """
    fitting, missing, misaligned = [], [], []
    for span in spans:
        exact = doc.char_span(span.start, span.end, label=span.label)
        if exact is not None and len(exact) <= longest:
            fitting.append(exact)
            continue
        misaligned.append(span)
        wider = doc.char_span(span.start, span.end, alignment_mode="expand")
        if wider is not None:
            missing.append(wider)
    unknown = {token.i for span in missing for token in span}
    doc.set_ents(fitting, missing=[doc[i : i + 1] for i in sorted(unknown)])
    return misaligned
