"""The commands as users run them: what they print, write, refuse and return."""

import errno
import hashlib
import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import spacy

from papertag import __version__
from papertag.markup import parse, render
from papertag.spans import LABELS

SCRIPT = Path(sys.executable).parent / "papertag"
TAG = re.compile(rf"</?(?:{'|'.join(LABELS)})>")
PLAIN = "We train GPT-3 with 175B parameters in 2020.\n"
TAGGED = (
    "We train <model>GPT-3</model> with <params>175B</params> parameters in "
    "<year>2020</year>.\n"
)
SPANS = [
    {"start": 9, "end": 14, "label": "model"},
    {"start": 20, "end": 24, "label": "params"},
    {"start": 39, "end": 43, "label": "year"},
]


# The program


def test_help_imports_nothing_slow():
    program = """if True:
        import sys
        from papertag import cli
        helps = [f"{name} -h" for name in ("tag", "convert", "evaluate", "export")]
        for line in ("--help", *helps, "--version"):
            sys.argv = ["papertag", *line.split()]
            try:
                cli.main()
            except SystemExit as stop:
                assert not stop.code
        slow = {"spacy", "thinc", "numpy", "torch", "onnxruntime", "sklearn"}
        assert not slow & set(sys.modules), slow & set(sys.modules)
    """
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert "papertag tag paper.txt" in done.stdout


@pytest.mark.parametrize("command", ["tag", "convert", "evaluate"])
def test_help_names_every_option_and_an_example(run, command):
    shown = run(command, "--help").out.decode()
    for option in ("--encoding", "--force", "--quiet"):
        assert option in shown
    assert run("--help").out.decode().count(command)


def test_version(run):
    ran = run("--version")
    assert (ran.code, ran.out.decode()) == (0, f"papertag {__version__}\n")


def test_a_shell_completes_commands():
    asked = {"COMP_WORDS": "papertag ev", "COMP_CWORD": "1"}
    env = {**os.environ, **asked, "_PAPERTAG_COMPLETE": "complete_bash"}
    done = subprocess.run([SCRIPT], env=env, capture_output=True, check=True)
    assert done.stdout == b"evaluate\n"


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("", "Usage"),
        ("tagg", "No such command"),
        ("tag", "name papers"),
        ("tag a.txt --wat", "No such option"),
        ("tag a.txt --format xml", "xml"),
        ("tag a.txt --retag --as-text", "exclude each other"),
        ("tag a.txt b.txt", "several papers need --output"),
        ("tag a.txt --output a.txt", "is a file"),
        ("tag a.txt --format brat", "name --output FOLDER"),
        ("tag a.txt --in-place-markup -f jsonl", "exclude each other"),
        ("tag a.txt --min-score 2", "--min-score"),
        ("tag a.txt --jobs 0", "--jobs"),
        ("tag - --jobs 2", "leave out --jobs"),
        ("export training/best --output compact", "--gold"),
        ("export training/best --output compact --gold . --precision int4", "int4"),
        ("convert a.txt", "--output"),
        ("convert --output built", "FOLDER"),
        ("convert . --output built --dev 0.6 --test 0.6", "more than 1"),
        ("convert . --output built --dev 2", "--dev"),
        ("convert . --output built --as validation", "validation"),
        ("evaluate", "Missing argument"),
        ("evaluate a.txt --predicted a.txt --pipeline x", "exclude each other"),
    ],
)
def test_wrong_usage_is_2_and_writes_nothing(run, write, files, line, problem):
    write({"a.txt": PLAIN, "b.txt": PLAIN})
    ran = run(*line.split())
    assert ran.code == 2
    assert problem in ran.err + ran.out.decode()
    assert "Traceback" not in ran.err
    assert files() == ["a.txt", "b.txt"]


# tag: what comes out


def test_the_pipeline_that_ships_finds_plain_mentions(run, write):
    write({"a.txt": "We compare with GPT-3 in this paper.\n"})
    ran = run("tag", "a.txt")
    assert (ran.code, ran.err) == (0, "")
    assert b"with <model>GPT-3</model> in" in ran.out


def test_the_example_is_tagged(run):
    ran = run("tag", "--example")
    assert ran.code == 0
    assert len(parse(ran.out.decode()).spans) > 5


def test_one_paper_goes_to_stdout(run, write, files, rules):
    write({"a.txt": PLAIN})
    ran = run("tag", "a.txt", "--pipeline", rules)
    assert (ran.code, ran.out.decode(), ran.err) == (0, TAGGED, "")
    assert files() == ["a.txt"]


def test_stdin_is_read(run, files, rules):
    ran = run("tag", "-", "-p", rules, stdin=PLAIN.encode())
    assert (ran.code, ran.out.decode()) == (0, TAGGED)
    ran = run("tag", "-", "-p", rules, "-f", "jsonl", stdin=PLAIN.encode())
    assert json.loads(ran.out)["meta"] == {"source": "-"}
    assert files() == []


def test_folders_keep_their_inner_folders(run, write, here, files, rules):
    write({"in/a.txt": PLAIN, "in/x/a.txt": PLAIN, "in/x/y/b.txt": "", "c.md": PLAIN})
    write({"in/notes.rst": "no paper"})
    ran = run("tag", "in", "c.md", "--output", "new/out", "-p", rules, "--quiet")
    assert (ran.code, ran.out, ran.err) == (0, b"", "")
    written = [name for name in files() if name.startswith("new")]
    names = ("a.txt", "c.txt", "x/a.txt", "x/y/b.txt")
    assert written == [f"new/out/{name}" for name in names]
    assert (here / "new/out/x/a.txt").read_bytes() == TAGGED.encode()
    assert (here / "new/out/x/y/b.txt").read_bytes() == b""


