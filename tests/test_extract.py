"""`papertag extract`: tables that their readers read, and what can go wrong."""

import csv
import io
import json
import os
import sys

import duckdb
import pyarrow.parquet
import pytest

PAPER = (
    "We present <model>Wisp</model>, a network of <params>12M</params> parameters from "
    "<country>Japan</country> and <country>Türkiye</country>. <model>Wisp</model> was "
    "trained for <training>five to six days</training> on eight "
    "<hardware>A100</hardware> GPUs. It came out in <year>2023</year>.\n\n"
    "The head adds <params>1M</params>.\n"
)
OTHER = 'We introduce <model>Gull</model>, "so called", with <params>3B</params>.\n'


@pytest.fixture
def papers(write):
    write({"papers/a.txt": PAPER, "papers/b.txt": OTHER})


def test_csv(run, papers, here):
    ran = run("extract", "papers", "--tagged", "-o", "facts.csv")
    assert ran.code == 0
    assert ran.err == (
        "2 papers, 2 models, 0 conflicts, 1 values without a model "
        "(--unlinked lists them), 0 with errors\n"
    )
    wisp, gull = csv.DictReader(io.StringIO((here / "facts.csv").read_text("utf8")))
    assert (wisp["Model"], wisp["source"]) == ("Wisp", "papers/a.txt")
    assert wisp["Parameters"] == "12000000"
    assert wisp["Training time (hours)"] == "120"
    assert wisp["Training time (hours) (high)"] == "144"
    assert (wisp["Training hardware"], wisp["Hardware quantity"]) == (
        "NVIDIA A100",
        "8",
    )
    assert wisp["Country (of organization)"] == "Japan, Türkiye"
    assert wisp["Country code"] == "JP, TR"
    assert wisp["Publication date"] == "2023-07-01"
    assert json.loads(wisp["Publication date evidence"]) == {
        "evidence": {
            "sentence": "It came out in 2023.",
            "start": 142,
            "end": 146,
            "places": [{"line": 1, "column": 143}],
        },
        "score": 0.65,
        "note": "month and day are unknown",
    }
    assert (gull["Model"], gull["Parameters"]) == ("Gull", "3000000000")


def test_jsonl_holds_value_evidence_and_score_of_each_field(run, papers, here):
    assert run("extract", "papers", "--tagged", "--unlinked", "-o", "f.jsonl").code == 0
    lines = (here / "f.jsonl").read_text("utf8").splitlines()
    wisp, unlinked, gull = map(json.loads, lines)
    assert wisp["Training time (hours)"]["value"] == [120, 144]
    assert [fact["value"] for fact in wisp["Country code"]] == ["JP", "TR"]
    assert wisp["Parameters"]["evidence"]["sentence"].startswith("We present Wisp")
    assert (unlinked["Model"], unlinked["Parameters"]["value"]) == (None, 1e6)
    assert gull["Model"] == "Gull"


@pytest.mark.parametrize("name", ["facts.parquet", "facts.duckdb", "FACTS.PARQUET"])
def test_parquet_and_duckdb_are_read_by_their_own_readers(run, papers, here, name):
    assert run("extract", "papers", "--tagged", "-o", name).code == 0
    if name.endswith("duckdb"):
        with duckdb.connect(str(here / name), read_only=True) as database:
            rows = database.table("records").to_arrow_table().to_pylist()
    else:
        rows = pyarrow.parquet.read_table(here / name).to_pylist()
    assert [row["Model"] for row in rows] == ["Wisp", "Gull"]
    assert rows[0]["Publication date"].isoformat() == "2023-07-01"
    assert rows[1]["Parameters"] == 3e9
    assert rows[1]["Training hardware"] is None


@pytest.mark.parametrize("suffix", [".csv", ".parquet", ".duckdb"])
def test_names_that_are_odd(run, write, here, suffix):
    folder, odd = "it's [a] *?", os.fsdecode(b"\xff.txt")
    write({f"{folder}/{odd}": OTHER})
    output = f"{folder}/facts{suffix}"
    ran = run("extract", folder, "--tagged", "-o", output, "-q")
    assert (ran.code, ran.err) == (0, "")
    if suffix == ".parquet":
        (row,) = pyarrow.parquet.read_table(here / output).to_pylist()
        assert row["source"] == f"{folder}/?.txt"
    assert sorted(p.name for p in (here / folder).iterdir()) == [f"facts{suffix}", odd]


