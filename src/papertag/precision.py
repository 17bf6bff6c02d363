"""Precision: the numbers that a compact pipeline's encoder computes with, and what
they cost.
"""

from enum import StrEnum
from typing import NamedTuple


class Precision(StrEnum):
    """8-bit whole numbers, small and fast, or 32-bit floats, as in training."""

    INT8 = "int8"
    FP32 = "fp32"


class Parity(NamedTuple):
    """Strict micro F1, in [0, 1], of each pipeline on the same documents."""

    documents: int
    spans: int  # that the trained one finds
    trained: float
    fp32: float
    made: float
    precision: Precision
