"""Macros: what a LaTeX paper defines, put in the place of its calls."""

import re
from typing import Any, NamedTuple

from pylatexenc.latexwalker import LatexGroupNode

from papertag.sources.runs import Origin, Run, Runs

_DEFINITION = re.compile(
    r"\\(?:(?:re)?newcommand|providecommand|DeclareRobustCommand)\*?\s*\{?\s*\\(?P<name>[A-Za-z]+)\s*\}?\s*"
    r"(?:\[(?P<count>\d)\])?\s*(?P<default>\[[^\]]*\])?\s*(?=\{)"
    r"|\\[gex]?def\s*\\(?P<def>[A-Za-z]+)(?P<hashes>(?:\#\d)*)\s*(?=\{)"
)
_COMMENT = re.compile(r"(?<!\\)((?:\\\\)*)(%[^\n]*)")


class Macro(NamedTuple):
    """A macro that the paper defines; ``spec`` says which arguments it takes."""

    spec: str
    default: str
    body: str


class Piece(NamedTuple):
    """A stretch of LaTeX, and where each part of it stands in the files."""

    text: str
    runs: Runs

    def origin(self, start: int, length: int) -> Origin:
        """Return the range of a file that a part of it stands for."""
        end = start + length
        parts = [run.part(start, end) for run in self.runs.within(start, end)]
        first, last = parts[0], parts[-1]
        if first.file != last.file or len(parts) == 1:
            return first
        begin = min(part.offset for part in parts)
        reach = max(part.offset + part.length for part in parts)
        return Origin(first.file, begin, reach - begin)

    def shifted(self, start: int, end: int, to: int) -> list[Run]:
        """Return the runs of a part as they are where it begins at ``to``."""
        by = to - start
        return [
            run._replace(
                start=max(run.start, start) + by,
                end=min(run.end, end) + by,
                origin=run.part(start, end),
            )
            for run in self.runs.within(start, end)
        ]


def find_macros(content: str) -> dict[str, Macro]:
    """Return the macros that a file defines; of one name, the last one."""
    code = _COMMENT.sub(lambda found: found[1] + " " * len(found[2]), content)
    macros = {}
    for found in _DEFINITION.finditer(code):
        body = _braced(code, found.end())
        spec, default = "{" * (found["hashes"] or "").count("#"), ""
        if found["name"]:
            count = int(found["count"] or 0)
            spec, default = "{" * count, (found["default"] or "[]")[1:-1]
            if found["default"] and count:
                spec = "[" + "{" * (count - 1)
        macros[found["name"] or found["def"]] = Macro(spec, default, body)
    return macros


def substitute(piece: Piece, node: Any, macro: Macro) -> Piece:
    """Return a macro's body with its arguments in place."""
    source = piece.text[node.pos : node.pos + node.len].rstrip()
    call = piece.origin(node.pos, len(source))
    arguments = (node.nodeargd.argnlist if node.nodeargd else None) or []
    text, runs = "", list[Run]()
    for index, part in enumerate(re.split(r"#(\d)", macro.body)):
        size = len(text)
        number = int(part) - 1 if index % 2 else -1
        argument = arguments[number] if 0 <= number < len(arguments) else None
        if argument is not None:
            bare = isinstance(argument, LatexGroupNode)
            start, end = argument.pos + bare, argument.pos + argument.len - bare
            text += piece.text[start:end]
            runs += piece.shifted(start, end, size)
        else:
            text += macro.default if index % 2 else part
            if len(text) > size:
                runs.append(Run(size, len(text), call, is_copy=False))
    return Piece(text, Runs(runs))


def plain(source: str, macros: dict[str, Macro]) -> str:
    """Return a formula with the paper's macros of no arguments put in, once."""

    def put(found: re.Match[str]) -> str:
        macro = macros.get(found[1])
        return "{" + macro.body + "}" if macro and not macro.spec else found[0]

    return re.sub(r"\\([A-Za-z]+)", put, source)


def _braced(code: str, start: int) -> str:
    """Return what is between the brace at ``start`` and the one that closes it."""
    depth = 0
    for found in re.compile(r"\\.|[{}]", re.DOTALL).finditer(code, start):
        depth += {"{": 1, "}": -1}.get(found[0], 0)
        if depth == 0:
            return code[start + 1 : found.start()]
    return ""
