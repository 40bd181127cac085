"""No picture without a light that others can see: which frames may be released. Pure."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import Final

from firmware_bridge.timing import LIGHT_MAX_AGE_MS

_MS: Final = 1_000_000
MAX_AGE_US: Final = LIGHT_MAX_AGE_MS * 1000
KEPT: Final = 256
"""measurements of the light: 12 s of them"""


@dataclass(slots=True)
class Interlock:
    """Takes what the device measures of its recording light; says whether a frame may be released.

    Both times of a comparison are the device's own clock, so the link's delay and the clock's fit play no part.
    """

    needs_light: bool = True
    """False: the owner has glasses without a light and takes pictures all the same"""
    refused: int = 0
    """frames that were not released"""
    _measured: deque[tuple[int, bool, int]] = field(default_factory=lambda: deque(maxlen=KEPT))

    def light(self, t_us: int, *, on: bool, now_ns: int) -> None:
        """One measurement, and when the host got it."""
        self._measured.append((t_us, on, now_ns))

    def allows(self, t_us: int, now_ns: int | None = None) -> bool:
        """Whether the light was on within 200 ms of the capture at `t_us`, and was not seen off in between.

        With `now_ns` (a stream, whose light burns on) the newest confirmation must also have come within 200 ms before now.
        """
        if not self.needs_light:
            return True
        near = [(abs(_apart(t_us, at)), on) for at, on, _ in self._measured]
        nearest = min(near, default=(MAX_AGE_US + 1, False), key=lambda pair: (pair[0], pair[1]))
        allowed = nearest[1] and nearest[0] <= MAX_AGE_US
        if allowed and now_ns is not None:
            _, on, came_ns = self._measured[-1]
            allowed = on and now_ns - came_ns <= LIGHT_MAX_AGE_MS * _MS
        self.refused += not allowed
        return allowed


def _apart(one_us: int, other_us: int) -> int:
    return ((one_us - other_us + 0x80000000) & 0xFFFFFFFF) - 0x80000000
