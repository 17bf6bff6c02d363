"""Pipeline: loads one, and turns texts of any length into spans."""

import contextlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import spacy
from spacy.attrs import ORTH, SPACY
from spacy.lang.en import English
from spacy.language import Language
from spacy.tokens import Doc
from spacy.tokens import Span as TokenSpan

from papertag import seals
from papertag.chunking import chunks
from papertag.errors import PipelineError
from papertag.files import BOM
from papertag.markup import Tagged
from papertag.spans import LABELS, Span

SHIPPED = Path(__file__).parent / "shipped"
CONFIDENCE = "score"  # ent._.score: set by papertag.confidence, else None
MAX_LENGTH = 1_000_000_000  # characters; spaCy's limit guards memory, chunks do here


if not TokenSpan.has_extension(CONFIDENCE):
    TokenSpan.set_extension(CONFIDENCE, default=None)


class _Ent(NamedTuple):
    """An entity by token offsets, half-open, and how likely it is right."""

    start: int
    end: int
    label: str
    score: float | None


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
    is run with a window of the encoder and ``margin`` tokens more on both sides, from a
    multiple of the encoder's stride on, so that the entities are those of one run over
    the whole doc. Of such a doc the entities are set, and nothing else.
    """

    lang = "papertag"
    chunk_size = 8000
    margin = 32  # more than an entity has

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("max_length", MAX_LENGTH)
        super().__init__(*args, **kwargs)

    def to_disk(self, path: str | Path, **kwargs: Any) -> None:
        """Save the pipeline; meta.json says what its large files must be."""
        super().to_disk(path, **kwargs)
        seals.write(Path(path))

    def from_disk(self, path: str | Path, **kwargs: Any) -> "Papertag":
        """Load the pipeline; raises PipelineError where its files are not as saved."""
        with seals.checked(Path(path)):
            super().from_disk(path, **kwargs)
        return self

    def __call__(self, text: str | Doc, **kwargs: Any) -> Doc:
        """Return the doc of one text."""
        doc = self._ensure_doc(text)
        if len(doc) <= self.chunk_size:
            return super().__call__(doc, **kwargs)
        ents: list[_Ent] = []
        regions = list(self._regions(doc))
        pieces = super().pipe(_cut(doc, regions), batch_size=1, **kwargs)
        for piece, region in zip(pieces, regions, strict=True):
            ents += _core_ents(piece, region)
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
            for index, piece in enumerate(_cut(doc, regions) if is_long else [doc]):
                piece._context = (number, index)
                yield piece

    def _regions(self, doc: Doc) -> Iterator[_Region]:
        window, stride = self._window()
        margin = window + self.margin
        for start, end in chunks(doc, self.chunk_size):
            first = max(0, start - margin) // stride * stride
            yield _Region(first, min(len(doc), end + margin), start, end)

    def _window(self) -> tuple[int, int]:
        """Return window and stride of the encoder in tokens, (1, 1) if it has none."""
        sections = [self.config["components"]]
        for section in sections:  # which grows
            if "stride" in section:
                return section["window"], section["stride"]
            sections += [inner for inner in section.values() if isinstance(inner, dict)]
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
    except PipelineError:
        raise
    except Exception as error:  # a damaged file, or a package that is no pipeline
        reason = str(error).strip().splitlines()[0] if str(error).strip() else "unknown"
        raise PipelineError(f"cannot be loaded: {reason}", cure, str(source)) from error
    if "ner" not in (*nlp.pipe_names, *nlp.disabled, *overrides.get("exclude", ())):
        raise PipelineError("has no component 'ner'", cure, str(source))
    labels = set(nlp.pipe_labels.get("ner", LABELS))
    for name, meta in ((name, nlp.get_pipe_meta(name)) for name in nlp.pipe_names):
        if "doc.ents" in meta.assigns:
            labels |= set(nlp.pipe_labels.get(name, ()))
    if not labels or not labels <= set(LABELS):
        raise PipelineError(
            f"knows the labels {', '.join(sorted(labels)) or 'none'}",
            f"papertag's are {', '.join(LABELS)}",
            str(source),
        )
    return nlp


def gives_scores(nlp: Language) -> bool:
    """Tell whether the pipeline's spans have scores, as a compact one's have."""
    return "confidence" in nlp.pipe_names


def tag(nlp: Language, paper: Tagged, min_score: float = 0.0) -> Tagged:
    """Return a paper with the spans that the pipeline finds in its text.

    Left out are spans with a score below ``min_score``, and those that could not be
    written into the layout: one across a wrapper, or one that cuts an escaped tag.
    """
    # Without a memory zone the vocabulary would grow with every paper.
    with nlp.memory_zone(), failures():
        found = find_spans(nlp(paper.text))
    spans = (
        span
        for span in found
        if (span.score is None or span.score >= min_score)
        and all(piece.allows(span) for piece in paper.layout)
    )
    return Tagged(paper.text, tuple(spans), paper.layout)


@contextlib.contextmanager
def failures() -> Iterator[None]:
    """Raise PipelineError where a pipeline that is not papertag's fails on a text."""
    try:
        yield
    except ValueError as error:  # as one of plain "en" says of a long text
        reason = str(error).strip().splitlines()[0]
        cure = "train a pipeline by papertag's configs"
        raise PipelineError(f"the pipeline fails: {reason}", cure) from error


def find_spans(doc: Doc) -> tuple[Span, ...]:
    """Return a doc's entities as spans, by characters of its text.

    White space at an edge is left out, for a pipeline may end an entity on a line
    break, and so is a byte order mark, which stands glued to a text's first word.
    """
    spans = []
    for ent in doc.ents:
        name = ent.text.strip().strip(BOM)
        if name:
            start = ent.start_char + ent.text.index(name)
            score = ent._.get(CONFIDENCE)
            spans.append(Span(start, start + len(name), ent.label_, score))
    return tuple(spans)


def _cut(doc: Doc, regions: Iterable[_Region]) -> Iterator[Doc]:
    """Yield the pieces of a doc, each with its tokens and nothing else."""
    tokens = doc.to_array([ORTH, SPACY])
    for region in regions:
        words, spaces = tokens[region.start : region.end].T.tolist()
        yield Doc(doc.vocab, words=words, spaces=list(map(bool, spaces)))


def _core_ents(piece: Doc, region: _Region) -> list[_Ent]:
    """Return the entities that begin in the core, by tokens of the whole doc."""
    shifted = (
        _Ent(
            ent.start + region.start,
            ent.end + region.start,
            ent.label_,
            ent._.get(CONFIDENCE),
        )
        for ent in piece.ents
    )
    return [ent for ent in shifted if region.core_start <= ent.start < region.core_end]


def _with_ents(doc: Doc, ents: list[_Ent]) -> Doc:
    spans = [TokenSpan(doc, ent.start, ent.end, ent.label) for ent in ents]
    doc.set_ents(spans)
    for span, ent in zip(spans, ents, strict=True):
        if ent.score is not None:
            span._.set(CONFIDENCE, ent.score)
    return doc
