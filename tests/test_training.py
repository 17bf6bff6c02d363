"""What the recipe registers for training: optimizer, callback, layer."""

import numpy as np
import pytest
from thinc.api import Adam, Linear, PyTorchWrapper

from papertag import callbacks, encoder
from papertag.layers import beside
from papertag.optimizers import layerwise_adam


def _step(optimizer, key, weights, steps=1):
    weights = weights.copy()
    for _ in range(steps):
        weights, _ = optimizer(key, weights, np.ones_like(weights))
    return weights


def test_without_settings_it_is_adam():
    start = np.ones((3, 4), dtype="f")
    ours, thincs = layerwise_adam(0.1, L2=0.01), Adam(0.1, L2=0.01)
    assert np.allclose(
        _step(ours, (1, "W"), start, 5), _step(thincs, (1, "W"), start, 5)
    )


@pytest.mark.parametrize(
    ("name", "scale"),
    [
        ("W", 3.0),
        ("encoder.layer.5.output.dense.weight", 1.0),
        ("encoder.layer.3.attention.self.key.bias", 0.25),
        ("embeddings.word_embeddings.weight", 0.5**6),
    ],
)
def test_each_layer_has_its_rate(name, scale):
    start = np.ones((3, 4), dtype="f")
    settings = {"layer_decay": 0.5, "head_rate": 3.0, "L2": 0.0}
    moved = start - _step(layerwise_adam(0.1, **settings), (1, name), start)
    plain = start - _step(layerwise_adam(0.1, L2=0.0), (1, "x.y"), start)
    assert np.allclose(moved, scale * plain, rtol=1e-3)


def test_an_encoder_of_more_layers_than_said_is_refused():
    start = np.ones(4, dtype="f")
    with pytest.raises(ValueError, match="more than 6 layers"):
        layerwise_adam(0.1)((1, "encoder.layer.6.x"), start, start.copy())


def test_averages_lie_behind_the_weights_and_are_named_as_thinc_asks():
    optimizer = layerwise_adam(0.1, average=0.9, L2=0.0)
    start = np.zeros(4, dtype="f")
    for name in ("W", "encoder.layer.0.x"):
        weights = _step(optimizer, (7, name), start, 20)
    averages = optimizer.averages
    assert set(averages) == {(7, "W"), "pytorch_7_encoder.layer.0.x"}
    for average in averages.values():
        assert (weights < average).all()
        assert (average < start).all()
    assert layerwise_adam(0.1).averages is None


def test_rows_stand_side_by_side():
    left, right = Linear(2, 3), Linear(4, 3)
    layer = beside(left, right)
    layer.initialize(X=np.zeros((5, 3), dtype="f"))
    assert layer.predict(np.zeros((5, 3), dtype="f")).shape == (5, 6)


@pytest.fixture
def net():
    torch = pytest.importorskip("torch")

    class Encoder(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.words, self.used = torch.nn.Linear(3, 3), torch.nn.Linear(3, 2)
            self.pooler = torch.nn.Linear(2, 2)

        def forward(self, rows):
            return self.used(self.words(rows))

    return Encoder()


def test_averages_reach_the_weights_of_torch_those_without_a_gradient_too(net):
    torch = pytest.importorskip("torch")
    callbacks._prepare(net, bfloat16=False, frozen=("words.",))
    state = {name: weights.clone() for name, weights in net.state_dict().items()}
    model, optimizer = PyTorchWrapper(net), layerwise_adam(0.1, average=0.9)
    for _ in range(5):
        rows, backprop = model.begin_update(np.ones((4, 3), dtype="f"))
        backprop(np.ones_like(rows))
        model.finish_update(optimizer)
    before = net.used.weight.detach().clone()
    with model.use_params(optimizer.averages):
        inside = net.used.weight.detach().clone()
    start = state["used.weight"]
    behind = (inside - start) / (before - start)  # each update went the same way
    assert (behind > 0).all()
    assert (behind < 1).all()
    assert torch.equal(net.used.weight, before)
    kept = {
        name
        for name, weights in net.state_dict().items()
        if torch.equal(weights, state[name])
    }
    assert kept == {"words.weight", "words.bias", "pooler.weight", "pooler.bias"}


def test_a_frozen_weight_that_is_not_there_is_refused(net):
    with pytest.raises(
        ValueError, match="no weight of the encoder begins with 'embed'"
    ):
        callbacks._prepare(net, bfloat16=False, frozen=("words.", "embed"))


def test_an_encoder_in_bfloat16_gives_rows_of_32_bits(monkeypatch):
    torch = pytest.importorskip("torch")
    transformers = pytest.importorskip("transformers")
    monkeypatch.setattr(callbacks, "_has_bfloat16", lambda: True)
    net = transformers.AutoModel.from_pretrained(encoder.minilm()).eval()
    ids = torch.tensor([[101, 2023, 2003, 1037, 2944, 102]])
    with torch.no_grad():
        exact = net(ids).last_hidden_state
        callbacks._prepare(net, bfloat16=True, frozen=())
        rough = net(ids).last_hidden_state
    assert rough.dtype == torch.float32
    assert not torch.equal(rough, exact)
    assert torch.allclose(rough, exact, atol=0.1)


def test_weights_of_torch_are_updated_as_thinc_updates_them():
    pytest.importorskip("torch")
    draw = np.random.default_rng(0)
    start = draw.normal(size=(6, 5)).astype("f")
    ours, thincs = layerwise_adam(0.001, average=0.9), Adam(0.001, L2=0.01)
    mine, theirs = start.copy(), start.copy()
    for step in range(50):
        slope = draw.normal(scale=10.0 ** -(step % 3), size=start.shape).astype("f")
        mine, left = ours((1, "encoder.layer.0.x"), mine, slope.copy())
        theirs, _ = thincs((1, "W"), theirs, slope.copy())
        assert not left.any()
    assert not np.allclose(mine, start, atol=1e-2)
    assert np.allclose(mine, theirs, atol=1e-4)
