"""Chunking: where a long text may be cut into pieces."""

from collections.abc import Collection, Iterator

from spacy.tokens import Doc

ANYWHERE, SENTENCE, LINE, PARAGRAPH = range(4)
_FULL_STOPS = frozenset(".!?。")
_PARAGRAPH_NEWLINES = 2


def chunks(
    doc: Doc, size: int, forbidden: Collection[int] = ()
) -> Iterator[tuple[int, int]]:
    """Cut a doc into half-open token ranges of at most ``size`` tokens.

    Each cut is at the last paragraph border that fits; where there is none, at the
    last line border, then sentence border, then anywhere. No cut stands in front of
    a ``forbidden`` token, unless no other is left.
    """
    start = 0
    while len(doc) - start > size:
        cut = _best_cut(doc, start, start + size, forbidden)
        yield start, cut
        start = cut
    if len(doc):
        yield start, len(doc)


def _best_cut(doc: Doc, start: int, end: int, forbidden: Collection[int]) -> int:
    best, best_rank = end, -1
    for cut in range(end, start, -1):
        rank = -1 if cut in forbidden else _rank(doc, cut)
        if rank > best_rank:
            best, best_rank = cut, rank
        if rank == PARAGRAPH:
            break
    return best


def _rank(doc: Doc, cut: int) -> int:
    """Rank the border in front of token ``cut``."""
    before = doc[cut - 1]
    if before.is_space and not doc[cut].is_space:
        newlines = before.text.count("\n")
        if newlines:
            return PARAGRAPH if newlines >= _PARAGRAPH_NEWLINES else LINE
    return SENTENCE if before.text in _FULL_STOPS else ANYWHERE
