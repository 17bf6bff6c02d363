"""Documents in and out: tagged files, folders, and JSONL; what is wrong is placed."""

import json
import random
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from papertag.documents import Document, read_documents, read_tagged
from papertag.errors import InputError, MarkupError
from papertag.formats.jsonl import to_json
from papertag.spans import LABELS, Span

SEEDS = sorted((Path(__file__).parents[1] / "seeds").glob("*.txt"))
ATOMS = [
    "Nova",
    "7B",
    " ",
    "\n",
    "\r\n",
    "\u2028",
    "\x85",
    "\x0c",
    "😀",
    "e\u0301",
    '"',
    "\\",
]
hostile_texts = st.lists(st.sampled_from(ATOMS) | st.text(max_size=3), max_size=12).map(
    "".join
)


@st.composite
def hostile_documents(draw: st.DrawFn) -> Document:
    text = draw(hostile_texts)
    mentions = [match.span() for match in re.finditer("Nova|7B|😀|e\u0301", text)]
    spans = tuple(Span(*m, draw(st.sampled_from(LABELS))) for m in mentions)
    return Document("", text, spans)


@pytest.fixture(scope="module")
def scratch(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("documents") / "papers.jsonl"


def written(path: Path, content: str) -> Path:
    path.write_bytes(content.encode())
    return path


def record(start: str, end: str, label: str) -> str:
    """One line of JSONL with one span, its values as they are written in JSON."""
    span = f'{{"start": {start}, "end": {end}, "label": {label}}}'
    return f'{{"text": "Nova", "spans": [{span}]}}'


def line_of(source: str, offset: int) -> int:
    return 1 + source[:offset].count("\n")


def test_a_record_has_the_shape_of_prodigy():
    line = to_json("😀 GPT-3\nin\u20282020", [Span(2, 7, "model")], "a.txt")
    assert "\n" not in line
    assert json.loads(line) == {
        "text": "😀 GPT-3\nin\u20282020",
        "spans": [{"start": 2, "end": 7, "label": "model"}],
        "meta": {"source": "a.txt"},
    }
    assert json.loads(to_json("", [], "-"))["spans"] == []


@given(st.lists(hostile_documents(), min_size=1, max_size=4))
def test_records_are_read_back(scratch, documents):
    lines = [to_json(document.text, document.spans, "a.txt") for document in documents]
    assert not any("\n" in line for line in lines)
    written(scratch, "\n".join(lines) + "\n")
    if any("\0" in document.text for document in documents):
        with pytest.raises((InputError, ExceptionGroup), match=r"NUL|bad documents"):
            list(read_documents(scratch, check=False))
        return
    read = list(read_documents(scratch, check=False))
    assert [(d.text, d.spans) for d in read] == [(d.text, d.spans) for d in documents]
    assert [d.source for d in read] == [f"{scratch}:{n + 1}" for n in range(len(lines))]


def test_jsonl_with_bom_crlf_empty_lines_and_without_spans(scratch):
    rows = ['\ufeff{"text": "a\\r\\n"}', "", '{"text": "b", "spans": [], "x": 1}', ""]
    first, second = read_documents(written(scratch, "\r\n".join(rows)))
    assert (first.text, first.spans, first.source) == ("a\r\n", (), f"{scratch}:1")
    assert (second.text, second.place(0)) == ("b", f"{scratch}:3")


def test_what_was_rejected_in_prodigy_is_left_out(scratch):
    rows = [
        f'{{"text": "{a}", "answer": "{a}"}}' for a in ("accept", "reject", "ignore")
    ]
    rows += ['{"text": "the \\"answer\\""}', '["answer"]']
    documents = read_documents(written(scratch, "\n".join(rows)))
    assert [next(documents).text, next(documents).text] == ["accept", 'the "answer"']
    with pytest.raises(InputError, match="has no text"):
        next(documents)


def test_spans_of_a_record_are_put_in_order(scratch):
    spans = [Span(5, 7, "year"), Span(0, 4, "model")]
    (document,) = read_documents(written(scratch, to_json("Nova 23", spans, "")))
    assert document.spans == (spans[1], spans[0])


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("Nova", "not JSON"),
        ('{"text": "Nova"', "not JSON"),
        ('{"text": "Nova"} {"text": "Nova"}', "not JSON"),
        ('["Nova"]', "has no text"),
        ("null", "has no text"),
        ('{"spans": []}', "has no text"),
        ('{"text": 7}', "has no text"),
        ('{"text": "Nova", "spans": null}', "a span lacks"),
        ('{"text": "Nova", "spans": {"start": 0}}', "a span lacks"),
        ('{"text": "Nova", "spans": [[0, 4, "model"]]}', "a span lacks"),
        ('{"text": "Nova", "spans": [{"start": 0, "end": 4}]}', "a span lacks"),
        (record("false", "4", '"model"'), "a span lacks"),
        (record("0.0", "4", '"model"'), "a span lacks"),
        (record("0", '"4"', '"model"'), "a span lacks"),
        (record("0", "4", "null"), "a span lacks"),
        (record("0", "5", '"model"'), "span 0-5 (model) is empty or reaches out"),
        (record("-4", "4", '"model"'), "span -4-4 (model) is empty or reaches out"),
        (record("2", "2", '"model"'), "span 2-2 (model) is empty or reaches out"),
        (record("3", "2", '"model"'), "span 3-2 (model) is empty or reaches out"),
        (record("0", "4", '"MODEL"'), "unknown label 'MODEL'"),
        (
            '{"text": "Nova", "spans": [{"start": 0, "end": 3, "label": "model"}, '
            '{"start": 2, "end": 4, "label": "year"}]}',
            "spans 0-3 (model) and 2-4 (year) overlap",
        ),
    ],
)
def test_a_bad_line_is_named_by_its_number(scratch, line, problem):
    written(scratch, f'{{"text": "fine"}}\n\n{line}\n{{"text": "fine"}}\n')
    with pytest.raises(InputError) as caught:
        list(read_documents(scratch))
    error = caught.value
    assert error.place == f"{scratch}:3"
    assert error.problem.startswith(problem)
    assert error.cure
    assert str(error).startswith(f"{scratch}:3: ")
    assert "\n" not in str(error)


