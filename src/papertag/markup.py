"""Markup: the inline-tag grammar, both ways.

Markup is the six tags (``<model>``, ``</model>``, ...) and, around paragraphs, two
wrappers (``<p>``, ``<paragraph>``); exactly so written, and nothing else. In the
plain text a run of wrappers is an empty line, or nothing at either end.

Two rules keep every text apart from its markup:

* **Escape.** Where a text itself holds a tag, its ``<`` is written ``&lt;``; where
  it holds ``&lt;model>``, the ampersand is written ``&amp;``; and so on. This goes
  for those names only: every other ``&lt;`` is ordinary text and stays. A near-tag
  (``<Model>``, ``<model id=1>``) is text either way, escaped or not.
* **Wrappers pair up, or are text.** They are markup only where each one that opens
  is closed before the next opens, throughout the text. A text in which they do not
  pair, say one about ``<p>``, keeps them as they are; one in which they would pair
  gets its wrappers escaped like tags.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple, overload

from papertag.errors import MarkupError, SpanError
from papertag.spans import LABELS, Span, check_spans

WRAPPERS = ("p", "paragraph")
BREAK = "\n\n"  # what a run of wrappers is in the plain text

_NAMES = "|".join((*LABELS, *WRAPPERS))
_NEAR_NAME = rf"(?i:{'|'.join(LABELS)})(?:\s[^<>&]*|/)?"
_TOKEN = re.compile(
    r"(?P<open><|&(?:amp;)*lt;)(?P<slash>/?)"
    rf"(?:(?P<name>{_NAMES})|(?P<near>{_NEAR_NAME}))>"
)
_WRAPPER = rf"</?(?:{'|'.join(WRAPPERS)})>"
_RUN_OR_TOKEN = re.compile(rf"(?P<run>{_WRAPPER}(?:\s*{_WRAPPER})*)|{_TOKEN.pattern}")


class Piece(NamedTuple):
    """Where source and plain text differ: ``text[start:end]`` was ``source``."""

    start: int
    end: int
    source: str

    @property
    def is_wrapper(self) -> bool:
        """Tell a run of wrappers from an escaped ``<``."""
        return self.source.startswith("<")

    def allows(self, span: Span) -> bool:
        """Tell whether a span can be written beside this piece, or around it."""
        apart = span.end <= self.start or self.end <= span.start
        inside = span.start <= self.start and self.end <= span.end
        return apart or (inside and not self.is_wrapper)


@dataclass(frozen=True)
class Tagged:
    """A plain text, its spans, and the layout that gives the source back."""

    text: str
    spans: tuple[Span, ...] = ()
    layout: tuple[Piece, ...] = field(default=(), repr=False)


def parse(source: str) -> Tagged:
    """Read tagged text; the offsets are those of the plain text.

    Raises MarkupError, its place ``line:column``, on a tag that is not closed, not
    opened, nested, crossed or empty.
    """
    return _Reader(source).read()


@overload
def render(tagged: Tagged, /) -> str: ...
@overload
def render(text: str, spans: Iterable[Span], /) -> str: ...
def render(tagged: Tagged | str, spans: Iterable[Span] = (), /) -> str:
    """Write tagged text; ``parse`` gives the text and the spans back.

    A ``Tagged`` that ``parse`` returned gives its source back, byte for byte. Raises
    SpanError on spans that overlap, reach out of the text or cross a wrapper.
    """
    if not isinstance(tagged, Tagged):
        tagged = Tagged(tagged, tuple(spans))
    if any(piece.is_wrapper for piece in tagged.layout):
        return _write(tagged, escape_wrappers=True)
    source = _write(tagged, escape_wrappers=False)
    return _write(tagged, escape_wrappers=True) if _wrappers_pair(source) else source


def near_tags(source: str) -> Iterator[tuple[int, str]]:
    """Yield offset and text of what looks like one of the six tags but is none."""
    for token in _TOKEN.finditer(source):
        if token["near"] and token["open"] == "<":
            yield token.start(), token[0]


def place(source: str, offset: int) -> str:
    """Return ``line:column`` of an offset, both counted from 1."""
    line_start = source.rfind("\n", 0, offset) + 1
    line = source.count("\n", 0, offset) + 1
    return f"{line}:{offset - line_start + 1}"


def _wrappers_pair(source: str) -> bool:
    """Tell whether there are wrappers and each closes before the next one opens."""
    expected, found = "", False
    for token in re.finditer(_WRAPPER, source):
        found = True
        if expected and token[0] != expected:
            return False
        if not expected and token[0].startswith("</"):
            return False
        expected = "" if expected else f"</{token[0][1:]}"
    return found and not expected


class _Reader:
    """One pass over a source: collects plain text, spans and layout."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.first = len(source) - len(source.lstrip())
        self.last = len(source.rstrip())
        self.text: list[str] = []
        self.size = 0
        self.spans: list[Span] = []
        self.layout: list[Piece] = []
        self.opened: re.Match[str] | None = None
        self.start = 0  # of the opened span in the plain text

    def read(self) -> Tagged:
        tokens = _RUN_OR_TOKEN if _wrappers_pair(self.source) else _TOKEN
        position = 0
        for token in tokens.finditer(self.source):
            self.add(self.source[position : token.start()])
            self.take(token)
            position = token.end()
        self.add(self.source[position:])
        if self.opened:
            raise self.error(self.opened, "is never closed", "close it")
        return Tagged("".join(self.text), tuple(self.spans), tuple(self.layout))

    def add(self, text: str) -> None:
        self.text.append(text)
        self.size += len(text)

    def add_piece(self, text: str, source: str) -> None:
        start = self.size
        self.add(text)
        self.layout.append(Piece(start, self.size, source))

    def take(self, token: re.Match[str]) -> None:
        groups = token.groupdict()
        if groups.get("run"):
            self.take_run(token)
        elif token["open"] != "<":
            self.take_escaped(token)
        elif token["near"] or token["name"] in WRAPPERS:
            self.add(token[0])
        elif token["slash"]:
            self.close(token)
        else:
            self.open(token)

    def take_run(self, token: re.Match[str]) -> None:
        if self.opened:
            raise self.error(
                token, f"stands inside {self.opened[0]}", "close it before"
            )
        at_edge = token.start() <= self.first or token.end() >= self.last
        self.add_piece("" if at_edge else BREAK, token[0])

    def take_escaped(self, token: re.Match[str]) -> None:
        opening = "<" if token["open"] == "&lt;" else "&" + token["open"][5:]
        text = opening + token[0][len(token["open"]) :]
        if opening == "<" and token["name"] not in LABELS:
            self.add_piece(text, token[0])
        else:
            self.add(text)

    def open(self, token: re.Match[str]) -> None:
        if self.opened:
            cure = "spans are flat: close the first tag before the second opens"
            raise self.error(token, f"opens inside {self.opened[0]}", cure)
        self.opened, self.start = token, self.size

    def close(self, token: re.Match[str]) -> None:
        if not self.opened:
            raise self.error(
                token, "closes a tag that is not open", "open or remove it"
            )
        if self.opened["name"] != token["name"]:
            cure = f"close it as </{self.opened['name']}>"
            raise self.error(token, f"stands where {self.opened[0]} is open", cure)
        if self.start == self.size:
            raise self.error(self.opened, "is empty", "remove it or fill it")
        self.spans.append(Span(self.start, self.size, token["name"]))
        self.opened = None

    def error(self, token: re.Match[str], problem: str, cure: str) -> MarkupError:
        where = place(self.source, token.start())
        return MarkupError(f"{token[0]} {problem}", cure, where)


