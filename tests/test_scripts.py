"""Chores: new documents into the corpus, variants of a recipe into a table."""

import importlib.util
import json
import subprocess
import sys
from pathlib import Path

import pytest

from papertag.documents import Document
from papertag.splits import Split

ROOT = Path(__file__).parents[1]


def _script(name):
    spec = importlib.util.spec_from_file_location(name, ROOT / f"scripts/{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_a_tenth_of_each_genre_goes_to_dev_and_to_test():
    split = _script("split_corpus")
    documents = [
        Document(f"{genre}-{number}.txt", f"{genre} text {number}", ())
        for genre, count in (("card", 30), ("long", 10))
        for number in range(count)
    ]
    found = {document.source: kind for document, kind in split.assign(documents)}
    for genre, share in (("card", 3), ("long", 1)):
        kinds = [kind for name, kind in found.items() if name.startswith(genre)]
        assert kinds.count(Split.DEV) == kinds.count(Split.TEST) == share
    assert found == {d.source: kind for d, kind in split.assign(documents[::-1])}


def test_a_document_is_not_added_twice(tmp_path):
    (tmp_path / "corpus/tagged/dev").mkdir(parents=True)
    (tmp_path / "corpus/tagged/dev/card-1.txt").write_text("old")
    (tmp_path / "new").mkdir()
    (tmp_path / "new/card-1.txt").write_text("new")
    command = [sys.executable, str(ROOT / "scripts/split_corpus.py"), "new"]
    ran = subprocess.run(
        command, capture_output=True, text=True, cwd=tmp_path, check=False
    )
    assert ran.returncode == 1
    assert "card-1.txt: is in corpus/tagged already" in ran.stderr
    assert (tmp_path / "corpus/tagged/dev/card-1.txt").read_text() == "old"


def test_a_variant_has_the_settings_of_its_base():
    experiments = _script("experiments")
    variants = {"short": {"a": 1, "b": 2}, "wide": {"base": "short", "b": 3}}
    assert experiments.settings("wide", variants) == {"a": 1, "b": 3}


def test_variants_name_settings_of_the_best_config():
    experiments = _script("experiments")
    variants = experiments.tomllib.loads((ROOT / experiments.EXPERIMENTS).read_text())
    config = (ROOT / "configs/best.cfg").read_text(encoding="utf8")
    assert "best" in variants
    for name in variants:
        for setting in experiments.settings(name, variants):
            if setting not in ("config", "built"):
                section, key = setting.rsplit(".", 1)
                assert (
                    f"\n{key} = " in config.split(f"[{section}]\n")[1].split("\n[")[0]
                )


def test_the_table_has_mean_and_deviation_over_seeds():
    experiments = _script("experiments")
    columns = ("strict", "partial", "precision", "recall", *experiments.LABELS)
    rows = [
        {"name": "best", "seconds": 60, "dev": dict.fromkeys(columns, value)}
        for value in (80.0, 82.0)
    ]
    lines = experiments.markdown(json.loads(json.dumps(rows))).splitlines()
    assert lines[2].startswith("| best | 2 | 1 | 81.0 ± 1.4 |")


def test_a_baseline_takes_the_first_pattern_where_two_overlap():
    baseline = _script("baseline")
    patterns = [
        ("hardware", baseline._any({"A100", "A100 80GB"})),
        ("params", baseline.re.compile(r"\d+GB")),
    ]
    spans = baseline.tag("8 A100 80GB, 40GB", patterns)
    assert [(s.start, s.end, s.label) for s in spans] == [
        (2, 11, "hardware"),
        (13, 17, "params"),
    ]


@pytest.mark.parametrize("name", ["experiments", "check_corpus"])
def test_what_a_script_can_do_is_in_its_help(name):
    command = [sys.executable, str(ROOT / f"scripts/{name}.py"), "--help"]
    ran = subprocess.run(command, capture_output=True, text=True, check=True)
    assert "Usage" in ran.stdout
