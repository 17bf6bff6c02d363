"""Formats on the command line: out of `tag`, and back into `convert` and `evaluate`."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from papertag.documents import read_documents
from papertag.formats import SHAPES, Format
from papertag.papers import Tags, list_papers
from papertag.spans import Span
from papertag.tagging import Job, tag_papers
from test_formats import WRITTEN

TEXT = "GPT-3 has 175B\r\nparameters.\n"
BACK = ["brat", "conll", "doccano", "jsonl", "label-studio"]


@pytest.fixture
def tag(run, rules, write):
    """Tag papers with the pipeline that finds GPT-3, 175B and 2020."""
    write({"in/a.txt": TEXT, "in/b.txt": "\ufeffIn 2020 <model>.\n"})
    return lambda *arguments: run("tag", *arguments, "--pipeline", rules)


@pytest.mark.parametrize("form", WRITTEN)
def test_every_format_is_written_whole(tag, files, form):
    ran = tag("in", "--output", "out", "--format", form)
    assert (ran.code, ran.out) == (0, b"")
    assert ran.err == "2 tagged, 0 left out, 0 with errors\n"
    suffixes = sorted(SHAPES[form].files)
    wanted = [f"out/{name}{suffix}" for name in "ab" for suffix in suffixes]
    assert files() == ["in/a.txt", "in/b.txt", *wanted]
    first = Path(f"out/a{SHAPES[form].suffix}")
    before = first.read_bytes()
    ran = tag("in", "--output", "out", "--format", form, "--force")
    assert (ran.code, first.read_bytes()) == (0, before)
    if len(SHAPES[form].files) == 1:
        assert tag("in/a.txt", "--format", form).out == before


@pytest.mark.parametrize("form", BACK)
def test_what_tag_writes_is_what_convert_and_evaluate_read(run, tag, form):
    assert tag("in", "--output", "out", "--format", form).code == 0
    documents = list(read_documents(Path("out")))
    assert [document.text for document in documents] == [TEXT, "In 2020 <model>.\n"]
    assert documents[0].spans == (Span(0, 5, "model"), Span(10, 14, "params"))
    ran = run("convert", "out", "--output", "built", "--quiet", "--as", "train")
    assert (ran.code, ran.err) == (0, "")
    counts = json.loads(Path("built/manifest.json").read_text())["splits"]["train"]
    assert counts["spans"]["model"] == counts["spans"]["year"] == 1
    assert tag("in", "--output", "gold", "--format", "jsonl").code == 0
    ran = run("evaluate", "out", "--predicted", "gold", "--json", "scores.json")
    assert (ran.code, ran.err) == (0, "")
    assert json.loads(Path("scores.json").read_text())["strict"]["micro"]["f1"] == 1


@pytest.mark.parametrize("form", WRITTEN)
def test_several_papers_make_a_stream_where_each_is_a_line(tag, form):
    ran = tag("in", "--format", form)
    if SHAPES[form].is_line:
        assert (ran.code, ran.out.count(b"\n")) == (0, 2)
        return
    assert (ran.code, ran.out) == (2, b"")
    assert "--output FOLDER" in ran.err


def test_a_terminal_is_not_sent_bytes(write):
    write({"a.txt": TEXT})
    reader, terminal = os.openpty()
    command = [sys.executable, "-m", "papertag", "tag", "a.txt", "--format", "parquet"]
    ran = subprocess.run(command, stdout=terminal, stderr=subprocess.PIPE, check=False)
    os.close(terminal)
    os.close(reader)
    assert ran.returncode == 2
    assert b"parquet is no text; name --output FOLDER" in ran.stderr


def test_brat_is_two_files(tag, files):
    ran = tag("in/a.txt", "--format", "brat")
    assert ran.code == 2
    assert "brat writes several files; name --output FOLDER" in ran.err
    assert tag("in/a.txt", "--output", "out", "--format", "brat").code == 0
    assert Path("out/a.txt").read_bytes() == TEXT.encode()
    Path("out/a.ann").unlink()
    refused = tag("in/a.txt", "--output", "out", "--format", "brat")
    assert refused.code == 1
    assert "out/a.txt: exists already" in refused.err
    again = tag("in/a.txt", "--output", "out", "--format", "brat", "--resume")
    assert again.err == "1 tagged, 0 left out, 0 with errors\n"
    assert "out/a.ann" in files()
    beside = tag("in/a.txt", "--output", "in", "--format", "brat", "--force")
    assert beside.code == 1
    assert "in/a.txt: the output would overwrite the paper" in beside.err


def test_a_text_that_was_rebuilt_is_noted(run, write):
    write({"a.conll": "GPT-3 B-model\nhas O\n", "b.txt": "<model>Nova</model> runs"})
    ran = run("convert", "a.conll", "b.txt", "--output", "built", "--as", "train", "-q")
    assert ran.code == 0
    start = "papertag: note: a.conll: tokens joined by spaces"
    assert ran.err.startswith(start)
    assert ran.err.count("\n") == 1
    ran = run("evaluate", "a.conll", "--predicted", "a.conll", "-q")
    assert ran.err.startswith(start)


def test_splits_may_be_in_any_format(run, write):
    row = '{"text": "Nova runs", "label": [[0, 4, "model"]]}\n'
    write({"in/train/a.jsonl": row, "in/test/a.bio": "2020 B-year\n"})
    write({"in/dev/a.conll": "175B B-params\n"})
    ran = run("convert", "in", "--output", "built", "-q")
    assert (ran.code, ran.err.count("papertag: note: in/")) == (0, 2), ran.err
    splits = json.loads(Path("built/manifest.json").read_text())["splits"]
    assert [splits[s]["documents"] for s in ("train", "dev", "test")] == [1, 1, 1]
    write({"in/b.jsonl": row})
    assert "in/b.jsonl: stands beside" in run("convert", "in", "--output", "b").error


def test_an_error_in_a_foreign_file_is_one_line(run, write):
    write({"a.json": '[{"data": {"text": "Nova"}, "annotations": []}]'})
    ran = run("convert", "a.json", "--output", "built")
    assert ran.code == 1
    assert ran.error.startswith("a.json:1: this task has 0 annotations; label it")


def test_a_paper_that_cannot_be_written_stops_no_other(write, files):
    write({"in/a.txt": " a", "in/b.txt": "b"})
    job = Job(Format.CONLL, Tags.REFUSE, folder=Path("out"))
    tasks, _ = list_papers([Path("in")], job.form, job.folder)

    def all_of_it(paper):
        return type(paper)(paper.text, (Span(0, len(paper.text), "model"),))

    first, second = tag_papers(tasks, job, all_of_it)
    assert str(first.error).startswith("in/a.txt:1: ' a' (model) has white")
    assert second.output
    assert files() == ["in/a.txt", "in/b.txt", "out/b.conll"]
