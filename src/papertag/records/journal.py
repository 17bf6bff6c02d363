"""Journal: the rows of each paper that is done, so that a stop loses none of them.

A file of JSON lines beside the output: first the settings of the run, then a line for
each paper, on the disk before the next one is begun. A line that a stop tore is cut
off; a paper whose file has changed since is done anew.
"""

import json
import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple, Self

from papertag.errors import OutputError
from papertag.papers import STDIN, Task

ANEW = "--force starts anew"


class Key(NamedTuple):
    """What a paper was when it was read."""

    paper: str
    size: int  # of its file, in bytes
    changed: int  # in nanoseconds


class Counts(NamedTuple):
    """How much was found in one paper or in many."""

    papers: int = 0
    models: int = 0
    conflicts: int = 0
    unlinked: int = 0


def key_of(task: Task) -> Key:
    """Return what tells whether a paper is still the one that was read.

    Standard input, and a file that is missing, have a size below 0.
    """
    try:
        state = None if task.source == STDIN else task.source.stat()
    except OSError:
        state = None
    if state is None:
        return Key(str(task.name), -1, -1)
    return Key(str(task.name), state.st_size, state.st_mtime_ns)


class Journal:
    """The papers that are done, by key; rows are read from the file as they are used.

    Opening one raises OutputError where there is one already, unless ``resume`` says
    to go on from it, with the same settings, or ``anew`` to delete it.
    """

    def __init__(
        self,
        path: Path,
        settings: Mapping[str, Any],
        *,
        resume: bool = False,
        anew: bool = False,
    ) -> None:
        self.path = path
        self._offsets: dict[Key, int] = {}
        if path.exists() and not (resume or anew):
            cure = f"--resume goes on from it, {ANEW}"
            raise OutputError("holds papers of an earlier run", cure, str(path))
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            if anew:
                path.unlink(missing_ok=True)
            end = self._read(settings) if path.exists() else 0
            # Without a buffer: what a full disk refused is not tried again at the end.
            self._out = path.open("ab", buffering=0)
            self._file = path.open("rb")
            self._out.truncate(end)
            if not end:
                self._append(json.dumps(settings))
        except OSError as error:
            raise self._failure(error) from error

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._close()
        if not self._offsets:
            self.remove()

    def __contains__(self, key: Key) -> bool:
        return key in self._offsets

    def add(self, key: Key, result: bytes) -> None:
        """Write down what a paper gave; it is on the disk when this returns.

        ``key`` is that of the paper before it was read. Raises OutputError, as on a
        full disk; what was half written is cut off when the journal is opened again.
        """
        try:
            line = json.dumps(key._asdict() | json.loads(result))
            self._offsets[key] = self._append(line)
        except OSError as error:
            raise self._failure(error) from error

    def rows(self, keys: Iterable[Key]) -> Iterator[dict[str, Any]]:
        """Yield the rows of the papers among ``keys`` that are done, in their order."""
        for entry in self._entries(keys):
            yield from entry["rows"]

    def count(self, keys: Iterable[Key]) -> Counts:
        """Return how much was found in the papers among ``keys`` that are done."""
        counts = Counts()
        for entry in self._entries(keys):
            found = (1, *(entry[name] for name in Counts._fields[1:]))
            counts = Counts(*map(sum, zip(counts, found, strict=True)))
        return counts

    def remove(self) -> None:
        """Delete the file."""
        self._close()
        self.path.unlink(missing_ok=True)

    def _close(self) -> None:
        self._out.close()
        self._file.close()

    def _entries(self, keys: Iterable[Key]) -> Iterator[dict[str, Any]]:
        for key in keys:
            if key in self._offsets:
                self._file.seek(self._offsets[key])
                yield json.loads(self._file.readline())

    def _read(self, settings: Mapping[str, Any]) -> int:
        """Index the lines; return where they end, before one that is torn."""
        offset = 0
        with self.path.open("rb") as file:
            for number, line in enumerate(file, 1):
                if not line.endswith(b"\n"):
                    break
                try:
                    self._take(json.loads(line), offset, settings)
                except (ValueError, KeyError, TypeError) as error:
                    place = f"{self.path}:{number}"
                    raise OutputError("is damaged", ANEW, place) from error
                offset += len(line)
        return offset

    def _take(self, entry: Any, offset: int, settings: Mapping[str, Any]) -> None:
        if not offset:
            self._check(entry, settings)
            return
        key = Key(entry["paper"], entry["size"], entry["changed"])
        if key.size >= 0:
            self._offsets[key] = offset

    def _check(self, found: Any, settings: Mapping[str, Any]) -> None:
        if found != json.loads(json.dumps(settings)):
            names = [k for k in settings if dict(found).get(k) != settings[k]]
            problem = f"was made with another {', '.join(names) or 'papertag'}"
            raise OutputError(problem, f"use the same, or {ANEW}", str(self.path))

    def _append(self, line: str) -> int:
        """Write a line at the end, through to the disk; return where it begins."""
        offset = self._out.seek(0, os.SEEK_END)
        left = memoryview(line.encode() + b"\n")
        while left:
            left = left[self._out.write(left) :]
        os.fsync(self._out.fileno())
        return offset

    def _failure(self, error: OSError) -> OutputError:
        problem = f"cannot be written: {(error.strerror or str(error)).lower()}"
        cure = "check the folder and the space on the disk, then --resume"
        return OutputError(problem, cure, str(self.path))
