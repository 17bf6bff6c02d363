"""LaTeX: a paper of one or more files to running text, with line and column."""

import logging
import re
from collections.abc import Callable, Sequence
from typing import Any

from pylatexenc.latex2text import LatexNodes2Text
from pylatexenc.latexwalker import (
    LatexCharsNode,
    LatexEnvironmentNode,
    LatexGroupNode,
    LatexMacroNode,
    LatexMathNode,
    LatexSpecialsNode,
    LatexWalker,
)

from papertag.errors import InputError
from papertag.markup import place
from papertag.sources import commands
from papertag.sources.macros import Macro, Piece, find_macros, plain, substitute
from papertag.sources.runs import Builder, FileMap, Origin, Run, Runs
from papertag.sources.sections import find_references
from papertag.sources.source import Kind, Limits, Range, Source

logging.getLogger("pylatexenc").setLevel(logging.CRITICAL)  # its notes on bad LaTeX

Read = Callable[[str], tuple[str, str] | None]  # a file of the paper: name, content

_PARAGRAPH = re.compile(r"\n\s*\n")
_DEPTH = 40  # of macros in macros, and of files in files


def read_latex(content: str, name: str, read: Read, limits: Limits) -> Source:
    """Return the text of a LaTeX paper; ``read`` gives the files that it includes.

    Macros that it defines are expanded. Raises InputError on a macro or a file that
    comes back to itself, on a missing file, and on what makes too much text.
    """
    reader = _Reader(name, read, limits)
    try:
        reader.include("", content)
    except RecursionError as error:
        cure = "mend the braces"
        raise InputError("nests too deep to be read", cure) from error
    builder = reader.builder
    text = builder.text
    references = reader.references or find_references(text)
    files = FileMap(tuple(reader.files), Runs(builder.runs))
    return Source(name, Kind.LATEX, text, files, ((0, len(text)),), references)


