"""Chores: new documents into the corpus, variants of a recipe into a table."""

import importlib.util
import json
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import spacy
import typer
from spacy.tokens import DocBin

from papertag.documents import Document
from papertag.pipeline import SHIPPED
from papertag.spans import Span
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


def test_variants_name_settings_of_their_config():
    experiments = _script("experiments")
    variants = experiments.tomllib.loads((ROOT / experiments.EXPERIMENTS).read_text())
    assert "best" in variants
    for name in variants:
        variant = experiments.settings(name, variants)
        config = (ROOT / f"configs/{variant.get('config', 'best')}.cfg").read_text()
        for setting in variant.keys() - {"config", "built", "share"}:
            section, key = setting.rsplit(".", 1)
            lines = config.split(f"[{section}]\n")[1].split("\n[")[0]
            assert f"\n{key} = " in f"\n{lines}", f"{name}: {setting}"


def test_a_recipe_is_its_settings_its_data_and_the_code(tmp_path, monkeypatch):
    experiments = _script("experiments")
    (tmp_path / "configs").mkdir()
    (tmp_path / "built").mkdir()
    config, manifest = tmp_path / "configs/best.cfg", tmp_path / "built/manifest.json"
    code = tmp_path / "names.py"
    config.write_text("[training]\nseed = 1")
    sums = {name: {"sha256": name} for name in ("train", "dev", "test")}
    manifest.write_text(json.dumps({"splits": sums}))
    code.write_text("a")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(experiments, "CODE", [code])
    first = experiments.digest({"built": "built", "x": 1})
    assert first == experiments.digest({"x": 1, "built": "built"})
    assert first != experiments.digest({"built": "built", "x": 2})
    config.write_text("# a comment\n[training]\nseed = 1")
    manifest.write_text(json.dumps({"splits": sums | {"test": {"sha256": "new"}}}))
    assert first == experiments.digest({"built": "built", "x": 1})
    for file, changed in (
        (config, "[training]\nseed = 2"),
        (manifest, json.dumps({"splits": sums | {"dev": {"sha256": "new"}}})),
        (code, "b"),
    ):
        file.write_text(changed)
        assert first != (first := experiments.digest({"built": "built", "x": 1}))


def test_the_code_of_a_recipe_is_all_that_spacy_is_given():
    experiments = _script("experiments")
    registered = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    modules = {
        target.split(":")[0].rsplit(".", 1)[-1]
        for group in registered["entry-points"].values()
        for target in group.values()
    }
    # What only tags: a change of it changes no training.
    tagging = {"papertag", "pipeline", "ahead", "onnx_encoder", "confidence"}
    assert modules - tagging <= {path.stem for path in experiments.CODE}
    assert all(path.exists() for path in experiments.CODE)


def test_the_table_has_mean_and_deviation_over_seeds():
    experiments = _script("experiments")
    columns = ("strict", "partial", "precision", "recall", *experiments.LABELS)
    rows = [
        {
            "name": "best",
            "recipe": recipe,
            "documents": 1200,
            "seconds": 60,
            "dev": dict.fromkeys(columns, value),
        }
        for recipe, value in (("old", 70.0), ("new", 80.0), ("new", 82.0))
    ]
    rows = json.loads(json.dumps(rows))
    lines = experiments.markdown(rows, {"new"}).splitlines()
    assert lines[2].startswith("| best † | 1,200 | 1 | 1 | 70.0 |")
    assert lines[3].startswith("| best | 1,200 | 2 | 1 | 81.0 ± 1.4 |")


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


def test_the_curve_has_a_line_for_each_kind_of_text_and_the_same_bytes():
    experiments = _script("experiments")
    rows = [
        {
            "config": "minilm",
            "tokens": 1000 * tokens,
            "test": {"strict": 60 + tokens + seed},
            "gold": {"strict": 50 + tokens},
        }
        for tokens in (5, 10, 20)
        for seed in (0, 1)
    ]
    picture = experiments.drawing(rows)
    assert picture == experiments.drawing(rows)
    for name in ("minilm, own test split", "minilm, real passages"):
        assert picture.count(f"<!-- {name} -->".encode()) == 1


def test_todays_results_are_those_of_todays_recipes(tmp_path, monkeypatch):
    experiments = _script("experiments")
    results = tmp_path / "results.jsonl"
    rows = [{"name": "best", "recipe": "old"}, {"name": "best", "recipe": "new"}]
    results.write_text("\n".join(map(json.dumps, rows)))
    monkeypatch.setattr(experiments, "RESULTS", results)
    monkeypatch.setattr(experiments, "EXPERIMENTS", ROOT / experiments.EXPERIMENTS)
    monkeypatch.setattr(experiments, "digest", lambda variant: "new")
    assert experiments.current() == rows[1:]


