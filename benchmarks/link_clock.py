"""How well the glasses' clock is known: 50 ppm of skew, 0–30 ms of delay on one way, 5 % loss each way, a wrap, a reboot.

error     host time that is given for a device time, against the true one; asked up to 100 ms after each exchange.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from statistics import median

from benchmarks.claims import Claim, main
from firmware_bridge.clock_sync import ClockSync
from firmware_bridge.pings import Exchange
from firmware_bridge.timing import PING_EVERY_MS, PING_FAST_MS, PING_LEARN_COUNT

MS = 1_000_000
S = 1000 * MS
SKEW = 50e-6
Delay = Callable[[random.Random], float]
ONE_SIDED: tuple[tuple[Delay, Delay], ...] = (
    (lambda draw: draw.uniform(0, 30), lambda _: 0.0),
    (lambda _: 0.0, lambda draw: draw.uniform(0, 30)),
)
BOTH: tuple[Delay, Delay] = (lambda draw: draw.uniform(0, 30), lambda draw: draw.uniform(0, 30))


def measure(quick: bool) -> list[Claim]:
    """All claims."""
    seeds = range(1 if quick else 5)
    runs = [(there, back, seed, sign) for there, back in ONE_SIDED for seed in seeds for sign in (1, -1)]
    steady: list[float] = []
    locks: list[float] = []
    firsts: list[float] = []
    for there, back, seed, sign in runs:
        errors = follow(there, back, seed, sign * SKEW)
        steady += [us for boot, after_s, us in errors if boot == 1 and after_s >= 60]
        steady += [us for boot, after_s, us in errors if boot == 2 and after_s >= 3]
        locks.append(_known_after_s([e for e in errors if e[0] == 2]))
        firsts.append(_known_after_s([e for e in errors if e[0] == 1]))
    both = [
        us
        for seed in range(2 if quick else 40)  # starts differ much where both ways are disturbed
        for _, after_s, us in follow(*BOTH, seed, SKEW if seed % 2 else -SKEW)
        if after_s >= 60
    ]
    return [
        Claim("clock error from a minute on, wrap and reboot in it, p99", _p99(steady), "µs", "<= 100"),
        Claim("after a reboot until all errors are below 100 µs, slowest run", max(locks), "s", "<= 3"),
        Claim("at the first start until all errors are below 100 µs, slowest run", max(firsts), "s", ""),
        Claim("clock error from a minute on with 0–30 ms on both ways, median", median(both), "µs", ""),
        Claim("clock error from a minute on with 0–30 ms on both ways, p99", _p99(both), "µs", ""),
    ]


def follow(there: Delay, back: Delay, seed: int, skew: float) -> list[tuple[int, float, float]]:
    """Boot number, seconds since it, error in µs, for five minutes with a wrap at one minute and a reboot in the middle."""
    draw, clock = random.Random(seed), ClockSync()
    boot, since_ns, start_us, count, at_ns = 1, 0, 2**32 - 60_000_000, 0, 0
    found = []
    while at_ns < 300 * S:
        count += 1
        at_ns += (PING_FAST_MS if count < PING_LEARN_COUNT else PING_EVERY_MS) * MS
        if boot == 1 and at_ns > 150 * S:
            boot, since_ns, start_us, count = 2, at_ns, draw.randrange(1 << 20), 0
        if draw.random() < 0.05 or draw.random() < 0.05:
            continue
        came_ns = at_ns + int((4 + there(draw)) * MS)
        left_ns = came_ns + MS // 5
        back_ns = left_ns + int((4 + back(draw)) * MS)
        us = [int(start_us + (ns - since_ns) * (1 + skew) / 1000) & 0xFFFFFFFF for ns in (came_ns, left_ns)]
        clock.add(Exchange(at_ns, us[0], us[1], back_ns, boot))
        asked_ns = back_ns + draw.randrange(100 * MS)
        given_ns = clock.to_host_ns(int(start_us + (asked_ns - since_ns) * (1 + skew) / 1000) & 0xFFFFFFFF)
        if given_ns is not None:
            found.append((boot, (back_ns - since_ns) / S, abs(given_ns - asked_ns) / 1000))
    return found


def _known_after_s(errors: list[tuple[int, float, float]]) -> float:
    wrong = [after_s for _, after_s, us in errors if us > 100]
    return max(wrong, default=errors[0][1])


def _p99(values: list[float]) -> float:
    return sorted(values)[int(len(values) * 0.99)]


if __name__ == "__main__":
    main("link_clock", __doc__, measure)
