"""Pings and their pongs: when the next one goes, what they say about the clocks, and how the link is. Pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from firmware_bridge import timing
from firmware_bridge.packets import Ping, Pong
from firmware_bridge.status import Quality

_MS: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class Exchange:
    """One ping and its pong, for the clock: host times in ns, device times in µs as sent."""

    sent_ns: int
    came_us: int
    left_us: int
    back_ns: int
    boot: int


class Pings:
    """Of one connection after the other; each begins with `start`."""

    def __init__(self, on_exchange: Callable[[Exchange], None] | None) -> None:
        """`on_exchange` gets each ping that was answered."""
        self._on_exchange = on_exchange
        self._next_ns = self._fast = self._heard_ns = 0
        self._boot: int | None = None
        self._sent: dict[int, int] = {}
        """host time (ns) of the pings that are under way, by what is written in them"""

    def start(self, boot: int, now_ns: int) -> None:
        """A connection is there, to a device with this boot id: the first pings follow each other quickly, and for longer
        if its clock is new.
        """
        self._fast = timing.PING_FAST_COUNT if boot == self._boot else timing.PING_LEARN_COUNT
        self._boot, self._heard_ns, self._next_ns = boot, now_ns, now_ns
        self._sent.clear()

    def ping(self, now_ns: int, quality: Quality) -> Ping | None:
        """The next one, if it is time."""
        if now_ns < self._next_ns:
            return None
        self._fast = max(0, self._fast - 1)
        hurry = self._fast or quality is not Quality.GOOD
        self._next_ns = now_ns + (timing.PING_FAST_MS if hurry else timing.PING_EVERY_MS) * _MS
        us = now_ns // 1000 & 0xFFFFFFFF
        self._sent[us] = now_ns
        return Ping(us)

    def hurry(self, now_ns: int) -> None:
        """The next ping goes now."""
        self._next_ns = min(self._next_ns, now_ns)

    def pong(self, pong: Pong, now_ns: int) -> bool:
        """Takes an answer; False: to nothing, or a double."""
        sent_ns = self._sent.pop(pong.sent_us, None)
        if sent_ns is None:
            return False
        for older in [us for us, ns in self._sent.items() if ns < now_ns - timing.LOST_MS * _MS]:
            del self._sent[older]
        self._heard_ns = max(self._heard_ns, sent_ns)
        if self._on_exchange is not None and self._boot is not None:
            self._on_exchange(Exchange(sent_ns, pong.came_us, pong.left_us, now_ns, self._boot))
        return True

    def quality(self, now_ns: int) -> Quality | None:
        """How the link is by the age of the newest ping that was answered; None: it is lost."""
        silent_ns = now_ns - self._heard_ns
        if silent_ns >= timing.LOST_MS * _MS:
            return None
        late, suspect = silent_ns >= timing.LATE_MS * _MS, silent_ns >= timing.SUSPECT_MS * _MS
        return Quality.SUSPECT if suspect else Quality.LATE if late else Quality.GOOD

    def wake_ns(self, quality: Quality) -> int:
        """When the next ping is due, or the link is worse than `quality`."""
        worse_ms = {Quality.GOOD: timing.LATE_MS, Quality.LATE: timing.SUSPECT_MS, Quality.SUSPECT: timing.LOST_MS}
        return min(self._next_ns, self._heard_ns + worse_ms[quality] * _MS)