def test_jsonl_is_one_record_a_line(run, write, here, files, rules):
    write({"in/a.txt": PLAIN, "in/b.txt": "\u2028\U0001f600 GPT-3\r\n"})
    one = run("tag", "in/a.txt", "-f", "jsonl", "-p", rules)
    expected = {"text": PLAIN, "spans": SPANS, "meta": {"source": "in/a.txt"}}
    assert json.loads(one.out) == expected
    assert one.out.count(b"\n") == 1
    several = run("tag", "in", "-f", "jsonl", "-p", rules)
    rows = [json.loads(line) for line in several.out.decode().split("\n")[:-1]]
    assert rows[0] == expected
    assert rows[1]["text"] == "\u2028\U0001f600 GPT-3\r\n"
    assert rows[1]["spans"] == [{"start": 3, "end": 8, "label": "model"}]
    run("tag", "in", "-f", "jsonl", "-p", rules, "-o", "out")
    assert json.loads((here / "out/a.jsonl").read_bytes()) == expected
    assert [n for n in files() if n[:3] == "out"] == ["out/a.jsonl", "out/b.jsonl"]


HOSTILE = [
    "",
    " ",
    "\r",
    "\n\n\n",
    "GPT-3",
    "GPT-3 has 175B parameters, no final newline",
    "GPT-3\r\n\r\nwas trained in 2020\r\nhere\r",
    "\ufeffGPT-3 in 2020\n",
    "\U0001f600 GPT-3 \U0001d4d0 e\u0301 \u200d A100\u2028BERT\u2029x\x85y\x0bz\x01\n",
    "a < b, <b>GPT-3</b>, <modle>, <Model>GPT-3</Model>, <model id=1>, &lt; &amp;\n",
]
LIKE_MARKUP = [
    "a lone <model> before GPT-3",
    "GPT-3</year> and <year>",
    "<p>GPT-3 of 2020</p>\n<p>A100</p>\n",
    "\ufeff<paragraph>GPT-3</paragraph>",
    "the <p> element, says GPT-3",
    "&lt;model>GPT-3&lt;/model> &amp;lt;p> &lt;p>",
    "<<model>>GPT-3 <model></model>",
    "<model>a<year>2020</year></model>",
]


@pytest.mark.parametrize("text", HOSTILE + LIKE_MARKUP)
def test_the_text_never_changes(run, write, text):
    write({"a.txt": text})
    for ran in (run("tag", "a.txt"), run("tag", "-", stdin=text.encode())):
        assert (ran.code, ran.err) == (0, "")
        output = ran.out.decode()
        assert parse(output).text == text
        if text in HOSTILE:
            assert TAG.sub("", output) == text
    record = json.loads(run("tag", "a.txt", "-f", "jsonl").out)
    mentions = [record["text"][s["start"] : s["end"]] for s in record["spans"]]
    assert record["text"] == text.removeprefix("\ufeff")
    assert mentions == [text[s.start : s.end] for s in parse(output).spans]


def test_other_encodings_are_read_and_utf8_is_written(run, write, rules):
    write({"a.txt": "é GPT-3".encode("utf-16"), "b.txt": "é GPT-3".encode("latin-1")})
    for name, encoding in (("a.txt", "utf-16"), ("b.txt", "latin-1")):
        ran = run("tag", name, "--encoding", encoding, "-p", rules)
        assert ran.out.decode() == "é <model>GPT-3</model>"


# tag: tagged papers


@pytest.mark.parametrize("form", ["inline", "jsonl"])
def test_a_tagged_paper_is_refused(run, write, files, form):
    write({"a.txt": TAGGED})
    ran = run("tag", "a.txt", "-f", form)
    assert (ran.code, ran.out) == (1, b"")
    assert ran.error.startswith("a.txt: is tagged already (spans: 3); --retag")
    assert "--as-text" in ran.error
    assert files() == ["a.txt"]


def test_retag_replaces_the_tags(run, write, rules):
    write({"a.txt": "<model>We</model> train GPT-3 in <model>2020</model>\r\n"})
    ran = run("tag", "a.txt", "--retag", "-p", rules)
    expected = "We train <model>GPT-3</model> in <year>2020</year>\r\n"
    assert (ran.code, ran.out.decode()) == (0, expected)


def test_retag_keeps_wrappers_byte_for_byte(run, write, rules):
    source = (
        "\ufeff<p>Of <model>GPT-3</model>.</p>\r\n \n<p>And <year>2020</year></p>"
        "<p>Said &lt;model> \U0001f600.</p>\n\n"
    )
    write({"a.txt": source, "plain.txt": TAG.sub("", source)})
    for name in ("a.txt", "plain.txt"):
        ran = run("tag", name, "--retag", "-p", rules)
        assert (ran.code, ran.out.decode()) == (0, source)


def test_retag_needs_tags_that_parse(run, write):
    write({"a.txt": "one\n a <model>b"})
    ran = run("tag", "a.txt", "--retag")
    assert (ran.code, ran.out) == (1, b"")
    assert ran.error == "a.txt:2:4: <model> is never closed; close it"


def test_as_text_takes_tags_for_text(run, write, rules):
    write({"a.txt": TAGGED})
    ran = run("tag", "a.txt", "--as-text", "-p", rules)
    tagged = parse(ran.out.decode())
    assert (ran.code, tagged.text) == (0, TAGGED)
    assert [TAGGED[s.start : s.end] for s in tagged.spans] == ["GPT-3", "175B", "2020"]


# tag: bad input


