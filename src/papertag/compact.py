"""Compact: a trained transformer pipeline made into one that needs no torch.

Parity is a gate: on texts tagged by hand, which the pipeline has not learnt from, the
compact pipeline in 32-bit floats must give the very spans of the trained one, and in
8-bit whole numbers it must not lose more than TOLERANCE. Then the entities found there
teach it confidence.
"""

import contextlib
import logging
import tempfile
import warnings
from collections.abc import Iterator, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from spacy.language import Language
from spacy.tokens import Doc
from spacy.util import load_model_from_config
from thinc.api import Config, Model

from papertag.confidence import FACTORY
from papertag.documents import Document
from papertag.errors import PipelineError
from papertag.evaluation import predict
from papertag.onnx_encoder import OnnxEncoder
from papertag.pipeline import find_spans
from papertag.precision import Parity, Precision
from papertag.scoring import score
from papertag.spans import Span

ENCODER = "encoder"
BLOCK = 128
OPSET = 17
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
    exact = compact(nlp, Precision.FP32)
    wanted = list(predict(nlp, gold))
    found = list(predict(exact, gold))
    differing = sum(a != b for a, b in zip(wanted, found, strict=True))
    if differing:
        problem = f"in 32-bit floats, {differing} of {len(gold)} documents differ"
        raise PipelineError(problem, "report this: the export is at fault")
    made = compact(nlp, precision, window, stride)
    docs = list(made.pipe(document.text for document in gold))
    spans = [find_spans(doc) for doc in docs]
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
    confidence: Any = made.add_pipe(FACTORY, name="confidence")
    pairs = [
        (doc, _right(doc, document))
        for doc, document in zip(docs, gold, strict=True)
        if len(doc.tensor)  # a long doc's rows are gone with its pieces
    ]
    if not pairs:
        cure = "name tagged papers, some of fewer than 8,000 tokens"
        raise PipelineError("no text to learn confidence from", cure)
    confidence.fit([doc for doc, _ in pairs], [truths for _, truths in pairs])
    return made, parity


def check_installed() -> None:
    """Raise PipelineError where something is missing that only an export needs."""
    for name in ("torch", "transformers", "onnx", "onnx_ir", "sklearn"):
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
) -> Language:
    """Return a compact pipeline with the encoder, features and head of ``nlp``.

    Windows are as in training where they are not given. Raises PipelineError where
    ``nlp`` has no transformer under its ner.
    """
    transformer = _transformer(nlp)
    old = dict(nlp.config["components"]["transformer"]["model"]["get_spans"])
    encoder = transformer._hfmodel
    if (family := encoder.transformer.config.model_type) != "bert":
        problem = f"its encoder is of the family {family}"
        raise PipelineError(problem, "only those of BERT's can be exported")
    shim = OnnxEncoder(
        graph(encoder.transformer, precision),
        encoder.tokenizer.backend_tokenizer.to_str(),
    )
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
    components = {ENCODER: {"factory": "tok2vec", "model": settings}, "ner": ner}
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
    head.from_bytes(old.to_bytes(exclude=["model"]), exclude=["model"])
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


def graph(encoder: Any, precision: Precision = Precision.INT8) -> bytes:
    """Return an encoder of the BERT family as an optimised ONNX graph.

    In INT8 the weights have 8 bits, and so have the activations, by their range in one
    window. Where these are wider than the rows, behind the GELU, a few large values
    would take all of that range: there each block of BLOCK has a range of its own.
    """
    from onnxruntime.transformers import optimizer

    with tempfile.TemporaryDirectory() as folder, _quiet():
        path = Path(folder, "encoder.onnx")
        _trace(encoder, path)
        config = encoder.config
        fused = optimizer.optimize_model(
            str(path),
            model_type="bert",
            num_heads=config.num_attention_heads,
            hidden_size=config.hidden_size,
            opt_level=0,
        )
        if precision is Precision.INT8:
            fused.save_model_to_file(str(path))
            return _quantised(path, config.hidden_size)
        return bytes(fused.model.SerializeToString())


def _quantised(path: Path, width: int) -> bytes:
    """Return a graph with products of 8-bit numbers; the file is overwritten."""
    import onnx
    from onnxruntime.quantization import QuantType, quantize_dynamic
    from onnxruntime.quantization.matmul_nbits_quantizer import MatMulNBitsQuantizer

    model = onnx.load(path)
    rows = {tensor.name: tensor.dims[0] for tensor in model.graph.initializer}
    wide = [
        node.name
        for node in model.graph.node
        if node.op_type == "MatMul" and rows.get(node.input[1], 0) > width
    ]
    quantize_dynamic(
        path,
        path,
        per_channel=True,
        weight_type=QuantType.QInt8,
        nodes_to_exclude=wide,
        extra_options={"DefaultTensorType": onnx.TensorProto.FLOAT},
    )
    by_block = MatMulNBitsQuantizer(
        onnx.load(path), bits=8, block_size=BLOCK, is_symmetric=True, accuracy_level=4
    )
    by_block.process()
    return bytes(by_block.model.model.SerializeToString())


def _trace(encoder: Any, path: Path) -> None:
    """Write the encoder as torch has it."""
    import torch

    class Rows(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.encoder = encoder

        def forward(self, input_ids: Any, attention_mask: Any, types: Any) -> Any:
            output = self.encoder(
                input_ids=input_ids,
                attention_mask=attention_mask,
                token_type_ids=types,
            )
            return output.last_hidden_state

    ids = torch.arange(1000, 1016)[None]
    names = ["input_ids", "attention_mask", "token_type_ids"]
    torch.onnx.export(
        Rows().eval(),
        (ids, torch.ones_like(ids), torch.zeros_like(ids)),
        str(path),
        input_names=names,
        output_names=["rows"],
        dynamic_axes={name: {0: "batch", 1: "length"} for name in (*names, "rows")},
        opset_version=OPSET,
        dynamo=False,
    )


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Keep back what the tools say of their own work."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        logging.disable(logging.WARNING)
        try:
            yield
        finally:
            logging.disable(logging.NOTSET)
