"""doccano's records: its offsets are UTF-16's, its older keys are read, too."""

import json

import pytest

from papertag.documents import read_documents
from papertag.errors import InputError
from papertag.formats import doccano
from papertag.markup import Tagged
from papertag.spans import Span

PAPER = Tagged("😀 Nova 😀 7B", (Span(2, 6, "model", 0.9), Span(9, 11, "params")))


def read(tmp_path, *records):
    path = tmp_path / "a.jsonl"
    path.write_text("\n".join(map(json.dumps, records)))
    return list(read_documents(path))


def test_offsets_are_those_of_a_javascript_string():
    row = json.loads(doccano.write(PAPER, "a.txt"))
    assert row == {
        "text": PAPER.text,
        "label": [[3, 7, "model"], [11, 13, "params"]],
        "source": "a.txt",
    }
    units = PAPER.text.encode("utf-16-le")
    for (start, end, _), span in zip(row["label"], PAPER.spans, strict=True):
        mention = units[2 * start : 2 * end].decode("utf-16-le")
        assert mention == PAPER.text[span.start : span.end]


@pytest.mark.parametrize(
    "labels",
    [
        {"label": [[3, 7, "model"], [11, 13, "params"]], "id": 7, "Comments": []},
        {"labels": [[11, 13, "params"], [3, 7, "model"]]},
        {
            "entities": [
                {"id": 1, "label": "model", "start_offset": 3, "end_offset": 7},
                {"id": 2, "label": "params", "start_offset": 11, "end_offset": 13},
            ],
            "relations": [],
        },
    ],
)
def test_exports_of_all_kinds_of_projects_are_read(tmp_path, labels):
    (document,) = read(tmp_path, {"text": PAPER.text, **labels})
    assert (document.text, document.spans) == (PAPER.text, PAPER.spans)


def test_each_record_is_told_from_prodigys_by_its_keys(tmp_path):
    spans = [{"start": 0, "end": 4, "label": "model"}]
    documents = read(
        tmp_path,
        {"text": "Nova", "spans": spans, "label": "accept"},
        {"text": "Nova", "label": [[0, 4, "year"]]},
        {"text": "Nova", "label": "accept"},
        {"data": "Nova", "label": []},
    )
    labels = [[span.label for span in document.spans] for document in documents]
    assert labels == [["model"], ["year"], [], []]


@pytest.mark.parametrize(
    ("record", "problem"),
    [
        ({"label": []}, "has no text"),
        ({"text": 7, "label": []}, "has no text"),
        ({"text": "a\0", "label": []}, "character 1 is NUL"),
        ({"text": "Nova", "label": ["model"]}, "a label is not [start, end, label]"),
        ({"text": "Nova", "label": [[0, 4]]}, "a label is not [start, end, label]"),
        ({"text": "Nova", "label": [[0, True, "model"]]}, "a label is not [start,"),
        ({"text": "Nova", "label": [[0, 4, "car"]]}, "unknown label 'car' at 0"),
        ({"text": "Nova", "label": [[0, 5, "model"]]}, "model 0-5 reaches out of"),
        ({"text": "😀", "label": [[0, 1, "model"]]}, "model 0-1 reaches out of"),
        ({"text": "Nova", "label": [[2, 2, "model"]]}, "span 2-2 (model) is empty"),
        (
            {"text": "Nova", "label": [[0, 3, "model"], [2, 4, "year"]]},
            "spans 0-3 (model) and 2-4 (year) overlap",
        ),
        ({"text": "Nova", "entities": [{"label": "model"}]}, "a label is not [start,"),
    ],
)
def test_bad_records_are_named_by_their_line(tmp_path, record, problem):
    with pytest.raises(InputError) as caught:
        read(tmp_path, {"text": "", "label": []}, record)
    assert caught.value.place == str(tmp_path / "a.jsonl:2")
    assert caught.value.problem.startswith(problem)
    assert caught.value.cure
