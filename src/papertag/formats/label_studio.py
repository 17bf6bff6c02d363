"""Label Studio's JSON: a list of tasks; what papertag finds are predictions in them.

Offsets count code points, also in front of emoji and for each of CR and LF: so the
editor counts; ``scripts/prove_label_studio.py`` has its own library read them. Give
the project this labelling config: `CONFIG`.
"""

import json
import re
from collections.abc import Callable, Iterator
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any

from papertag.errors import InputError, PapertagError
from papertag.files import BOM, check_text, read_text
from papertag.formats.document import Document, in_order, in_utf8, rounded
from papertag.markup import Tagged
from papertag.spans import LABELS, Span

CONFIG = "\n".join(
    [
        "<View>",
        '  <Labels name="label" toName="text">',
        *(f'    <Label value="{label}"/>' for label in LABELS),
        "  </Labels>",
        '  <Text name="text" value="$text"/>',
        "</View>",
    ]
)

_EXPORT = "export the project as JSON"
_NOT_TEXT = ("hypertextlabels", "paragraphlabels", "timeserieslabels")


def write(paper: Tagged, source: str) -> str:
    """Return a paper as a list of one task with one prediction."""
    result = [
        _region(paper, span, number) for number, span in enumerate(paper.spans, start=1)
    ]
    prediction = {"model_version": f"papertag {version('papertag')}", "result": result}
    task = {
        "data": {"text": paper.text, "source": in_utf8(source)},
        "predictions": [prediction],
    }
    return json.dumps([task], ensure_ascii=False, indent=1) + "\n"


def read(path: Path, encoding: str) -> Iterator[Callable[[], Document]]:
    """Yield a reader for each task that was not skipped; raises InputError.

    The labels are those of its annotation; of its prediction where the tasks were
    never in Label Studio and have no annotations at all.
    """
    try:
        tasks = json.loads(read_text(path, encoding).removeprefix(BOM))
    except (ValueError, RecursionError) as error:
        problem = f"not JSON that can be read: {str(error)[:60]}"
        raise InputError(problem, _EXPORT, str(path)) from error
    if not isinstance(tasks, list):
        raise InputError("is no list of Label Studio's tasks", _EXPORT, str(path))
    for number, task in enumerate(tasks, start=1):
        if not _is_skipped(task):
            yield partial(_read_task, task, f"{path}:{number}")


def _region(paper: Tagged, span: Span, number: int) -> dict[str, Any]:
    region: dict[str, Any] = {
        "id": f"span{number}",
        "from_name": "label",
        "to_name": "text",
        "type": "labels",
        "value": {
            "start": span.start,
            "end": span.end,
            "text": paper.text[span.start : span.end],
            "labels": [span.label],
        },
    }
    if span.score is not None:
        region["score"] = rounded(span)
    return region


def _is_skipped(task: Any) -> bool:
    """Tell a task that all of its annotators skipped."""
    annotations = task.get("annotations") if isinstance(task, dict) else None
    return bool(annotations) and not _kept(annotations)


def _kept(annotations: Any) -> list[Any]:
    found = annotations if isinstance(annotations, list) else [annotations]
    return [
        annotation
        for annotation in found
        if not (isinstance(annotation, dict) and annotation.get("was_cancelled"))
    ]


def _read_task(task: Any, source: str) -> Document:
    try:
        text = _text(task)
        check_text(text)
        rows = [
            (_span(region, text), source)
            for region in _result(task)
            if _is_region(region)
        ]
        return Document(source, text, in_order(rows, len(text)), is_record=True)
    except PapertagError as error:
        raise InputError(error.problem, error.cure, source) from error


def _text(task: Any) -> str:
    """Return the text of a task, which its project may have under any name."""
    data = task.get("data") if isinstance(task, dict) else None
    if not isinstance(data, dict):
        raise InputError("this task has no data", f"{_EXPORT}, not as JSON-MIN")
    if isinstance(data.get("text"), str):
        return str(data["text"])
    texts = [value for value in data.values() if isinstance(value, str)]
    if len(texts) != 1:
        raise InputError(
            f"this task's data hold {len(texts)} texts", 'name the text "text"'
        )
    return texts[0]


def _result(task: dict[str, Any]) -> list[Any]:
    kind = "annotation" if "annotations" in task else "prediction"
    found = _kept(task.get(f"{kind}s", []))
    if len(found) != 1:
        cure = "keep one for each task" if found else "label it, or leave it out"
        raise InputError(f"this task has {len(found)} {kind}s", cure)
    result = found[0].get("result") if isinstance(found[0], dict) else None
    if not isinstance(result, list):
        raise InputError(f"this task's {kind} has no result", _EXPORT)
    return result


def _is_region(region: Any) -> bool:
    """Tell labels of plain text; other results, as choices, are no spans."""
    kind = region.get("type") if isinstance(region, dict) else None
    if kind in _NOT_TEXT:
        raise InputError(f"{kind} label no plain text", "label it with <Text>")
    return kind == "labels"


def _span(region: dict[str, Any], text: str) -> Span:
    value = region.get("value")
    value = value if isinstance(value, dict) else {}
    start, end, labels = (value.get(key) for key in ("start", "end", "labels"))
    if type(start) is not int or type(end) is not int:
        raise InputError("a region lacks whole numbers start and end", _EXPORT)
    if not isinstance(labels, list) or [type(label) for label in labels] != [str]:
        raise InputError(f"region {start}-{end} has not one label", "give it one")
    said = value.get("text")
    if isinstance(said, str) and _letters(said) != _letters(text[start:end]):
        problem = f"region {start}-{end} says {said[:60]!r}, the text has"
        cure = "offsets count code points; export it by a newer Label Studio"
        raise InputError(f"{problem} {text[start:end][:60]!r}", cure)
    return Span(start, end, labels[0])


def _letters(text: str) -> str:
    r"""Leave out white space; the editor shows a line break as ``\n``, spelt out."""
    return re.sub(r"\\n|\s", "", text)