@pytest.mark.parametrize(
    ("content", "line"),
    [
        (b"caf\xe9", "byte 3 (0xe9) is not utf-8; name the encoding, as in --encoding"),
        ("GPT-3".encode("utf-16"), "byte 0 (0xff) is not utf-8; name the encoding"),
        (b"ab\0c", "character 2 is NUL, so this is no text; "),
    ],
)
def test_bytes_that_are_no_text_are_named(run, write, files, content, line):
    write({"a.txt": content})
    ran = run("tag", "a.txt")
    assert (ran.code, ran.out) == (1, b"")
    assert ran.error.startswith(f"a.txt: {line}")
    ran = run("tag", "-", stdin=content)
    assert (ran.code, ran.out) == (1, b"")
    assert ran.error.startswith(f"-: {line}")
    for command in (("convert", "a.txt", "-o", "built"), ("evaluate", "a.txt")):
        ran = run(*command)
        assert (ran.code, ran.out) == (1, b"")
        assert ran.error.startswith(f"a.txt: {line}")
    assert files() == ["a.txt"]


def test_an_unknown_encoding_is_named(run, write):
    write({"a.txt": PLAIN})
    ran = run("tag", "a.txt", "--encoding", "utf-99")
    assert ran.error.startswith("a.txt: there is no encoding 'utf-99'; try utf-8")
    assert ran.code == 1


def test_the_rest_is_done_and_the_errors_come_last(run, write, here, files, rules):
    write(
        {"in/a.txt": PLAIN, "in/bad.txt": b"\xff", "in/nul.txt": b"\0", "z.txt": PLAIN}
    )
    write({"in/tagged.txt": TAGGED})
    (here / "empty").mkdir()
    before = files()
    inputs = ("in", "gone.txt", "empty", "z.txt")
    ran = run("tag", *inputs, "-o", "out", "-p", rules)
    assert (ran.code, ran.out) == (1, b"")
    *errors, summary = ran.err.splitlines()
    assert summary == "2 tagged, 0 left out, 5 with errors"
    assert len(errors) == 5
    for name in ("in/bad.txt", "in/nul.txt", "in/tagged.txt", "gone.txt", "empty"):
        assert (
            sum(line.startswith(f"papertag: error: {name}: ") for line in errors) == 1
        )
    assert files() == sorted([*before, "out/a.txt", "out/z.txt"])
    quiet = run("tag", *inputs, "-o", "again", "-p", rules, "--quiet")
    assert (quiet.code, quiet.err.splitlines()) == (1, errors)


def test_a_missing_file_among_records_on_stdout(run, write, rules):
    write({"a.txt": PLAIN, "b.txt": PLAIN})
    ran = run("tag", "a.txt", "gone.txt", "b.txt", "-f", "jsonl", "-p", rules)
    sources = [json.loads(line)["meta"]["source"] for line in ran.out.splitlines()]
    assert (ran.code, sources) == (1, ["a.txt", "b.txt"])
    assert ran.error == "gone.txt: no such file or directory; check the path"


@pytest.mark.parametrize("command", ["tag {}", "convert {} -o built", "evaluate {}"])
def test_a_folder_without_papers_or_that_is_missing(run, here, files, command):
    (here / "empty").mkdir()
    ran = run(*command.format("empty").split())
    assert (ran.code, ran.out) == (1, b"")
    assert re.match(r"empty: no (\*\.txt files|papers) in this folder; ", ran.error)
    ran = run(*command.format("gone").split())
    assert (ran.code, ran.out) == (1, b"")
    assert ran.error == "gone: no such file or directory; check the path"
    assert files() == []


def test_an_output_that_exists_is_kept_unless_forced(run, write, here, rules):
    write({"in/a.txt": PLAIN, "in/b.txt": PLAIN, "out/a.txt": "mine"})
    ran = run("tag", "in", "-o", "out", "-p", rules, "-q")
    assert ran.code == 1
    assert ran.error == "out/a.txt: exists already; --force overwrites it"
    assert (here / "out/a.txt").read_text() == "mine"
    assert (here / "out/b.txt").read_text() == TAGGED
    assert run("tag", "in", "-o", "out", "-p", rules, "--force").code == 0
    assert (here / "out/a.txt").read_text() == TAGGED


def test_resume_leaves_out_what_is_done(run, write, here, rules):
    write({"in/a.txt": PLAIN, "in/b.txt": PLAIN, "out/a.txt": "done before"})
    ran = run("tag", "in", "-o", "out", "-p", rules, "--resume")
    assert (ran.code, ran.out) == (0, b"")
    assert "1 left out" in ran.err
    assert (here / "out/a.txt").read_text() == "done before"
    assert (here / "out/b.txt").read_text() == TAGGED


def test_a_paper_is_never_overwritten_by_its_output(run, write, here, rules):
    write({"in/a.txt": PLAIN})
    for force in ([], ["--force"]):
        ran = run("tag", "in", "-o", "in", "-p", rules, "-q", *force)
        assert ran.code == 1
        assert ran.error.startswith("in/a.txt: the output would overwrite the paper; ")
    assert (here / "in/a.txt").read_text() == PLAIN


def test_two_papers_with_one_output_are_told(run, write, files, rules):
    write({"x/a.txt": PLAIN, "y/a.txt": PLAIN})
    ran = run("tag", "x", "y", "-o", "out", "-p", rules, "-q")
    assert ran.code == 1
    assert ran.error.startswith("y/a.txt: its output would be that of x/a.txt; ")
    assert files() == ["out/a.txt", "x/a.txt", "y/a.txt"]


@pytest.mark.parametrize("command", ["tag a.txt", "evaluate a.txt"])
def test_a_pipeline_that_is_none_or_has_other_labels(
    run, write, here, make_pipeline, command
):
    write({"a.txt": "", "folder/x.txt": ""})
    spacy.blank("papertag").to_disk(here / "blank")
    make_pipeline(here / "other", {"GPT-3": "ORG", "2020": "DATE"})
    for pipeline, problem in {
        "gone": "cannot be loaded: ",
        "folder": "cannot be loaded: ",
        "a.txt": "cannot be loaded: ",
        "blank": "has no component 'ner'; ",
        "other": f"knows the labels DATE, ORG; papertag's are {', '.join(LABELS)}",
    }.items():
        ran = run(*command.split(), "--pipeline", pipeline)
        assert (ran.code, ran.out) == (1, b"")
        assert ran.error.startswith(f"{pipeline}: {problem}")


