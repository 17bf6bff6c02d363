"""Files are read whole or refused with a cure, and written whole or not at all."""

import errno
import os
from pathlib import Path

import pytest

from papertag import files
from papertag.errors import InputError, OutputError
from papertag.files import (
    check_absent,
    decode,
    list_files,
    list_texts,
    read_text,
    write_all,
)


class Broken:
    """Stands in for ``os.fdopen``: the file whose turn it is fails as it is written."""

    def __init__(self, error: BaseException, turn: int) -> None:
        self.error, self.turn, self.fdopen = error, turn, os.fdopen

    def __call__(self, handle, mode):
        file = self.fdopen(handle, mode)
        self.turn -= 1
        if self.turn == 0:
            file.write(b"hal")
            file.close()
            raise self.error
        return file


def snapshot(folder: Path) -> dict[str, bytes]:
    """All files below a folder, hidden ones too."""
    found = (path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): path.read_bytes() for path in found}


@pytest.fixture
def three(tmp_path) -> dict[Path, bytes]:
    """New contents for three files, two of which exist."""
    (tmp_path / "a").write_bytes(b"old a")
    (tmp_path / "b").write_bytes(b"old b")
    return {tmp_path / name: f"new {name}".encode() for name in "abc"}


def test_write_all_writes_all_and_makes_folders(tmp_path, three):
    deep = tmp_path / "x" / "y" / "d"
    write_all({**three, deep: b""})
    wanted = {"a": b"new a", "b": b"new b", "c": b"new c", "x/y/d": b""}
    assert snapshot(tmp_path) == wanted
    write_all({})


def test_written_files_have_the_usual_rights(tmp_path):
    mask = os.umask(0o027)
    try:
        write_all({tmp_path / "a": b"a"})
        assert (tmp_path / "a").stat().st_mode & 0o777 == 0o640
        assert os.umask(0o027) == 0o027
    finally:
        os.umask(mask)


@pytest.mark.parametrize("turn", [1, 2, 3])
def test_a_full_disk_leaves_everything_as_it_was(tmp_path, three, monkeypatch, turn):
    before = snapshot(tmp_path)
    full = OSError(errno.ENOSPC, "No space left on device")
    monkeypatch.setattr(files.os, "fdopen", Broken(full, turn))
    with pytest.raises(OutputError) as caught:
        write_all(three)
    assert snapshot(tmp_path) == before
    assert caught.value.place == str(list(three)[turn - 1])
    assert caught.value.problem == "cannot be written: no space left on device"
    assert caught.value.cure


@pytest.mark.parametrize("turn", [1, 2, 3])
def test_ctrl_c_leaves_everything_as_it_was(tmp_path, three, monkeypatch, turn):
    before = snapshot(tmp_path)
    monkeypatch.setattr(files.os, "fdopen", Broken(KeyboardInterrupt(), turn))
    with pytest.raises(KeyboardInterrupt):
        write_all(three)
    assert snapshot(tmp_path) == before


@pytest.mark.parametrize("error", [OSError(errno.EIO, "broken"), KeyboardInterrupt()])
@pytest.mark.parametrize("turn", [1, 2, 3])
def test_a_failing_rename_leaves_each_file_old_or_new(
    tmp_path, three, monkeypatch, turn, error
):
    left, replace = [turn], Path.replace

    def failing(self, target):
        left[0] -= 1
        if left[0] == 0:
            raise error
        return replace(self, target)

    before = snapshot(tmp_path)
    monkeypatch.setattr(Path, "replace", failing)
    with pytest.raises(
        OutputError if isinstance(error, OSError) else KeyboardInterrupt
    ):
        write_all(three)
    new = {path.name: content for path, content in list(three.items())[: turn - 1]}
    assert snapshot(tmp_path) == {**before, **new}


def test_a_folder_below_a_file_cannot_be_written(tmp_path, three):
    before = snapshot(tmp_path)
    target = tmp_path / "a" / "d"
    with pytest.raises(OutputError) as caught:
        write_all({**three, target: b"d"})
    assert snapshot(tmp_path) == before
    assert caught.value.place == str(target)


