"""Callbacks: what is done to a pipeline between its start and its first update."""

import functools
from collections.abc import Callable
from typing import Any

from spacy.language import Language


def quick_encoder(bfloat16: bool = True) -> Callable[[Language], Language]:
    """Return a callback for ``[initialize] after_init`` of a transformer pipeline.

    With ``bfloat16`` the encoder computes in that type while it is trained, where
    the CPU has instructions for it; the weights stay 32-bit. Every weight gets a
    gradient, if only of zeros (the pooler has none), so that an optimizer that averages
    weights knows them all.
    """

    def prepare(nlp: Language) -> Language:
        models = [getattr(component, "model", None) for _, component in nlp.pipeline]
        nodes = [node for model in models if model for node in model.walk()]
        for shim in (shim for node in nodes for shim in node.shims):
            _prepare(shim._model, bfloat16)
        return nlp

    return prepare


def _prepare(encoder: Any, bfloat16: bool) -> None:
    import torch

    for weights in encoder.parameters():
        weights.grad = torch.zeros_like(weights)
    if not bfloat16 or not _has_bfloat16():
        return
    forward = encoder.forward

    @functools.wraps(forward)
    def in_bfloat16(*args: Any, **kwargs: Any) -> Any:
        with torch.autocast("cpu", torch.bfloat16):
            output = forward(*args, **kwargs)
        for name, rows in output.items():
            output[name] = rows.float()
        return output

    encoder.forward = in_bfloat16


def _has_bfloat16() -> bool:
    import torch

    tests = ("_is_avx512_bf16_supported", "_is_amx_tile_supported")
    return any(getattr(torch.cpu, test, bool)() for test in tests)
