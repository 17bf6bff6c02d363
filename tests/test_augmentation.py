"""Augmenters: other names and real noise, with the spans where they were."""

import random
import re

import pytest
import spacy
from hypothesis import given
from hypothesis import strategies as st
from spacy.training import Example

from papertag import augmentation, names
from papertag.alignment import set_spans
from papertag.augmentation import (
    add_noise,
    apply,
    chain,
    swap_mentions,
)
from papertag.gazetteer import COUNTRIES, OTHER_COUNTRIES
from papertag.markup import parse, render
from papertag.pipeline import find_spans
from papertag.spans import Span
from papertag.tokenization import tokenizer

SOURCE = (
    "In <year>2023</year> researchers from <country>Norway</country> (Oslo) trained "
    "<model>Nova</model>, a <params>7.5 billion</params>-parameter model, for "
    "<training>14 days</training> on 64 <hardware>NVIDIA A100</hardware> GPUs, and "
    "<model>Nova</model> is Norwegian to the bone; much better results will follow."
)


@pytest.fixture(scope="module")
def nlp():
    blank = spacy.blank("papertag")
    blank.tokenizer = tokenizer(blank)
    return blank


def _example(nlp, source=SOURCE):
    tagged = parse(source)
    doc = nlp.make_doc(tagged.text)
    assert not set_spans(doc, tagged.spans)
    return Example(nlp.make_doc(tagged.text), doc)


def _changed(nlp, augmenter, seed, source=SOURCE):
    random.seed(seed)
    (new,) = augmenter(nlp, _example(nlp, source))
    assert new.predicted.text == new.reference.text
    assert not new.predicted.ents
    return new.reference


def test_swapped_mentions_are_others_of_their_type_and_the_rest_stays(nlp):
    tagged = parse(SOURCE)
    seen = set()
    for seed in range(50):
        doc = _changed(nlp, swap_mentions(1.0, 1.0), seed)
        spans = find_spans(doc)
        assert [s.label for s in spans] == [s.label for s in tagged.spans]
        year, country, model, params, training, _, again = [
            doc.text[s.start : s.end] for s in spans
        ]
        assert 2012 <= int(year) <= 2026
        assert country in {*COUNTRIES, *OTHER_COUNTRIES}
        assert model == again
        assert re.fullmatch(r"[1-9]\.\d billion", params)
        assert re.fullmatch(r"[1-9]\d days", training)
        assert re.sub(r"<(\w+)>.*?</\1>", "", render(doc.text, spans)) == re.sub(
            r"<(\w+)>.*?</\1>", "", SOURCE
        )
        seen.add(model)
    assert len(seen) > 40


def test_the_level_is_the_share_of_examples_that_change(nlp):
    augmenter = swap_mentions(0.3, 1.0)
    texts = [_changed(nlp, augmenter, seed).text for seed in range(300)]
    assert 60 < sum(text != parse(SOURCE).text for text in texts) < 120
    assert _changed(nlp, swap_mentions(0.0), 1).text == parse(SOURCE).text


def test_devices_have_one_maker():
    random.seed(0)
    for _ in range(300):
        name = names.device("NVIDIA A100")
        assert not re.search(r"(\w+) \1\b", name), name
        assert not re.search("NVIDIA.* (Tesla|GeForce).* (Tesla|GeForce)", name), name


@pytest.mark.parametrize("seed", range(80))
def test_noise_leaves_the_letters_of_every_mention(nlp, seed):
    before, after = parse(SOURCE), _changed(nlp, add_noise(1.0), seed)
    for old, new in zip(before.spans, find_spans(after), strict=True):
        letters = re.sub(r"\s|-\n", "", after.text[new.start : new.end])
        wanted = before.text[old.start : old.end].replace(" ", "")
        assert letters in (wanted, wanted.lower())
        assert new.label == old.label


def test_noise_has_all_its_kinds(nlp):
    texts = [_changed(nlp, add_noise(1.0), seed).text for seed in range(200)]
    for kind in (
        "-\n",
        "Norway(Oslo)",
        "et al., ",
        "**Nova**",
        "nova, a",
        "Results Will",
    ):
        assert any(kind in text for text in texts), kind


def test_a_country_that_is_its_own_adjective_gives_countries():
    nouns = {*COUNTRIES, *OTHER_COUNTRIES}
    for seed in range(50):
        random.seed(seed)
        assert names.country("New Zealand") in nouns
        assert names.country("Norwegian") in COUNTRIES.values()


def test_words_beside_a_mention_get_no_capital():
    text = "the model behind Nova called mini (Nova) works rather well today."
    spans = [Span(17, 21, "model"), Span(35, 39, "model")]
    seen = set()
    for seed in range(200):
        random.seed(seed)
        new, same = augmentation._title(text, spans)
        assert same == spans
        seen.update(new.split())
    assert seen >= {"Works", "Rather", "Well", "Today."}
    assert not seen & {"Model", "Behind", "Called", "Mini"}


def test_lines_are_broken_from_where_the_text_has_its_own_breaks():
    random.seed(1)
    text = ("short words in here\n" * 30).rstrip("\n")
    assert augmentation._break_lines(text, []) == (text, [])


def test_augmenters_are_chained(nlp):
    doc = _changed(nlp, chain(swap_mentions(1.0, 1.0), add_noise(1.0)), 5)
    assert "Nova" not in doc.text
    assert len(doc.ents) == 7


def test_an_example_with_unknown_tokens_stays_as_it_is(nlp):
    example = _example(nlp)
    example.reference.set_ents([], missing=[example.reference[0:2]])
    (same,) = augmentation.swap_mentions(1.0)(nlp, example)
    assert same is example


@st.composite
def edits(draw):
    text = draw(st.text(alphabet="abc de", min_size=1, max_size=30))
    cuts = sorted(draw(st.sets(st.integers(0, len(text)), max_size=8)))
    spans = [Span(a, b, "model") for a, b in zip(cuts[::2], cuts[1::2], strict=False)]
    inserted = draw(st.sets(st.integers(0, len(text)), max_size=5))
    return text, spans, [(at, at, "XY") for at in sorted(inserted)]


@given(edits())
def test_insertions_move_spans_and_are_inside_only_between_their_letters(case):
    text, spans, inserted = case
    new, moved = apply(text, spans, inserted)
    assert new.replace("XY", "") == text
    for old, span in zip(spans, moved, strict=True):
        mention = new[span.start : span.end]
        assert mention.replace("XY", "") == text[old.start : old.end]
        assert not mention.startswith("XY")
        assert not mention.endswith("XY")


def test_a_replaced_mention_is_covered_whole():
    text, (span,) = apply("on A100 now", [Span(3, 7, "hardware")], [(3, 7, "TPU v4")])
    assert text[span.start : span.end] == "TPU v4"


def test_quantities_keep_their_shape():
    random.seed(0)
    for like in ("175B", "6,738,415,616", "0.4M", "two weeks", "2.788M H800 GPU hours"):
        new = names.quantity(like)
        assert re.sub(r"\d", "9", new) == re.sub(r"\d", "9", like)
    assert names.quantity("0.4M").startswith("0.")
    assert names.quantity("5 H800 hours").endswith("H800 hours")
