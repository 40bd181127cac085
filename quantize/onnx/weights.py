"""Weights in fewer bits: symmetric 8-bit scales for a tensor or each channel, 4-bit blocks, and bias in 32 bits."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

SHRINK: Final = np.linspace(0.6, 1.0, 21)
"""shares of the largest weight that are tried for the least error"""
BLOCK: Final = 32


def scales_of(weights: NDArray[Any], axis: int | None, clip: str, bits: int) -> NDArray[np.float32]:
    """Scale of each channel along `axis` (float32[n]), or of the whole tensor (float32[1] for axis None)."""
    rows = _rows(weights, axis)
    top = float(2 ** (bits - 1) - 1)
    most = np.abs(rows).max(axis=1)
    most = np.where(most > 0, most, 1.0)
    if clip == "max":
        return (most / top).astype(np.float32)
    best, least = most / top, np.full(len(rows), np.inf)
    for share in SHRINK:
        scale = most * share / top
        error = ((np.clip(np.round(rows / scale[:, None]), -top, top) * scale[:, None] - rows) ** 2).sum(axis=1)
        best, least = np.where(error < least, scale, best), np.minimum(error, least)
    return best.astype(np.float32)


def to_int8(weights: NDArray[Any], scale: NDArray[np.float32], axis: int | None, bits: int) -> NDArray[np.int8]:
    """The nearest steps, in the weights' shape."""
    top = 2 ** (bits - 1) - 1
    shape = [1] * weights.ndim
    if axis is not None:
        shape[axis] = -1
    return np.clip(np.round(weights.astype(np.float64) / scale.reshape(shape)), -top, top).astype(np.int8)


def bias_steps(bias: NDArray[Any], scale: NDArray[np.float32]) -> NDArray[np.int32]:
    """Bias int32[n] in steps of input scale × weight scale, where it is added to the sum of products."""
    steps = np.round(bias.astype(np.float64) / scale.astype(np.float64))
    return np.clip(steps, -(2**31) + 1, 2**31 - 1).astype(np.int32)


def to_nibbles(weights: NDArray[Any]) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
    """Blocks of 32 along the rows of [k, n] in 4 bits around 8, as MatMulNBits takes them.

    Returns packed uint8[n, blocks, 16] (low nibble first) and scales float32[n * blocks]. The scale is the largest
    value's over −8, as in llama.cpp's Q4_0, improved by a search for the least squared error.
    """
    k, n = weights.shape
    blocks = -(-k // BLOCK)
    padded = np.zeros((n, blocks * BLOCK), np.float64)
    padded[:, :k] = weights.T
    rows = padded.reshape(n * blocks, BLOCK)
    most = rows[np.arange(len(rows)), np.abs(rows).argmax(axis=1)]
    best, least = np.ones(len(rows)), np.full(len(rows), np.inf)
    for share in np.linspace(0.7, 1.15, 19):
        scale = np.where(most == 0, 1.0, most / -8 * share)
        error = ((np.clip(np.round(rows / scale[:, None]), -8, 7) * scale[:, None] - rows) ** 2).sum(axis=1)
        best, least = np.where(error < least, scale, best), np.minimum(error, least)
    best = best.astype(np.float32).astype(np.float64)
    steps = (np.clip(np.round(rows / best[:, None]), -8, 7) + 8).astype(np.uint8)
    packed = (steps[:, 0::2] | (steps[:, 1::2] << 4)).astype(np.uint8)
    return packed.reshape(n, blocks, BLOCK // 2), best.astype(np.float32)


def _rows(weights: NDArray[Any], axis: int | None) -> NDArray[np.float64]:
    if axis is None:
        return weights.reshape(1, -1).astype(np.float64)
    return np.moveaxis(weights, axis, 0).reshape(weights.shape[axis], -1).astype(np.float64)
