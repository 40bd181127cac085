"""The promise of a threshold holds as often as it says, and is no more careful than it must be."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest

from edge.errors import ConfigError
from edge.fallback.calibration import Judged, choose, read, upper


def drawn(rng: Random, count: int) -> list[Judged]:
    """Turns of a model whose confidence means what it says, squeezed: three in ten are wrong."""
    turns = []
    for _ in range(count):
        chance = rng.betavariate(2.1, 0.9)
        turns.append(Judged(0.5 + chance / 2, rng.random() < chance))
    return turns


@pytest.mark.parametrize(
    ("events", "of", "bound"), [(0, 100, 0.0295), (5, 100, 0.1023), (50, 100, 0.5863), (1, 20, 0.2161), (20, 20, 1.0)]
)
def test_the_bound_is_that_of_clopper_and_pearson(events: int, of: int, bound: float) -> None:
    assert upper(events, of, 0.05) == pytest.approx(bound, abs=2e-4)


def test_over_two_hundred_owners_the_promise_is_broken_for_one_in_twenty_at_most() -> None:
    rng, broken, kept = Random(7), 0, []
    judge = drawn(Random(8), 20_000)
    for _ in range(200):
        promise = choose(drawn(rng, 500), 0.10)
        risk = sum(t.confidence >= promise.threshold and not t.right for t in judge) / len(judge)
        broken += risk > 0.10
        kept.append(promise.kept)
    assert broken <= 10 and sum(kept) / len(kept) > 0.5


def test_a_model_that_is_always_right_is_kept_and_one_that_is_always_wrong_is_not() -> None:
    assert choose([Judged(n / 500, True) for n in range(500)], 0.05).kept == 1.0
    assert choose([Judged(n / 500, False) for n in range(500)], 0.05).kept < 0.05


def test_equal_confidences_are_kept_or_not_together() -> None:
    promise = choose([Judged(0.9, n % 4 > 0) for n in range(400)], 0.10)
    assert promise.kept == 0.0 and promise.threshold > 1


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "has 0 judged turns"),
        ('{"confidence": 2, "right": true}', "line 1: confidence must be 0..1"),
        ('{"confidence": 0.5, "right": 1}', "line 1"),
        ('{"confidence": 0.5}', "line 1: it must be"),
        ("[1]", "line 1: it must be"),
        ("nonsense", "line 1: it must be"),
    ],
)
def test_a_file_that_holds_no_judged_turns_is_refused_by_its_line(tmp_path: Path, text: str, says: str) -> None:
    (tmp_path / "turns.jsonl").write_text(text)
    with pytest.raises(ConfigError, match=says):
        read(tmp_path / "turns.jsonl")
