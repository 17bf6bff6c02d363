"""brat's standoff: fragments across line breaks, notes, and bad lines."""

import pytest

from papertag.documents import read_documents
from papertag.errors import PapertagError
from papertag.formats import brat
from papertag.markup import Tagged
from papertag.spans import Span

TEXT = "😀 Nova\n 7B is\tout"


def read(tmp_path, annotations, text=TEXT):
    (tmp_path / "a.txt").write_bytes(text.encode())
    (tmp_path / "a.ann").write_bytes(annotations.encode())
    (document,) = read_documents(tmp_path)
    return document


def test_lines_as_brat_writes_them():
    spans = (Span(2, 10, "model", 0.91234), Span(11, 17, "year"))
    assert brat.write_annotations(Tagged(TEXT, spans), "a.txt") == (
        "T1\tmodel 2 6;7 10\tNova  7B\n"
        "#1\tAnnotatorNotes T1\t0.9123\n"
        "T2\tyear 11 13;14 17\tis out\n"
    )


def test_fragments_are_one_span_and_other_lines_are_passed_over(tmp_path):
    document = read(
        tmp_path,
        "T2\tyear 11 13\tis\r\nT1\tmodel 2 6;8 10\tNova 7B\n"
        "R1\tOf Arg1:T1 Arg2:T2\nA1\tSure T1\n*\tEquiv T1 T2\n#1\tNote T1\tso\n",
    )
    assert document.spans == (Span(2, 10, "model"), Span(11, 13, "year"))
    assert document.text == TEXT
    assert document.source == str(tmp_path / "a.txt")
    assert document.place(11) == str(tmp_path / "a.txt:2")


def test_the_annotations_name_their_text(tmp_path):
    read(tmp_path, "T1\tmodel 2 6\tNova\n")
    (document,) = read_documents(tmp_path / "a.ann")
    assert document.spans == (Span(2, 6, "model"),)


def test_tags_in_the_text_are_text(tmp_path):
    document = read(tmp_path, "", "<model>Nova</model>")
    assert (document.text, document.spans) == ("<model>Nova</model>", ())


def test_a_byte_order_mark_is_a_character_to_brat(tmp_path):
    document = read(tmp_path, "T1\tmodel 1 5\tNova\n", "\ufeffNova")
    assert (document.text, document.spans) == ("Nova", (Span(0, 4, "model"),))


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("T1 model 2 6 Nova", "is no entity as brat writes one"),
        ("T1\tmodel 2 6", "is no entity as brat writes one"),
        ("T1\tmodel 2\tNova", "is no entity as brat writes one"),
        (f"T1\tmodel 2 {'6' * 5000}\tNova", "is no entity as brat writes one"),
        ("T1\tcar 2 6\tNova", "unknown label 'car' at 2"),
        ("T1\tmodel 2 99\tNova", "span 2-99 (model) is empty or reaches"),
        ("T1\tmodel 6 2\t", "span 6-2 (model) is empty or reaches"),
        ("T1\tmodel 2 6;11 13\tNova is", "entity 2-13 has a gap"),
        ("T1\tmodel 8 10;2 6\t7B Nova", "entity 8-6 has a gap"),
        ("T1\tmodel 3 7\tNova", "says 'Nova', the text has 'ova\\n'"),
        ("T1\tyear 8 12\t7B i", "spans 8-12 (year) and 11-13 (year) overlap"),
    ],
)
def test_bad_lines_are_named(tmp_path, line, problem):
    with pytest.raises(PapertagError) as caught:
        read(tmp_path, f"T9\tyear 11 13\tis\n{line}\n")
    number = 1 if "overlap" in problem else 2  # the one that comes second in the text
    assert caught.value.place == str(tmp_path / f"a.ann:{number}")
    assert caught.value.problem.startswith(problem)
    assert caught.value.cure


def test_annotations_without_their_text(tmp_path):
    (tmp_path / "a.ann").write_text("")
    for path in (tmp_path, tmp_path / "a.ann"):
        with pytest.raises(PapertagError, match=r"a\.txt: no such file"):
            list(read_documents(path))
