"""Kinds: what a file holds, told by its content, and by its name where that is open."""

import re
from pathlib import PurePath

from papertag.errors import InputError
from papertag.sources.source import Kind

SUFFIXES = {
    ".txt": Kind.TEXT,
    ".md": Kind.MARKDOWN,
    ".markdown": Kind.MARKDOWN,
    ".pdf": Kind.PDF,
    ".tex": Kind.LATEX,
    ".ltx": Kind.LATEX,
    ".html": Kind.HTML,
    ".htm": Kind.HTML,
    ".xhtml": Kind.HTML,
    ".xml": Kind.JATS,
    ".nxml": Kind.JATS,
}
ARCHIVES = (".zip", ".gz", ".tgz", ".tar")
GZIP, ZIP = b"\x1f\x8b", (b"PK\x03\x04", b"PK\x05\x06")
_OTHERS = {
    b"\xff\xd8\xff": "a JPEG picture",
    b"\x89PNG": "a PNG picture",
    b"GIF8": "a GIF picture",
    b"%!PS": "PostScript",
    b"{\\rtf": "RTF",
    b"\xd0\xcf\x11\xe0": "an Office file",
    b"BZh": "a bzip2 file",
    b"\xfd7zXZ": "an xz file",
    b"7z\xbc\xaf": "a 7z archive",
    b"Rar!": "a RAR archive",
}
_LATEX = re.compile(
    rb"^[^%\n]*\\(?:documentclass|documentstyle|begin\s*\{document\})", re.M
)
_ROOT = re.compile(rb"<(?![?!])(?:[\w.-]+:)?([\w.-]+)")
_HTML = re.compile(rb"(?i)<!doctype\s+html|<(?:html|body)[\s>]")


def find_kind(content: bytes, name: str) -> Kind:
    """Return the kind of a file that is no archive.

    A text whose name ends in ``.txt``, or that came without a name, is plain text
    whatever it looks like. Raises InputError on what is no paper.
    """
    if b"%PDF-" in content[:1024]:
        return Kind.PDF
    suffix = PurePath(name).suffix.lower()
    for magic, what in _OTHERS.items():
        if content.startswith(magic) and not (suffix == ".txt" and magic.isascii()):
            raise InputError(f"is {what}, not a paper that can be read", "convert it")
    named = SUFFIXES.get(suffix)
    if named is Kind.PDF:
        raise InputError("is named as a PDF but is none", "fetch or make it anew")
    if named is Kind.TEXT or name == "-":
        return Kind.TEXT
    return _by_look(content, named)


def is_latex_paper(content: bytes) -> bool:
    """Tell a whole LaTeX paper from a file that is part of one, or is a figure."""
    found = _LATEX.search(content)
    figure = re.search(rb"\\documentclass[^{\n]*\{(?:standalone|subfiles)\}", content)
    return bool(found) and not figure


def _by_look(content: bytes, named: Kind | None) -> Kind:
    head = content[:4096].removeprefix(b"\xef\xbb\xbf").lstrip()
    if head.startswith(b"<"):
        root = _ROOT.search(head)
        element = root[1].lower() if root else b""
        if _HTML.match(head) or element == b"html":
            return Kind.HTML
        if element in (b"tei", b"teicorpus"):
            return Kind.TEI
        is_xml = head.startswith((b"<?xml", b"<!DOCTYPE")) or named is Kind.JATS
        if element == b"article" and is_xml:
            return Kind.JATS
        if is_xml and named in (None, Kind.JATS):
            cure = "papertag reads JATS and TEI: convert it"
            raise InputError(f"is XML of another kind (<{element.decode()}>)", cure)
    if _LATEX.search(content[:100_000]):
        return Kind.LATEX
    if named is Kind.JATS:
        raise InputError("is named as XML but is none", "mend it, or name it .txt")
    if named is None:
        return Kind.MARKDOWN if re.match(rb"---\r?\n\w+:", head) else Kind.TEXT
    return named
