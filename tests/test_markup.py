"""The grammar's laws, over seeded hostile texts and the five seeds."""

import random
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from papertag.errors import MarkupError, SpanError
from papertag.markup import BREAK, Tagged, near_tags, parse, place, render
from papertag.spans import LABELS, Span

SEEDS = sorted((Path(__file__).parents[1] / "seeds").glob("*.txt"))
ATOMS = [
    *(f"<{name}>" for name in (*LABELS, "p", "paragraph")),
    *(f"</{name}>" for name in (*LABELS, "p", "paragraph")),
    *("&lt;model>", "&amp;lt;model>", "&lt;p>", "&amp;amp;lt;/p>", "&lt;", "&amp;"),
    *("<", ">", "&", "/", "lt;", "amp;", "model>", "<Model>", "<model id=1>", "<p "),
    *("\r\n", "\n", "\n\n", "\t", " ", "\x0b", "\x85", "\u2028", "\x01", "\ufeff"),
    *("e\u0301", "\U0001f600", "\u200d", "\U0001d4d0", "BERT", "7B", "a", "中", ""),
]
hostile_texts = st.lists(st.sampled_from(ATOMS) | st.text(max_size=4), max_size=24).map(
    "".join
)


@st.composite
def hostile_spans(draw: st.DrawFn) -> tuple[str, tuple[Span, ...]]:
    text = draw(hostile_texts)
    borders = st.lists(st.integers(0, len(text)), unique=True, max_size=8)
    cuts = sorted(draw(borders))
    pairs = zip(cuts[::2], cuts[1::2], strict=False)
    labels = st.sampled_from(LABELS)
    return text, tuple(Span(start, end, draw(labels)) for start, end in pairs)


@given(hostile_spans())
@settings(max_examples=2000)
def test_parse_gives_back_what_render_was_given(case):
    text, spans = case
    tagged = parse(render(text, spans))
    assert (tagged.text, tagged.spans) == (text, spans)
    assert render(tagged) == render(text, spans)


@given(hostile_texts)
@example("<p></p><Model>")  # a near-tag is text beside wrappers, too
@settings(max_examples=3000)
def test_render_gives_back_every_wellformed_source(source):
    try:
        tagged = parse(source)
    except MarkupError:
        return
    assert render(tagged) == source


@given(hostile_texts)
def test_a_text_without_anything_like_a_tag_is_its_own_markup(text):
    if "<" not in text and "&" not in text:
        assert render(text, ()) == text == parse(text).text


@pytest.mark.parametrize("path", SEEDS, ids=lambda path: path.stem)
def test_seeds_come_back_byte_for_byte(path):
    source = path.read_bytes().decode("utf8")
    tagged = parse(source)
    assert len(SEEDS) == 5
    assert tagged.spans
    assert render(tagged).encode("utf8") == path.read_bytes()
    again = parse(render(tagged.text, tagged.spans))
    assert (again.text, again.spans) == (tagged.text, tagged.spans)
    assert "<p" not in tagged.text


def test_a_seed_with_wrappers_has_paragraph_borders_and_stray_characters():
    tagged = parse(SEEDS[0].read_text(encoding="utf8"))
    assert tagged.text.count(BREAK) == 2
    assert "reasoning.\n\nReleased in 2023" in tagged.text
    assert "trainingâ€”a 22%" in tagged.text


def test_words_are_not_glued_where_wrappers_stood():
    source = "Title\n<p>One <year>2020</year></p> <p>Two</p>\n"
    tagged = parse(source)
    assert tagged.text == "Title\n\n\nOne 2020\n\nTwo\n"
    assert tagged.spans == (Span(12, 16, "year"),)
    assert render(tagged) == source


def test_wrappers_that_do_not_pair_are_text():
    for source in (
        "the <p> element",
        "</p>a<p>",
        "<p>a</paragraph>",
        "<p><p>a</p></p>",
    ):
        assert parse(source).text == source
        assert render(source, ()) == source


def test_text_in_which_wrappers_would_pair_is_escaped():
    assert render("<p>a</p>", ()) == "&lt;p>a&lt;/p>"
    assert parse("&lt;p>a&lt;/p>").text == "<p>a</p>"


def test_escapes():
    assert render("a <model> b", ()) == "a &lt;model> b"
    assert render("a &lt;model> b", ()) == "a &amp;lt;model> b"
    assert render("a &lt; b &amp; <b> <models>", ()) == "a &lt; b &amp; <b> <models>"


@pytest.mark.parametrize(
    ("source", "problem", "where"),
    [
        ("a\n <model>b", "<model> is never closed", "2:2"),
        ("a</year>", "</year> closes a tag that is not open", "1:2"),
        ("<model>a<year>b</year></model>", "<year> opens inside <model>", "1:9"),
        ("<model>a</year>", "</year> stands where <model> is open", "1:9"),
        ("x <model></model>", "<model> is empty", "1:3"),
        ("<p><model>a</p><p>b</model></p>", "</p><p> stands inside <model>", "1:12"),
    ],
)
def test_errors_say_where_and_what(source, problem, where):
    with pytest.raises(MarkupError) as caught:
        parse(source)
    assert caught.value.place == where
    assert caught.value.problem.startswith(problem)
    assert caught.value.cure


def test_spans_that_do_not_fit_are_refused():
    for spans in (
        [Span(0, 0, "model")],
        [Span(0, 9, "model")],
        [Span(-1, 1, "model")],
        [Span(0, 1, "Model")],
        [Span(0, 2, "model"), Span(1, 3, "year")],
    ):
        with pytest.raises(SpanError):
            render("abcd", spans)


def test_a_span_across_a_wrapper_is_refused():
    tagged = parse("<p>ab</p><p>cd</p>")
    for span in (Span(1, 5, "model"), Span(1, 3, "model"), Span(3, 5, "model")):
        with pytest.raises(SpanError):
            render(Tagged(tagged.text, (span,), tagged.layout))
    fits = Tagged(tagged.text, (Span(0, 2, "model"), Span(4, 6, "year")), tagged.layout)
    assert render(fits) == "<p><model>ab</model></p><p><year>cd</year></p>"


def test_near_tags_are_found_and_exact_ones_are_not():
    source = "<Model>x</Model> <model id=1> <year/> < year > <models> &lt;year> <p b>"
    assert [text for _, text in near_tags(source)] == [
        "<Model>",
        "</Model>",
        "<model id=1>",
        "<year/>",
    ]
    assert place("a\nbc", 3) == "2:2"


@given(hostile_texts)
@settings(max_examples=3000)
def test_other_spans_in_the_layout_of_a_source_keep_its_text(source):
    try:
        tagged = parse(source)
    except MarkupError:
        return
    bare = Tagged(tagged.text, (), tagged.layout)
    assert parse(render(bare)).text == tagged.text


def test_tags_that_were_cut_by_tags_stay_text_without_them():
    for source in ("<p>x</p> <<model>p</model>> y", "<year><</year>p>a</p>"):
        tagged = parse(source)
        bare = Tagged(tagged.text, (), tagged.layout)
        assert parse(render(bare)).text == tagged.text


@pytest.mark.parametrize("piece", ["&lt;model ", "<model ", "<model", "<p>", "<p></p>"])
def test_a_run_of_almost_markup_takes_linear_time(piece):
    text = piece * 100_000
    assert parse(render(text, ())).text == text


def test_a_long_text_takes_linear_time():
    rng = random.Random(0)
    source = "".join(rng.choices([*ATOMS, " word "], k=300_000))
    plain = parse(render(source, ())).text
    assert plain == source
