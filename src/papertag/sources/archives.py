"""Archives: zip, tar and gzip, read in memory within limits, never unpacked to disk."""

import gzip
import io
import lzma
import tarfile
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import PurePosixPath

from papertag.errors import InputError
from papertag.sources.kinds import ARCHIVES, GZIP, SUFFIXES, ZIP, is_latex_paper
from papertag.sources.source import Kind, Limits

_MEGABYTE = 1 << 20
_DAMAGED = (
    zipfile.BadZipFile,
    tarfile.TarError,
    EOFError,
    zlib.error,
    gzip.BadGzipFile,
    lzma.LZMAError,
    OSError,  # of bzip2; nothing here is read from a disk
    ValueError,  # as of an offset before the start
    OverflowError,
    NotImplementedError,  # a way of packing that Python does not know
)


@dataclass(frozen=True)
class Archive:
    """Names and sizes of the files of an archive, and what reads one."""

    sizes: dict[str, int]
    _read: Callable[[str], bytes]

    def read(self, name: str) -> bytes:
        """Return a file's content; raises InputError where it is damaged or locked."""
        try:
            return self._read(name)
        except (*_DAMAGED, RuntimeError) as error:  # RuntimeError: a password
            raise InputError(f"can not be unpacked: {error}", "pack it anew") from error

    def papers(self) -> list[str]:
        """Return the files that are papers: those of LaTeX, or else all of known kinds.

        Next to a LaTeX paper, PDFs are its figures.
        """
        names = [name for name in self.sizes if _is_visible(name)]
        latex = [n for n in names if SUFFIXES.get(_suffix(n)) is Kind.LATEX]
        whole = [name for name in latex if is_latex_paper(self.read(name))]
        if whole:
            return whole
        known = {*SUFFIXES, *ARCHIVES}
        return [name for name in names if _suffix(name) in known and name not in latex]


def is_archive(content: bytes) -> bool:
    """Tell a zip or tar file by its first bytes."""
    return content.startswith(ZIP) or content[257:262] == b"ustar"


def open_archive(content: bytes, limits: Limits) -> Archive:
    """Open a zip or tar file; raises InputError where it is damaged or too large."""
    try:
        archive = _zip(content) if content.startswith(ZIP) else _tar(content)
    except _DAMAGED as error:
        raise InputError(f"is a damaged archive: {error}", "pack it anew") from error
    if len(archive.sizes) > limits.members:
        problem = f"holds {len(archive.sizes)} files, more than {limits.members}"
        raise InputError(problem, "split it")
    _check_size(sum(archive.sizes.values()), limits)
    return archive


def unzip(content: bytes, limits: Limits) -> bytes:
    """Return what a gzip file holds, the bytes themselves where it is none."""
    if not content.startswith(GZIP):
        return content
    most = limits.unpacked_megabytes * _MEGABYTE
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(content)) as file:
            unpacked = file.read(most + 1)
    except _DAMAGED as error:
        raise InputError(f"is a damaged gzip file: {error}", "pack it anew") from error
    _check_size(len(unpacked), limits)
    return unpacked


def check_name(name: str) -> None:
    """Raise InputError where a file of an archive would lie outside of it."""
    path = PurePosixPath(name.replace("\\", "/"))
    if "\0" in name or not path.parts:
        raise InputError("has a name that no file has", "pack it anew")
    if path.is_absolute() or ".." in path.parts or ":" in path.parts[0]:
        raise InputError("lies outside its archive", "pack it anew")


def _check_size(size: int, limits: Limits) -> None:
    if size > limits.unpacked_megabytes * _MEGABYTE:
        problem = f"holds more than {limits.unpacked_megabytes} MB"
        raise InputError(problem, "--max-unpacked allows more")


def _zip(content: bytes) -> Archive:
    file = zipfile.ZipFile(io.BytesIO(content))
    files = {info.filename: info for info in file.infolist() if not info.is_dir()}
    sizes = {name: info.file_size for name, info in files.items()}
    return Archive(sizes, lambda name: file.read(files[name]))


def _tar(content: bytes) -> Archive:
    file = tarfile.open(fileobj=io.BytesIO(content))  # noqa: SIM115 (kept by what reads)
    files = {info.name.removeprefix("./"): info for info in file if info.isfile()}

    def read(name: str) -> bytes:
        stream = file.extractfile(files[name])
        return stream.read() if stream else b""

    return Archive({name: info.size for name, info in files.items()}, read)


def _is_visible(name: str) -> bool:
    parts = PurePosixPath(name).parts
    return not any((p.startswith(".") and p != "..") or p == "__MACOSX" for p in parts)


def _suffix(name: str) -> str:
    return PurePosixPath(name).suffix.lower()
