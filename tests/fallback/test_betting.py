"""The interval holds at all times at once as often as it says, and tells rows apart with few outcomes."""

from __future__ import annotations

from random import Random

import pytest

from edge.fallback.betting import Betting


@pytest.mark.parametrize("share", [0.5, 0.62, 0.9])
def test_with_a_look_after_every_outcome_the_truth_is_left_out_in_one_run_of_twenty_at_most(share: float) -> None:
    rng, missed, runs = Random(3), 0, 100
    for _ in range(runs):
        bets, is_missed = Betting(0.05), False
        for _ in range(120):
            bets.add(float(rng.random() < share))
            low, high = bets.interval
            is_missed = is_missed or not low <= share <= high
        missed += is_missed
    assert missed / runs <= 0.05 + 2 * (0.05 * 0.95 / runs) ** 0.5


def test_a_row_that_wins_three_in_four_is_told_apart_within_fifty_questions() -> None:
    needed = []
    for seed in range(20):
        rng, bets = Random(seed), Betting(0.05)
        while not bets.better:
            bets.add(float(rng.random() < 0.75))
        assert bets.better == 1
        needed.append(bets.count)
    assert sorted(needed)[10] <= 50


def test_draws_tell_nothing_and_are_all_the_same_no_news() -> None:
    bets = Betting(0.05)
    for _ in range(300):
        bets.add(0.5)
    low, high = bets.interval
    assert bets.better == 0 and 0.3 < low < 0.5 < high < 0.7


def test_without_outcomes_anything_may_be_and_what_is_no_outcome_is_refused() -> None:
    assert Betting().interval == (0.0, 1.0) and Betting().better == 0
    with pytest.raises(ValueError, match="0..1"):
        Betting().add(1.5)
