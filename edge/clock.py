"""The runtime's time: int nanoseconds, monotonic, zero at the start of a session."""

from __future__ import annotations

import time
from collections.abc import Callable

Now = Callable[[], int]
"""A clock is a function that says what time it is, in ns."""

MS = 1_000_000
S = 1_000_000_000


def session_clock() -> Now:
    """A real clock that starts at 0 now."""
    origin = time.monotonic_ns()
    return lambda: time.monotonic_ns() - origin


class VirtualClock:
    """A clock that stands still until it is moved."""

    def __init__(self, start_ns: int = 0) -> None:
        self._now_ns = start_ns

    def __call__(self) -> int:
        return self._now_ns

    def advance_to(self, t_ns: int) -> None:
        """Move to `t_ns`; a clock never goes back."""
        if t_ns < self._now_ns:
            raise ValueError(f"time went back from {self._now_ns} to {t_ns} ns")
        self._now_ns = t_ns
