"""What the tests of the commands share: a runner, files, a tiny pipeline."""

import io
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
import spacy

from papertag import cli


@dataclass(frozen=True)
class Ran:
    """What a command left behind."""

    code: int
    out: bytes
    err: str

    @property
    def error(self) -> str:
        """The only line on standard error, without the prefix that all errors have."""
        prefix = "papertag: error: "
        assert self.err.startswith(prefix), self.err
        assert self.err.count("\n") == 1, self.err
        return self.err.removeprefix(prefix).rstrip("\n")


@pytest.fixture
def run(monkeypatch, capsysbinary) -> Callable[..., Ran]:
    """Run a command in this process, as its script would."""

    def run_command(*arguments: str | Path, stdin: bytes = b"") -> Ran:
        monkeypatch.setattr(sys, "argv", ["papertag", *map(str, arguments)])
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin)))
        capsysbinary.readouterr()
        with pytest.raises(SystemExit) as stop:
            cli.main()
        out, err = capsysbinary.readouterr()
        return Ran(int(stop.value.code or 0), out, err.decode())

    return run_command


@pytest.fixture
def here(tmp_path, monkeypatch) -> Path:
    """An empty folder that is the current one, so that paths are short."""
    folder = tmp_path / "here"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture
def write(here) -> Callable[[dict[str, str | bytes]], None]:
    """Write files, byte for byte, and the folders they stand in."""

    def write_files(contents: dict[str, str | bytes]) -> None:
        for name, content in contents.items():
            path = here / name
            path.parent.mkdir(parents=True, exist_ok=True)
            data = content if isinstance(content, bytes) else content.encode()
            path.write_bytes(data)

    return write_files


@pytest.fixture
def files(here) -> Callable[[], list[str]]:
    """List all files below the current folder, hidden ones too."""

    def list_files() -> list[str]:
        found = (path for path in here.rglob("*") if path.is_file())
        return sorted(path.relative_to(here).as_posix() for path in found)

    return list_files


def _save_pipeline(folder: Path, patterns: dict[str, str]) -> Path:
    config = {"nlp": {"tokenizer": {"@tokenizers": "papertag.Tokenizer.v1"}}}
    nlp = spacy.blank("papertag", config=config)
    rows = [{"label": label, "pattern": text} for text, label in patterns.items()]
    nlp.add_pipe("entity_ruler", name="ner").add_patterns(rows)
    nlp.to_disk(folder)
    return folder


@pytest.fixture(scope="session")
def make_pipeline() -> Callable[[Path, dict[str, str]], Path]:
    """Save a pipeline that finds the given mentions, by label, and no others."""
    return _save_pipeline


@pytest.fixture(scope="session")
def rules(tmp_path_factory) -> Path:
    """A pipeline whose predictions are known: GPT-3, 175B and 2020."""
    patterns = {"GPT-3": "model", "175B": "params", "2020": "year"}
    return _save_pipeline(tmp_path_factory.mktemp("pipelines") / "rules", patterns)
