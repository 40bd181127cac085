"""How often a row may be asked: a bucket of calls that fills steadily (token bucket, Turner 1986)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from edge.clock import S

MINUTE_NS: Final = 60 * S


@dataclass(slots=True)
class Bucket:
    """Of one row. Times are the session clock's, given."""

    per_minute: float
    calls: float = -1.0
    """that may be made now; below 0: it is full"""
    filled_ns: int = 0

    def takes(self, now_ns: int) -> bool:
        """Whether a call may be made now; one that may is taken out."""
        most = max(1.0, self.per_minute)
        if self.calls < 0:
            self.calls, self.filled_ns = most, now_ns
        self.calls = min(most, self.calls + (now_ns - self.filled_ns) / MINUTE_NS * self.per_minute)
        self.filled_ns = now_ns
        if self.calls < 1 - 1e-9:
            return False
        self.calls = max(0.0, self.calls - 1)
        return True
