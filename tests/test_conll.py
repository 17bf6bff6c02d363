"""CoNLL: columns that rebuild the text, and the columns of others."""

import pytest

from papertag.documents import read_documents
from papertag.errors import InputError, SpanError
from papertag.formats import conll
from papertag.markup import Tagged
from papertag.spans import Span

PAPER = Tagged(
    "\n Nova 7B,\xa0A100s.\n", (Span(2, 9, "model"), Span(11, 15, "hardware"))
)
COLUMNS = """\
-DOCSTART- -X- O O

Nova\t2\t6\tSpacesBefore=\\n\\s|SpacesAfter=\\s\tB-model
7B\t7\t9\tSpaceAfter=No\tI-model
,\t9\t10\tSpacesAfter=\\u00a0\tO
A100\t11\t15\tSpaceAfter=No\tB-hardware
s\t15\t16\tSpaceAfter=No\tO
.\t16\t17\tSpacesAfter=\\n\tO

"""


def read(tmp_path, content):
    path = tmp_path / "a.conll"
    path.write_bytes(content.encode())
    return list(read_documents(path))


def test_a_paper_in_columns(tmp_path):
    assert conll.write(PAPER, "a.txt") == COLUMNS
    (document,) = read(tmp_path, COLUMNS)
    assert (document.text, document.spans, document.note) == (*_text_and_spans(), "")
    assert document.source == str(tmp_path / "a.conll")
    assert read(tmp_path, COLUMNS.replace("\n", "\r\n"))[0] == document


def _text_and_spans():
    return PAPER.text, PAPER.spans


def test_no_empty_line_stands_inside_a_mention():
    text = conll.write(Tagged("Nova\n7B\nruns", (Span(0, 7, "model"),)), "")
    assert text.count("\n\n") == 2
    assert "I-model\n\nruns" in text


def test_tokens_end_where_spans_do(tmp_path):
    paper = Tagged("xNova3 runs", (Span(1, 5, "model"),))
    (document,) = read(tmp_path, conll.write(paper, ""))
    assert (document.text, document.spans) == (paper.text, paper.spans)


@pytest.mark.parametrize(
    ("tags", "spans"),
    [
        ("B-model I-model B-model O", [(0, 3), (4, 5)]),
        ("I-model I-model B-model O", [(0, 3), (4, 5)]),  # IOB1
        ("B-model L-model U-model O", [(0, 3), (4, 5)]),
        ("B-model E-model S-model I-model", [(0, 3), (4, 5), (6, 7)]),
        ("O O O B-model", [(6, 7)]),
        ("O O O O", []),
    ],
)
def test_tags_of_all_usual_schemes(tmp_path, tags, spans):
    words = zip("abcd", tags.split(), strict=True)
    (document,) = read(tmp_path, "".join(f"{word} {tag}\n" for word, tag in words))
    assert document.text == "a b c d"
    assert document.spans == tuple(Span(start, end, "model") for start, end in spans)


def test_without_offsets_words_are_joined_and_a_note_says_so(tmp_path):
    first, second = read(
        tmp_path,
        "-DOCSTART- -X- -X- O\n\nNova NNP B-NP B-model\nhas VBZ B-VP O\n\n\n"
        "7B CD B-NP B-params\n-DOCSTART- -X- -X- O\n\n2020\tI-year\n",
    )
    assert first.text == "Nova has\n7B"
    assert first.spans == (Span(0, 4, "model"), Span(9, 11, "params"))
    assert (second.text, second.spans) == ("2020", (Span(0, 4, "year"),))
    path = tmp_path / "a.conll"
    assert [first.source, second.source] == [f"{path}:1", f"{path}:8"]
    assert first.note == f"{path}:1: {conll.NOTE}"


@pytest.mark.parametrize(
    ("content", "line", "problem"),
    [
        ("Nova", 1, "has one column"),
        ("a O\nNova\tmodel", 2, "'model' is no tag"),
        ("a O\n\nNova B-car", 3, "unknown label 'car' at 2"),
        (COLUMNS.replace("7\t9", "8\t10"), 4, "'7B' is said to stand at 8-10"),
        (COLUMNS.replace("\\u00a0", "\\s\\s"), 6, "'A100' is said to stand at 11-15"),
        (
            COLUMNS.replace("\\u00a0", "\\ud800"),
            5,
            "'SpacesAfter=\\\\ud800' is no white",
        ),
        (COLUMNS.replace("7\t9", f"{'7' * 5000}\t9"), 4, "has other columns"),
        (COLUMNS.replace("O\n.", "X-year\n."), 7, "'X-year' is no tag"),
        (COLUMNS.replace("I-model", "I-car"), 4, "unknown label 'car' at 7"),
    ],
)
def test_bad_lines_are_named(tmp_path, content, line, problem):
    with pytest.raises((InputError, SpanError)) as caught:
        read(tmp_path, content)
    assert caught.value.place == str(tmp_path / f"a.conll:{line}")
    assert caught.value.problem.startswith(problem)
    assert caught.value.cure


def test_a_bad_document_does_not_hide_the_others(tmp_path):
    path = tmp_path / "a.bio"
    path.write_text("-DOCSTART- O\n\na x\n\n-DOCSTART- O\n\nb O\n")
    documents = read_documents(path)
    assert next(documents).text == "b"
    with pytest.raises(InputError, match="'x' is no tag"):
        next(documents)


def test_a_file_without_tokens_has_no_documents(tmp_path):
    assert read(tmp_path, "-DOCSTART- -X- O O\n\n\n") == []
