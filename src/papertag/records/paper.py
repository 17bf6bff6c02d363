"""Paper: a text with its sentences, models and values, as the rules look at it."""

import bisect
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

from papertag.records.aliases import Model, are_relatives, merge_mentions
from papertag.records.layout import Layout, Sentence, read_layout
from papertag.sources.source import Place, Range
from papertag.spans import Span, check_spans

_FONTS = re.compile(
    r"[*`_]{1,3}(?=\W|$)|(?<!\w)[*`_]{1,3}|\\(?:text\w\w|emph|textsc)\{|[{}]"
)

_SURE = 0.8  # the score of a name of which each repeat is a mention


Places = Callable[[int, int], Sequence[Place]]  # of ``text[start:end]`` in the file


def nowhere(start: int, end: int) -> Sequence[Place]:
    """Return no place: the text came from no file."""
    return ()


@dataclass(frozen=True)
class Paper:
    """What stands where in one paper; reference lists are left out."""

    text: str
    layout: Layout
    models: tuple[Model, ...]
    values: tuple[Span, ...]
    places: Places = nowhere

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

    @cached_property
    def family_counts(self) -> dict[str, int]:
        """How often each model and its relatives are named, by the model's key."""
        return {
            model.key: sum(
                len(other.mentions)
                for other in self.models
                if other is model or are_relatives(model, other)
            )
            for model in self.models
        }

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


def read_paper(
    text: str,
    spans: Sequence[Span],
    skip: Sequence[Range] = (),
    places: Places = nowhere,
) -> Paper:
    """Put the spans of a text in order, but those of reference lists and ``skip``.

    All are in code points of the text; ``places`` tells where a range stands in its
    file. Raises SpanError where the spans do not fit.
    """
    spans = check_spans(spans, len(text))
    layout = read_layout(text, skip)
    kept = [span for span in sorted(spans) if not layout.is_reference(span.start)]
    names = [span for span in kept if span.label == "model"]
    models = merge_mentions(text, sorted([*names, *repeats(text, kept, layout)]))
    values = tuple(span for span in kept if span.label != "model")
    return Paper(text, layout, tuple(models), values, places)


def repeats(text: str, spans: Sequence[Span], layout: Layout) -> list[Span]:
    """Return more mentions of the names that are surely models, where none is marked.

    They are written in the same way, stand apart from other letters, digits and
    hyphens, overlap no span, and have the score of the name.
    """
    sure: dict[str, list[float]] = {}
    for span in spans:
        if span.label == "model":
            score = 1.0 if span.score is None else span.score
            sure.setdefault(text[span.start : span.end], []).append(score)
    names = [name for name, scores in sure.items() if _is_sure(name, scores)]
    if not names:
        return []
    taken = [span.end for span in spans]  # which is in order, as spans are flat
    ordered = sorted(names, key=len, reverse=True)
    pattern = re.compile(
        rf"(?<![\w-])(?:{'|'.join(map(re.escape, ordered))})(?![\w-]|\.\d)"
    )
    return [
        Span(match.start(), match.end(), "model", max(sure[match[0]]))
        for match in pattern.finditer(text)
        if not layout.is_reference(match.start()) and not _overlaps(match, spans, taken)
    ]


def _is_sure(name: str, scores: Sequence[float]) -> bool:
    return len(name) > 3 and max(scores) >= _SURE and not name.islower()


def _overlaps(match: re.Match[str], spans: Sequence[Span], ends: list[int]) -> bool:
    index = bisect.bisect_right(ends, match.start())
    return index < len(spans) and spans[index].start < match.end()
