"""When a row is left alone, and when it is asked again."""

from __future__ import annotations

from edge.clock import S
from edge.fallback.breaker import PAUSE_MAX_NS, PAUSE_NS, TRIAL_NS, Breaker


def opened() -> Breaker:
    breaker = Breaker()
    for _ in range(3):
        breaker.failed(10 * S)
    return breaker


def test_it_opens_after_three_failures_in_a_row_and_not_before() -> None:
    breaker = Breaker()
    for _ in range(2):
        breaker.failed(0)
    assert breaker.allows(1)
    breaker.succeeded()
    breaker.failed(2)
    assert breaker.allows(3)
    assert not opened().allows(11 * S)


def test_after_the_pause_one_question_tries_and_the_others_wait() -> None:
    breaker = opened()
    later = 10 * S + PAUSE_NS
    assert not breaker.allows(later - 1) and breaker.allows(later)
    assert not breaker.allows(later + 1)
    assert breaker.allows(later + TRIAL_NS)  # the one that tried was never heard of again


def test_a_trial_that_succeeds_closes_it_and_one_that_fails_doubles_the_pause() -> None:
    breaker = opened()
    now = 10 * S + PAUSE_NS
    assert breaker.allows(now)
    breaker.failed(now)
    assert not breaker.allows(now + 2 * PAUSE_NS - 1) and breaker.allows(now + 2 * PAUSE_NS)
    breaker.succeeded()
    assert breaker.allows(now + 2 * PAUSE_NS + 1) and breaker.pause_ns == PAUSE_NS


def test_the_pause_has_a_limit() -> None:
    breaker, now = opened(), 0
    for _ in range(20):
        now = breaker.open_until_ns
        assert breaker.allows(now)
        breaker.failed(now)
    assert breaker.open_until_ns - now == PAUSE_MAX_NS


def test_a_server_that_says_how_long_to_wait_is_taken_at_its_word() -> None:
    breaker = Breaker()
    breaker.failed(S, retry_after_ns=20 * S)
    assert not breaker.allows(20 * S) and breaker.is_open(20 * S)
    assert breaker.allows(21 * S)