def test_a_folder_is_not_overwritten(tmp_path, three):
    (tmp_path / "d").mkdir()
    with pytest.raises(OutputError) as caught:
        write_all({tmp_path / "d": b"d"})
    assert caught.value.place == str(tmp_path / "d")
    assert snapshot(tmp_path) == {"a": b"old a", "b": b"old b"}


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_an_unwritable_folder(tmp_path):
    tmp_path.chmod(0o500)
    try:
        with pytest.raises(OutputError, match="permission denied"):
            write_all({tmp_path / "a": b"a"})
    finally:
        tmp_path.chmod(0o700)
    assert snapshot(tmp_path) == {}


def test_the_longest_name_can_be_written(tmp_path):
    name = "a" * 251 + ".txt"
    write_all({tmp_path / name: b"a"})
    assert snapshot(tmp_path) == {name: b"a"}


def test_check_absent(tmp_path):
    check_absent(tmp_path / "a")
    (tmp_path / "a").touch()
    with pytest.raises(OutputError, match="exists already; --force") as caught:
        check_absent(tmp_path / "a")
    assert caught.value.place == str(tmp_path / "a")


@pytest.mark.parametrize(
    ("content", "encoding", "problem", "cure"),
    [
        (b"ab\xe9c", "utf-8", "byte 2 (0xe9) is not utf-8", "--encoding latin-1"),
        (b"\xc3", "utf-8", "byte 0 (0xc3) is not utf-8", "--encoding latin-1"),
        (b"\xed\xa0\x80", "utf-8", "byte 0 (0xed) is not utf-8", "--encoding latin-1"),
        ("né".encode(), "ascii", "byte 1 (0xc3) is not ascii", "--encoding latin-1"),
        ("a".encode("utf-16"), "utf-8", "byte 0 (0xff) is", "--encoding utf-16"),
        (b"\xfe\xff\x00a", "utf-8", "byte 0 (0xfe) is not utf-8", "--encoding utf-16"),
        (b"\xff\xfea", "utf-16", "byte 2 (0x61) is not utf-16", "--encoding"),
        (b"abc", "utf-9", "there is no encoding 'utf-9'", "try utf-8"),
        (b"abc", "undefined", "there is no encoding", "try utf-8"),
        (b"a+2AA-", "utf-7", "character 1 is half of", "the whole character"),
        (b"abc", "hex", "there is no encoding 'hex'", "try utf-8"),
        (b"ab\x00", "utf-8", "character 2 is NUL", "convert the file"),
        ("a".encode("utf-16-le"), "utf-8", "character 1 is NUL", "convert the file"),
    ],
)
def test_what_is_no_text_is_named_with_a_cure(
    tmp_path, content, encoding, problem, cure
):
    with pytest.raises(InputError) as caught:
        decode(content, encoding)
    assert caught.value.problem.startswith(problem)
    assert cure in caught.value.cure
    path = tmp_path / "a.txt"
    path.write_bytes(content)
    with pytest.raises(InputError) as caught:
        read_text(path, encoding)
    assert caught.value.place == str(path)
    assert caught.value.problem.startswith(problem)


def test_a_text_is_read_as_it_is(tmp_path):
    text = "\ufeffa\r\nb\rc\n\u2028\x01😀"
    (tmp_path / "a.txt").write_bytes(text.encode())
    assert read_text(tmp_path / "a.txt") == text
    assert decode("a\r\n".encode("utf-16"), "utf-16") == "a\r\n"
    assert decode(b"\xe9", "latin-1") == "é"
    assert decode(b"") == ""


def test_what_cannot_be_opened_is_named(tmp_path):
    for path, problem in (
        (tmp_path / "a.txt", "no such file"),
        (tmp_path, "is a directory"),
    ):
        with pytest.raises(InputError, match=problem) as caught:
            read_text(path)
        assert caught.value.place == str(path)


def test_list_texts(tmp_path):
    for name in ("b.txt", "a/c.txt", "a.txt", "c.md", "d.TXT.bak"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    (tmp_path / "folder.txt").mkdir()
    found = [str(path.relative_to(tmp_path)) for path in list_texts(tmp_path)]
    assert found == ["a/c.txt", "a.txt", "b.txt"]
    assert list_files(tmp_path, (".txt",), tmp_path / "a") == list_texts(tmp_path)[1:]
    problems = {"folder.txt": r"no \*\.txt files", "missing": "no such file"}
    for name, problem in problems.items():
        folder = tmp_path / name
        with pytest.raises(InputError, match=problem) as caught:
            list_texts(folder)
        assert caught.value.place == str(folder)
