"""Pipeline: loads one, and turns texts of any length into spans."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import spacy
from spacy.lang.en import English
from spacy.language import Language
from spacy.tokens import Doc
from spacy.tokens import Span as TokenSpan

from papertag.chunking import chunks
from papertag.errors import PipelineError
from papertag.markup import Tagged
from papertag.spans import LABELS, Span

SHIPPED = Path(__file__).parent / "shipped"
MAX_LENGTH = 1_000_000_000  # characters; spaCy's limit guards memory, chunks do here


class _Ent(NamedTuple):
    """An entity by token offsets, half-open."""

    start: int
    end: int
    label: str


class _Region(NamedTuple):
    """Token range that the pipeline sees, and the core whose entities count."""

    start: int
    end: int
    core_start: int
    core_end: int


class _Waiting(NamedTuple):
    """A doc of which pieces are on their way, and the entities that came back."""

    doc: Doc
    regions: list[_Region]
    context: Any
    ents: dict[int, list[_Ent]]


class Papertag(English):  # type: ignore[no-untyped-call]
    """English for papers of any length: ``lang = "papertag"`` in a config.

    A doc of more than ``chunk_size`` tokens is cut at paragraph borders. Each piece
    is run with at least ``margin`` tokens of context on both sides, from a multiple
    of the encoder's stride on, so that the entities are those of one run over the
    whole doc. Of such a doc the entities are set, and nothing else.
    """

    lang = "papertag"
    chunk_size = 4000
    margin = 256

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("max_length", MAX_LENGTH)
        super().__init__(*args, **kwargs)

    def __call__(self, text: str | Doc, **kwargs: Any) -> Doc:
        """Return the doc of one text."""
        doc = self._ensure_doc(text)
        if len(doc) <= self.chunk_size:
            return super().__call__(doc, **kwargs)
        ents: list[_Ent] = []
        for region in self._regions(doc):
            ents += _core_ents(super().__call__(_piece(doc, region), **kwargs), region)
        return _with_ents(doc, ents)

    def pipe(self, texts: Iterable[Any], **kwargs: Any) -> Iterator[Any]:
        """Yield the docs of many texts in their order; takes what spaCy's pipe does."""
        if kwargs.get("as_tuples"):  # spaCy strips the contexts and calls back
            yield from super().pipe(texts, **kwargs)
            return
        waiting: dict[int, _Waiting] = {}
        for piece in super().pipe(self._pieces(texts, waiting), **kwargs):
            number, index = piece._context
            for past in [other for other in waiting if other < number]:
                del waiting[past]  # done, or an error handler left out a piece of it
            doc, regions, context, ents = waiting[number]
            if not regions:
                piece._context = context
                yield piece
                continue
            ents[index] = _core_ents(piece, regions[index])
            if len(ents) == len(regions):
                doc._context = context
                yield _with_ents(doc, [ent for i in sorted(ents) for ent in ents[i]])

    def _pieces(
        self, texts: Iterable[Any], waiting: dict[int, _Waiting]
    ) -> Iterator[Doc]:
        for number, text in enumerate(texts):
            doc = self._ensure_doc(text)
            is_long = len(doc) > self.chunk_size
            regions = list(self._regions(doc)) if is_long else []
            waiting[number] = _Waiting(doc, regions, doc._context, {})
            pieces = (_piece(doc, region) for region in regions)
            for index, piece in enumerate(pieces if is_long else [doc]):
                piece._context = (number, index)
                yield piece

    def _regions(self, doc: Doc) -> Iterator[_Region]:
        window, stride = self._window()
        margin = max(self.margin, 2 * window)
        for start, end in chunks(doc, self.chunk_size):
            first = max(0, start - margin) // stride * stride
            yield _Region(first, min(len(doc), end + margin), start, end)

    def _window(self) -> tuple[int, int]:
        """Return window and stride of the encoder in tokens, (1, 1) if it has none."""
        for component in self.config["components"].values():
            get_spans = component.get("model", {}).get("get_spans", {})
            if "stride" in get_spans:
                return get_spans["window"], get_spans["stride"]
        return 1, 1


def load_pipeline(pipeline: str | Path | None = None, **overrides: Any) -> Language:
    """Load a pipeline folder or package, by default the one that ships.

    ``overrides`` are those of ``spacy.load``. Raises PipelineError where there is no
    pipeline, where it needs something that is not installed, and where its ``ner``
    knows other labels than papertag's.
    """
    source = SHIPPED if pipeline is None else pipeline
    cure = "give the folder that holds config.cfg and meta.json, as model-best does"
    try:
        nlp = spacy.util.load_model(source, **overrides)
    except (OSError, ValueError, ImportError) as error:
        reason = str(error).strip().splitlines()[0] if str(error).strip() else "unknown"
        raise PipelineError(f"cannot be loaded: {reason}", cure, str(source)) from error
    if "ner" not in (*nlp.pipe_names, *nlp.disabled, *overrides.get("exclude", ())):
        raise PipelineError("has no component 'ner'", cure, str(source))
    labels = set(nlp.pipe_labels.get("ner", LABELS))
    if not labels or not labels <= set(LABELS):
        raise PipelineError(
            f"knows the labels {', '.join(sorted(labels)) or 'none'}",
            f"papertag's are {', '.join(LABELS)}",
            str(source),
        )
    return nlp


def tag(nlp: Language, paper: Tagged) -> Tagged:
    """Return a paper with the spans that the pipeline finds in its text.

    A span that could not be written into the layout is left out: one across a
    wrapper, or one that cuts an escaped tag.
    """
    with nlp.memory_zone():  # or the vocabulary would grow with every paper
        found = find_spans(nlp(paper.text))
    spans = (
        span for span in found if all(piece.allows(span) for piece in paper.layout)
    )
    return Tagged(paper.text, tuple(spans), paper.layout)


def find_spans(doc: Doc) -> tuple[Span, ...]:
    """Return a doc's entities as spans, by characters of its text.

    White space at an edge is left out: a pipeline may end an entity on a line break.
    """
    spans = []
    for ent in doc.ents:
        name = ent.text.strip()
        if name:
            start = ent.start_char + ent.text.index(name)
            spans.append(Span(start, start + len(name), ent.label_))
    return tuple(spans)


def _piece(doc: Doc, region: _Region) -> Doc:
    return doc[region.start : region.end].as_doc()


def _core_ents(piece: Doc, region: _Region) -> list[_Ent]:
    """Return the entities that begin in the core, by tokens of the whole doc."""
    shifted = (
        _Ent(ent.start + region.start, ent.end + region.start, ent.label_)
        for ent in piece.ents
    )
    return [ent for ent in shifted if region.core_start <= ent.start < region.core_end]


def _with_ents(doc: Doc, ents: list[_Ent]) -> Doc:
    doc.set_ents([TokenSpan(doc, *ent) for ent in ents])
    return doc
