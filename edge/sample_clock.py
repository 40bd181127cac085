"""Times of sound by counting samples: blocks arrive, or are asked for, with jitter; samples do not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from edge.clock import S

DRIFT_NS: Final = 50_000_000
"""the sample count and the clock may differ by this much before the count is set anew"""
PATIENCE_NS: Final = 500_000_000
"""blocks may come late for so long on a busy machine, or early when a driver's latency changes, and nothing was lost"""


@dataclass(slots=True)
class SampleClock:
    """Capture times by counting samples: blocks arrive with jitter, samples do not.

    The device's clock drifts, so the count is pulled gently to the arrival times. A block that is late, or early, is
    nothing but that; when clock and count stay apart, or are far apart, sound was lost and the count is set anew.
    """

    rate_hz: int
    gain: float = 0.01
    _next_ns: int | None = None
    _apart_since_ns: int | None = None
    gaps: int = 0

    def stamp(self, samples: int, now_ns: int) -> int:
        """Capture time of the first of `samples` that arrive at `now_ns`."""
        length_ns = samples * S // self.rate_hz
        by_arrival_ns = now_ns - length_ns
        if self._next_ns is None or self._is_wrong(by_arrival_ns - self._next_ns, now_ns):
            self.gaps += self._next_ns is not None
            self._next_ns, self._apart_since_ns = by_arrival_ns, None
        start_ns = self._next_ns
        step_ns = int(self.gain * (by_arrival_ns - start_ns))
        self._next_ns = start_ns + length_ns + max(-400_000, min(400_000, step_ns))
        return start_ns

    def _is_wrong(self, apart_ns: int, now_ns: int) -> bool:
        """Whether the count is to be set anew, when clock and count are so far apart."""
        if abs(apart_ns) <= DRIFT_NS:
            self._apart_since_ns = None
            return False
        if self._apart_since_ns is None:
            self._apart_since_ns = now_ns
        return abs(apart_ns) > PATIENCE_NS or now_ns - self._apart_since_ns > PATIENCE_NS
