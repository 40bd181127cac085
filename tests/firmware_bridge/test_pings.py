"""Pings: how many go quickly after a connection, and what their pongs are taken for."""

from __future__ import annotations

from firmware_bridge import timing
from firmware_bridge.packets import Pong
from firmware_bridge.pings import Exchange, Pings
from firmware_bridge.status import Quality

MS = 1_000_000


def sent_in(pings: Pings, start_ns: int, ms: int) -> int:
    return sum(pings.ping(start_ns + n * MS, Quality.GOOD) is not None for n in range(ms))


def test_a_device_that_was_not_met_before_is_asked_quickly_for_longer() -> None:
    pings = Pings(None)
    counts = []
    for n, boot in enumerate((7, 7, 8)):
        start_ns = n * 100_000 * MS
        pings.start(boot, start_ns)
        counts.append(sent_in(pings, start_ns, 20_000))
    learning_ms = timing.PING_LEARN_COUNT * timing.PING_FAST_MS
    known_ms = timing.PING_FAST_COUNT * timing.PING_FAST_MS
    learnt = timing.PING_LEARN_COUNT + (20_000 - learning_ms) // timing.PING_EVERY_MS
    known = timing.PING_FAST_COUNT + (20_000 - known_ms) // timing.PING_EVERY_MS
    assert all(abs(found - due) <= 1 for found, due in zip(counts, (learnt, known, learnt), strict=True))


def test_an_answer_counts_once_and_only_to_a_ping_of_this_connection() -> None:
    found: list[Exchange] = []
    pings = Pings(found.append)
    pings.start(7, 0)
    ping = pings.ping(MS, Quality.GOOD)
    assert ping is not None
    pong = Pong(ping.sent_us, 5, 6)
    assert pings.pong(pong, 3 * MS) and not pings.pong(pong, 4 * MS)
    assert found == [Exchange(MS, 5, 6, 3 * MS, 7)]
    late = pings.ping(30 * MS, Quality.GOOD)
    pings.start(7, 40 * MS)
    assert late is not None and not pings.pong(Pong(late.sent_us, 5, 6), 50 * MS)