@pytest.fixture(params=[errno.ENOSPC, errno.EACCES, errno.EROFS])
def disk_problem(request, monkeypatch):
    """Let no file be written; return what the system says."""
    problem = os.strerror(request.param)

    def fail(handle, mode):
        os.close(handle)
        raise OSError(request.param, problem)

    monkeypatch.setattr("papertag.files.os.fdopen", fail)
    return problem.lower()


@pytest.mark.parametrize(
    "command",
    ["tag a.txt -q -o out", "convert a.txt -o out", "evaluate a.txt --json out/x.json"],
)
def test_a_full_disk_or_a_locked_folder(run, write, files, disk_problem, command):
    write({"a.txt": ""})
    ran = run(*command.split())
    assert (ran.code, ran.out) == (1, b"")
    assert ran.error.startswith("out/")
    assert f"cannot be written: {disk_problem}; check the folder" in ran.error
    assert files() == ["a.txt"]


@pytest.mark.parametrize(
    "command",
    [
        "tag a.txt -q -o a.txt/out",
        "convert a.txt -o a.txt/out",
        "evaluate a.txt --json a.txt/out/x.json",
    ],
)
def test_a_folder_that_cannot_be_made(run, write, files, command):
    write({"a.txt": ""})
    ran = run(*command.split())
    assert (ran.code, ran.out) == (1, b"")
    assert ran.error.startswith("a.txt/out/")
    assert "cannot be written: not a directory; check the folder" in ran.error
    assert files() == ["a.txt"]


def test_an_empty_file_is_fine(run, write, here, files):
    write({"a.txt": ""})
    ran = run("tag", "a.txt")
    assert (ran.code, ran.out, ran.err) == (0, b"", "")
    assert run("tag", "-").out == b""
    assert run("tag", "a.txt", "-o", "out", "-q").code == 0
    assert (here / "out/a.txt").read_bytes() == b""
    ran = run("tag", "a.txt", "-f", "jsonl")
    assert json.loads(ran.out) == {"text": "", "spans": [], "meta": {"source": "a.txt"}}
    assert run("convert", "a.txt", "-o", "built", "-q").code == 0
    assert run("evaluate", "a.txt", "-q").code == 0


def test_progress_is_shown_on_a_terminal_only(run, write, rules, monkeypatch):
    write({"in/a.txt": PLAIN, "in/b.txt": PLAIN})
    command = ("tag", "in", "-p", rules, "-f", "jsonl")
    assert run(*command).err == ""
    monkeypatch.setattr(type(sys.stderr), "isatty", lambda self: True)
    assert "papers" in run(*command).err
    assert run(*command, "--quiet").err == ""
    assert run("tag", "in/a.txt", "-p", rules).err == ""


def test_gold_in_another_encoding_is_scored_against_what_tag_wrote(run, write, rules):
    write({"in/a.txt": "GPT-3 à Genève".encode("latin-1")})
    write({"gold/a.txt": "<model>GPT-3</model> à Genève".encode("latin-1")})
    run("tag", "in", "-o", "out", "-p", rules, "--encoding", "latin-1")
    ran = run("evaluate", "gold", "--predicted", "out", "--encoding", "latin-1")
    assert ran.code == 0


# tag: interrupted


def test_ctrl_c_leaves_no_half_written_file(write, here, files, rules):
    write({f"in/{number:03}.txt": PLAIN * 300 for number in range(400)})
    before = files()
    command = [SCRIPT, "tag", "in", "--output", "out", "--pipeline", rules]
    with subprocess.Popen(command, stdout=-1, stderr=-1, text=True) as process:
        deadline = time.monotonic() + 60
        while not (here / "out/001.txt").exists() and time.monotonic() < deadline:
            time.sleep(0.01)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=30)
    written = [name for name in files() if name not in before]
    assert process.returncode == 130
    assert err.startswith("papertag: stopped; papers that are done: ")
    assert err.endswith("; --resume goes on\n")
    assert out == ""
    assert 2 <= len(written) < 400
    for name in written:
        assert re.fullmatch(r"out/\d+\.txt", name)
        assert (here / name).read_bytes() == (TAGGED * 300).encode()


def test_several_processes_write_what_one_writes(run, write, here, files):
    write({f"in/{number}.txt": f"GPT-{number} is a model.\n" for number in range(6)})
    write({"in/x.txt": b"\xff", "in/y.txt": "<model>GPT-4</model>"})
    one = run("tag", "in", "--output", "one")
    two = run("tag", "in", "--output", "two", "--jobs", "2")
    assert (one.code, two.code) == (1, 1)
    assert one.err == two.err
    names = [name for name in files() if name.startswith("one/")]
    assert len(names) == 6
    for name in names:
        other = here / name.replace("one/", "two/")
        assert (here / name).read_bytes() == other.read_bytes()
    lines = [run("tag", "in/1.txt", "in/2.txt", "-f", "jsonl", "-j", n) for n in "12"]
    assert lines[0].out == lines[1].out
    assert lines[0].out.count(b"\n") == 2


def test_spans_have_scores_in_jsonl_and_are_left_out_below_one(run, write, rules):
    write({"a.txt": PLAIN})
    (row,) = run("tag", "a.txt", "-f", "jsonl").out.splitlines()
    scores = [span["score"] for span in json.loads(row)["spans"]]
    assert scores
    assert all(0 <= score <= 1 for score in scores)
    least = f"{max(scores) + 0.0001:.4f}"
    none = run("tag", "a.txt", "-f", "jsonl", "--min-score", least)
    assert json.loads(none.out)["spans"] == []
    ran = run("tag", "a.txt", "-p", rules, "--min-score", "0.5")
    assert ran.code == 1
    assert ran.error.startswith(f"{rules}: gives no scores; ")