@pytest.mark.parametrize(
    "line",
    [
        "[" * 100_000,
        record("1" * 5000, "4", '"model"'),
        '{"text": "a lone \\ud83d surrogate"}',
    ],
    ids=["deep", "digits", "surrogate"],
)
def test_json_that_python_cannot_hold_is_a_bad_line(scratch, line):
    with pytest.raises(InputError) as caught:
        list(read_documents(written(scratch, f"\n{line}\n")))
    assert caught.value.place == f"{scratch}:2"


def test_white_space_at_an_edge_is_an_error_in_jsonl_too(scratch):
    line = to_json("Nova\nis", [Span(0, 5, "model")], "")
    with pytest.raises(InputError) as caught:
        list(read_documents(written(scratch, line)))
    assert caught.value.place == f"{scratch}:1"


def test_a_place_is_the_line_in_the_source_file(tmp_path):
    rng = random.Random(0)
    for _ in range(300):
        source, paragraph = "", rng.choice(["p", "paragraph"])
        for number in range(rng.randint(1, 6)):
            before = rng.choice(["", "a\n &lt;year> "])
            mention = f"{before}<model>Nova{number}</model>,\r\nb"
            wrapped = f"<{paragraph}>{mention}</{paragraph}>"
            source += rng.choice([wrapped, wrapped, mention])
            source += rng.choice(["", "\n", "\n\n\n ", " text \n"])
        path = written(tmp_path / "a.txt", rng.choice(["", "\ufeff"]) + source)
        document = read_tagged(path)
        for number, span in enumerate(document.spans):
            assert document.text[span.start : span.end] == f"Nova{number}"
            wanted = line_of(source, source.index(f"Nova{number}"))
            assert document.place(span.start) == f"{path}:{wanted}"


@pytest.mark.parametrize("path", SEEDS, ids=lambda path: path.stem)
def test_places_in_the_seeds(path):
    document = read_tagged(path)
    source = path.read_bytes().decode()
    tags = list(re.finditer(rf"<(?:{'|'.join(LABELS)})>", source))
    assert len(tags) == len(document.spans) > 0
    for tag, span in zip(tags, document.spans, strict=True):
        assert document.place(span.start) == f"{path}:{line_of(source, tag.end())}"