def test_a_variant_is_scored_on_dev_and_with_gold_on_test_too(tmp_path, monkeypatch):
    experiments = _script("experiments")
    (tmp_path / "a.txt").write_text(
        "<model>GPT-3</model> came out in <year>2020</year>"
    )
    for split in ("DEV", "TEST"):
        monkeypatch.setattr(experiments, split, tmp_path)
    found = experiments.scores(SHIPPED, None)
    assert found.keys() == {"dev"}
    assert found["dev"]["model"] == 100.0
    assert experiments.scores(SHIPPED, tmp_path).keys() == {"dev", "test", "gold"}


def test_a_result_takes_the_place_of_that_of_the_same_run(tmp_path, monkeypatch):
    experiments = _script("experiments")
    monkeypatch.setattr(experiments, "RESULTS", tmp_path / "results.jsonl")
    row = {"name": "best", "recipe": "a", "seed": 0, "seconds": 60}
    for result in (row, row | {"seed": 1}, row | {"dev": {"strict": 80.0}}):
        experiments.keep(result)
    assert [(r["seed"], "dev" in r) for r in experiments.results()] == [
        (1, False),
        (0, True),
    ]


def test_differences_are_counted_over_documents():
    cross_validate = _script("cross_validate")
    span = Span(0, 4, "model")
    found = [
        (Document("a.txt", "Nova", (span,)), ()),
        (Document("b.txt", "Nova", (span,)), (Span(0, 4, "year"),)),
        (Document("b.txt", "Nova", (span,)), (span,)),
        (Document("c.txt", "Nova and", (span,)), ()),
    ]
    (most, files), (least, _) = cross_validate.differences(found)
    assert (most.kind, most.text, dict(files)) == (
        "missed",
        "Nova",
        {"a.txt": 1, "c.txt": 1},
    )
    assert (least.kind, least.label) == ("type", "model")


def test_folds_are_trained_once_and_compared(tmp_path, monkeypatch, capsys):
    cross_validate = _script("cross_validate")
    for number in range(6):
        text = (
            f"We trained <model>Nova-{number}</model> in <year>20{number + 10}</year>."
        )
        (tmp_path / f"{number}.txt").write_text(text)
    (tmp_path / "variants.toml").write_text(
        '[tiny]\nconfig = "cnn"\n'
        '"training.max_steps" = 2\n"training.eval_frequency" = 1'
    )
    monkeypatch.setattr("experiments.EXPERIMENTS", tmp_path / "variants.toml")
    monkeypatch.chdir(ROOT)
    for _ in range(2):
        cross_validate.main(tmp_path / "folds", tmp_path, "tiny", folds=2)
        monkeypatch.setattr(cross_validate, "trained", None)  # a second time would fail
    shown = capsys.readouterr().out
    assert shown.count("6 documents") == 2
    assert {p.name for p in (tmp_path / "folds").glob("*.jsonl")} == {
        "fold-0.jsonl",
        "fold-1.jsonl",
    }
    with pytest.raises(typer.BadParameter, match=r"not in .*: huge"):
        cross_validate.main(tmp_path / "folds", tmp_path, "huge", folds=2)


def test_what_is_missing_is_said_in_one_line():
    command = [sys.executable, str(ROOT / "scripts/analyse_errors.py"), "nowhere"]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ran.returncode == 1
    (line,) = ran.stderr.splitlines()
    assert line.startswith("papertag: error: nowhere: ")


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


@pytest.mark.parametrize(
    "name",
    [
        *("experiments", "check_corpus", "analyse_errors", "benchmark_training"),
        *("bench", "compare_precisions", "watch_memory"),
    ],
)
def test_what_a_script_can_do_is_in_its_help(name):
    command = [sys.executable, str(ROOT / f"scripts/{name}.py"), "--help"]
    ran = subprocess.run(command, capture_output=True, text=True, check=True)
    assert "Usage" in ran.stdout


def test_errors_are_told_apart():
    analyse = _script("analyse_errors")
    text = "Nova Prime on A100 in Oslo, 7B, and so on"
    gold = (Span(0, 10, "model"), Span(14, 18, "hardware"), Span(28, 30, "params"))
    found = (Span(0, 4, "model"), Span(14, 18, "model"), Span(22, 26, "country"))
    documents = [Document("a", text, gold), Document("b", text, ())]
    predicted = [found, found[:1]]
    assert analyse.confusion(documents, predicted) == {
        ("model", "model"): 1,
        ("hardware", "model"): 1,
        ("params", "none"): 1,
        ("none", "country"): 1,
        ("none", "model"): 1,
    }
    assert analyse.false_spans(documents, predicted) == (1, 10)
    assert list(analyse.errors(documents[0], found)) == [
        ("border", "model", "Nova Prime", "model 'Nova'"),
        ("type", "hardware", "A100", "model 'A100'"),
        ("missed", "params", "7B", ""),
        ("spurious", "country", "Oslo", ""),
    ]