def test_a_reader_that_stops_reading_is_no_error(write, here, rules):
    write({f"in/{number:02}.txt": PLAIN * 200 for number in range(30)})
    command = [SCRIPT, "tag", "in", "-f", "jsonl", "-p", rules]
    with subprocess.Popen(command, stdout=-1, stderr=-1) as process:
        assert process.stdout.read(9) == b'{"text": '
        process.stdout.close()
        err = process.stderr.read()
        process.wait(timeout=30)
    assert err == b""
    assert process.returncode == 1


# convert and evaluate: bad input

BAD_MARKUP = {
    "a\n <model>b": "2:2: <model> is never closed; close it",
    "a\r\n<model>b": "2:1: <model> is never closed; close it",
    "\ufeff<model>b": "1:1: <model> is never closed; close it",
    "a</year>": "1:2: </year> closes a tag that is not open; ",
    "<model>a<year>b</year></model>": "1:9: <year> opens inside <model>; spans are",
    "<model>a<year>b</model></year>": "1:9: <year> opens inside <model>; spans are",
    "<model>a</year>b</model>": "1:9: </year> stands where <model> is open; close",
    "x\n\n<model></model>": "3:1: <model> is empty; remove it or fill it",
    "x\n<year>2020 </year>": "2: '2020 ' (year) has white space at an edge; move",
    "<p>a</p>\n\n<p><year>\n2020</year></p>": "3: '\\n2020' (year) has white space at",
    "x <Model>a</Model>": "1:3: <Model> is almost a tag; write the tag exactly",
    "x\n<model id=1>a": "2:1: <model id=1> is almost a tag; write the tag exactly",
}
BAD_LINES = {
    "{bad": "not JSON that can be read: ",
    "[1]": "has no text; ",
    '{"text": 1}': "has no text; ",
    '{"text": "ab", "spans": null}': "a span lacks whole numbers start and end, or",
    '{"text": "ab", "spans": [{"start": 0.0, "end": 1, "label": "model"}]}': "a span",
    '{"text": "ab", "spans": [{"start": 0, "end": 1}]}': "a span lacks",
    '{"text": "ab", "spans": [{"start": 0, "end": 1, "label": "ORG"}]}': (
        "unknown label 'ORG' at 0; use one of model, country"
    ),
    '{"text": "ab", "spans": [{"start": 0, "end": 3, "label": "model"}]}': (
        "span 0-3 (model) is empty or reaches out of the text of 2 characters; "
    ),
    '{"text": "ab", "spans": [{"start": 1, "end": 1, "label": "model"}]}': (
        "span 1-1 (model) is empty or reaches out"
    ),
    '{"text": "ab", "spans": [{"start": -1, "end": 1, "label": "model"}]}': (
        "span -1-1 (model) is empty or reaches out"
    ),
    '{"text": "abc", "spans": [{"start": 0, "end": 2, "label": "model"}, '
    '{"start": 1, "end": 3, "label": "year"}]}': (
        "spans 0-2 (model) and 1-3 (year) overlap; "
    ),
}


@pytest.mark.parametrize("source", BAD_MARKUP)
def test_tagged_text_that_is_not_well_formed(run, write, here, files, source):
    write({"in/good.txt": TAGGED, "in/x/bad.txt": source, "same/good.txt": TAGGED})
    before = files()
    for command in (
        ("convert", "in", "--output", "built"),
        ("evaluate", "in", "--json", "scores.json"),
    ):
        ran = run(*command)
        assert (ran.code, ran.out) == (1, b"")
        assert ran.error.startswith(f"in/x/bad.txt:{BAD_MARKUP[source]}")
    assert files() == before


@pytest.mark.parametrize(
    "source", [source for source in BAD_MARKUP if " (year) " not in BAD_MARKUP[source]]
)
def test_in_tag_such_text_is_text(run, write, source):
    write({"a.txt": source})
    ran = run("tag", "a.txt")
    assert (ran.code, ran.err) == (0, "")
    assert parse(ran.out.decode()).text == source


@pytest.mark.parametrize("line", BAD_LINES)
def test_a_bad_line_of_jsonl_is_named(run, write, files, line):
    write({"in.jsonl": f'\ufeff{{"text": "fine"}}\r\n\r\n{line}\n{{"text": "x"}}\n'})
    for command in (
        ("convert", "in.jsonl", "--output", "built"),
        ("evaluate", "in.jsonl", "--json", "scores.json"),
    ):
        ran = run(*command)
        assert (ran.code, ran.out) == (1, b"")
        assert ran.error.startswith(f"in.jsonl:3: {BAD_LINES[line]}")
    assert files() == ["in.jsonl"]


def test_unknown_tags_are_text(run, write, here, rules):
    write({"a.txt": "<modle>GPT-3</modle> <b> <models>"})
    ran = run("tag", "a.txt", "-p", rules, "-o", "out", "-q")
    tagged = "<modle><model>GPT-3</model></modle> <b> <models>"
    assert (here / "out/a.txt").read_text() == tagged
    assert (ran.code, run("convert", "out", "-o", "built", "-q").code) == (0, 0)


# convert


def test_convert_writes_docs_and_a_manifest(run, write, here, files):
    write({"in/train/a.txt": TAGGED, "in/dev/b.txt": "Of <year>1999</year>, else.\n"})
    ran = run("convert", "in", "--output", "built")
    assert (ran.code, ran.err) == (0, "")
    assert "train" in ran.out.decode()
    built = [name for name in files() if name.startswith("built/")]
    names = ("dev.spacy", "manifest.json", "test.spacy", "train.spacy")
    assert built == [f"built/{name}" for name in names]
    manifest = json.loads((here / "built/manifest.json").read_bytes())
    counts = {name: row["documents"] for name, row in manifest["splits"].items()}
    assert counts == {"train": 1, "dev": 1, "test": 0}
    checksum = hashlib.sha256((here / "built/train.spacy").read_bytes()).hexdigest()
    assert manifest["splits"]["train"]["sha256"] == checksum
    assert manifest["splits"]["train"]["spans"]["params"] == 1
    first = {name: (here / name).read_bytes() for name in built}
    again = run("convert", "in", "--output", "built")
    assert again.code == 1
    assert again.error.endswith("exists already; --force overwrites it")
    assert run("convert", "in", "-o", "built", "--force", "-q").out == b""
    assert first == {name: (here / name).read_bytes() for name in built}


