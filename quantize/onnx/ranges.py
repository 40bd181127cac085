"""Histograms that take any number of samples in fixed memory, and the ranges for 8 bits that are chosen from them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

HALF: Final = 2048
"""bins on each side of zero"""
SILU: Final = tuple((-x, -x / (1 + math.exp(x))) for x in (3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 10.0))
GELU: Final = tuple((-x, -x / 2 * math.erfc(x / math.sqrt(2))) for x in (1.5, 2.0, 2.5, 3.0, 3.5))
"""tails of x · σ(x) and x · Φ(x)"""
COUNTED: Final = 1 << 16
"""values of one array that are counted, evenly spread; the largest and smallest of all are kept"""
KEPT: Final[Mapping[str, float]] = MappingProxyType({"p99.999": 0.99999, "p99.99": 0.9999, "p99.9": 0.999})
"""share of the values within a range chosen by percentile"""
WAYS: Final = ("minmax", *KEPT, "mse")
"""how a range is chosen"""
STEPS: Final = np.concatenate([np.geomspace(0.05, 0.4, 10), np.linspace(0.44, 1.0, 29)])
"""shares of the whole range that are tried for the least error"""


class Histogram:
    """Values of one tensor in 2 · 2048 equal bins over ±2^k; k grows as needed, which adds neighbouring bins.

    As the width is always a power of two, the order of the samples does not matter. Zeros are left out: they are exact
    after quantization, and half of what a ReLU puts out would otherwise hide the rest.
    """

    __slots__ = ("counts", "exponent", "high", "low")

    def __init__(self) -> None:
        self.counts: NDArray[np.int64] = np.zeros(2 * HALF, np.int64)
        self.exponent: int | None = None
        self.low, self.high = 0.0, 0.0

    def add(self, values: NDArray[Any]) -> None:
        """Counts the finite values of one more array, of any shape and type float."""
        flat = np.asarray(values, np.float32).ravel()
        if not flat.size:
            return
        low, high = float(flat.min()), float(flat.max())
        if not math.isfinite(low) or not math.isfinite(high):  # attention masks hold −inf
            flat = flat[np.isfinite(flat)]
            if not flat.size:
                return
            low, high = float(flat.min()), float(flat.max())
        self.low, self.high = min(self.low, low), max(self.high, high)
        most = max(-low, high)
        if most <= 0:
            return
        self._widen(math.frexp(most)[1])
        flat = flat[:: max(1, flat.size // COUNTED)]
        assert self.exponent is not None
        index = (flat * np.float32(math.ldexp(HALF, -self.exponent)) + np.float32(HALF)).astype(np.int32)
        counts = np.bincount(np.clip(index, 0, 2 * HALF - 1), minlength=2 * HALF)
        counts[HALF] -= np.count_nonzero(flat == 0)
        self.counts += counts

    def _widen(self, exponent: int) -> None:
        if self.exponent is None:
            self.exponent = exponent
        while self.exponent < exponent:
            pairs = self.counts.reshape(HALF, 2).sum(axis=1)
            self.counts = np.zeros(2 * HALF, np.int64)
            self.counts[HALF // 2 : HALF // 2 + HALF] = pairs
            self.exponent += 1

    def middles(self) -> NDArray[np.float64]:
        """Value in the middle of each bin: float64[4096]."""
        return np.asarray(np.arange(2 * HALF) - HALF + 0.5, np.float64) * math.ldexp(1 / HALF, self.exponent or 0)


def choose(histogram: Histogram, way: str) -> tuple[float, float]:
    """Range (low ≤ 0 ≤ high) that 8 bits are to cover, chosen in one of the `WAYS`."""
    low, high = histogram.low, histogram.high
    if way == "minmax" or histogram.exponent is None:
        return low, high
    middles, counts = histogram.middles(), histogram.counts.astype(np.float64)
    if way in KEPT:
        total = np.cumsum(counts)
        if not total[-1]:
            return low, high
        first, last = np.searchsorted(total, np.array([(1 - KEPT[way]) / 2, (1 + KEPT[way]) / 2]) * total[-1])
        return max(low, min(0.0, float(middles[first]))), min(
            high, max(0.0, float(middles[min(last, len(middles) - 1)]))
        )
    return _least_error(low, high, middles, counts)


def all_ways(histograms: Mapping[str, Histogram]) -> dict[str, dict[str, tuple[float, float]]]:
    """Way → tensor → range."""
    return {way: {name: choose(h, way) for name, h in histograms.items()} for way in WAYS}


def reach(low: float, high: float, tails: Sequence[tuple[float, float]]) -> float:
    """The lowest value worth covering where what follows is flat: SiLU of −8 is −0.003, and so is that of −100.

    Args:
        tails: (x, what the function gives there), from near to far; the first that is within half a step is taken.
    """
    for x, left in tails:
        if x <= low:
            break
        if abs(left) <= (high - x) / 255 / 2:
            return x
    return low


def _least_error(
    low: float, high: float, middles: NDArray[np.float64], counts: NDArray[np.float64]
) -> tuple[float, float]:
    """The range with the least squared error of 255 steps: rounding (step² / 12) within, what is cut off outside."""
    sums = [np.concatenate([[0.0], np.cumsum(counts * middles**power)]) for power in (0, 1, 2)]
    lows = low * STEPS if low < 0 else np.zeros(1)
    highs = high * STEPS if high > 0 else np.zeros(1)
    from_low, from_high = np.searchsorted(middles, lows), np.searchsorted(middles, highs)
    # Σ c (m − a)² over the bins below a, and above it
    below = sums[2][from_low] - 2 * lows * sums[1][from_low] + lows**2 * sums[0][from_low]
    rest = [s[-1] - s[from_high] for s in sums]
    above = rest[2] - 2 * highs * rest[1] + highs**2 * rest[0]
    within = sums[0][from_high][None, :] - sums[0][from_low][:, None]
    step = (highs[None, :] - lows[:, None]) / 255
    error = below[:, None] + above[None, :] + within * step**2 / 12
    row, column = np.unravel_index(int(np.argmin(error)), error.shape)
    return float(lows[row]), float(highs[column])
