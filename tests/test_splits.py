"""Splits: a fixed rule by text, near copies together, against a brute-force twin."""

import random
from collections import Counter
from hashlib import sha256
from itertools import combinations
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from papertag.documents import read_documents
from papertag.splits import SPLITS, Split, group_copies, near_copies, split_of

ROOT = Path(__file__).parents[1]
WORDS = [
    f"{a}{b}" for a in ("nor", "tra", "mo", "si") for b in ("way", "in", "del", "x")
]


def paper(rng: random.Random, words: int = 150) -> str:
    return " ".join(f"{rng.choice(WORDS)}{rng.randint(0, 99)}" for _ in range(words))


def changed(text: str, every: int) -> str:
    """The text with every so-manieth word replaced."""
    words = text.split(" ")
    words[::every] = [f"other{n}" for n in range(len(words[::every]))]
    return " ".join(words)


def splits_of(texts: list[str], dev: float = 0.3, test: float = 0.3) -> list[Split]:
    return [split_of(texts[first], dev, test) for first in group_copies(texts)]


def test_the_rule_is_the_hash_of_the_text_and_stays_so():
    rng = random.Random(0)
    for text in ["", "😀", *(paper(rng) + "\r\n" for _ in range(200))]:
        place = int(sha256(text.encode()).hexdigest(), 16) / 16**64
        wanted = "dev" if place < 0.2 else "test" if place < 0.5 else "train"
        assert split_of(text, 0.2, 0.3) == wanted
    fixed = {"a": "train", "b": "test", "c": "dev", "é": "test", "a\n": "train"}
    assert {text: split_of(text, 0.2, 0.3) for text in fixed} == fixed
    assert split_of("\ud800", 0, 0) == Split.TRAIN


def test_shares_are_roughly_kept():
    rng = random.Random(1)
    counts = Counter(split_of(paper(rng, 20), 0.1, 0.2) for _ in range(2000))
    assert set(counts) == set(SPLITS)
    assert abs(counts[Split.DEV] / 2000 - 0.1) < 0.03
    assert abs(counts[Split.TEST] / 2000 - 0.2) < 0.03


@pytest.mark.parametrize(
    ("dev", "test", "split"), [(0, 0, "train"), (1, 0, "dev"), (0, 1, "test")]
)
def test_a_share_of_one_takes_all(dev, test, split):
    rng = random.Random(2)
    assert {split_of(paper(rng, 9), dev, test) for _ in range(200)} == {split}


def test_documents_added_later_move_no_old_one():
    rng = random.Random(3)
    texts = [paper(rng) for _ in range(100)]
    before = splits_of(texts)
    assert set(before) == set(SPLITS)
    copies = [changed(text, 15) for text in texts[::3]]
    added = [*texts, *copies, *(paper(rng) for _ in range(50))]
    after = splits_of(added)
    assert after[:100] == before
    assert after[100 : 100 + len(copies)] == before[::3]


@pytest.mark.parametrize(
    "variant",
    [
        lambda text: text,
        lambda text: text.upper(),
        lambda text: text.title().replace(" ", "\r\n  "),
        lambda text: text.replace(" ", ", ") + "\n\n",
        lambda text: changed(text, 15),
        lambda text: "A new title\n\n" + text,
        lambda text: text[: 3 * len(text) // 4],
    ],
)
def test_variants_of_a_text_are_near_copies(variant):
    rng = random.Random(4)
    text, other = paper(rng), paper(rng)
    assert list(near_copies([other, text, variant(text)])) == [(1, 2)]
    assert group_copies([text, other, variant(text)]) == [0, 1, 0]


def test_texts_that_share_a_part_are_no_copies():
    rng = random.Random(5)
    common = paper(rng, 40)
    texts = [common + " " + paper(rng, 80) for _ in range(10)]
    assert list(near_copies(texts)) == []


def test_no_two_documents_of_corpus_and_seeds_are_near_copies():
    folders = (ROOT / "seeds", ROOT / "corpus" / "tagged")
    documents = [document for path in folders for document in read_documents(path)]
    texts = [document.text for document in documents]
    assert len(texts) > 200
    assert list(near_copies(texts)) == []
    assert list(near_copies([*texts, texts[7]])) == [(7, len(texts))]


def test_many_copies_of_one_text_are_one_group():
    rng = random.Random(6)
    text = paper(rng)
    assert group_copies([text] * 60) == [0] * 60
    variants = [changed(text, 25 + n % 7) for n in range(120)]
    mixed = [paper(rng), text, *variants, paper(rng)]
    assert group_copies(mixed) == [0, *[1] * 121, 122]


def test_copies_of_copies_are_one_group():
    rng = random.Random(7)
    parts = [paper(rng, 50) for _ in range(7)]
    chain = [" ".join(parts[n : n + 4]) for n in (0, 2, 3, 1)]
    assert list(near_copies(chain)) == [(1, 2), (0, 3), (1, 3)]
    assert group_copies(chain) == [0, 0, 0, 0]


def test_an_exact_copy_is_found_among_many_texts_from_the_same_sentences():
    rng = random.Random(1)
    sentences = [paper(rng, 12) for _ in range(30)]
    texts = [" ".join(rng.sample(sentences, 8)) for _ in range(400)]
    assert (399, 400) in set(near_copies([*texts, texts[399]]))


def test_texts_without_words_are_no_copies_of_one_another():
    texts = ["", "", " \n", "--", "--"]
    assert list(near_copies(texts)) == []
    assert group_copies(texts) == [0, 1, 2, 3, 4]
    assert group_copies([]) == []


def test_short_texts_are_copies_where_they_are_the_same():
    assert list(near_copies(["Nova 7B", "Nova", "nova, 7b", "Nova 8B"])) == [(0, 2)]


@given(st.lists(st.text("ab ", max_size=24), max_size=12))
def test_near_copies_equal_a_brute_force_twin(texts):
    def triples(text: str) -> set[tuple[str, ...]]:
        words = text.split()
        return {tuple(words[n : n + 3]) for n in range(max(1, len(words) - 2))} - {()}

    sets = [triples(text) for text in texts]
    wanted = {
        (i, j)
        for i, j in combinations(range(len(texts)), 2)
        if sets[i] & sets[j] and 2 * len(sets[i] & sets[j]) >= len(sets[i] | sets[j])
    }
    found = list(near_copies(texts))
    assert set(found) == wanted
    assert len(found) == len(wanted)
