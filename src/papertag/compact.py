"""Compact: a trained transformer pipeline made into one that needs no torch.

Parity is a gate: on texts tagged by hand, which the pipeline has not learnt from, the
compact pipeline in 32-bit floats must give the very spans of the trained one, and in
8-bit whole numbers it must not lose more than TOLERANCE. Then the entities found there
teach it confidence.
"""

from collections.abc import Sequence
from importlib.util import find_spec
from typing import Any

from spacy.language import Language
from spacy.tokens import Doc
from spacy.util import load_model_from_config
from thinc.api import Config, Model

from papertag.ahead import FACTORY as AHEAD
from papertag.confidence import FACTORY
from papertag.documents import Document
from papertag.errors import PipelineError
from papertag.evaluation import predict
from papertag.onnx_encoder import OnnxEncoder
from papertag.onnx_graph import quantise, trace
from papertag.pipeline import find_spans
from papertag.precision import Parity, Precision
from papertag.scoring import score
from papertag.spans import Span

ENCODER = "encoder"
TOLERANCE = 0.003  # strict micro F1 that smaller numbers may cost
_CURE = "name a pipeline that configs/best.cfg, minilm.cfg or trf.cfg trained"


def export(
    nlp: Language,
    gold: Sequence[Document],
    precision: Precision = Precision.INT8,
    window: int | None = None,
    stride: int | None = None,
) -> tuple[Language, Parity]:
    """Return a compact pipeline with confidence, and how it compares on ``gold``.

    Raises PipelineError where it does not give what the trained pipeline gives.
    """
    if not any(document.text.strip() for document in gold):
        raise PipelineError("no text to compare on", "name tagged papers")
    exact = compact(nlp, Precision.FP32)
    wanted = list(predict(nlp, gold))
    found = list(predict(exact, gold))
    differing = sum(a != b for a, b in zip(wanted, found, strict=True))
    if differing:
        problem = f"in 32-bit floats, {differing} of {len(gold)} documents differ"
        raise PipelineError(problem, "report this: the export is at fault")
    texts = [document.text for document in gold]
    made = compact(nlp, precision, window, stride, texts)
    with made.memory_zone():  # so that it does not carry the words of these texts
        docs = list(made.pipe(texts))
        spans = [find_spans(doc) for doc in docs]
        _add_confidence(made, docs, gold)
    parity = Parity(
        len(gold),
        sum(map(len, wanted)),
        _strict(gold, wanted),
        _strict(gold, found),
        _strict(gold, spans),
        precision,
    )
    if parity.made < parity.trained - TOLERANCE:
        lost = 100 * (parity.trained - parity.made)
        problem = f"{precision.value} loses {lost:.2f} points of strict F1"
        raise PipelineError(problem, "export with --precision fp32")
    return made, parity


def _add_confidence(
    nlp: Language, docs: Sequence[Doc], gold: Sequence[Document]
) -> None:
    """Add the component, and teach it by the entities of docs that keep their rows."""
    confidence: Any = nlp.add_pipe(FACTORY, name="confidence")
    pairs = [
        (doc, _right(doc, document))
        for doc, document in zip(docs, gold, strict=True)
        if len(doc.tensor)  # a long doc's rows are gone with its pieces
    ]
    if not pairs:
        cure = "name tagged papers, some of fewer than 8,000 tokens"
        raise PipelineError("no text to learn confidence from", cure)
    confidence.fit([doc for doc, _ in pairs], [truths for _, truths in pairs])


def check_installed() -> None:
    """Raise PipelineError where something is missing that only an export needs."""
    for name in ("torch", "transformers", "onnx", "sklearn"):
        if find_spec(name) is None:
            cure = "pip install 'papertag[export]'"
            raise PipelineError(f"an export needs {name}, not installed here", cure)


def _strict(gold: Sequence[Document], spans: Sequence[tuple[Span, ...]]) -> float:
    pairs = [(d.spans, found) for d, found in zip(gold, spans, strict=True)]
    return score(pairs, samples=0).strict.micro.f1 or 0.0


