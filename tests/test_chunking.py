"""Cuts of a long doc: all of it, in order, at the best border there is."""

import random
from itertools import pairwise

import pytest
import spacy
from hypothesis import given, settings
from hypothesis import strategies as st
from spacy.tokenizer import Tokenizer

from papertag.chunking import chunks
from papertag.tokenization import tokenizer

ATOMS = [
    "word",
    ".",
    "!",
    " ",
    " ",
    "\n",
    "\n\n",
    "\r\n",
    "\r\n\r\n",
    "\n \n",
    "\t",
    "。",
]
hostile_texts = st.lists(st.sampled_from(ATOMS), max_size=40).map("".join)


@pytest.fixture(scope="module")
def tokenize() -> Tokenizer:
    return tokenizer(spacy.blank("papertag"))


def cut(tokenize: Tokenizer, text: str, size: int, forbidden=()) -> list[str]:
    doc = tokenize(text)
    return [doc[start:end].text_with_ws for start, end in chunks(doc, size, forbidden)]


@given(hostile_texts, st.integers(1, 12), st.sets(st.integers(0, 40)))
@settings(max_examples=400, deadline=None)
def test_chunks_cover_the_doc_in_order(tokenize, text, size, forbidden):
    doc = tokenize(text)
    cuts = list(chunks(doc, size, forbidden))
    assert all(0 < end - start <= size for start, end in cuts)
    assert all(left[1] == right[0] for left, right in pairwise(cuts))
    assert "".join(doc[start:end].text_with_ws for start, end in cuts) == text
    for start, end in cuts[:-1]:
        allowed = set(range(start + 1, start + size + 1)) - forbidden
        assert end in allowed or not allowed


@pytest.mark.parametrize(
    ("text", "size", "first"),
    [
        ("a b\n\nc d.\ne f. g h", 9, "a b\n\n"),  # paragraph before line
        ("a b\n\nc d\n\ne f g", 7, "a b\n\nc d\n\n"),  # the last one
        ("a b\r\n\r\nc d\r\ne f. g h", 8, "a b\r\n\r\n"),
        ("a b\n \nc d. e f", 6, "a b\n \n"),
        ("a b\nc d. e f g", 6, "a b\n"),  # line before sentence
        ("a b\nc d\ne f g", 7, "a b\nc d\n"),
        ("a b. c d! e f g", 7, "a b. c d! "),  # sentence before anywhere
        ("a b 。 c d e", 5, "a b 。 "),
        ("a b c d e f", 4, "a b c d "),  # anywhere
    ],
)
def test_a_cut_is_at_the_last_of_the_best_borders(tokenize, text, size, first):
    assert cut(tokenize, text, size)[0] == first


def test_a_short_doc_is_one_chunk_and_an_empty_one_none(tokenize):
    assert cut(tokenize, "a b\n\nc", 4) == ["a b\n\nc"]
    assert cut(tokenize, "", 4) == []


def test_no_cut_is_in_front_of_a_forbidden_token(tokenize):
    assert cut(tokenize, "a b\n\nc d e f", 5, {3}) == ["a b\n\nc d ", "e f"]
    assert cut(tokenize, "a b c d e f", 4, {3, 4}) == ["a b ", "c d e f"]
    assert cut(tokenize, "a b c d e f", 3, {2, 3, 4}) == ["a ", "b c d ", "e f"]


def test_where_every_cut_is_forbidden_the_last_is_taken(tokenize):
    assert cut(tokenize, "a b c d e", 2, {1, 2, 3, 4}) == ["a b ", "c d ", "e"]


@pytest.mark.parametrize("text", ["a " * 1000, "-a" * 500, "\n" * 1000, "a\n\n" * 500])
def test_size_one_and_texts_without_borders(tokenize, text):
    count = len(tokenize(text))
    assert len(cut(tokenize, text, 1)) == count
    assert len(cut(tokenize, text, 10**9)) == 1
    assert "".join(cut(tokenize, text, 7)) == text


def test_a_long_doc_takes_linear_time(tokenize):
    text = "".join(random.Random(0).choices([*ATOMS, "word "], k=100_000))
    pieces = cut(tokenize, text, 500)
    assert "".join(pieces) == text
    assert len(pieces) < 2 * len(tokenize(text)) / 500 + 2
