"""Which of two is better, told as soon as it can be, however often one looks: a confidence sequence by betting; pure.

One bets against each possible mean of outcomes in 0..1; a mean against which much would have been won is not the mean. The
interval holds at all times at once with a chance of 1 − α, so that one may stop when one likes (Waudby-Smith and Ramdas,
Estimating means of bounded random variables by betting, JRSS B 86, 2024, arXiv 2010.09686: hedged capital with predictable
plug-in bets).
"""

from __future__ import annotations

import math
from typing import Final

import numpy as np
from numpy.typing import NDArray

STEPS: Final = 200
"""of the means that are bet against: the interval is rounded outwards to them"""
LARGEST_BET: Final = 0.5
"""share of the capital that can be lost in one outcome"""


class Betting:
    """Outcomes in, interval of their mean out."""

    def __init__(self, alpha: float = 0.05) -> None:
        self.alpha = alpha
        self.count = 0
        self.sum = 0.0
        self._means: NDArray[np.float64] = np.linspace(0, 1, STEPS + 1)[1:-1]
        self._up = np.zeros(len(self._means))
        self._down = np.zeros(len(self._means))
        """logarithm of the capital of those who bet on more, and on less"""
        self._is_in = np.ones(len(self._means), bool)
        self._spread_sum = 0.25

    def add(self, outcome: float) -> None:
        """The next outcome, 0..1: 1 the first is better, 0.5 neither, 0 the second. Raises ValueError beyond that."""
        if not 0 <= outcome <= 1:
            raise ValueError(f"an outcome is 0..1, not {outcome}")
        n = self.count + 1
        variance = self._spread_sum / n  # of the outcomes before this one
        bet = math.sqrt(2 * math.log(2 / self.alpha) / (variance * n * math.log(1 + n)))
        self._up += np.log1p(np.minimum(bet, LARGEST_BET / self._means) * (outcome - self._means))
        self._down += np.log1p(-np.minimum(bet, LARGEST_BET / (1 - self._means)) * (outcome - self._means))
        self.count, self.sum = n, self.sum + outcome
        self._spread_sum += (outcome - (0.5 + self.sum) / (n + 1)) ** 2
        # Each side has half of the capital; what was ruled out once stays out.
        self._is_in &= np.maximum(self._up, self._down) - math.log(2) < math.log(1 / self.alpha)

    @property
    def mean(self) -> float:
        """Of the outcomes; 0.5 without any."""
        return self.sum / self.count if self.count else 0.5

    @property
    def interval(self) -> tuple[float, float]:
        """Where the mean is, with a chance of 1 − α at all times."""
        inside = self._means[self._is_in]
        if not len(inside):  # with a chance of α at most
            return self.mean, self.mean
        return max(0.0, float(inside[0]) - 1 / STEPS), min(1.0, float(inside[-1]) + 1 / STEPS)

    @property
    def better(self) -> int:
        """1: the first is, -1: the second is, 0: nothing can be said yet."""
        low, high = self.interval
        return 1 if low > 0.5 else -1 if high < 0.5 else 0