def test_the_same_papers_give_the_same_bytes(run, papers, here):
    for name in ("a.csv", "b.csv"):
        run("extract", "papers", "--tagged", "-o", name)
    assert (here / "a.csv").read_bytes() == (here / "b.csv").read_bytes()


def test_a_plain_paper_is_tagged_by_the_pipeline(run, write, here, rules):
    write({"a.txt": "\ufeffWe introduce GPT-3. GPT-3 has 175B parameters."})
    assert run("extract", "a.txt", "-p", rules, "-o", "f.jsonl", "-q").code == 0
    (line,) = (here / "f.jsonl").read_text("utf8").splitlines()
    record = json.loads(line)
    assert (record["Model"], record["Parameters"]["value"]) == ("GPT-3", 175e9)
    assert record["introduced"]["evidence"]["start"] == 13


def test_bad_papers_are_listed_and_the_others_written(run, papers, write, here):
    write(
        {"papers/c.txt": b"\xff\xfe\x00", "papers/d.txt": "no tags", "e.txt": "<model>"}
    )
    ran = run("extract", "papers", "e.txt", "f.txt", "--tagged", "-o", "f.csv")
    assert ran.code == 1
    errors = [
        line for line in ran.err.splitlines() if line.startswith("papertag: error")
    ]
    assert [line.split(": ")[2] for line in errors] == [
        "papers/c.txt",
        "papers/d.txt",
        "e.txt:1:1",
        "f.txt",
    ]
    assert len((here / "f.csv").read_text("utf8").splitlines()) == 3


def test_a_tagged_paper_needs_tagged(run, papers, files, rules):
    ran = run("extract", "papers/a.txt", "-p", rules, "-o", "f.csv", "-q")
    problem = "papers/a.txt: is tagged already (spans: 9); --tagged uses its tags"
    assert (ran.code, ran.error) == (1, problem)
    assert files() == ["f.csv.failed.jsonl", "papers/a.txt", "papers/b.txt"]


@pytest.mark.parametrize("name", ["facts.xlsx", "facts", "facts.txt"])
def test_an_unknown_ending(run, papers, files, name):
    ran = run("extract", "papers", "--tagged", "-o", name)
    cure = "name it .csv, .jsonl, .parquet or .duckdb"
    assert (ran.code, ran.error) == (1, f"{name}: its ending tells no format; {cure}")
    assert files() == ["papers/a.txt", "papers/b.txt"]


def test_without_duckdb_the_cure_is_named(run, papers, monkeypatch):
    monkeypatch.setitem(sys.modules, "duckdb", None)
    ran = run("extract", "papers", "--tagged", "-o", "f.parquet")
    assert ran.error == (
        "f.parquet: needs duckdb, which is not installed; "
        "pip install 'papertag[records]'"
    )
    assert run("extract", "papers", "--tagged", "-o", "f.csv").code == 0


def test_what_exists_is_kept_unless_forced(run, papers, write, here):
    write({"f.csv": "mine"})
    ran = run("extract", "papers", "--tagged", "-o", "f.csv")
    assert ran.error == "f.csv: exists already; --force overwrites it"
    assert (here / "f.csv").read_text() == "mine"
    assert run("extract", "papers", "--tagged", "-o", "f.csv", "--force").code == 0
    assert (here / "f.csv").read_text().startswith("Model,source,")


def test_a_paper_is_never_overwritten(run, write, here):
    write({"a.csv": PAPER})
    ran = run("extract", "a.csv", "--tagged", "-o", "a.csv", "--force")
    assert ran.error.startswith("a.csv: the output would overwrite the paper")
    assert (here / "a.csv").read_text("utf8") == PAPER


def test_standard_input(run, here):
    ran = run("extract", "-", "--tagged", "-o", "f.csv", stdin=OTHER.encode())
    assert ran.code == 0
    assert "Gull,-,3000000000" in (here / "f.csv").read_text("utf8")


def test_a_folder_that_cannot_be_written(run, papers, write):
    write({"wall": "a file"})
    ran = run("extract", "papers", "--tagged", "-o", "wall/f.csv", "-q")
    assert ran.code == 1
    assert ran.error.startswith("wall/f.csv.journal: cannot be written")
