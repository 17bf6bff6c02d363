"""Optimizers: Adam with a rate for each layer of the encoder and averaged weights."""

import re
from typing import Any

import numpy as np
from thinc.api import Optimizer
from thinc.types import FloatsXd

_LAYER = re.compile(r"\.layer\.(\d+)\.")


class LayerwiseAdam(Optimizer):
    """thinc's Adam that tells the weights of an encoder from all others.

    ``layer_decay``: the rate of each encoder layer is this share of that of the layer
    above it, of ``layers``; the embeddings lie below them all (Howard and Ruder 2018,
    discriminative fine-tuning). ``head_rate``: what the rate of all weights that are
    not the encoder's is multiplied by. ``average``: decay of an exponential moving
    average of all weights, 0 for none; spaCy evaluates and saves the averages. A
    weight without a gradient has no average, and torch takes all of them or none:
    `callbacks.quick_encoder` sees to that. Weights of the encoder whose gradient is
    zero throughout stay as they are: they are frozen or unused.
    """

    __slots__ = ["average", "head_rate", "layer_decay", "layers"]

    def __init__(
        self,
        learn_rate: Any,
        *,
        layer_decay: float = 1.0,
        layers: int = 6,
        head_rate: float = 1.0,
        average: float = 0.0,
        **adam: Any,
    ) -> None:
        super().__init__(learn_rate, use_averages=False, **adam)
        self.layer_decay, self.layers = layer_decay, layers
        self.head_rate, self.average = head_rate, average
        self.averages = {} if average else None

    def __call__(
        self,
        key: tuple[int, str],
        weights: FloatsXd,
        gradient: FloatsXd,
        *,
        lr_scale: float = 1.0,
    ) -> tuple[FloatsXd, FloatsXd]:
        """Return updated weights and a gradient of zeros."""
        if _of_encoder(key[1]) and not bool(gradient.any()):
            if self.averages is not None and _name(key) not in self.averages:
                self.averages[_name(key)] = weights.copy()
            return weights, gradient
        rate = lr_scale * self._scale(key[1])
        if _is_torchs_on_cpu(key[1], weights):
            self._update_in_place(key, weights, gradient, rate)
            return weights, gradient
        averages, self.averages = self.averages, None  # thinc's own come too slowly
        weights, gradient = super().__call__(key, weights, gradient, lr_scale=rate)
        self.averages = averages
        if averages is not None:
            self._add(averages, key, weights)
        return weights, gradient

    def _update_in_place(
        self, key: tuple[int, str], weights: Any, gradient: Any, rate: float
    ) -> None:
        """Do what thinc does, by torch's fused kernel: on all cores, in less time."""
        import torch
        from torch.optim.adamw import adamw

        if key not in self.mom1:
            self.mom1[key] = np.zeros_like(weights)
            self.mom2[key] = np.zeros_like(weights)
        self.nr_update[key] += 1
        arrays = (weights, gradient, self.mom1[key], self.mom2[key])
        new, slope, mom1, mom2 = map(torch.from_numpy, arrays)
        norm = float(slope.norm())
        if self.grad_clip and norm > self.grad_clip:
            slope.mul_(self.grad_clip / norm)
        adamw(
            [new],
            [slope],
            [mom1],
            [mom2],
            [],
            [torch.tensor(self.nr_update[key] - 1.0)],
            fused=True,
            amsgrad=False,
            maximize=False,
            beta1=self.b1,
            beta2=self.b2,
            lr=rate * self.learn_rate,
            weight_decay=self.L2,
            eps=self.eps,
        )
        slope.zero_()
        if self.averages is not None:
            self._add(self.averages, key, weights)

    def _scale(self, name: str) -> float:
        if not _of_encoder(name):
            return self.head_rate
        layer = _LAYER.search(name)
        below = self.layers if name.startswith("embeddings.") else 0
        if layer:
            below = self.layers - 1 - int(layer[1])
        if below < 0:  # or lower layers would learn faster
            raise ValueError(f"{name}: the encoder has more than {self.layers} layers")
        return float(self.layer_decay**below)

    def _add(
        self, averages: dict[Any, Any], key: tuple[int, str], weights: Any
    ) -> None:
        name = _name(key)
        if name not in averages:
            averages[name] = weights.copy()
            return
        updates = self.nr_update[key]
        # Short memory at first, as thinc has it: the first weights are random ones.
        decay = min(self.average, (1 + updates) / (10 + updates))
        if _is_torchs_on_cpu(key[1], weights):
            import torch

            mean = torch.from_numpy(averages[name])
            mean.lerp_(torch.from_numpy(weights), 1 - decay)
        else:
            averages[name] += (1 - decay) * (weights - averages[name])


def _name(key: tuple[int, str]) -> Any:
    """Return what thinc asks for averages by: its own key, another one for torch."""
    return f"pytorch_{key[0]}_{key[1]}" if _of_encoder(key[1]) else key


def _is_torchs_on_cpu(name: str, weights: Any) -> bool:
    return _of_encoder(name) and isinstance(weights, np.ndarray)


def _of_encoder(name: str) -> bool:
    """Tell torch's weights (``encoder.layer.0...``) from thinc's (``W``)."""
    return "." in name


def layerwise_adam(  # noqa: PLR0913 (the settings of one optimizer)
    learn_rate: Any,
    *,
    layer_decay: float = 1.0,
    layers: int = 6,
    head_rate: float = 1.0,
    average: float = 0.0,
    beta1: float = 0.9,
    beta2: float = 0.999,
    eps: float = 1e-8,
    L2: float = 0.01,  # noqa: N803 (thinc's name)
    grad_clip: float = 1.0,
) -> LayerwiseAdam:
    """Return a `LayerwiseAdam` whose ``L2`` is a weight decay."""
    return LayerwiseAdam(
        learn_rate,
        layer_decay=layer_decay,
        layers=layers,
        head_rate=head_rate,
        average=average,
        beta1=beta1,
        beta2=beta2,
        eps=eps,
        L2=L2,
        grad_clip=grad_clip,
        L2_is_weight_decay=True,
    )