def _right(doc: Doc, document: Document) -> list[bool]:
    """Tell of each entity of a doc whether gold has it."""
    by_place = {(span.start, span.end, span.label) for span in document.spans}
    return [(ent.start_char, ent.end_char, ent.label_) in by_place for ent in doc.ents]


def compact(
    nlp: Language,
    precision: Precision = Precision.INT8,
    window: int | None = None,
    stride: int | None = None,
    texts: Sequence[str] = (),
) -> Language:
    """Return a compact pipeline with the encoder, features and head of ``nlp``.

    Windows are as in training where they are not given; INT8 needs ``texts`` like
    those that it will read. Raises PipelineError where ``nlp`` has no transformer under
    its ner.
    """
    transformer = _transformer(nlp)
    old = dict(nlp.config["components"]["transformer"]["model"]["get_spans"])
    encoder = transformer._hfmodel
    if (family := encoder.transformer.config.model_type) != "bert":
        problem = f"its encoder is of the family {family}"
        raise PipelineError(problem, "only those of BERT's can be exported")
    shim = OnnxEncoder(
        trace(encoder.transformer), encoder.tokenizer.backend_tokenizer.to_str()
    )
    if precision is Precision.INT8:
        shim.graph = quantise(shim.graph, shim.pieces(texts))
    width = encoder.transformer.config.hidden_size
    settings = {
        "@architectures": "papertag.OnnxEncoder.v1",
        "window": window or old["window"],
        "stride": stride or old["stride"],
        "width": width,
    }
    return _assemble(nlp, settings, shim)


def _transformer(nlp: Language) -> Any:
    if "transformer" not in nlp.pipe_names or "ner" not in nlp.pipe_names:
        raise PipelineError("has no transformer under a ner", _CURE)
    transformer: Any = nlp.get_pipe("transformer")
    return transformer.model.layers[0].shims[0]


def _assemble(nlp: Language, settings: dict[str, Any], shim: OnnxEncoder) -> Language:
    """Return a pipeline of encoder, with the features beside it, and ner."""
    old: Any = nlp.get_pipe("ner")
    config = Config(nlp.config).copy()
    ner = config["components"]["ner"]
    rows = ner["model"]["tok2vec"]
    first, *others = old.model.get_ref("tok2vec").layers
    width = settings["width"]
    features = first.layers[1] if "features" in rows else None
    if features:
        width += features.get_dim("nO")
        settings = {**rows, "encoder": settings}
    ner["model"]["tok2vec"] = {
        "@architectures": "spacy.Tok2VecListener.v1",
        "width": width,
        "upstream": ENCODER,
    }
    components = {ENCODER: {"factory": AHEAD, "model": settings}, "ner": ner}
    settings = {"nlp": {**config["nlp"], "pipeline": list(components)}}
    new = load_model_from_config(
        Config({**settings, "components": components}), auto_fill=True
    )
    encoder: Any = new.get_pipe(ENCODER)
    head: Any = new.get_pipe("ner")
    target = encoder.model
    if features:
        target, copied = encoder.model.layers
        copied.from_bytes(features.to_bytes())
        encoder.model.set_dim("nO", width)
    target.shims[0] = shim
    left_out = ["model", "vocab"]  # the vocab would bring every word of training
    head.from_bytes(old.to_bytes(exclude=left_out), exclude=left_out)
    _copy_head(old.model, head.model, others)
    return new


def _copy_head(old: Model[Any, Any], new: Model[Any, Any], others: list[Any]) -> None:
    """Copy what stands above the rows of the tokens."""
    pairs = list(zip(new.get_ref("tok2vec").layers[1:], others, strict=True))
    pairs.append((new.get_ref("lower"), old.get_ref("lower")))
    if old.attrs["has_upper"]:
        pairs.append((new.get_ref("upper"), old.get_ref("upper")))
    for mine, theirs in pairs:
        mine.from_bytes(theirs.to_bytes())
