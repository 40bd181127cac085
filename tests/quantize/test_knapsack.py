"""The knapsack, held against trying everything."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest

from quantize import knapsack
from quantize.knapsack import Option, Solution


def units(seed: int, count: int = 5, options: int = 4, step: int = 32) -> list[list[Option]]:
    rng = np.random.default_rng(seed)
    return [
        [
            Option(f"{k}", int(rng.integers(1, 60)) * step, float(rng.integers(1, 50)), float(rng.random()))
            for k in range(options)
        ]
        for _ in range(count)
    ]


def everything(given: list[list[Option]]) -> list[Solution]:
    return [knapsack.total(given, picks) for picks in itertools.product(*(range(len(u)) for u in given))]


@pytest.mark.parametrize("seed", range(12))
def test_within_a_size_nothing_is_better(seed: int) -> None:
    """Sizes are multiples of 32, so the grid is exact."""
    given = units(seed)
    for share in (0.2, 0.5, 0.9):
        every = everything(given)
        cap = int(np.quantile([s.bytes for s in every], share))
        best = min((s for s in every if s.bytes <= cap), key=lambda s: s.loss)
        found = knapsack.solve(given, cap)
        assert found is not None and found.bytes <= cap
        assert found.loss == pytest.approx(best.loss)


@pytest.mark.parametrize("seed", range(12))
def test_within_a_size_and_a_time_both_are_kept_and_little_is_lost(seed: int) -> None:
    given = units(seed, count=6)
    every = everything(given)
    cap, time = int(np.quantile([s.bytes for s in every], 0.5)), float(np.quantile([s.ns for s in every], 0.4))
    allowed = [s.loss for s in every if s.bytes <= cap and s.ns <= time]
    found = knapsack.solve(given, cap, time)
    assert found is not None and found.bytes <= cap and found.ns <= time
    spread = max(s.loss for s in every) - min(s.loss for s in every)
    assert found.loss <= min(allowed) + 0.05 * spread


def test_nothing_is_found_where_nothing_fits() -> None:
    given = units(3)
    least = min(s.bytes for s in everything(given))
    assert knapsack.solve(given, least - 1) is None
    assert knapsack.solve(given, least) is not None
    assert knapsack.solve(given, math.inf, 0.5) is None


@pytest.mark.parametrize("seed", range(6))
def test_the_smallest_within_a_loss_keeps_it(seed: int) -> None:
    given = units(seed)
    every = everything(given)
    bound = float(np.quantile([s.loss for s in every], 0.3))
    best = min(s.bytes for s in every if s.loss <= bound)
    found = knapsack.smallest(given, bound)
    assert found is not None and found.loss <= bound
    assert found.bytes <= best * 1.01


def test_no_loss_is_too_small_to_be_refused() -> None:
    assert knapsack.smallest(units(1), 0.0) is None


def test_the_front_has_nothing_that_another_point_beats() -> None:
    given = units(4, count=8)
    found = knapsack.front(given)
    assert len(found) > 10
    for a, b in itertools.permutations(found, 2):
        assert not (a.bytes <= b.bytes and a.ns <= b.ns and a.loss <= b.loss)


def test_uneven_sizes_stay_within_the_budget() -> None:
    """Where the grid is too coarse for the sizes, they are rounded up, never down."""
    rng = np.random.default_rng(5)
    given = [
        [Option(str(k), int(rng.integers(10**6, 10**9)), 0.0, float(rng.random())) for k in range(5)] for _ in range(30)
    ]
    for share in (0.1, 0.4, 0.8):
        low, high = sum(min(o.bytes for o in u) for u in given), sum(max(o.bytes for o in u) for u in given)
        cap = int(low + share * (high - low))
        found = knapsack.solve(given, cap)
        assert found is not None and found.bytes <= cap
