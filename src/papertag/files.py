"""Files: read texts whole, write results whole or not at all."""

import os
import re
import tempfile
from collections.abc import Callable, Collection, Mapping
from pathlib import Path

from papertag.errors import InputError, OutputError

BOM = "\ufeff"
_HALF_PAIR = re.compile(r"[\ud800-\udfff]")
_UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")


def read_text(path: Path, encoding: str = "utf-8") -> str:
    """Return the text of a file, its line ends as they are.

    Raises InputError, with the offset of the byte, where it is no text.
    """
    content = read_bytes(path)
    try:
        return decode(content, encoding)
    except InputError as error:
        raise error.at(path) from error


def read_bytes(path: Path) -> bytes:
    """Return the content of a file; raises InputError where it cannot be read."""
    try:
        return path.read_bytes()
    except OSError as error:
        problem = (error.strerror or "cannot be read").lower()
        raise InputError(problem, "check the path", str(path)) from error


def decode(content: bytes, encoding: str = "utf-8") -> str:
    """Return bytes as text; raises InputError, without a place, where they are none."""
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError as error:
        start = error.start + len(content) - len(error.object)  # a mark is cut off
        utf16 = content.startswith(_UTF16_MARKS)
        raise InputError(
            f"byte {start} (0x{content[start]:02x}) is not {encoding}",
            f"name the encoding, as in --encoding {'utf-16' if utf16 else 'latin-1'}",
        ) from error
    except (LookupError, UnicodeError) as error:
        cure = "try utf-8, utf-16 or latin-1"
        raise InputError(f"there is no encoding {encoding!r}", cure) from error
    check_text(text)
    return text


def check_text(text: str) -> None:
    """Raise InputError, without a place, on what no text file holds."""
    half = _HALF_PAIR.search(text)
    if half:
        problem = f"character {half.start()} is half of a surrogate pair"
        raise InputError(problem, "write the whole character")
    nul = text.find("\0")
    if nul >= 0:
        cure = "papertag reads text: convert the file first"
        raise InputError(f"character {nul} is NUL, so this is no text", cure)


def list_texts(folder: Path) -> list[Path]:
    """Return the ``*.txt`` files below a folder, in the order of their paths.

    Raises InputError where there is no file, or a folder cannot be read.
    """
    found = list_files(folder, (".txt",))
    if not found:
        raise InputError("no *.txt files in this folder", "check the path", str(folder))
    return found


def list_files(
    folder: Path, suffixes: Collection[str], but: Path | None = None
) -> list[Path]:
    """Return the files below a folder with one of ``suffixes``, in order of paths.

    What lies below an inner folder ``but`` is left out. A link that leads nowhere is
    a file that is missing. Raises InputError where a folder cannot be read.
    """
    left_out = but.resolve() if but else None
    if left_out == folder.resolve():
        left_out = None
    return sorted(
        path
        for parent, _, names in os.walk(folder, onerror=_raise)
        if left_out is None or not Path(parent).resolve().is_relative_to(left_out)
        for path in (Path(parent, name) for name in names)
        if path.suffix.lower() in suffixes and (path.is_file() or path.is_symlink())
    )


def _raise(error: OSError) -> None:
    """Stop at a folder that cannot be read, which os.walk would pass over."""
    problem = (error.strerror or str(error)).lower()
    raise InputError(problem, "check the path", str(error.filename)) from error


def check_absent(path: Path) -> None:
    """Raise OutputError if ``path`` exists."""
    if path.exists():
        raise OutputError("exists already", "--force overwrites it", str(path))


def write_all(contents: Mapping[Path, bytes]) -> None:
    """Write all files beside their places, then rename them, so none is ever half.

    Makes the folders. Raises OutputError, with nothing left behind, where the disk
    is full or a folder cannot be written.
    """
    written: list[tuple[str, Path]] = []
    path = Path()
    try:
        for path, content in contents.items():
            real = path.resolve()  # what a link leads to is written, not the link
            if real.exists() and not real.is_file():
                raise OutputError("is no regular file", "name another", str(path))
            real.parent.mkdir(parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(prefix=".papertag-", dir=real.parent)
            written.append((name, real))
            with os.fdopen(handle, "wb") as file:
                file.write(content)
            Path(name).chmod(0o666 & ~_umask())
        while written:
            name, real = written[0]
            Path(name).replace(real)
            written.pop(0)
    except OSError as error:
        problem = f"cannot be written: {(error.strerror or str(error)).lower()}"
        cure = "check the folder, its rights and the space on the disk"
        raise OutputError(problem, cure, str(path)) from error
    finally:
        for name, _ in written:
            Path(name).unlink(missing_ok=True)


def write_file(target: Path, write: Callable[[Path], None]) -> None:
    """Let ``write`` make a new file, then put it, on the disk, in place of ``target``.

    Raises OutputError, with the old file as it was, where it cannot be written.
    """
    try:
        real = target.resolve()  # what a link leads to is written, not the link
        if real.exists() and not real.is_file():
            raise OutputError("is no regular file", "name another", str(target))
        real.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=real.parent, prefix=".papertag-") as work:
            new = Path(work, f"new{target.suffix}")
            write(new)
            with new.open("rb+") as file:
                os.fsync(file.fileno())
            new.replace(real)
    except OSError as error:
        problem = f"cannot be written: {(error.strerror or str(error)).lower()}"
        cure = "check the folder, its rights and the space on the disk"
        raise OutputError(problem, cure, str(target)) from error


def write_folder(target: Path, write: Callable[[Path], None]) -> None:
    """Let ``write`` fill a new folder, then put it in place of ``target``.

    Raises OutputError, with the old folder as it was, where it cannot be written.
    """
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(
            dir=target.parent, prefix=".papertag-"
        ) as work:
            new, old = Path(work, "new"), Path(work, "old")
            write(new)
            if target.exists():
                target.rename(old)
            new.rename(target)
    except OSError as error:
        problem = f"cannot be written: {(error.strerror or str(error)).lower()}"
        cure = "check the folder, its rights and the space on the disk"
        raise OutputError(problem, cure, str(target)) from error


def _umask() -> int:
    """Return the process's umask, which can only be read by setting it."""
    mask = os.umask(0)
    os.umask(mask)
    return mask
