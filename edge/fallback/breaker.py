"""When a row is left alone: after failures in a row it is not asked for a while, then by one question first.

Closed: asked. Open: not asked until a pause is over, which doubles with each failure after it, up to a limit. Half open: one
question may try; its success closes the breaker. A server that says how long to wait is taken at its word.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from edge.clock import S

FAILURES: Final = 3
"""in a row, before it opens"""
PAUSE_NS: Final = 5 * S
PAUSE_MAX_NS: Final = 300 * S
TRIAL_NS: Final = 30 * S
"""a question that tries and says nothing for so long is taken for lost"""


@dataclass(slots=True)
class Breaker:
    """Of one row. Times are the session clock's, given."""

    failures: int = 0
    pause_ns: int = PAUSE_NS
    open_until_ns: int = 0
    """0: closed"""
    tried_ns: int = -1
    """when a question began to try; -1: none"""

    def allows(self, now_ns: int) -> bool:
        """Whether a question may be asked now; one that may, while it is half open, is the one that tries."""
        if self.open_until_ns == 0:
            return True
        if now_ns < self.open_until_ns or (0 <= now_ns - self.tried_ns < TRIAL_NS and self.tried_ns >= 0):
            return False
        self.tried_ns = now_ns
        return True

    def is_open(self, now_ns: int) -> bool:
        """Whether it would refuse, without taking the turn of the one that tries."""
        return self.open_until_ns != 0 and now_ns < self.open_until_ns

    def succeeded(self) -> None:
        """An answer came."""
        self.failures, self.pause_ns, self.open_until_ns, self.tried_ns = 0, PAUSE_NS, 0, -1

    def failed(self, now_ns: int, retry_after_ns: int | None = None) -> None:
        """No answer came, by the server's fault."""
        self.failures += 1
        was_open = self.open_until_ns != 0
        self.tried_ns = -1
        if was_open:
            self.pause_ns = min(2 * self.pause_ns, PAUSE_MAX_NS)
        if was_open or self.failures >= FAILURES or retry_after_ns is not None:
            asked_for = retry_after_ns if retry_after_ns is not None else self.pause_ns
            self.open_until_ns = max(self.open_until_ns, now_ns + min(asked_for, PAUSE_MAX_NS))