def test_convert_lists_spans_that_fit_no_tokens(run, write, here, files):
    write({"a.txt": f"{TAGGED}G<model>P</model>T\n"})
    ran = run("convert", "a.txt", "--as", "train", "-o", "built")
    listed, error = ran.err.splitlines()
    assert (ran.code, ran.out, files()) == (1, b"", ["a.txt"])
    assert listed == "a.txt:2: no tokens fit 'P' (model)"
    assert "fit no tokens: 1" in error
    assert "--allow-misaligned" in error
    ran = run("convert", "a.txt", "--as", "train", "-o", "built", "--allow-misaligned")
    manifest = json.loads((here / "built/manifest.json").read_bytes())
    assert (ran.code, ran.err.strip()) == (0, listed)
    row = {"place": "a.txt:2", "label": "model", "text": "P"}
    assert manifest["misaligned"] == [row]


def test_convert_refuses_one_text_in_two_splits(run, write, files):
    text = "A longer text about <model>GPT-3</model>, which came out in a good year.\n"
    write({"in/train/a.txt": text, "in/test/b.txt": text.replace("good", "bad")})
    ran = run("convert", "in", "-o", "built")
    assert ran.code == 1
    assert "in/train/a.txt (train) = in/test/b.txt (test)" in ran.error
    assert files() == ["in/test/b.txt", "in/train/a.txt"]


def test_convert_then_evaluate(run, write, here):
    for number in range(30):
        text = (
            f"Paper {number} is on <model>Net-{number}</model>, word{number} x{number}."
        )
        write({f"in/{number}.txt": text})
    command = ("convert", "in", "-o", "built", "--dev", "0.3", "--test", "0.3", "-q")
    assert run(*command).code == 0
    manifest = json.loads((here / "built/manifest.json").read_bytes())
    splits = {row["source"]: row["split"] for row in manifest["documents"]}
    assert set(splits.values()) == {"train", "dev", "test"}
    write({"in/new.txt": "Something else, by <country>Chile</country>.\n"})
    assert run(*command, "--force").code == 0
    manifest = json.loads((here / "built/manifest.json").read_bytes())
    later = {row["source"]: row["split"] for row in manifest["documents"]}
    assert splits.items() < later.items()
    assert run("evaluate", "in", "-q", "--json", "scores.json").code == 0
    scores = json.loads((here / "scores.json").read_bytes())
    assert scores["strict"]["types"]["model"]["support"] == 30


# evaluate


def test_a_prediction_is_perfect_on_itself(run, write, here):
    write({"in/a.txt": TAGGED, "in/b.txt": "<p>Of <year>1999</year>.</p>\n"})
    ran = run("evaluate", "in", "--predicted", "in", "--json", "scores.json")
    assert (ran.code, ran.err) == (0, "")
    assert re.search(r"micro +100\.0 +100\.0 +100\.0 ", ran.out.decode())
    scores = json.loads((here / "scores.json").read_bytes())
    assert scores["documents"] == 2
    for measure in ("strict", "partial", "border"):
        micro = scores[measure]["micro"]
        assert (micro["precision"], micro["recall"], micro["f1"]) == (1, 1, 1)
        assert (micro["support"], micro["predicted"]) == (4, 4)
        assert list(scores[measure]["types"]) == list(LABELS)
        assert scores[measure]["types"]["country"]["f1"] is None
        assert scores[measure]["macro"]["f1"] == 1


def test_a_pipeline_is_scored_on_texts_and_on_jsonl(run, write, here, rules):
    gold = "<model>GPT-3</model> of <country>Peru</country> in 2020\n"
    write({"in/a.txt": gold})
    row = {
        "text": parse(gold).text,
        "spans": [{"start": 0, "end": 5, "label": "model"}],
    }
    row["spans"].append({"start": 9, "end": 13, "label": "country"})
    write({"in.jsonl": json.dumps(row)})
    for source in ("in", "in/a.txt", "in.jsonl"):
        ran = run(
            "evaluate", source, "-p", rules, "--json", "x/s.json", "--force", "-q"
        )
        assert (ran.code, ran.out, ran.err) == (0, b"", "")
        scores = json.loads((here / "x/s.json").read_bytes())
        f1 = {name: s["f1"] for name, s in scores["strict"]["types"].items()}
        assert (f1["model"], f1["country"], f1["year"]) == (1, 0, 0)
        assert scores["strict"]["micro"]["f1"] == 0.5


def test_what_tag_wrote_is_scored_like_the_pipeline_itself(run, write, here, rules):
    write({"gold/a.txt": TAGGED.replace("year", "params"), "plain/a.txt": PLAIN})
    run("tag", "plain", "-p", rules, "-o", "inline")
    run("tag", "plain", "-p", rules, "-o", "records", "-f", "jsonl")
    run("evaluate", "gold", "-p", rules, "--json", "0.json")
    for number, predicted in enumerate(("inline", "records/a.jsonl"), start=1):
        command = ("evaluate", "gold", "--predicted", predicted)
        assert run(*command, "--json", f"{number}.json").code == 0
        one, other = here / "0.json", here / f"{number}.json"
        assert one.read_bytes() == other.read_bytes()


