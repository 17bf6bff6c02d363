"""Chores: new documents into the corpus, variants of a recipe into a table."""

import importlib.util
import json
import subprocess
import sys
from pathlib import Path

import pytest
import spacy
from spacy.tokens import DocBin

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
            if setting not in ("config", "built", "share"):
                section, key = setting.rsplit(".", 1)
                assert (
                    f"\n{key} = " in config.split(f"[{section}]\n")[1].split("\n[")[0]
                )


def test_a_recipe_is_its_settings_and_its_data(tmp_path, monkeypatch):
    experiments = _script("experiments")
    (tmp_path / "configs").mkdir()
    (tmp_path / "built").mkdir()
    config, manifest = tmp_path / "configs/best.cfg", tmp_path / "built/manifest.json"
    config.write_text("a")
    manifest.write_text("b")
    monkeypatch.chdir(tmp_path)
    first = experiments.digest({"built": "built", "x": 1})
    assert first == experiments.digest({"x": 1, "built": "built"})
    assert first != experiments.digest({"built": "built", "x": 2})
    for file in (config, manifest):
        file.write_text("changed")
        assert first != (first := experiments.digest({"built": "built", "x": 1}))


def test_the_table_has_mean_and_deviation_over_seeds():
    experiments = _script("experiments")
    columns = ("strict", "partial", "precision", "recall", *experiments.LABELS)
    rows = [
        {
            "name": "best",
            "recipe": recipe,
            "seconds": 60,
            "dev": dict.fromkeys(columns, value),
        }
        for recipe, value in (("old", 9.0), ("new", 80.0), ("new", 82.0))
    ]
    lines = experiments.markdown(json.loads(json.dumps(rows))).splitlines()
    assert lines[2].startswith("| best | 2 | 1 | 81.0 ± 1.4 |")


def test_a_share_of_the_data_is_in_every_larger_one(tmp_path):
    experiments = _script("experiments")
    nlp = spacy.blank("papertag")
    data = tmp_path / "train.spacy"
    DocBin(docs=[nlp.make_doc(f"text {number}") for number in range(8)]).to_disk(data)
    texts = []
    for share in (0.25, 0.5, 1.0):
        path, tokens = experiments.subset(data, share, tmp_path / "some.spacy")
        texts.append({d.text for d in DocBin().from_disk(path).get_docs(nlp.vocab)})
        assert len(texts[-1]) == 8 * share
        assert tokens == 2 * len(texts[-1])
    assert texts[0] < texts[1] < texts[2]


def test_the_curve_has_a_line_for_each_kind_of_text(tmp_path, monkeypatch):
    experiments = _script("experiments")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "training").mkdir()
    rows = [
        {
            "name": f"minilm-{share}",
            "recipe": "x",
            "config": "minilm",
            "share": share,
            "tokens": 100_000 * share,
            "test": {"strict": 60 + 20 * share},
            "gold": {"strict": 50 + 20 * share},
        }
        for share in (0.25, 0.5, 1.0)
    ]
    lines = [json.dumps(row) for row in rows]
    experiments.RESULTS.write_text("\n".join(lines))
    experiments.curve()
    svg = experiments.CURVE.read_text()
    assert [path.name for path in (tmp_path / "training").iterdir()].count(
        "learning-curve.new.svg"
    ) == 0
    assert svg.count("<!-- minilm, ") == 2


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
