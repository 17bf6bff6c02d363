"""Many papers through one function, each on its own; no spaCy here."""

import io
import json
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from papertag.errors import InputError, OutputError, PapertagError
from papertag.formats import Format, write_paper
from papertag.markup import Tagged, parse
from papertag.papers import Tags, Task, list_papers, read_paper
from papertag.spans import Span
from papertag.tagging import Job, tag_papers


def mark_first(paper: Tagged) -> Tagged:
    """Stand in for a pipeline: the first character is a model."""
    return replace(paper, spans=(Span(0, 1, "model"),) if paper.text else ())


def outcomes(names, job=Job(), tag=mark_first):  # noqa: B008
    tasks, _ = list_papers([Path(name) for name in names], job.form)
    return list(tag_papers(tasks, job, tag))


def test_outcomes_come_in_order_and_an_error_stops_nothing(write):
    write({"a.txt": "a", "b.txt": b"\xff", "d.txt": "d", "e.txt": "<model>e</model>"})
    found = outcomes(["a.txt", "b.txt", "c.txt", "d.txt", "e.txt"])
    assert [outcome.task.source.stem for outcome in found] == list("abcde")
    expected = [b"<model>a</model>", None, None, b"<model>d</model>", None]
    assert [outcome.output for outcome in found] == expected
    errors = [outcome.error for outcome in found if outcome.error]
    assert [error.place for error in errors] == ["b.txt", "c.txt", "e.txt"]
    assert all(isinstance(error, InputError) for error in errors)


def test_papers_are_read_one_by_one(write):
    write({"a.txt": "a", "b.txt": "b"})
    seen = []

    def note(paper):
        seen.append(paper.text)
        return paper

    tasks, _ = list_papers([Path("a.txt"), Path("b.txt")], Format.INLINE)
    found = tag_papers(tasks, Job(), note)
    assert next(found).output == b"a"
    assert seen == ["a"]


def test_an_error_of_the_pipeline_names_the_paper(write):
    def refuse(paper):
        raise PapertagError("cannot", "do not")

    write({"a.txt": "a"})
    (outcome,) = outcomes(["a.txt"], tag=refuse)
    assert str(outcome.error) == "a.txt: cannot; do not"


def test_files_are_written_whole(write, files):
    write({"in/a.txt": "a\r\n", "in/x/b.txt": "\ufeffb"})
    for form, suffix in ((Format.INLINE, "txt"), (Format.JSONL, "jsonl")):
        job = Job(form=form, folder=Path("out"))
        assert [o.error for o in outcomes(["in"], job)] == [None, None]
        assert Path(f"out/a.{suffix}").exists()
    assert Path("out/a.txt").read_bytes() == b"<model>a</model>\r\n"
    assert Path("out/x/b.txt").read_text("utf-8") == "<model>\ufeff</model>b"
    assert json.loads(Path("out/x/b.jsonl").read_text("utf-8"))["text"] == "b"
    assert len(files()) == 2 + 4


@pytest.mark.parametrize("stop", [KeyboardInterrupt, MemoryError])
def test_a_stop_while_writing_leaves_no_file(write, files, monkeypatch, stop):
    class Stopped(io.BytesIO):
        def write(self, data):
            raise stop

    write({"a.txt": "a", "out/a.txt": "old"})
    monkeypatch.setattr("papertag.files.os.fdopen", lambda handle, mode: Stopped())
    with pytest.raises(stop):
        outcomes(["a.txt"], Job(folder=Path("out"), force=True))
    assert files() == ["a.txt", "out/a.txt"]
    assert Path("out/a.txt").read_text() == "old"


def test_an_existing_output_is_refused_kept_or_replaced(write):
    write({"a.txt": "a", "out/a.txt": "old"})
    job = Job(folder=Path("out"))
    (refused,) = outcomes(["a.txt"], job)
    assert isinstance(refused.error, OutputError)
    (kept,) = outcomes(["a.txt"], replace(job, resume=True))
    assert (kept.output, kept.error) == (None, None)
    assert Path("out/a.txt").read_text() == "old"
    (replaced,) = outcomes(["a.txt"], replace(job, force=True))
    assert Path("out/a.txt").read_bytes() == replaced.output == b"<model>a</model>"


def test_a_link_to_the_paper_is_not_overwritten(write):
    write({"a.txt": "a", "out/b.txt": ""})
    Path("out/a.txt").symlink_to(Path("a.txt").resolve())
    (outcome,) = outcomes(["a.txt"], Job(folder=Path("out"), force=True))
    assert outcome.error.problem == "the output would overwrite the paper"
    assert Path("a.txt").read_text() == "a"


def test_standard_input_is_read_in_its_encoding(monkeypatch):
    for encoding in ("utf-8", "utf-16", "latin-1"):
        stdin = io.TextIOWrapper(io.BytesIO("é\r\n".encode(encoding)))
        monkeypatch.setattr(sys, "stdin", stdin)
        (outcome,) = outcomes(["-"], Job(encoding=encoding))
        assert outcome.output == "<model>é</model>\r\n".encode()


# Papers


def test_list_papers_keeps_inner_folders_and_order(write, here):
    write({"in/b.txt": "", "in/a/c.txt": "", "in/a.md": "", "x.md": "", "y": ""})
    write({"in/part.tex": "\\section{A}", "in/z.rst": ""})
    (here / "in/folder.txt").mkdir()
    inputs = map(Path, ("in", "x.md", "y", "gone"))
    tasks, errors = list_papers(inputs, Format.JSONL)
    assert errors == []
    assert tasks == [
        Task(Path("in/a/c.txt"), Path("a/c.jsonl")),
        Task(Path("in/a.md"), Path("a.jsonl")),
        Task(Path("in/b.txt"), Path("b.jsonl")),
        Task(Path("x.md"), Path("x.jsonl")),
        Task(Path("y"), Path("y.jsonl")),
        Task(Path("gone"), Path("gone.jsonl")),
    ]


def test_list_papers_names_what_does_not_fit(write, here):
    write({"a.txt": "", "x/a.txt": "", "b.txt": ""})
    (here / "empty").mkdir()
    inputs = map(Path, ("empty", "a.txt", "x", "b.txt"))
    (first, last), (empty, second) = list_papers(inputs, Format.INLINE, Path("out"))
    assert str(empty) == "empty: no papers in this folder; check the path"
    assert str(second).startswith("x/a.txt: its output would be that of a.txt; ")
    assert (first.source, last.source) == (Path("a.txt"), Path("b.txt"))


def test_read_paper():
    tagged = "<p>a <model>b</model></p>"
    with pytest.raises(InputError, match=r"is tagged already \(spans: 1\)"):
        read_paper(tagged)
    assert read_paper(tagged, Tags.TEXT) == Tagged(tagged)
    retagged = read_paper(tagged, Tags.REPLACE)
    assert (retagged.text, retagged.spans) == ("a b", ())
    assert len(retagged.layout) == 2
    for plain in ("a", "<p>a</p>", "<model>a", "&lt;model>", ""):
        assert read_paper(plain) == Tagged(plain)


@pytest.mark.parametrize("text", ["a", "<p>a</p>", "<model>", "&lt;model>", "\r\n"])
def test_write_paper_is_read_back(text):
    paper = Tagged(text, (Span(0, 1, "model"),))
    again = parse(write_paper(paper, "a.txt", Format.INLINE)[".txt"].decode())
    assert (again.text, again.spans) == (paper.text, paper.spans)
    record = write_paper(paper, "a.txt", Format.JSONL)[".jsonl"].decode()
    assert record.endswith("\n")
    assert record.count("\n") == 1
