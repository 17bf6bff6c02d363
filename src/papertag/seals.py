"""Seals: what the files of a saved pipeline must be, in its meta.json."""

import contextlib
import hashlib
import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import version
from pathlib import Path
from typing import Any

from papertag.errors import PipelineError

SEALED = ("encoder/model", "ner/model", "confidence")
META, SEALS, MADE_BY = "meta.json", "sha256", "papertag_version"
_CURE = "install papertag anew, or export the pipeline again"


def write(folder: Path) -> None:
    """Put the digests of a saved pipeline's large files into its meta.json."""
    meta = json.loads((folder / META).read_text(encoding="utf8"))
    present = [name for name in SEALED if (folder / name).is_file()]
    meta[SEALS] = {name: _digest(folder / name) for name in present}
    meta[MADE_BY] = version("papertag")
    text = json.dumps(meta, indent=2, ensure_ascii=False)
    (folder / META).write_text(text + "\n", encoding="utf8")


@contextlib.contextmanager
def checked(folder: Path) -> Iterator[None]:
    """Read a pipeline in the ``with`` block, while its files' digests are computed.

    Raises PipelineError where papertag is too old, or a file is missing or altered;
    that is then the reason why it could not be read, and comes in place of it.
    """
    meta = _read(folder / META)
    made_by = meta.get(MADE_BY, "0")
    if _number(made_by) > _number(version("papertag")):
        problem = f"was made by papertag {made_by}, this is {version('papertag')}"
        raise PipelineError(problem, "update papertag", str(folder))
    seals = {folder / name: digest for name, digest in meta.get(SEALS, {}).items()}
    for path in seals:
        if not path.is_file():
            raise PipelineError("is missing", _CURE, str(path))
    with ThreadPoolExecutor(1) as beside:
        digests = beside.submit(lambda: [_digest(path) for path in seals])
        try:
            yield
        finally:
            for (path, digest), found in zip(
                seals.items(), digests.result(), strict=True
            ):
                if digest != found:
                    raise PipelineError("is cut or altered", _CURE, str(path))


def _read(path: Path) -> dict[str, Any]:
    """Return a pipeline's meta.json, empty where spaCy will say what is wrong."""
    try:
        meta = json.loads(path.read_text(encoding="utf8"))
    except (OSError, ValueError):
        return {}
    return meta if isinstance(meta, dict) else {}


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _number(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in text.split(".")[:2] if part.isdigit())