class _Reader:
    """One walk over a paper's files."""

    def __init__(self, name: str, read: Read, limits: Limits) -> None:
        self.name, self.read = name, read
        self.builder = Builder()
        self.budget = limits.expanded_characters
        self.files: list[tuple[str, str]] = []
        self.stack: list[str] = []
        self.macros: dict[str, Macro] = {}
        self.context: Any = commands.context({})
        self.cited: dict[str, int] = {}
        self.notes: list[tuple[Piece, Sequence[Any]]] = []
        self.references: Range | None = None
        self.is_silent = False  # in a preamble

    def include(self, name: str, content: str) -> None:
        """Read a file at this place."""
        if name in self.stack or len(self.stack) > _DEPTH:
            shown = name or self.name
            raise InputError(f"{shown} includes itself", "break the circle")
        self.stack.append(name)
        self.files.append((name, content))
        run = Run(0, len(content), Origin(len(self.files) - 1, 0, len(content)))
        self.define(content)
        was_silent = self.is_silent
        self.is_silent = was_silent or r"\begin{document}" in content
        self.walk_piece(Piece(content, Runs([run])))
        self.is_silent = was_silent
        self.stack.pop()

    def define(self, content: str) -> None:
        """Learn the macros that a file defines."""
        self.macros |= find_macros(content)
        specs = {name: macro.spec for name, macro in self.macros.items()}
        user = {name: spec for name, spec in specs.items() if name not in _KEPT}
        self.context = commands.context(user)

    def walk_piece(self, piece: Piece) -> None:
        walker = LatexWalker(
            piece.text, latex_context=self.context, tolerant_parsing=True
        )
        try:
            nodes = walker.get_latex_nodes()[0]
        except IndexError as error:  # of pylatexenc, at the end of the text
            raise InputError("ends in the middle of \\verb", "close it") from error
        self.walk(piece, nodes)
        self.write_notes()

    def walk(self, piece: Piece, nodes: Sequence[Any]) -> None:
        """Add the text of nodes, but for definitions, and what ``\\iffalse`` hides."""
        skipped, is_defined = 0, False
        for node in nodes:
            name = node.macroname if isinstance(node, LatexMacroNode) else ""
            if skipped:
                skipped += name.startswith("if") - (name == "fi")
            elif is_defined:
                is_defined = not isinstance(node, LatexGroupNode)
            elif name == "iffalse":
                skipped = 1
            elif name in ("def", "gdef", "edef", "xdef"):
                is_defined = True
            elif node is not None:
                self.take(piece, node)

    def take(self, piece: Piece, node: Any) -> None:
        if isinstance(node, LatexCharsNode):
            self.chars(piece, node)
        elif isinstance(node, LatexGroupNode):
            self.walk(piece, node.nodelist)
        elif isinstance(node, LatexMacroNode):
            self.macro(piece, node)
        elif isinstance(node, LatexEnvironmentNode):
            self.environment(piece, node)
        elif isinstance(node, LatexMathNode):
            self.math(piece, node, node.displaytype == "display")
        elif isinstance(node, LatexSpecialsNode):
            self.replace(piece, node, commands.special(node.specials_chars))

    def chars(self, piece: Piece, node: Any) -> None:
        if self.is_silent:
            return
        for run in piece.runs.within(node.pos, node.pos + node.len):
            start, end = max(run.start, node.pos), min(run.end, node.pos + node.len)
            while start < end:
                border = (
                    _PARAGRAPH.search(piece.text, start, end) if self.notes else None
                )
                stop = border.end() if border else end
                origin = run.part(start, stop)
                self.builder.flow(piece.text[start:stop], origin, run.is_copy)
                if border:
                    self.write_notes()
                start = stop

    def replace(self, piece: Piece, node: Any, text: str) -> None:
        """Add what a node prints, as one piece."""
        if self.is_silent or not text:
            return
        source = piece.text[node.pos : node.pos + node.len].rstrip()
        origin = piece.origin(node.pos, len(source) or 1)
        if text.isspace():
            self.builder.space("\t" if "\t" in text else " ", origin)
        else:
            self.builder.add(" ".join(text.split()), origin)

    def macro(self, piece: Piece, node: Any) -> None:
        name = node.macroname
        if name in self.macros and name not in _KEPT:
            self.expand(piece, node)
        elif name in ("input", "include", "subfile", "bibliography"):
            self.input(piece, node)
        elif name in commands.DROPPED:
            if name == "bibitem":
                self.block()
        elif name in commands.CITES:
            self.cite(piece, node)
        elif name in commands.NOTES:
            self.notes.append((piece, _argument(node, 1)))
        elif name in commands.BLOCKS:
            self.titled(piece, node)
        elif name in commands.SHOWN:
            self.walk(piece, _argument(node, commands.SHOWN[name][1]))
        else:
            self.simple(piece, node)

    def simple(self, piece: Piece, node: Any) -> None:
        """Add a macro of LaTeX's own: a break, an accent, a font, a symbol."""
        name = node.macroname
        arguments = node.nodeargd.argnlist if node.nodeargd else None
        if name in ("\\", "newline", "linebreak", "tabularnewline"):
            self.builder.space("\n")
        elif name in ("par", "newpage", "clearpage", "maketitle", "bigskip", "medskip"):
            self.block()
        elif name == "item":
            self.builder.space("\n")
            self.walk(piece, [node for node in arguments or [] if node])
            self.replace(piece, node, "- " if not any(arguments or []) else " ")
            self.builder.space(" ")
        elif name in commands.SPACES:
            self.builder.space(" ", piece.origin(node.pos, node.len))
        elif name in ("verb", "lstinline"):
            return
        elif arguments and name in commands.ACCENTS:
            self.replace(piece, node, _printed(node.latex_verbatim()))
        elif arguments:
            for kind, argument in zip(node.nodeargd.argspec, arguments, strict=False):
                if kind == "{" and argument is not None:
                    self.walk(piece, [argument])
        else:
            self.replace(piece, node, commands.symbol(name))

    def titled(self, piece: Piece, node: Any) -> None:
        """Add a heading, caption or title, which a preamble may hold, too."""
        was_silent = self.is_silent
        self.is_silent = was_silent and node.macroname not in commands.FRONT
        self.block()
        self.walk(piece, _argument(node, commands.BLOCKS[node.macroname][1]))
        if node.macroname in ("paragraph", "subparagraph"):
            self.builder.space(" ")
        else:
            self.block()
        self.is_silent = was_silent

    def block(self) -> None:
        if not self.is_silent:
            self.builder.space("\n\n")

    def write_notes(self) -> None:
        """Add the footnotes of the paragraph that ends here."""
        notes, self.notes = self.notes, []
        for piece, nodes in notes:
            self.block()
            self.walk(piece, nodes)
            self.block()

    def cite(self, piece: Piece, node: Any) -> None:
        """Add a citation as a number in brackets, by order of first mention."""
        group = _argument(node, 3)
        keys = group[0].latex_verbatim().strip("{}").split(",") if group else []
        numbers = [self.cited.setdefault(k.strip(), len(self.cited) + 1) for k in keys]
        self.replace(piece, node, f"[{', '.join(map(str, numbers))}]")

    def math(self, piece: Piece, node: Any, is_display: bool) -> None:
        """Add a formula, all of it as one piece."""
        source = piece.text[node.pos : node.pos + node.len]
        text = _printed(plain(source, self.macros))
        if is_display:
            self.block()
        self.replace(piece, node, text.strip())
        if is_display:
            self.block()

    def environment(self, piece: Piece, node: Any) -> None:
        name = node.environmentname
        if name in commands.CODE:
            self.block()
            return
        if name == "document":
            self.is_silent = False
        if name.rstrip("*") in commands.MATH:
            self.math(piece, node, True)
            return
        self.block()
        start = self.builder.size
        if name == commands.REFERENCES:
            self.builder.add("References", None)
            self.block()
        self.walk(piece, node.nodelist)
        self.write_notes()
        if name == commands.REFERENCES:
            self.references = (start and start + 2, self.builder.size)
        self.block()

    def expand(self, piece: Piece, node: Any) -> None:
        """Add what a macro of the paper stands for; its arguments keep their places."""
        macro = self.macros[node.macroname]
        if len(self.stack) > _DEPTH:
            where = place(piece.text, node.pos) if len(self.files) == 1 else ""
            raise InputError(
                f"\\{node.macroname} expands into itself", "mend its definition", where
            )
        body = substitute(piece, node, macro)
        self.budget -= len(body.text)
        if self.budget < 0:
            problem = f"\\{node.macroname} makes too much text"
            raise InputError(problem, "mend its definition")
        self.stack.append("\\" + node.macroname)
        walker = LatexWalker(
            body.text, latex_context=self.context, tolerant_parsing=True
        )
        self.walk(body, walker.get_latex_nodes()[0])
        self.stack.pop()
        if node.macro_post_space and r"\xspace" in macro.body:
            self.builder.space(" ")

    def input(self, piece: Piece, node: Any) -> None:
        group = _argument(node, 0)
        name = group[0].latex_verbatim().strip("{} \n") if group else ""
        if node.macroname == "bibliography":
            name = re.sub(r"\.tex$", "", self.name) + ".bbl"
        found = self.read(name)
        if found:
            self.include(*found)
        elif not self.is_silent and node.macroname != "bibliography":
            where = place(piece.text, node.pos)
            raise InputError(f"includes {name}, which is not there", "add it", where)


_KEPT = {"input", "include", "item", "section", "cite", "caption", "footnote", "title"}


def _argument(node: Any, index: int) -> list[Any]:
    arguments = (node.nodeargd.argnlist if node.nodeargd else None) or []
    found = arguments[index] if index < len(arguments) else None
    return [found] if found is not None else []


def _printed(latex: str) -> str:
    """Return what a formula or an accented letter prints, if that is clear."""
    try:
        return str(LatexNodes2Text(math_mode="text").latex_to_text(latex))
    except Exception:  # pylatexenc's own, where a command lacks its arguments
        return ""
