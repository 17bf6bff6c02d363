"""Structure: which ranges of a LaTeX file a pair of tags may stand around."""

from collections.abc import Sequence
from typing import Any

from pylatexenc.latexwalker import (
    LatexCharsNode,
    LatexEnvironmentNode,
    LatexGroupNode,
    LatexMacroNode,
    LatexWalker,
)

from papertag.sources import commands
from papertag.sources.source import Range


class Structure:
    """The groups, commands and environments of a file."""

    def __init__(self, content: str) -> None:
        self.content = content
        walker = LatexWalker(
            content, latex_context=commands.context({}), tolerant_parsing=True
        )
        self.nodes = walker.get_latex_nodes()[0]

    def fit(self, start: int, end: int) -> Range | None:
        """Return the narrowest range around two offsets that tags may enclose.

        It lies in one list of running text, and cuts no command in two. None where
        there is no such range, as in a formula's middle.
        """
        nodes = [node for node in self.nodes if node]
        while True:
            inside = self._inside(nodes, start, end)
            if not inside:
                return self._widened(nodes, start, end)
            nodes = inside

    def _inside(self, nodes: Sequence[Any], start: int, end: int) -> list[Any]:
        """Return the running text in the node that holds a range, if all is there."""
        for before, node in zip([None, *nodes], nodes, strict=False):
            if not node.pos <= start < end <= node.pos + node.len:
                continue
            if isinstance(node, LatexGroupNode) and _is_command(before):
                return []  # likely an argument, which may be anything
            inside = [below for below in _running(node) if below]
            whole = inside and inside[0].pos <= start
            return inside if whole and end <= inside[-1].pos + inside[-1].len else []
        return []

    def _widened(self, nodes: Sequence[Any], start: int, end: int) -> Range | None:
        for index, node in enumerate(nodes):
            stop = node.pos + len(self.content[node.pos : node.pos + node.len].rstrip())
            if isinstance(node, LatexCharsNode):
                continue
            if node.pos <= start < stop or node.pos < end <= stop:
                begins = node.pos
                before = nodes[index - 1] if index else None
                if isinstance(node, LatexGroupNode) and before and _is_command(before):
                    begins = before.pos  # a group that is likely its argument
                if isinstance(node, LatexEnvironmentNode):
                    return None
                start, end = min(start, begins), max(end, stop)
        return start, end


def _is_command(node: Any) -> bool:
    return isinstance(node, LatexMacroNode) and not node.macro_post_space


def _running(node: Any) -> Sequence[Any]:
    """Return the nodes of what is running text inside a node."""
    if isinstance(node, LatexGroupNode):
        return list(node.nodelist)
    if isinstance(node, LatexEnvironmentNode):
        name = node.environmentname
        is_text = name not in commands.CODE and name.rstrip("*") not in commands.MATH
        return list(node.nodelist) if is_text else []
    if isinstance(node, LatexMacroNode) and node.macroname in commands.PLAIN:
        arguments = node.nodeargd.argnlist if node.nodeargd else []
        groups = [a for a in arguments if isinstance(a, LatexGroupNode)]
        return list(groups[-1].nodelist) if groups else []
    return []
