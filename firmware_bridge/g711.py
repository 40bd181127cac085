"""µ-law of ITU-T G.711: int16 samples to one byte each, and back."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def encode(samples: NDArray[np.int16]) -> bytes:
    """µ-law (ITU-T G.711) of int16 samples, one byte each."""
    sign = np.where(samples < 0, 0x80, 0)
    level = np.minimum(np.abs(samples.astype(np.int32)), 32635) + 132
    exponent = np.floor(np.log2(level)).astype(np.int32) - 7
    mantissa = (level >> (exponent + 3)) & 0x0F
    return bytes((~(sign | exponent << 4 | mantissa) & 0xFF).astype(np.uint8))


def decode(data: bytes) -> NDArray[np.int16]:
    """int16 samples of µ-law bytes."""
    code = ~np.frombuffer(data, np.uint8).astype(np.int32) & 0xFF
    level = (((code & 0x0F) << 3) + 132 << ((code >> 4) & 7)) - 132
    return np.where(code & 0x80, -level, level).astype(np.int16)
