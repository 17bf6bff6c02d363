"""The tokenizer's cuts: as the table shows them, on every border of a gold span."""

import json
import os
import random
import re
import subprocess
import sys
import tomllib
from importlib.metadata import entry_points
from itertools import pairwise
from pathlib import Path

import pytest
import spacy
from hypothesis import given, settings
from hypothesis import strategies as st
from spacy.tokenizer import Tokenizer
from spacy.vocab import Vocab

from papertag.documents import read_documents
from papertag.markup import parse
from papertag.tokenization import BORDERS, CUTS, tokenizer

ROOT = Path(__file__).parents[1]
GOLD = ROOT.parent / "shared" / "gold" / "dev.jsonl"
needs_gold = pytest.mark.skipif(not GOLD.exists(), reason="no gold beside the checkout")
ATOMS = [
    *("GPT-4", "8xA100", "16GBx8", "A100s", "ResNets", "34B.", "2024.03.21", "1,024"),
    *(
        "\\textbf{BERT}",
        "$7\\times10^{9}$",
        "~7B",
        "Llama_2",
        "A/B/C",
        "Nova.3",
        "x",
        "s",
    ),
    *(
        "https://a.org/b-c?d=e",
        "http://",
        "www.a.org",
        "...",
        "----",
        "''",
        "“",
        "”",
        "—",
    ),
    *(" ", "  ", "\t", "\n", "\n\n", "\r\n", "\r", "\x0b", "\x1c", "\x85", "\u2028"),
    *("\x00", "\x01", "\x7f", "\ufeff", "\xa0", "\u200b", "\u200d", "\u202e", "\ufffd"),
    *(
        "e\u0301",
        "\u0301",
        "\U0001f600",
        "👩\u200d🔬",
        "🇳🇴",
        "\U0001d4d0",
        "²",
        "A100²",
    ),
    *(
        "2025年",
        "中文",
        "カタカナ",
        "한국",
        "१२",
        "٣",
        "ß",
        "İ",
        "ǅ",
        "½",
        "Ⅳ",
        "_",
        "__",
        "",
    ),
]
hostile_texts = st.lists(st.sampled_from(ATOMS) | st.text(max_size=4), max_size=24).map(
    "".join
)


@pytest.fixture(scope="module")
def tokenize() -> Tokenizer:
    return tokenizer(spacy.blank("papertag"))


def cut(tokenize: Tokenizer, text: str) -> str:
    return "¦".join(token.text for token in tokenize(text))


def expected_tokens(text: str) -> list[str]:
    """Cut at white space, then wherever CUTS says: what spaCy should make of it."""
    tokens = []
    for chunk in text.split():
        ends = {end for match in CUTS.finditer(chunk) for end in match.span()}
        cuts = sorted({0, len(chunk), *ends})
        tokens += [chunk[start:end] for start, end in pairwise(cuts)]
    return tokens


@pytest.mark.parametrize("border", BORDERS, ids=lambda border: border.example)
def test_an_example_shows_all_its_cuts_and_one_is_its_borders(tokenize, border):
    text = border.example.replace("¦", "")
    assert cut(tokenize, text) == border.example
    before = [len(part) for part in border.example.split("¦")[:-1]]
    cuts = {sum(before[: n + 1]) for n in range(len(before))}
    own = re.finditer(f"(?<={border.left})(?={border.right})", text)
    assert cuts & {match.start() for match in own}


@pytest.mark.parametrize(
    "source",
    [
        "<hardware>8</hardware>x<hardware>A100</hardware>",
        "8 × <hardware>A100</hardware>s, 4×<hardware>TPUv3</hardware>",
        "<hardware>V100</hardware>-32GB and <hardware>A100</hardware>(80GB)",
        "<hardware>A100 80GB</hardware>x8",
        "a <model>GPT-4</model>-based agent, <model>ViT-L/14</model>'s",
        "<model>ResNet</model>s are <params>34B</params>.",
        "sizes ~<params>7B</params>/<params>1.3B</params>, not <params>70B</params>",
        "<country>Norway</country>/<country>Sweden</country>, <country>USA</country>.3",
        "<country>Norway</country>2 and <country>France</country>²",
        "\\textbf{<model>BERT</model>}~\\cite{a} $<params>7B</params>$",
        "(<year>2023</year>) <year>2024</year>.03.21, 21.03.<year>2024</year>.",
        "<year>2025</year>年 “<model>Nova_2</model>”",
    ],
)
def test_mentions_are_cut_off_what_is_glued_to_them(tokenize, source):
    tagged = parse(source)
    doc = tokenize(tagged.text)
    assert all(doc.char_span(span.start, span.end) for span in tagged.spans)


def test_numbers_and_words_stay_whole(tokenize):
    for word in ("12.3", "1,024", "175B", "TPUv4", "transformers", "Models", "naïve"):
        assert cut(tokenize, word) == word
    assert cut(tokenize, "and ... then --- 12.3B.") == "and¦...¦then¦---¦12.3B¦."