def _write(tagged: Tagged, *, escape_wrappers: bool) -> str:
    """Join text, tags and layout, which at one offset stand in the order of kinds."""
    closing, wrapper, opening, escaped = range(4)
    events = [
        (p.start, wrapper if p.is_wrapper else escaped, p.end, p.source)
        for p in tagged.layout
    ]
    for span in check_spans(tagged.spans, len(tagged.text)):
        events.append((span.start, opening, span.start, f"<{span.label}>"))
        events.append((span.end, closing, span.end, f"</{span.label}>"))
    parts, position, tag_is_open = [], 0, False
    for start, kind, end, markup in sorted(events):
        if start < position or (tag_is_open and kind == wrapper):
            raise SpanError(f"a span crosses the wrapper at {start}", "end it before")
        tag_is_open = kind == opening or (tag_is_open and kind == escaped)
        parts += [_escape(tagged.text[position:start], escape_wrappers), markup]
        position = end
    parts.append(_escape(tagged.text[position:], escape_wrappers))
    return "".join(parts)


def _escape(text: str, wrappers: bool) -> str:
    """Write what looks like markup in a plain text one level deeper."""

    def deeper(token: re.Match[str]) -> str:
        if token["open"] != "<":
            return "&amp;" + token[0][1:]
        if token["name"] in LABELS or (wrappers and token["name"] in WRAPPERS):
            return "&lt;" + token[0][1:]
        return token[0]

    return _TOKEN.sub(deeper, text)
