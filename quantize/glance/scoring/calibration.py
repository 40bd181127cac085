"""How well a confidence tells our questions from all others: AUROC, ECE, what slips through, and how sure that is."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Confidences = NDArray[np.float64]


def auroc(ours: Confidences, others: Confidences) -> float:
    """The chance that one of ours scores above one of the others, ties half (Mann-Whitney)."""
    both = np.concatenate((ours, others))
    _, inverse, counts = np.unique(both, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(counts) - (counts - 1) / 2)[inverse]
    return float((ranks[: len(ours)].sum() - len(ours) * (len(ours) + 1) / 2) / (len(ours) * len(others)))


def ece(ours: Confidences, others: Confidences, bins: int = 10) -> float:
    """Expected calibration error of "this is ours" over equal bins of the confidence."""
    both = np.concatenate((ours, others))
    truth = np.concatenate((np.ones(len(ours)), np.zeros(len(others))))
    at = np.minimum((both * bins).astype(int), bins - 1)
    inside = [at == b for b in range(bins) if (at == b).any()]
    return float(sum(abs(both[i].mean() - truth[i].mean()) * i.mean() for i in inside))


def answered(ours: Confidences, others: Confidences, kept: float = 0.95) -> float:
    """The share of the others that is answered when the threshold keeps this share of ours."""
    # The threshold is one of ours, so that at least `kept` of them are at or above it.
    threshold = np.quantile(ours, 1 - kept, method="lower")
    return float((others >= threshold).mean())


def interval(
    measure: Callable[[Confidences, Confidences], float],
    ours: Confidences,
    others: Confidences,
    *,
    draws: int = 400,
    seed: int = 0,
) -> tuple[float, float]:
    """The 95 % bootstrap interval of a measure: both sides drawn anew with replacement (Efron's percentiles)."""
    rng = np.random.default_rng(seed)
    found = [measure(rng.choice(ours, len(ours)), rng.choice(others, len(others))) for _ in range(draws)]
    low, high = np.quantile(found, (0.025, 0.975))
    return float(low), float(high)
