"""Paper: a text with its sentences, models and values, as the rules look at it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from papertag.records.aliases import Model, merge_mentions
from papertag.records.layout import Layout, Sentence, read_layout
from papertag.spans import Span

_FONTS = re.compile(
    r"[*`_]{1,3}(?=\W|$)|(?<!\w)[*`_]{1,3}|\\(?:text\w\w|emph|textsc)\{|[{}]"
)


@dataclass(frozen=True)
class Paper:
    """What stands where in one paper; reference lists are left out."""

    text: str
    layout: Layout
    models: tuple[Model, ...]
    values: tuple[Span, ...]

    @cached_property
    def mentions(self) -> list[tuple[Span, Model]]:
        """All mentions of models in reading order."""
        pairs = [(span, model) for model in self.models for span in model.mentions]
        return sorted(pairs, key=lambda pair: pair[0])

    @cached_property
    def by_sentence(self) -> dict[int, list[tuple[Span, Model]]]:
        """Mentions of models by the index of their sentence."""
        table: dict[int, list[tuple[Span, Model]]] = {}
        for span, model in self.mentions:
            table.setdefault(self.layout.at(span.start), []).append((span, model))
        return table

    @cached_property
    def values_by_sentence(self) -> dict[int, list[Span]]:
        """Values by the index of their sentence."""
        table: dict[int, list[Span]] = {}
        for span in self.values:
            table.setdefault(self.layout.at(span.start), []).append(span)
        return table

    def sentence(self, offset: int) -> Sentence:
        """Return the sentence at an offset."""
        return self.layout.sentences[self.layout.at(offset)]

    def words(self, start: int, end: int) -> str:
        """Return a piece of the text on one line, the marks of fonts left out."""
        return _FONTS.sub("", self.line(start, end))

    def line(self, start: int, end: int) -> str:
        """Return a piece of the text with each white space as one space."""
        return re.sub(r"\s", " ", self.text[start:end])

    def said(self, offset: int) -> str:
        """Return the sentence at an offset as one line."""
        sentence = self.sentence(offset)
        return " ".join(self.text[sentence.start : sentence.end].split())


def read_paper(text: str, spans: Sequence[Span]) -> Paper:
    """Put the spans of a text in order; those of reference lists are left out."""
    layout = read_layout(text)
    kept = [span for span in sorted(spans) if not layout.is_reference(span.start)]
    models = merge_mentions(text, [span for span in kept if span.label == "model"])
    values = tuple(span for span in kept if span.label != "model")
    return Paper(text, layout, tuple(models), values)
