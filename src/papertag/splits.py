"""Splits: which of train, dev and test a document is for, and leaks between them."""

import hashlib
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from enum import StrEnum


class Split(StrEnum):
    """What a document is for: to learn from, to choose by, to measure."""

    TRAIN = "train"
    DEV = "dev"
    TEST = "test"


SPLITS = tuple(Split)
NEAR_COPY = 0.5  # share of word triples in common (Jaccard) from which texts are copies
_HOLDERS = 500  # documents of one triple to compare with: enough to find any group
_WORD = re.compile(r"\w+")


def digest(text: str) -> str:
    """Return the SHA-256 of a text, in hexadecimal."""
    return hashlib.sha256(text.encode("utf8", "surrogatepass")).hexdigest()


def split_of(text: str, dev: float, test: float) -> Split:
    """Return a text's split; it depends on the text and the two shares alone."""
    position = int(digest(text), 16) / 2**256
    if position < dev:
        return Split.DEV
    return Split.TEST if position < dev + test else Split.TRAIN


def near_copies(texts: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Yield the pairs of texts, by index, that are the same or near copies.

    Near copies have at least the share NEAR_COPY of their different lower-cased word
    triples in common.
    """
    triples = [_triples(text) for text in texts]
    holders: dict[int, list[int]] = defaultdict(list)
    first: dict[frozenset[int], int] = {}
    for index, mine in enumerate(triples):
        same = first.setdefault(frozenset(mine), index)
        # The holders are cut off, so the very same text might not be among them.
        shared = Counter({same: len(mine)} if same != index and mine else {})
        for triple in mine:
            shared.update(other for other in holders[triple] if other != same)
            if len(holders[triple]) < _HOLDERS:
                holders[triple].append(index)
        for other, count in sorted(shared.items()):
            union = len(mine) + len(triples[other]) - count
            if count >= NEAR_COPY * union:
                yield other, index


def group_copies(texts: Sequence[str]) -> list[int]:
    """Return for each text the index of the first text of its group of near copies."""
    first = list(range(len(texts)))

    def root(index: int) -> int:
        while first[index] != index:
            index = first[index]
        return index

    for left, right in near_copies(texts):
        low, high = sorted((root(left), root(right)))
        first[high] = low
    return [root(index) for index in range(len(texts))]


def _triples(text: str) -> set[int]:
    """Return hashes of the word triples, of the whole text where it has fewer words."""
    words = _WORD.findall(text.lower())
    starts = range(max(1, len(words) - 2)) if words else ()
    runs = [" ".join(words[start : start + 3]) for start in starts]
    return {
        int.from_bytes(hashlib.blake2b(run.encode(), digest_size=8).digest(), "big")
        for run in runs
    }
