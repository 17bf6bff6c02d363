"""Label Studio's tasks: predictions out, annotations in, and bad tasks."""

import json

import pytest

from papertag.documents import read_documents
from papertag.errors import InputError
from papertag.formats import label_studio
from papertag.markup import Tagged
from papertag.spans import Span

TEXT = "😀 Nova\r\n7B"
PAPER = Tagged(TEXT, (Span(2, 6, "model", 0.91234), Span(8, 10, "params")))


def region(start, end, *labels, kind="labels", **value):
    return {
        "type": kind,
        "value": {"start": start, "end": end, "labels": labels} | value,
    }


def task(*results, **more):
    annotations = [{"id": n, "result": result} for n, result in enumerate(results)]
    return {"id": 3, "data": {"text": TEXT}, "annotations": annotations} | more


def read(tmp_path, tasks):
    path = tmp_path / "export.json"
    path.write_text(json.dumps(tasks))
    return list(read_documents(path))


def test_a_paper_is_a_task_with_a_prediction():
    (found,) = json.loads(label_studio.write(PAPER, "a.txt"))
    assert found["data"] == {"text": TEXT, "source": "a.txt"}
    (prediction,) = found["predictions"]
    assert prediction["model_version"].startswith("papertag ")
    first, second = prediction["result"]
    assert first == {
        "id": "span1",
        "from_name": "label",
        "to_name": "text",
        "type": "labels",
        "value": {"start": 2, "end": 6, "text": "Nova", "labels": ["model"]},
        "score": 0.9123,
    }
    assert "score" not in second


def test_annotations_count_and_not_predictions(tmp_path):
    spans = [region(8, 10, "params", text="7B"), region(2, 6, "model", text="Nova")]
    other = {"type": "choices", "value": {"choices": ["good"]}}
    predicted = [{"result": [region(0, 1, "year")]}]
    tasks = [
        task([*spans, other, {"type": "relation"}], predictions=predicted),
        task([]),
        task([], annotations=[{"was_cancelled": True, "result": spans}]),
        {"data": {"text": TEXT}, "predictions": predicted},
    ]
    first, second, fourth = read(tmp_path, tasks)
    assert (first.text, first.spans) == (PAPER.text, PAPER.spans)
    assert (second.spans, fourth.spans) == ((), (Span(0, 1, "year"),))
    sources = [str(tmp_path / f"export.json:{n}") for n in (1, 2, 4)]
    assert [d.source for d in (first, second, fourth)] == sources
    assert first.place(9) == sources[0]


def test_the_text_may_have_another_name(tmp_path):
    (document,) = read(tmp_path, [task([]) | {"data": {"body": "Nova", "id": 7}}])
    assert document.text == "Nova"


def test_the_editor_spells_line_breaks_out(tmp_path):
    spans = [region(2, 10, "model", text="Nova\\n\\n7B")]
    assert read(tmp_path, [task(spans)])[0].spans == (Span(2, 10, "model"),)


@pytest.mark.parametrize(
    ("bad", "problem"),
    [
        ("Nova", "this task has no data"),
        ({"text": "Nova", "label": []}, "this task has no data"),
        (task([], data={"a": "x", "b": "y"}), "this task's data hold 2 texts"),
        (task([], data={"text": "a\0"}), "character 1 is NUL"),
        (task(), "this task has 0 annotations"),
        (task([], []), "this task has 2 annotations"),
        ({"data": {"text": TEXT}}, "this task has 0 predictions"),
        (task(None), "this task's annotation has no result"),
        (task([region(0, 1, "year", kind="hypertextlabels")]), "hypertextlabels label"),
        (task([region("0", 1, "year")]), "a region lacks whole numbers"),
        (task([{"type": "labels"}]), "a region lacks whole numbers"),
        (task([region(0, 1)]), "region 0-1 has not one label"),
        (task([region(0, 1, "year", "model")]), "region 0-1 has not one label"),
        (task([region(0, 1, "date")]), "unknown label 'date' at 0"),
        (task([region(0, 11, "year")]), "span 0-11 (year) is empty or reaches"),
        (task([region(0, 3, "year"), region(2, 6, "model")]), "spans 0-3 (year) and"),
        (task([region(3, 7, "model", text="Nova")]), "region 3-7 says 'Nova'"),
    ],
)
def test_bad_tasks_are_named_by_their_number(tmp_path, bad, problem):
    with pytest.raises(InputError) as caught:
        read(tmp_path, [task([]), bad])
    assert caught.value.place == str(tmp_path / "export.json:2")
    assert caught.value.problem.startswith(problem)
    assert caught.value.cure


@pytest.mark.parametrize(
    ("content", "problem"),
    [("[", "not JSON"), ("{}", "is no list of Label"), ("[" * 10**5, "not JSON")],
)
def test_what_is_no_export_is_named(tmp_path, content, problem):
    path = tmp_path / "export.json"
    path.write_text(content)
    with pytest.raises(InputError) as caught:
        list(read_documents(path))
    assert caught.value.place == str(path)
    assert caught.value.problem.startswith(problem)
