"""The files of a compact pipeline are what they were when it was saved."""

import json
import shutil

import pytest

from papertag.errors import PipelineError
from papertag.pipeline import SHIPPED, load_pipeline


@pytest.fixture
def folder(tmp_path):
    return shutil.copytree(SHIPPED, tmp_path / "compact")


def _error(folder):
    with pytest.raises(PipelineError) as caught:
        load_pipeline(folder)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_a_whole_one_loads(folder):
    assert load_pipeline(folder)("GPT-3 has 175B parameters.").ents


def test_a_missing_file_is_named(folder):
    (folder / "encoder/model").unlink()
    assert "encoder/model: is missing; install papertag anew" in _error(folder)


@pytest.mark.parametrize("name", ["encoder/model", "ner/model", "confidence"])
def test_a_cut_or_altered_file_is_named(folder, name):
    path = folder / name
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])
    assert f"{name}: is cut or altered" in _error(folder)
    path.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    assert f"{name}: is cut or altered" in _error(folder)


def test_one_of_a_newer_papertag_is_refused(folder):
    meta = json.loads((folder / "meta.json").read_text(encoding="utf8"))
    meta["papertag_version"] = "99.0.0"
    (folder / "meta.json").write_text(json.dumps(meta), encoding="utf8")
    assert "was made by papertag 99.0.0" in _error(folder)
    assert "update papertag" in _error(folder)
