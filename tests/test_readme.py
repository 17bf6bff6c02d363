"""The README's commands run, on a small fixture; full-size runs are for releases."""

import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf8")
BLOCKS = re.findall(r"```(\w+)\n(.*?)```", README, re.DOTALL)
COMMANDS = [
    line for kind, block in BLOCKS if kind == "bash" for line in block.splitlines()
]
INSTALL = [command for command in COMMANDS if command.startswith("pip install")]
TRAINED = ("best", "cnn", "minilm")


@pytest.fixture(scope="module")
def work(tmp_path_factory):
    """A folder with what the README's commands name, small; trainings of two steps."""
    folder = tmp_path_factory.mktemp("readme")
    shutil.copytree(ROOT / "seeds", folder / "seeds")
    shutil.copy(ROOT / "project.yml", folder)
    (folder / "configs").mkdir()
    for config in TRAINED:
        text = (ROOT / f"configs/{config}.cfg").read_text(encoding="utf8")
        text = re.sub(r"(?m)^max_steps = \d+", "max_steps = 2", text)
        text = re.sub(r"(?m)^eval_frequency = \d+", "eval_frequency = 1", text)
        (folder / f"configs/{config}.cfg").write_text(text, encoding="utf8")
    for split, count in (("train", 8), ("dev", 3), ("test", 3)):
        papers = sorted((ROOT / f"corpus/tagged/{split}").glob("*.txt"))[:count]
        _copy(papers, folder / "corpus/tagged" / split)
    loose = sorted((ROOT / "corpus/tagged/train").glob("b*.txt"))
    _copy(loose[:30], folder / "mine")
    _copy([ROOT / "src/papertag/example.txt"], folder / "papers")
    shutil.copy(ROOT / "src/papertag/example.txt", folder / "paper.txt")
    for suffix in (".pdf", ".tex"):
        shutil.copy(
            ROOT / f"tests/data/pdf/five-0-2{suffix}", folder / f"paper{suffix}"
        )
    return folder


def _copy(papers, folder):
    folder.mkdir(parents=True)
    for paper in papers:
        shutil.copy(paper, folder)


def _run(command, folder):
    scripts = Path(sys.executable).parent
    environment = {"PATH": f"{scripts}:/usr/bin:/bin", "HF_HUB_OFFLINE": "1"}
    result = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", command],
        capture_output=True,
        text=True,
        cwd=folder,
        env=environment,
        check=False,
    )
    assert result.returncode == 0, f"{command}\n{result.stdout}\n{result.stderr}"
    return result.stdout


def test_the_two_commands_that_set_up_are_what_ci_runs():
    assert INSTALL == [
        "pip install . && papertag tag --example",
        "pip install -e '.[dev]' && pytest",
    ]
    script = (ROOT / ".ci/run").read_text(encoding="utf8")
    assert all(command in script for command in INSTALL)


def test_no_page_holds_a_placeholder():
    pages = [*ROOT.glob("*.md"), *ROOT.glob("[a-z]*/README.md")]
    assert len(pages) == 6
    for page in pages:
        assert not re.search(r"@[A-Z]+@", page.read_text(encoding="utf8")), page


def test_every_command_runs_in_the_order_of_the_page(work):
    outputs = {}
    for command in COMMANDS:
        if command not in INSTALL:
            outputs[command] = _run(command, work)
    assert "<model>" in outputs["papertag tag paper.txt"]
    assert "<model>" in (work / "tagged/example.txt").read_text(encoding="utf8")
    records = outputs["papertag tag paper.txt --format jsonl --min-score 0.5"]
    assert '"score"' in records
    assert "<model>" in (work / "tagged/paper.txt").read_text(encoding="utf8")
    assert "<model>" in outputs["papertag tag paper.tex --in-place-markup"]
    assert (work / "marked/paper.pdf").exists()
    assert (work / "facts.csv").read_text("utf8").startswith("Model,source,")
    assert '"places"' in (work / "facts.jsonl").read_text("utf8")
    assert not list(work.glob("facts.*.journal"))
    assert "micro" in outputs["papertag evaluate corpus/tagged/test"]
    assert (work / "training/minilm/model-best/meta.json").exists()
    assert (work / "training/cnn/scores.json").exists()
    assert (work / "scores.json").exists()
    again = _run("weasel run all . --vars.config cnn", work)
    assert again.count("Skipping") == 3


def test_the_python_block_runs(work):
    (code,) = (block for kind, block in BLOCKS if kind == "python")
    assert "('GPT-3', 'model', 0." in _run(f"python -c {shlex.quote(code)}", work)


def test_every_command_and_option_is_known_to_the_readme_or_the_help():
    for command in ("tag", "extract", "convert", "evaluate"):
        assert re.search(rf"^papertag {command} ", "\n".join(COMMANDS), re.MULTILINE)
    for flag in ("--in-place-markup", "--max-pages", "--max-unpacked"):
        assert flag in README
    for flag in ("--resume", "--retag", "--as-text", "--encoding", "--force"):
        assert flag in README


def test_links_to_files_lead_somewhere():
    for target in re.findall(r"\]\((?!http)([^)#]+)", README):
        assert (ROOT / target).exists()