@pytest.mark.parametrize(
    ("text", "address"),
    [
        (
            "https://github.com/a-b/c_d?e=f&g=1,2.",
            "https://github.com/a-b/c_d?e=f&g=1,2",
        ),
        ("(see http://x.org/GPT-4/8xA100.pdf)", "http://x.org/GPT-4/8xA100.pdf"),
        ("\\url{https://x.org/~me/7B}, and", "https://x.org/~me/7B"),
        ("<https://x.org/a#b-2>", "https://x.org/a#b-2"),
        ("at:https://x.org/¹ü...", "https://x.org/¹ü"),
    ],
)
def test_a_web_address_is_one_token(tokenize, text, address):
    assert address in [token.text for token in tokenize(text)]


@given(hostile_texts)
@settings(max_examples=600, deadline=None)
def test_tokens_joined_are_the_input_and_cut_as_the_table_says(tokenize, text):
    doc = tokenize(text)
    assert "".join(token.text + token.whitespace_ for token in doc) == text
    assert [t.text for t in doc if not t.text.isspace()] == expected_tokens(text)
    assert [token.text for token in tokenize(text)] == [token.text for token in doc]


@pytest.mark.parametrize(
    ("unit", "tokens"),
    [("a", 1), (".", 1), ("<", 1), ("1.", 2), ("-a", 400_000), ("https://", 1)],
)
def test_long_runs_take_linear_time(tokenize, unit, tokens):
    text = unit * 200_000
    doc = tokenize(text)
    assert len(doc) == tokens
    assert doc.text == text


def test_a_long_hostile_text_takes_linear_time(tokenize):
    text = "".join(random.Random(0).choices(ATOMS, k=100_000))
    assert tokenize(text).text == text


def test_every_span_of_seeds_and_corpus_is_on_token_borders(tokenize):
    folders = (ROOT / "seeds", ROOT / "corpus" / "tagged")
    documents = [document for path in folders for document in read_documents(path)]
    misaligned, spans = [], 0
    for document in documents:
        doc = tokenize(document.text)
        assert doc.text == document.text
        for span in document.spans:
            spans += 1
            if doc.char_span(span.start, span.end) is None:
                misaligned.append((document.place(span.start), span))
    assert misaligned == []
    assert spans > 2000


@needs_gold
def test_gold_is_on_token_borders_and_tokens_are_no_splinters(tokenize):
    misaligned, spans, tokens, words = [], 0, 0, 0
    for document in read_documents(GOLD):
        doc = tokenize(document.text)
        spans += len(document.spans)
        tokens += sum(not token.is_space for token in doc)
        words += len(document.text.split())
        misaligned += [
            (document.source, document.text[span.start : span.end])
            for span in document.spans
            if doc.char_span(span.start, span.end) is None
        ]
    assert len(misaligned) <= 0.002 * spans, misaligned
    assert spans > 500
    assert tokens / words < 1.4


def test_a_saved_tokenizer_cuts_as_before(tokenize):
    saved = tokenize.to_bytes(exclude=["vocab"])
    loaded = Tokenizer(Vocab()).from_bytes(saved)
    texts = [border.example.replace("¦", "") for border in BORDERS]
    texts += ["".join(random.Random(1).choices(ATOMS, k=3000))]
    for text in texts:
        assert cut(loaded, text) == cut(tokenize, text)
    assert cut(Tokenizer(Vocab()), "GPT-4") == "GPT-4"  # it came with the bytes


def test_a_process_that_never_imported_papertag_finds_what_it_registers():
    code = """
import json, sys
import spacy
from spacy.util import get_lang_class, registry
assert not any(name.split(".")[0] == "papertag" for name in sys.modules)
found = (
    registry.misc.get("papertag.MiniLM.v1"),
    registry.tokenizers.get("papertag.Tokenizer.v1"),
    get_lang_class("papertag"),
)
print(json.dumps([f"{thing.__module__}:{thing.__qualname__}" for thing in found]))
"""
    run = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONWARNINGS": "ignore"},
    )
    assert run.returncode == 0, run.stderr
    assert json.loads(run.stdout.splitlines()[-1]) == [
        "papertag.encoder:minilm",
        "papertag.tokenization:create_tokenizer",
        "papertag.pipeline:Papertag",
    ]


def test_declared_entry_points_are_installed_and_load():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf8"))
    groups = project["project"]["entry-points"]
    declared = {
        (group, name): value
        for group, names in groups.items()
        if group.startswith(("spacy_", "thinc_"))
        for name, value in names.items()
    }
    assert declared
    for (group, name), value in declared.items():
        found = {entry.value: entry for entry in entry_points(group=group, name=name)}
        assert set(found) == {value}, f"{name}: install the package again"
        assert found[value].load()
