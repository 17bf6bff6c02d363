"""Callbacks: what is done to a pipeline between its start and its first update."""

import functools
from collections.abc import Callable
from typing import Any

from spacy.language import Language


def quick_encoder(
    bfloat16: bool = True, frozen: list[str] | None = None
) -> Callable[[Language], Language]:
    """Return a callback for ``[initialize] after_init`` of a transformer pipeline.

    With ``bfloat16`` the encoder computes in that type while it is trained, where
    the CPU has instructions for it; the weights stay 32-bit. Weights whose names begin
    with one of ``frozen`` are not trained. Every weight gets a gradient, if only of
    zeros (the pooler has none), so that an optimizer that averages weights knows all.
    A ``frozen`` that names no weight is a ValueError.
    """

    def prepare(nlp: Language) -> Language:
        models = [getattr(component, "model", None) for _, component in nlp.pipeline]
        nodes = [node for model in models if model for node in model.walk()]
        for shim in (shim for node in nodes for shim in node.shims):
            _prepare(shim._model, bfloat16, tuple(frozen or ()))
        return nlp

    return prepare


def _prepare(encoder: Any, bfloat16: bool, frozen: tuple[str, ...]) -> None:
    import torch

    names = [name for name, _ in encoder.named_parameters()]
    for start in frozen:
        if not any(name.startswith(start) for name in names):
            raise ValueError(f"frozen: no weight of the encoder begins with {start!r}")
    for name, weights in encoder.named_parameters():
        weights.requires_grad_(not name.startswith(frozen))
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
