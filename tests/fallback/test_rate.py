"""A row is asked as often as its owner said, and the next row is asked meanwhile."""

from __future__ import annotations

import pytest

from edge.clock import S
from edge.fallback.asking import Asking
from edge.fallback.rate import Bucket
from tests.fallback.rows import changed
from tests.fallback.test_asking import WORDS, B, Rows, answered, failure


def test_a_full_bucket_gives_its_calls_and_fills_again_steadily() -> None:
    bucket = Bucket(6)
    assert [bucket.takes(0) for _ in range(7)] == [True] * 6 + [False]
    assert not bucket.takes(9 * S) and bucket.takes(10 * S) and not bucket.takes(10 * S)
    assert sum(bucket.takes(500 * S) for _ in range(20)) == 6


@pytest.mark.parametrize("per_minute", [0.5, 1, 7, 60])
def test_in_the_long_run_no_more_calls_are_made_than_were_allowed(per_minute: float) -> None:
    bucket = Bucket(per_minute)
    made = sum(bucket.takes(n * S // 10) for n in range(36_000))
    assert made <= 60 * per_minute + max(1, per_minute)
    assert made >= 60 * per_minute - 1


def test_a_row_that_had_its_calls_is_passed_over_and_says_so_when_it_is_alone() -> None:
    slow = changed(name="a", per_minute=1)
    rows = Rows({"a": [WORDS], "b": [WORDS]})
    asking = Asking(rows, lambda: 0.5)
    assert answered(rows, (slow, B), asking=asking).report.answered == ["a"]
    assert answered(rows, (slow, B), asking=asking).report.answered == ["b"]
    alone = answered(rows, (slow,), asking=asking)
    assert str(alone.error) == "no cloud model answered: a is asked at most 1 times a minute"


def test_a_row_that_is_left_alone_loses_none_of_its_calls() -> None:
    slow = changed(name="a", per_minute=1)
    rows = Rows({"a": [[failure()]], "b": [WORDS]})
    asking = Asking(rows, lambda: 0.5)
    for _ in range(3):
        asking.breaker(slow).failed(0)
    answered(rows, (slow, B), asking=asking)
    assert "a" not in asking.buckets
