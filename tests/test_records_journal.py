"""The journal of `papertag extract`: stops of every kind, and what goes on."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from papertag.errors import OutputError
from papertag.papers import STDIN, Task
from papertag.records.journal import Counts, Journal, Key, key_of

SCRIPT = Path(sys.executable).with_name("papertag")
RESULT = {"models": 1, "conflicts": 0, "unlinked": 2, "rows": [{"Model": "Wisp"}]}
COUNT = 200
PAPER = (
    "We introduce <model>GPT-3</model>. <model>GPT-3</model> has "
    "<params>175B</params> parameters. It came out in <year>2020</year>.\n\n"
)
SETTINGS = {"papertag": "1", "--tagged": False}


def result(model):
    return json.dumps(RESULT | {"rows": [{"Model": model}]}).encode()


@pytest.fixture
def journal(tmp_path):
    path = tmp_path / "facts.csv.journal"
    with Journal(path, SETTINGS) as opened:
        for number in range(3):
            opened.add(Key(f"{number}.txt", 1, 2), result(f"Wisp-{number}"))
    return path


def models(path, keys, settings=SETTINGS):
    with Journal(path, settings, resume=True) as opened:
        return [row["Model"] for row in opened.rows(keys)]


KEYS = [Key(f"{number}.txt", 1, 2) for number in (2, 0, 1)]


def test_rows_come_in_the_order_that_is_asked_for(journal):
    assert models(journal, KEYS) == ["Wisp-2", "Wisp-0", "Wisp-1"]
    with Journal(journal, SETTINGS, resume=True) as opened:
        assert opened.count(KEYS[:2]) == Counts(2, 2, 0, 4)
        assert KEYS[0] in opened
        assert KEYS[0]._replace(changed=3) not in opened


def test_a_journal_torn_at_any_byte_keeps_each_whole_line(journal):
    content = journal.read_bytes()
    for length in range(len(content)):
        journal.write_bytes(content[:length])
        whole = content[:length].count(b"\n")
        with Journal(journal, SETTINGS, resume=True) as opened:
            kept = len(list(opened.rows(KEYS)))
            assert kept == max(0, whole - 1)
            opened.add(Key("new.txt", 1, 2), result("New"))
        assert models(journal, [Key("new.txt", 1, 2)]) == ["New"]
        assert len(models(journal, KEYS)) == kept


@pytest.mark.parametrize("line", [b"{", b"[]", b"{}", b"7", b"\xff"])
def test_a_damaged_line_is_named(journal, line):
    lines = journal.read_bytes().splitlines(keepends=True)
    journal.write_bytes(b"".join([*lines[:2], line + b"\n", *lines[3:]]))
    with pytest.raises(OutputError) as error:
        Journal(journal, SETTINGS, resume=True)
    assert str(error.value) == f"{journal}:3: is damaged; --force starts anew"
    journal.write_bytes(line + b"\n")
    with pytest.raises(OutputError):
        Journal(journal, SETTINGS, resume=True)


def test_other_settings_are_refused(journal):
    with pytest.raises(OutputError) as error:
        Journal(journal, SETTINGS | {"--tagged": True}, resume=True)
    assert error.value.problem == "was made with another --tagged"
    with pytest.raises(OutputError, match="holds papers of an earlier run"):
        Journal(journal, SETTINGS)
    with Journal(journal, SETTINGS, anew=True) as opened:
        assert opened.count(KEYS).papers == 0
    assert not journal.exists()  # as it holds nothing


def test_what_cannot_be_recognised_is_not_resumed(tmp_path):
    path, key = tmp_path / "journal", key_of(Task(STDIN, Path("stdin")))
    with Journal(path, SETTINGS) as opened:
        opened.add(key, result("Wisp"))
        assert [row["Model"] for row in opened.rows([key])] == ["Wisp"]
    with Journal(path, SETTINGS, resume=True) as opened:
        assert key not in opened


# Stops of the real command


@pytest.fixture
def papers(write):
    write({f"in/{number:03}.txt": PAPER * 30 for number in range(COUNT)})


def extract(*more):  # without a pipeline, which takes seconds to load
    return [SCRIPT, "extract", "in", "--tagged", "-o", "facts.csv", *more]


def start_and_kill(command, here, lines):
    """Kill a run as soon as its journal has some lines; return its child processes."""
    journal = here / "facts.csv.journal"
    with subprocess.Popen(command, stdout=-1, stderr=-1) as process:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            if journal.exists() and journal.read_bytes().count(b"\n") > lines:
                break
            time.sleep(0.005)
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text()
        os.kill(process.pid, signal.SIGKILL)
        process.communicate()
    assert process.returncode == -signal.SIGKILL
    return [int(child) for child in children.split()]


@pytest.mark.usefixtures("papers")
@pytest.mark.parametrize("jobs", ["1", "2"])
def test_a_killed_run_goes_on_where_it_was(run, here, files, jobs):
    assert run("extract", "in", "--tagged", "-o", "whole.csv").code == 0
    before = files()
    command = extract("--jobs", jobs)
    children = start_and_kill(command, here, 10)
    journal = here / "facts.csv.journal"
    assert files() == sorted([*before, "facts.csv.journal"])
    done = journal.read_bytes().count(b"\n") - 1
    assert 10 <= done < COUNT
    with journal.open("ab") as file:
        file.write(b'{"paper": "in/1')  # as a power cut leaves it
    start_and_kill([*command, "--resume"], here, done + 10)
    whole = journal.read_bytes().rpartition(b"\n")[0]
    papers = [json.loads(line)["paper"] for line in whole.splitlines()[1:]]
    assert len(set(papers)) == len(papers) >= done + 10  # nothing is done twice
    ran = run(*command[1:], "--resume")
    assert ran.code == 0
    assert f"{COUNT} papers ({len(papers)} of them before the stop)" in ran.err
    assert (here / "facts.csv").read_bytes() == (here / "whole.csv").read_bytes()
    assert files() == sorted([*before, "facts.csv"])
    for child in children:
        _wait_for_end(child)


def _wait_for_end(process):
    deadline = time.monotonic() + 20
    while Path(f"/proc/{process}").exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not Path(f"/proc/{process}").exists(), "a worker outlives its parent"


@pytest.mark.usefixtures("papers")
def test_a_full_disk_loses_no_finished_paper(run, here, files):
    run("extract", "in", "--tagged", "-o", "whole.csv")
    command = " ".join(map(str, extract()))
    full = ["bash", "-c", f"ulimit -f 16; exec {command}"]  # kilobytes of a file
    ran = subprocess.run(full, capture_output=True, text=True, check=False)
    assert ran.returncode == 1
    assert ran.stderr == (
        "papertag: error: facts.csv.journal: cannot be written: file too large; "
        "check the folder and the space on the disk, then --resume\n"
    )
    assert "facts.csv" not in files()
    assert run(*extract()[1:], "--resume").code == 0
    assert (here / "facts.csv").read_bytes() == (here / "whole.csv").read_bytes()


@pytest.mark.usefixtures("papers")
def test_ctrl_c_is_resumed(run, here):
    journal = here / "facts.csv.journal"
    with subprocess.Popen(extract(), stdout=-1, stderr=-1, text=True) as process:
        while not journal.exists() or journal.read_bytes().count(b"\n") < 9:
            time.sleep(0.005)
        process.send_signal(signal.SIGINT)
        _, err = process.communicate()
    assert process.returncode == 130
    assert err.startswith("papertag: stopped; papers that are done: ")
    ran = run(*extract()[1:])
    assert ran.error == (
        "facts.csv.journal: holds papers of an earlier run; "
        "--resume goes on from it, --force starts anew"
    )
    assert run(*extract()[1:], "--resume").code == 0


def test_failed_papers_are_listed_and_tried_again(run, write, here, files):
    write({"in/a.txt": PAPER, "in/b.txt": b"\xff", "in/c.pdf": b"\xff\xd8\xff\xe0"})
    command = ("extract", "in", "gone.txt", "--tagged", "-o", "facts.csv", "-q")
    ran = run(*command)
    assert (ran.code, ran.err.count("\n")) == (1, 3)
    failed = here / "facts.csv.failed.jsonl"
    rows = [json.loads(line) for line in failed.read_text("utf8").splitlines()]
    assert [row["paper"] for row in rows] == ["in/b.txt", "in/c.pdf", "gone.txt"]
    assert rows[1]["problem"] == "is a JPEG picture, not a paper that can be read"
    assert "facts.csv.journal" in files()
    write({"in/b.txt": PAPER, "gone.txt": PAPER})
    (here / "in/c.pdf").unlink()
    ran = run(*command[:-1], "--resume")
    assert (ran.code, ran.err[:44]) == (
        0,
        "3 papers (1 of them before the stop), 3 mode",
    )
    assert (here / "facts.csv").read_text("utf8").count("GPT-3,") == 3
    assert files() == ["facts.csv", "gone.txt", "in/a.txt", "in/b.txt"]


def test_a_paper_that_changed_is_done_anew(run, write, here):
    write({"in/a.txt": PAPER, "in/b.txt": b"\xff"})
    command = ("extract", "in", "--tagged", "-o", "facts.jsonl", "-q")
    run(*command)
    write({"in/a.txt": PAPER.replace("175B", "many"), "in/b.txt": PAPER})
    assert run(*command, "--resume").code == 0
    lines = (here / "facts.jsonl").read_text("utf8").splitlines()
    assert ["Parameters" in json.loads(line) for line in lines] == [False, True]


def test_a_pipeline_that_is_none_leaves_no_journal(run, write, files):
    write({"a.txt": "GPT-3"})
    assert run("extract", "a.txt", "-p", "none", "-o", "f.csv").code == 1
    assert files() == ["a.txt"]
