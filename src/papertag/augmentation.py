"""Augmentation: training examples with other names and with the noise of real text.

Each augmenter is one of spaCy's: it takes an example and yields one, with the spans
kept on what they stood on. `spacy train` seeds the randomness, the process's own.
"""

import random
import re
from collections.abc import Callable, Iterable, Iterator

from spacy.language import Language
from spacy.training import Example

from papertag import names
from papertag.alignment import set_spans
from papertag.spans import Span

Augmenter = Callable[[Language, Example], Iterator[Example]]
Text = tuple[str, list[Span]]
Edit = tuple[int, int, str]  # start and end in the old text, and what stands there now

_LONG_WORD = re.compile(r"\b[a-zA-Z]{7,}\b")
_PLAIN_WORDS = re.compile(r"(?<= )[a-z]{4,}(?: [a-z]{4,}){0,3}(?=[ ,.;])")
_OPENING = re.compile(r"(?<=\w) (?=[(\[])")
_COMMA = re.compile(r"(?<=[a-z][,;]) (?=\w)")


def chain(*augmenters: Augmenter) -> Augmenter:
    """Return an augmenter that applies several in the order of the config."""

    def augment(nlp: Language, example: Example) -> Iterator[Example]:
        examples: Iterable[Example] = [example]
        for augmenter in augmenters:
            examples = [new for old in examples for new in augmenter(nlp, old)]
        yield from examples

    return augment


def swap_mentions(level: float, mention_level: float = 0.5) -> Augmenter:
    """Return an augmenter that gives mentions another name of their type.

    ``level`` is the share of examples that it changes, ``mention_level`` the share of
    the different mentions in them. A mention is the same throughout an example.
    """

    def swap(text: str, spans: list[Span]) -> Text:
        new: dict[tuple[str, str], str] = {}
        for span in spans:
            old = text[span.start : span.end]
            if (old, span.label) not in new:
                is_swapped = random.random() < mention_level
                new[old, span.label] = _other(old, span.label) if is_swapped else old
        edits = [
            (span.start, span.end, new[text[span.start : span.end], span.label])
            for span in spans
        ]
        return apply(text, spans, edits)

    return _augmenter(level, swap)


def add_noise(level: float) -> Augmenter:
    """Return an augmenter that makes some examples look like text out of a PDF or page.

    Of these, each has one kind: words broken at line ends, citations behind names,
    capitals on plain words (two in nine each); lost spaces, mentions in bold or
    brackets, lower case (one in nine each).
    """
    kinds = (*(_break_lines, _cite, _title) * 2, _drop_spaces, _wrap, _lower)

    def noise(text: str, spans: list[Span]) -> Text:
        return random.choice(kinds)(text, spans)

    return _augmenter(level, noise)


def apply(text: str, spans: Iterable[Span], edits: Iterable[Edit]) -> Text:
    """Return text and spans after edits that do not overlap.

    A span moves with its characters: one that is replaced as a whole covers what
    replaced it, and an edit at its border stays outside. None may cross a border.
    """
    edits = sorted(edits)
    parts, position = [], 0
    for start, end, new in edits:
        parts += [text[position:start], new]
        position = end
    parts.append(text[position:])
    return "".join(parts), [_moved(span, edits) for span in spans]


def _moved(span: Span, edits: list[Edit]) -> Span:
    start, end = span.start, span.end
    for old_start, old_end, new in edits:
        grown = len(new) - (old_end - old_start)
        if old_end <= span.start:
            start, end = start + grown, end + grown
        elif old_start < span.end:
            end += grown
    return Span(start, end, span.label)


def _augmenter(level: float, change: Callable[[str, list[Span]], Text]) -> Augmenter:
    def augment(nlp: Language, example: Example) -> Iterator[Example]:
        doc = example.reference
        if random.random() >= level or any(not token.ent_iob for token in doc):
            yield example
            return
        spans = [Span(ent.start_char, ent.end_char, ent.label_) for ent in doc.ents]
        text, spans = change(doc.text, spans)
        reference = nlp.make_doc(text)
        if set_spans(reference, spans):  # names or noise put one off the token borders
            yield example
            return
        yield Example(nlp.make_doc(text), reference)

    return augment


def _other(old: str, label: str) -> str:
    if label == "model":
        return names.model()
    if label == "country":
        return names.country(old)
    if label == "hardware":
        return names.device(old)
    return names.year() if label == "year" else names.quantity(old)


def _break_lines(text: str, spans: list[Span]) -> Text:
    """Set lines of one width, with a hyphen in the long word at an end of some."""
    width = random.randint(45, 95)
    edits: list[Edit] = []
    line = 0
    for word in re.finditer(r"\S+", text):
        line = max(line, text.rfind("\n", 0, word.start()) + 1)
        if word.end() - line <= width:
            continue
        if _LONG_WORD.fullmatch(word[0]) and random.random() < 0.5:
            cut = word.start() + random.randint(3, len(word[0]) - 3)
            edits.append((cut, cut, "-\n"))
            line = cut
        elif word.start() and text[word.start() - 1] == " ":
            edits.append((word.start() - 1, word.start(), "\n"))
            line = word.start()
    return apply(text, spans, edits)


def _drop_spaces(text: str, spans: list[Span]) -> Text:
    found = [m for p in (_OPENING, _COMMA) for m in p.finditer(text)]
    edits = [(m.start(), m.end(), "") for m in found if random.random() < 0.4]
    return apply(text, spans, edits)


def _cite(text: str, spans: list[Span]) -> Text:
    edits = []
    for span in spans:
        if span.label == "model" and random.random() < 0.5:
            number, year = random.randint(1, 120), random.randint(2012, 2026)
            author = names.person()
            styles = (f" [{number}]", f"[{number}]", f" ({author} et al., {year})")
            edits.append((span.end, span.end, random.choice(styles)))
    return apply(text, spans, edits)


def _wrap(text: str, spans: list[Span]) -> Text:
    left, right = random.choice(
        (("**", "**"), ("`", "`"), ("(", ")"), ("\\textbf{", "}"))
    )
    edits: list[Edit] = []
    for span in spans:
        if random.random() < 0.5:
            edits += [(span.start, span.start, left), (span.end, span.end, right)]
    return apply(text, spans, edits)


def _title(text: str, spans: list[Span]) -> Text:
    """Give a capital to some runs of plain words, as headings and proper names have.

    Not beside a mention, of whose name they would look a part.
    """
    edits: list[Edit] = []
    for run in _PLAIN_WORDS.finditer(text):
        start, end = run.span()
        is_free = all(s.end < start - 1 or end + 1 < s.start for s in spans)
        if is_free and random.random() < 0.15:
            edits.append((start, end, run[0].title()))
    return apply(text, spans, edits)


def _lower(text: str, spans: list[Span]) -> Text:
    lower = text.lower()
    return (lower, spans) if len(lower) == len(text) else (text, spans)
