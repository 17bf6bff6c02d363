"""Reading: from a path to the sources that it holds."""

import ctypes
import importlib
from collections.abc import Callable, Iterator
from pathlib import Path, PurePosixPath
from typing import Any

from papertag.errors import InputError, PapertagError
from papertag.files import decode, read_bytes
from papertag.sources.archives import (
    Archive,
    check_name,
    is_archive,
    open_archive,
    unzip,
)
from papertag.sources.kinds import find_kind
from papertag.sources.runs import identity
from papertag.sources.sections import find_references
from papertag.sources.source import Kind, Limits, Source

_MARKUP = (Kind.LATEX, Kind.HTML, Kind.JATS, Kind.TEI)
_MEGABYTE = 1 << 20
LIMITS = Limits()

Read = Callable[[str], tuple[str, str] | None]  # of a file that LaTeX includes


def read_source(
    path: Path, encoding: str = "utf-8", limits: Limits = LIMITS, member: str = ""
) -> Source:
    """Return the paper that a file holds, or that ``member`` of an archive is.

    Raises InputError, its place the file, on what can not be read as a paper, and on
    an archive of several papers.
    """
    packed = read_bytes(path)
    try:
        content = unzip(packed, limits)
        if not is_archive(content):
            read = _beside(path.parent, encoding)
            return parse_source(content, _bare(path), encoding, limits, read)
        archive = open_archive(content, limits)
        papers = [member] if member else archive.papers()
        if len(papers) != 1:
            problem = f"holds {len(papers)} papers"
            raise InputError(problem, "unpack it, and name one")
        source = _read_member(archive, papers[0], encoding, limits)
    except PapertagError as error:
        raise _placed(error, path, member) from error
    return source


def open_sources(
    path: Path, encoding: str = "utf-8", limits: Limits = LIMITS
) -> Iterator[Source]:
    """Yield the papers of a file or an archive, one after the other.

    Raises InputError, its place the file, at the first that can not be read.
    """
    for member in list_members(path, limits) or [""]:
        yield read_source(path, encoding, limits, member)


def list_members(path: Path, limits: Limits = LIMITS) -> list[str]:
    """Return the papers of an archive, none if the file is no archive.

    Raises InputError, its place the file, on a damaged or too large archive.
    """
    packed = read_bytes(path)
    try:
        content = unzip(packed, limits)
        if not is_archive(content):
            return []
        papers = open_archive(content, limits).papers()
        if not papers:
            raise InputError("holds no papers", "check the archive")
    except PapertagError as error:
        raise _placed(error, path) from error
    return papers


def parse_source(
    content: bytes,
    name: str,
    encoding: str = "utf-8",
    limits: Limits = LIMITS,
    read: Read = lambda _: None,
) -> Source:
    """Return the paper that bytes are; ``read`` gives the files that LaTeX includes.

    Raises InputError, without the file as its place, on what can not be read.
    """
    kind = find_kind(content, name)
    if kind in _MARKUP and len(content) > limits.megabytes * _MEGABYTE:
        problem = f"has {len(content) // _MEGABYTE} MB of {kind}"
        raise InputError(f"{problem}, more than {limits.megabytes}", "is it a paper?")
    if kind is Kind.PDF:
        try:
            return _load("pdf").read_pdf(content, name, limits)  # type: ignore[no-any-return]
        except ctypes.ArgumentError as error:  # what Ctrl-C is within a call
            raise KeyboardInterrupt from error
    if kind in (Kind.JATS, Kind.TEI):
        return _load("trees").read_tree(content, name, kind)  # type: ignore[no-any-return]
    if kind is Kind.HTML:
        return _read_html(content, name, encoding)
    text = decode(content, encoding)
    if kind is Kind.LATEX:
        return _load("latex").read_latex(text, name, read, limits)  # type: ignore[no-any-return]
    return text_source(text, name, kind)


def text_source(text: str, name: str, kind: Kind) -> Source:
    """Return plain text or Markdown, which is its own running text."""
    if kind is Kind.MARKDOWN:
        return _load("markdown").read_markdown(text, name)  # type: ignore[no-any-return]
    whole = ((0, len(text)),)
    return Source(name, kind, text, identity(text), whole, find_references(text))


def read_packed(path: Path, limits: Limits = LIMITS, member: str = "") -> bytes:
    """Return the bytes of a file, or of a member of an archive, unpacked."""
    content = unzip(read_bytes(path), limits)
    if is_archive(content):
        archive = open_archive(content, limits)
        content = unzip(archive.read(member or archive.papers()[0]), limits)
    return content


def _read_html(content: bytes, name: str, encoding: str) -> Source:
    """Read HTML; where it is not in the encoding, what it says of itself counts."""
    html: bytes | str = content
    try:
        html = decode(content, encoding)
    except InputError:
        if encoding != "utf-8" or b"charset" not in content[:4096].lower():
            raise
    return _load("trees").read_tree(html, name, Kind.HTML)  # type: ignore[no-any-return]


def _load(module: str) -> Any:
    """Import a reader, which is slow, or may lack its library."""
    try:
        return importlib.import_module(f"papertag.sources.{module}")
    except ModuleNotFoundError as error:
        cure = "pip install 'papertag[formats]'"
        raise InputError(f"needs {error.name} to be read", cure) from error


def _read_member(archive: Archive, name: str, encoding: str, limits: Limits) -> Source:
    check_name(name)
    if name not in archive.sizes:
        raise InputError("is not in the archive", "check the name")
    content = unzip(archive.read(name), limits)
    if is_archive(content):
        raise InputError("is an archive in an archive", "unpack the outer one")
    folder = PurePosixPath(name).parent

    def read(included: str) -> tuple[str, str] | None:
        for path in _candidates(included):
            wanted = str(folder / path)
            if wanted in archive.sizes:
                return str(path), decode(archive.read(wanted), encoding)
        return None

    return parse_source(content, name, encoding, limits, read)


def _beside(folder: Path, encoding: str) -> Read:
    """Return what reads the files that a LaTeX paper in a folder includes."""

    def read(included: str) -> tuple[str, str] | None:
        for path in _candidates(included):
            wanted = folder / path
            if not wanted.resolve().is_relative_to(folder.resolve()):
                raise _outside(included)
            if wanted.is_file():
                return str(path), decode(read_bytes(wanted), encoding)
        return None

    return read


def _candidates(included: str) -> list[PurePosixPath]:
    """Return what an ``\\input`` may mean; it may not leave the paper's folder."""
    path = PurePosixPath(included)
    if path.is_absolute() or ".." in path.parts:
        raise _outside(included)
    return [PurePosixPath(f"{path}.tex"), path] if included else []


def _outside(included: str) -> InputError:
    cure = "put it beside the paper"
    return InputError(f"includes {included}, which is outside its folder", cure)


def _bare(path: Path) -> str:
    """Return a file's name without the ending of a packed one."""
    name = path.name
    return name[:-3] if name.lower().endswith(".gz") else name


def _placed(error: PapertagError, path: Path, member: str = "") -> PapertagError:
    return error.at(f"{path}/{member}" if member else path)
