"""The glasses' clock in the host's time: from pings and pongs, whatever the radio adds to them. Pure.

A ping is late by a constant and by what it had to wait, never early; so is its pong. The line under all pings and the line
under all pongs (Moon, Skelly, Towsley: "Estimation and removal of clock skew from network delay measurements", INFOCOM 1999)
enclose the true clock; the line of the direction that waits less is trusted more, and an old exchange less than a new
one, by how well the rate is known. Rate and shortest round trips belong to the crystal and the medium, so they outlive a
reboot, and the clock is known again after a few exchanges.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import Final

from firmware_bridge.pings import Exchange

SLOT_NS: Final = 1_000_000_000
SLOTS: Final = 240
"""seconds that are looked back on; longer would trust a crystal that warms up"""
CRYSTAL: Final = 50e-6
"""how far a crystal's rate is from the host's before it is measured"""
SETTLED: Final = 1e-6
"""how far it wanders over a reboot once it was measured"""
FLOOR_NS: Final = 5000.0
"""waiting below this is the resolution of the clocks"""
MAX_RATE: Final = 500e-6
"""faster or slower than this is no crystal"""
ENOUGH: Final = 8
"""exchanges before times are given"""
LEAST: Final = 4
"""shortest round trips whose distances say how much even the shortest one waited"""


@dataclass(slots=True)
class _Slot:
    """The least delayed ping and pong of one second: host time (ns) and what the difference of clocks was (ns)."""

    number: int
    there: tuple[int, int]
    back: tuple[int, int]
    count: int = 1


@dataclass(slots=True)
class _Direction:
    """How much one direction waits beyond its least, smoothed."""

    spread_ns: float = 1e6

    def add(self, waited_ns: float) -> None:
        self.spread_ns += (waited_ns - self.spread_ns) / 32


class ClockSync:
    """Offset and rate between two clocks, from exchanges in the order in which they ended."""

    def __init__(self) -> None:
        self._boot: int | None = None
        self._epoch_ns = 0
        """device time (ns, counted on through the wraps) minus host time at the first exchange: keeps the numbers small"""
        self._last_us = 0
        """device time of the last exchange, counted on"""
        self._slots: deque[_Slot] = deque(maxlen=SLOTS)
        self._there, self._back = _Direction(), _Direction()
        self._count = 0
        self._prior, self._known = 0.0, CRYSTAL
        self._unsure = CRYSTAL
        """how far the rate may be from what it is taken for"""
        self.rate = 0.0
        """device seconds per host second, minus 1"""
        self.trip_ns: float | None = None
        """shortest round trip ever seen on this medium"""
        self._least: list[int] = []
        """the shortest ones, in order"""
        self.exchanges = self.last_trip_ns = 0
        """how many were taken, and how long the last one was on its way"""
        self._offset_ns = 0.0
        self._at_ns = 0

    @property
    def is_locked(self) -> bool:
        """Whether times can be given."""
        return self._count >= ENOUGH

    def add(self, exchange: Exchange) -> None:
        """Takes one exchange; another boot id starts the clock anew, with the old rate."""
        if exchange.boot != self._boot:
            if len(self._slots) >= SLOTS // 4:
                self._prior, self._known = self.rate, SETTLED
            self._boot, self._count, self._last_us = exchange.boot, 0, exchange.came_us
            self._slots.clear()
            self._epoch_ns = exchange.came_us * 1000 - exchange.sent_ns
            self._at_ns = exchange.sent_ns
        came_us = _near(exchange.came_us, self._last_us)
        left_us = _near(exchange.left_us, came_us)
        self._last_us = max(self._last_us, came_us)
        if left_us < came_us or exchange.back_ns < exchange.sent_ns:
            return  # a device that answers before it was asked
        there = came_us * 1000 - exchange.sent_ns - self._epoch_ns
        back = left_us * 1000 - exchange.back_ns - self._epoch_ns
        trip_ns = self.last_trip_ns = there - back
        self.exchanges += 1
        self._least = sorted([*self._least, trip_ns])[:LEAST]
        self.trip_ns = self._least[0]
        self._keep((exchange.sent_ns, there), (exchange.back_ns, back))
        self._count += 1
        self._solve(exchange.back_ns, there, back)

    def to_host_ns(self, t_us: int) -> int | None:
        """The host time of a device time (its low 32 bits); None: the clock is not known yet.

        The nearest such time to the last exchange is meant, so it may be at most 35 minutes from it.
        """
        if not self.is_locked:
            return None
        device_ns = _near(t_us, self._last_us) * 1000 - self._epoch_ns
        # device − epoch = host + offset + rate · (host − at)
        host = (device_ns - self._offset_ns + self.rate * self._at_ns) / (1 + self.rate)
        return round(host)

    def host_ns(self, t_us: int, came_ns: int) -> int:
        """The host time of a device time, or when it came (ns) as long as the clock is not known."""
        found = self.to_host_ns(t_us)
        return came_ns if found is None else found

    def _keep(self, there: tuple[int, int], back: tuple[int, int]) -> None:
        number = back[0] // SLOT_NS
        if not self._slots or self._slots[-1].number != number:
            self._slots.append(_Slot(number, there, back))
            return
        slot = self._slots[-1]
        slot.count += 1
        slot.there = min(slot.there, there, key=self._level)
        slot.back = max(slot.back, back, key=self._level)

    def _trip_without_waiting(self) -> float:
        """Of many waits even the least is one, about as long as the next ones are apart (Robson and Whitlock, "Estimation of
        a truncation point", Biometrika 1964); it is none where several trips are equally short.
        """
        apart_ns = (self._least[-1] - self._least[0]) / max(len(self._least) - 1, 1)
        return self._least[0] - (apart_ns if len(self._least) == LEAST else 0.0)

    def _level(self, point: tuple[int, int]) -> float:
        """A difference of clocks without what the rate adds, so that differences of different times compare."""
        return point[1] - self.rate * (point[0] - self._at_ns)

    def _doubt(self, point: tuple[int, int]) -> float:
        """How far the level of an old point may be off, for the rate is not known better: a newer point is worth more."""
        return self._unsure * (self._at_ns - point[0])

    def _settle_rate(self) -> None:
        """The rate that the window shows, weighed against what is known, each by how sure it is."""
        self._unsure = self._known
        span_ns = self._slots[-1].back[0] - self._slots[0].there[0]
        if len(self._slots) < 3:
            return
        spread_ns = max(min(self._there.spread_ns, self._back.spread_ns), FLOOR_NS)
        sure = 6 * spread_ns / self._at_both_ends() / span_ns  # the least of n waits is an n-th of the usual one
        weight = 1 / sure**2
        known = 1 / self._known**2
        self.rate = (self._prior * known + self._shown_rate() * weight) / (known + weight)
        self._unsure = 1 / (known + weight) ** 0.5

    def _at_both_ends(self) -> int:
        """Exchanges in the window that count for a slope: twice those of its poorer half."""
        counts = [slot.count for slot in self._slots]
        half = len(counts) // 2
        return 2 * min(sum(counts[:half]), sum(counts[-half:]))

    def _shown_rate(self) -> float:
        """The slope with which a line under the pings and one over the pongs leave the least room (a convex search)."""
        low, high = -MAX_RATE, MAX_RATE
        for _ in range(24):
            left, right = low + (high - low) / 3, high - (high - low) / 3
            if self._room(left) < self._room(right):
                high = right
            else:
                low = left
        return (low + high) / 2

    def _room(self, rate: float) -> float:
        x0 = self._at_ns
        there = [y - rate * (x - x0) for x, y in (slot.there for slot in self._slots)]
        back = [y - rate * (x - x0) for x, y in (slot.back for slot in self._slots)]
        above = (sum(there) / len(there) - min(there)) / max(self._there.spread_ns, FLOOR_NS)
        below = (max(back) - sum(back) / len(back)) / max(self._back.spread_ns, FLOOR_NS)
        return above + below

    def _solve(self, now_ns: int, there: int, back: int) -> None:
        self._at_ns = now_ns
        if self._slots[-1].count == 1:
            self._settle_rate()  # once a second is enough
        upper = min(self._level(slot.there) + self._doubt(slot.there) for slot in self._slots)
        lower = max(self._level(slot.back) - self._doubt(slot.back) for slot in self._slots)
        self._there.add(max(0.0, self._level((now_ns, there)) - upper))
        self._back.add(max(0.0, lower - self._level((now_ns, back))))
        trip_ns = self._trip_without_waiting()
        high, low = upper - trip_ns / 2, lower + trip_ns / 2
        share = self._there.spread_ns / (self._there.spread_ns + self._back.spread_ns)
        self._offset_ns = high - (high - low) * share


def _near(low32: int, near_us: int) -> int:
    """The time with these low 32 bits that is nearest to `near_us`."""
    return near_us + ((low32 - near_us + 0x80000000) & 0xFFFFFFFF) - 0x80000000
