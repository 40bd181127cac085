"""The simulated glasses' time: their own clock with its 32 bits, and what is due again and again. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

FIRST_US: Final = 4_290_000_000
"""where the clock starts: five seconds before its 32 bits wrap, so that every run proves the wrap"""


@dataclass(frozen=True, slots=True)
class DeviceClock:
    """Microseconds since a start, as the protocol sends them."""

    boot_ns: int
    """host time of the start"""

    def us(self, now_ns: int) -> int:
        """The low 32 bits at a host time."""
        return (FIRST_US + (now_ns - self.boot_ns) // 1000) & 0xFFFFFFFF


@dataclass(slots=True)
class Pace:
    """Something that repeats; what a pause missed is not made up for."""

    due_ns: int
    period_ns: int

    def is_due(self, now_ns: int) -> bool:
        """Whether its time has come; if so, the next one is set."""
        if now_ns < self.due_ns:
            return False
        self.due_ns = max(self.due_ns + self.period_ns, now_ns)
        return True
