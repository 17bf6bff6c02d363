"""ONNX graph: an encoder of the BERT family as ONNX Runtime runs it best.

In 8-bit whole numbers, the weights of a product have a scale for each column, and the
activations one for all of a window. Behind the GELU a few columns are ten times as wide
as the others, which would take the bits from these. So each is divided by the largest
value that it has in sample texts, and the weights that it meets are multiplied by it
(Xiao et al. 2023, SmoothQuant, with alpha = 1).
"""

import contextlib
import logging
import tempfile
import warnings
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from papertag.onnx_encoder import feed, open_session

OPSET = 17
LEAST = 1e-3  # of a largest value, so that nothing is divided by zero


def trace(encoder: Any) -> bytes:
    """Return a torch encoder as an ONNX graph, its operations fused."""
    from onnxruntime.transformers import optimizer
    from onnxruntime.transformers.fusion_options import FusionOptions

    with tempfile.TemporaryDirectory() as folder, _quiet():
        path = Path(folder, "encoder.onnx")
        _write(encoder, path)
        options = FusionOptions("bert")
        options.enable_skip_layer_norm = False  # slower than its parts
        fused = optimizer.optimize_model(
            str(path),
            model_type="bert",
            num_heads=encoder.config.num_attention_heads,
            hidden_size=encoder.config.hidden_size,
            optimization_options=options,
            opt_level=0,
        )
        fused.save_model_to_file(str(path))
        return path.read_bytes()


def _write(encoder: Any, path: Path) -> None:
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


def quantise(
    graph: bytes, samples: Sequence[NDArray[np.int64]], smooth: bool = True
) -> bytes:
    """Return a graph that computes in 8-bit whole numbers.

    ``samples`` are word pieces, [CLS] and [SEP] included, of texts like those that it
    will read; without ``smooth`` the wide columns are left as they are.
    """
    import onnx
    from onnxruntime.quantization import QuantType, quantize_dynamic

    with tempfile.TemporaryDirectory() as folder, _quiet():
        path = Path(folder, "encoder.onnx")
        model = onnx.load_from_string(graph)
        if smooth:
            _smooth(model, _largest(model, samples))
        onnx.save(model, path)
        quantize_dynamic(
            path,
            path,
            per_channel=True,
            weight_type=QuantType.QInt8,
            extra_options={"DefaultTensorType": onnx.TensorProto.FLOAT},
        )
        return path.read_bytes()


def _largest(
    model: Any, samples: Sequence[NDArray[np.int64]]
) -> dict[str, NDArray[np.float32]]:
    """Return the largest value of each column behind each GELU, by its name."""
    import onnx

    names = [node.output[0] for node in model.graph.node if node.op_type == "BiasGelu"]
    watched = onnx.ModelProto()
    watched.CopyFrom(model)
    watched.graph.output.extend(
        onnx.helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, None)
        for name in names
    )
    session = open_session(watched.SerializeToString())
    found = [
        [np.abs(values[0]).max(axis=0) for values in session.run(names, feed(ids))]
        for ids in samples
    ]
    columns = np.maximum(np.max(found, axis=0), LEAST)
    return dict(zip(names, columns, strict=True))


def _smooth(model: Any, largest: dict[str, NDArray[np.float32]]) -> None:
    """Divide columns by their largest values, multiply the weights that they meet."""
    from onnx import helper, numpy_helper

    weights = {tensor.name: tensor for tensor in model.graph.initializer}
    for number, node in reversed(list(enumerate(model.graph.node))):
        if node.op_type != "MatMul" or node.input[0] not in largest:
            continue
        name, tensor = node.input[0], weights[node.input[1]]
        scaled = numpy_helper.to_array(tensor) * largest[name][:, None]
        tensor.CopyFrom(numpy_helper.from_array(scaled, tensor.name))
        inverse = numpy_helper.from_array(1 / largest[name], f"{name}_inverse")
        model.graph.initializer.append(inverse)
        product = helper.make_node("Mul", [name, inverse.name], [f"{name}_smooth"])
        node.input[0] = product.output[0]
        model.graph.node.insert(number, product)


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
