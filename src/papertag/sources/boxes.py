"""Boxes: the way from the text of a PDF back to its pages."""

from array import array
from dataclasses import dataclass, field

from papertag.sources.pages import Glyph
from papertag.sources.source import Box, Place


@dataclass
class Boxes:
    """The map of a PDF: page, line and box of each character of the text."""

    pages: "array[int]" = field(default_factory=lambda: array("I"))  # 0: no place
    lines: "array[int]" = field(default_factory=lambda: array("I"))
    boxes: "array[float]" = field(default_factory=lambda: array("f"))

    def places(self, start: int, end: int) -> list[Place]:
        """Return a place for each line that ``text[start:end]`` stands on."""
        found: dict[tuple[int, int], list[int]] = {}
        for index in range(start, end):
            if self.pages[index]:
                key = self.pages[index], self.lines[index]
                found.setdefault(key, []).append(index)
        return [
            Place(page=page, box=self._around(indices))
            for (page, _), indices in found.items()
        ]

    def _around(self, indices: list[int]) -> Box:
        boxes = [self.boxes[4 * index : 4 * index + 4] for index in indices]
        left, bottom, right, top = zip(*boxes, strict=True)
        return min(left), min(bottom), max(right), max(top)

    def add(self, page: int, line: int, glyph: Glyph) -> None:
        """Append the place of one more character of the text."""
        self.pages.append(page)
        self.lines.append(line)
        self.boxes.extend(glyph.box)