def test_gold_and_prediction_over_different_texts(run, write, files):
    write(
        {
            "gold/a.txt": TAGGED,
            "gold/b.txt": "b",
            "near/a.txt": TAGGED,
            "near/b.txt": "B",
        }
    )
    write(
        {
            "less/a.txt": TAGGED,
            "more/a.txt": TAGGED,
            "more/b.txt": "b",
            "more/c.txt": "c",
        }
    )
    before = files()
    for predicted, line in {
        "near": "gold/b.txt: this text is not among the predicted ones; ",
        "less": "gold/b.txt: this text is not among the predicted ones; ",
        "more": "more/c.txt: this predicted text is not in gold, nor are 0 others; ",
    }.items():
        ran = run("evaluate", "gold", "--predicted", predicted, "--json", "scores.json")
        assert (ran.code, ran.out) == (1, b"")
        assert ran.error.startswith(line)
    assert files() == before


def test_scores_that_exist_are_kept_unless_forced(run, write, here):
    write({"a.txt": TAGGED, "scores.json": "mine"})
    command = ("evaluate", "a.txt", "--predicted", "a.txt", "--json", "scores.json")
    ran = run(*command)
    assert ran.error == "scores.json: exists already; --force overwrites it"
    assert (ran.code, (here / "scores.json").read_text()) == (1, "mine")
    assert run(*command, "--force").code == 0
    assert json.loads((here / "scores.json").read_bytes())["documents"] == 1


# What a review found and was mended


class _FullDevice:
    """Standard output on a disk that is full."""

    encoding = "utf-8"

    @property
    def buffer(self):
        return self

    def write(self, data):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    def flush(self):
        pass


@pytest.mark.parametrize("command", ["tag a.txt", "evaluate a.txt"])
def test_a_full_disk_under_stdout(run, write, monkeypatch, command):
    write({"a.txt": "BERT"})
    monkeypatch.setattr(sys, "stdout", _FullDevice())
    ran = run(*command.split())
    assert ran.code == 1
    assert "no space left on device" in ran.error.lower()


def test_papers_of_one_name_go_to_stdout_as_records(run, write, rules):
    write({"x/a.txt": PLAIN, "y/a.txt": PLAIN})
    ran = run("tag", "x", "y", "-f", "jsonl", "-p", rules)
    assert (ran.code, ran.err, ran.out.count(b"\n")) == (0, "", 2)


@pytest.mark.parametrize(
    "command",
    ["tag {}", "tag a.txt -q -o {}", "convert {} -o out", "convert a.txt -o {}"],
)
def test_a_text_given_in_place_of_a_path(run, write, command):
    write({"a.txt": ""})
    words = command.format("long-" * 60).split()
    ran = run(*words)
    assert ran.code == 1
    assert "file name too long" in ran.error


def test_a_near_tag_over_two_lines_is_one_line(run, write):
    write({"a.txt": "a <model\nid=1> b"})
    assert run("evaluate", "a.txt").error.startswith("a.txt:1:3: <model")


def test_a_near_tag_is_named_before_what_follows_from_it(run, write):
    write({"a.txt": "a <model id=1>b</model>"})
    assert run("evaluate", "a.txt").error.startswith(
        "a.txt:1:3: <model id=1> is almost"
    )


@pytest.mark.parametrize("command", ["tag -f jsonl", "convert -o out"])
def test_a_file_name_that_is_not_utf8(run, here, rules, command):
    name = os.fsdecode(b"caf\xe9.txt")
    (here / name).write_text("")
    assert run(*command.split(), name).code == 0


@pytest.mark.parametrize(
    "line",
    [
        '{"text": "a \\ud83d b"}',
        "[" * 100_000,
        '{"text": "a", "n": ' + "1" * 5000 + "}",
    ],
    ids=["half a surrogate pair", "nested too deep", "a huge number"],
)
@pytest.mark.parametrize("command", ["convert -o out", "evaluate"])
def test_hostile_json_is_a_bad_line(run, write, line, command):
    write({"in.jsonl": line})
    ran = run(*command.split(), "in.jsonl")
    assert ran.code == 1
    assert ran.error.startswith("in.jsonl:1: ")


@pytest.mark.parametrize("encoding", ["undefined", "utf-7"])
def test_odd_encodings(run, write, encoding):
    write({"a.txt": "x +2AA- y"})
    ran = run("tag", "a.txt", "--encoding", encoding)
    assert ran.code == 1
    assert ran.error.startswith("a.txt: ")


def test_the_example_and_papers_exclude_each_other(run, write):
    write({"a.txt": ""})
    assert run("tag", "a.txt", "--example").code == 2


def test_an_output_folder_inside_the_papers_is_no_input(run, write, files, rules):
    write({"in/a.txt": PLAIN, "in/b.txt": "nothing to find"})
    for more in ([], ["--resume"], ["--force"]):
        ran = run("tag", "in", "-o", "in/tagged", "-p", rules, "-q", *more)
        assert (ran.code, ran.err) == (0, "")
    names = ["in/a.txt", "in/b.txt", "in/tagged/a.txt", "in/tagged/b.txt"]
    assert files() == names


def test_convert_names_papers_beside_the_splits(run, write):
    write({"in/train/a.txt": TAGGED, "in/loose.txt": "Of <year>1999</year>.\n"})
    ran = run("convert", "in", "-o", "out", "-q")
    assert "in/loose.txt" in ran.err


@pytest.mark.parametrize("command", ["convert --as train -o out", "evaluate"])
def test_white_space_at_an_edge_is_refused_in_jsonl_too(run, write, command):
    row = {"text": "a  BERT", "spans": [{"start": 2, "end": 7, "label": "model"}]}
    write({"in.jsonl": json.dumps(row)})
    ran = run(*command.split(), "in.jsonl")
    assert ran.code == 1
    assert ran.error.startswith("in.jsonl:1: ' BERT' (model) has white space at")