def test_a_bom_is_dropped_and_crlf_kept(tmp_path):
    path = written(tmp_path / "a.txt", "\ufeffa\r\n<model>Nova</model>\rb\n")
    document = read_tagged(path)
    assert document.text == "a\r\nNova\rb\n"
    assert document.spans == (Span(3, 7, "model"),)
    assert document.source == str(path)


def test_another_encoding(tmp_path):
    path = tmp_path / "a.txt"
    path.write_bytes("<model>Nová</model>".encode("utf-16"))
    assert read_tagged(path, "utf-16").spans == (Span(0, 4, "model"),)
    with pytest.raises(InputError, match="--encoding utf-16"):
        read_tagged(path)


@pytest.mark.parametrize(
    ("source", "where", "problem"),
    [
        ("a\nb <Model>x</Model>", "2:3", "<Model> is almost a tag"),
        ("a\n\n<model id=1>x", "3:1", "<model id=1> is almost a tag"),
        ("a\n<year />x", "2:1", "<year /> is almost a tag"),
        ("a\n <model>b", "2:2", "<model> is never closed"),
        ("a\n<model> b</model>", "2", "' b' (model) has white space at an edge"),
        (
            "<p>a</p>\n\n<p>\n<year>b\u2028</year></p>",
            "4",
            "'b\\u2028' (year) has white",
        ),
        ("\ufeff<model>\nb\r\n</model>", "1", "'\\nb\\r\\n' (model) has white space"),
    ],
)
def test_what_training_data_must_not_hold_is_an_error(tmp_path, source, where, problem):
    path = written(tmp_path / "a.txt", source)
    with pytest.raises(MarkupError) as caught:
        list(read_documents(path))
    assert caught.value.place == f"{path}:{where}"
    assert caught.value.problem.startswith(problem)
    assert caught.value.cure
    assert "\n" not in str(caught.value)


def test_an_escaped_or_unrelated_tag_is_text(tmp_path):
    source = "&lt;model> <models> a < b &lt;Model>"
    document = read_tagged(written(tmp_path / "a.txt", source))
    assert document.text == "<model> <models> a < b <Model>"


def test_documents_of_a_folder_a_file_and_jsonl(tmp_path, scratch):
    for name in ("b.txt", "a/c.txt", "a/b.txt", "a.md", "x.jsonl"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        written(tmp_path / name, name)
    sources = [str(tmp_path / name) for name in ("a/b.txt", "a/c.txt", "b.txt")]
    assert [d.source for d in read_documents(tmp_path)] == sources
    assert [d.text for d in read_documents(tmp_path / "b.txt")] == ["b.txt"]
    written(scratch, to_json("Nova", [], "") + "\n")
    assert [d.source for d in read_documents(scratch)] == [f"{scratch}:1"]


def test_an_empty_file_is_an_empty_document(tmp_path):
    assert read_tagged(written(tmp_path / "a.txt", "")).text == ""
    assert list(read_documents(written(tmp_path / "a.jsonl", ""))) == []


def test_an_empty_folder_and_a_missing_file_are_errors(tmp_path):
    for path in (tmp_path, tmp_path / "a.txt", tmp_path / "a.jsonl"):
        with pytest.raises(InputError) as caught:
            list(read_documents(path))
        assert caught.value.place == str(path)


def test_all_bad_documents_are_named_and_the_good_ones_come_through(tmp_path):
    for name, source in (("a", "<model>a"), ("b", "fine"), ("c", "<year> c</year>")):
        written(tmp_path / f"{name}.txt", source)
    documents = read_documents(tmp_path)
    assert next(documents).text == "fine"
    with pytest.raises(ExceptionGroup) as caught:
        next(documents)
    places = [error.place for error in caught.value.exceptions]
    assert places == [f"{tmp_path / 'a.txt'}:1:1", f"{tmp_path / 'c.txt'}:1"]


def test_predictions_are_read_unchecked(tmp_path):
    path = written(tmp_path / "a.txt", "<Model> <model> x</model>")
    (document,) = read_documents(path, check=False)
    assert document.text == "<Model>  x"
    assert document.spans == (Span(8, 10, "model"),)
