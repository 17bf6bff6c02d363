"""The graph gives the encoder's rows, and in 8 bits nearly."""

import numpy as np
import pytest

from papertag import onnx_graph
from papertag.onnx_encoder import feed, open_session

torch = pytest.importorskip("torch")
transformers = pytest.importorskip("transformers")
IDS = [np.array([101, *range(2000, 2000 + length), 102]) for length in (5, 60, 190)]


@pytest.fixture(scope="module")
def encoder():
    """A small BERT with a few wide columns behind its GELUs, as real ones have."""
    torch.manual_seed(0)
    sizes = {"hidden_size": 32, "num_attention_heads": 4, "intermediate_size": 64}
    model = transformers.BertModel(
        transformers.BertConfig(num_hidden_layers=2, **sizes)
    ).eval()
    with torch.no_grad():
        for layer in model.encoder.layer:
            layer.intermediate.dense.bias[:3] = 200.0
            layer.intermediate.dense.weight *= 20
            layer.output.dense.weight *= 20
            layer.output.dense.weight[:, :3] = 0.0
    return model


@pytest.fixture(scope="module")
def graph(encoder):
    return onnx_graph.trace(encoder)


def _rows(graph):
    session = open_session(graph)
    return [session.run(["rows"], feed(ids))[0][0] for ids in IDS]


def _distance(one, other):
    return max(np.abs(a - b).max() for a, b in zip(one, other, strict=True))


def test_in_floats_the_rows_are_those_of_torch(encoder, graph):
    with torch.no_grad():
        wanted = [
            encoder(torch.tensor(ids)[None]).last_hidden_state[0].numpy() for ids in IDS
        ]
    assert _distance(_rows(graph), wanted) < 1e-4


def test_wide_columns_do_not_take_the_bits_of_the_others(graph):
    exact = _rows(graph)
    smooth = _rows(onnx_graph.quantise(graph, IDS))
    rough = _rows(onnx_graph.quantise(graph, IDS, smooth=False))
    assert 0 < _distance(smooth, exact) < _distance(rough, exact) / 2


def test_in_bytes_it_is_smaller(graph):
    assert len(onnx_graph.quantise(graph, IDS)) < 0.4 * len(graph)


def test_the_same_encoder_gives_the_same_bytes(encoder, graph):
    assert onnx_graph.trace(encoder) == graph
    assert onnx_graph.quantise(graph, IDS) == onnx_graph.quantise(graph, IDS)
