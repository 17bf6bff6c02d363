"""Read what papertag writes by Label Studio's own library, which is too large for CI.

    pip install label-studio-sdk && python scripts/prove_label_studio.py

Its label interface must find each task and prediction valid under the labelling config,
and its converter must find the same mentions once the predictions are annotations.
"""

import json
import sys
import tempfile
from pathlib import Path

from label_studio_sdk.converter import Converter
from label_studio_sdk.label_interface import LabelInterface

from papertag.documents import read_documents
from papertag.formats import label_studio
from papertag.markup import Tagged


def main(gold: Path) -> None:
    """Prove it on each document of a folder, and on the same ones behind an emoji."""
    interface, count = LabelInterface(label_studio.CONFIG), 0
    for document in read_documents(gold):
        for front in ("", "😀\r\n"):
            spans = tuple(
                type(span)(span.start + len(front), span.end + len(front), span.label)
                for span in document.spans
            )
            prove(interface, Tagged(front + document.text, spans), document.source)
            count += 1
    print(f"{count} papers: valid, and the mentions are the same")


def prove(interface: LabelInterface, paper: Tagged, source: str) -> None:
    """Raise AssertionError where Label Studio's library reads something else."""
    (task,) = json.loads(label_studio.write(paper, source))
    assert interface.validate_task({"data": task["data"]}), source
    for prediction in task["predictions"]:
        errors = interface.validate_prediction(prediction, return_errors=True)
        assert not errors, (source, errors)
    task["annotations"] = [
        {"id": 1, "result": p["result"]} for p in task.pop("predictions")
    ]
    with tempfile.TemporaryDirectory() as folder:
        export = Path(folder, "tasks.json")
        export.write_text(json.dumps([{"id": 1, **task}]), encoding="utf8")
        converter = Converter(label_studio.CONFIG, folder)
        converter.convert_to_json_min(str(export), folder, is_dir=False)
        (found,) = json.loads(Path(folder, "result.json").read_text(encoding="utf8"))
    mentions = [
        (row["start"], row["end"], *row["labels"], row["text"])
        for row in found.get("label", [])
    ]
    assert found["text"] == paper.text, source
    assert mentions == [
        (span.start, span.end, span.label, paper.text[span.start : span.end])
        for span in paper.spans
    ], source


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "corpus/tagged/dev"))