def test_the_cure_for_a_near_tag_keeps_the_text(run, write, here, rules):
    source = "The <Model> class of GPT-3 takes <model size=big>.\n"
    write({"a.txt": source})
    assert run("tag", "a.txt", "-p", rules, "-o", "out", "-q").code == 0
    tagged = (here / "out/a.txt").read_text()
    assert tagged == source.replace("GPT-3", "<model>GPT-3</model>")
    assert run("convert", "out", "-o", "b").code == 1
    cured = tagged.replace("<Model>", "&lt;Model>").replace("<model s", "&lt;model s")
    write({"cured/a.txt": cured})
    assert run("convert", "cured", "-o", "b").code == 0
    assert run("evaluate", "cured", "--predicted", "out").code == 0


def test_the_table_of_convert_fits_80_columns(run, write, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    write({"a.txt": TAGGED})
    shown = run("convert", "a.txt", "-o", "out").out.decode()
    assert "documents" in shown
    assert all(label in shown for label in LABELS)


def test_convert_says_that_a_split_is_empty(run, write):
    write({"in/a.txt": TAGGED})
    ran = run("convert", "in", "-o", "out", "--dev", "0", "-q")
    assert "dev" in ran.err


def test_a_bom_does_not_keep_gold_and_prediction_apart(run, write, rules):
    write({"gold.txt": "\ufeff" + TAGGED, "a.txt": "\ufeff" + PLAIN})
    run("tag", "a.txt", "-f", "jsonl", "-p", rules, "-o", "out", "-q")
    assert run("evaluate", "gold.txt", "--predicted", "out/a.jsonl", "-q").code == 0


def test_a_file_without_records_cannot_be_scored(run, write):
    write({"in.jsonl": "\n"})
    for command in (["evaluate", "in.jsonl"], ["convert", "in.jsonl", "-o", "built"]):
        ran = run(*command)
        assert ran.code == 1
        assert ran.error.startswith("in.jsonl: holds no documents")


def test_convert_names_every_bad_document(run, write):
    write({"in/a.txt": "<model>a", "in/b.txt": "b</year>"})
    ran = run("convert", "in", "-o", "out")
    assert ran.code == 1
    assert "in/a.txt:1:1: " in ran.err
    assert "in/b.txt:1:2: " in ran.err


@pytest.mark.parametrize("mention", ["<p> in", "p"])
def test_retag_of_a_paper_with_escaped_wrappers(
    run, write, here, make_pipeline, mention
):
    source = "<p>About &lt;p> in HTML</p>\n"
    write({"a.txt": source})
    make_pipeline(here / "rules", {mention: "model"})
    ran = run("tag", "a.txt", "--retag", "-p", "rules")
    assert (ran.code, ran.err) == (0, "")
    assert parse(ran.out.decode()).text == parse(source).text


@pytest.mark.parametrize("source", ["<year>&lt;p></year>", "<model>&lt;/p> a</model>"])
def test_a_span_at_an_escaped_wrapper_comes_back(source):
    assert render(parse(source)) == source


@pytest.mark.parametrize("target", ["a.txt", "in/a.txt", "in/scores.json"])
def test_scores_never_replace_what_is_scored(run, write, files, here, target):
    write({"a.txt": TAGGED, "in/a.txt": TAGGED})
    gold = target.split("/")[0]
    ran = run("evaluate", gold, "--predicted", gold, "--json", target, "--force")
    assert (ran.code, ran.out) == (1, b"")
    assert ran.error == f"{target}: lies among what is scored; name a file elsewhere"
    assert (here / gold).exists()
    assert files() == ["a.txt", "in/a.txt"]


def test_resume_into_the_folder_of_the_papers_is_refused(run, write, rules):
    write({"in/a.txt": PLAIN})
    ran = run("tag", "in", "-o", "in", "--resume", "-q", "-p", rules)
    assert ran.code == 1
    assert "the output would overwrite the paper" in ran.error


def test_closed_streams_are_named(run, write, monkeypatch, rules):
    write({"a.txt": PLAIN})
    closed = f"{sys.executable} -m papertag tag - -p {rules} <&-"
    ran = subprocess.run(
        closed, shell=True, capture_output=True, text=True, check=False
    )
    assert (ran.returncode, ran.stderr.count("\n")) == (1, 1)
    assert "standard input is closed" in ran.stderr
    closed = f"{sys.executable} -m papertag tag a.txt -p {rules} >&-"
    ran = subprocess.run(
        closed, shell=True, capture_output=True, text=True, check=False
    )
    assert (ran.returncode, ran.stderr.count("\n")) == (1, 1)
    assert "standard output is closed" in ran.stderr


def test_convert_refuses_a_paper_that_is_read_twice(run, write):
    write({"in/a.txt": TAGGED})
    ran = run("convert", "in", "in", "-o", "out")
    assert ran.error == "in/a.txt: is read twice; name each folder once"


def test_shares_split_papers_beside_a_folder_with_splits(run, write, here):
    write({"ours/train/a.txt": TAGGED, "ours/dev/b.txt": "Nothing in here at all."})
    rows = {f"mine/{n}.txt": f"{n} is number {n * n} of {n + 7}." for n in range(20)}
    write(rows)
    assert run("convert", "ours", "mine", "-o", "one", "-q").code == 0
    assert run("convert", "ours", "mine", "-o", "two", "-q", "--dev", "0.5").code == 0
    dev = [
        json.loads((here / d / "manifest.json").read_bytes()) for d in ("one", "two")
    ]
    counts = [manifest["splits"]["dev"]["documents"] for manifest in dev]
    assert counts[0] == 1
    assert 4 < counts[1] < 18


def test_a_damaged_manifest_is_no_obstacle(run, write, here):
    write({"in/a.txt": TAGGED})
    assert run("convert", "in", "-o", "out", "-q").code == 0
    path = here / "out/manifest.json"
    path.write_text(path.read_text().replace('"split": "', '"split": "x'))
    assert run("convert", "in", "-o", "out", "-q", "--force").code == 0
