"""Plays recorded events at the speed at which they once happened."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import Any

from edge.clock import Now, S
from edge.sources.replay import Timed


class Paced:
    """A source that hands over each event at its own time by the session's clock."""

    def __init__(self, events: Iterator[Timed], now_ns: Now, name: str = "recording") -> None:
        self.name = name
        self._events, self._now_ns = events, now_ns

    def run(self, publish: Callable[[Any], None], stop: threading.Event) -> None:
        """Until the events are over or `stop` is set."""
        for t_ns, event in self._events:
            if stop.wait(max(0.0, (t_ns - self._now_ns()) / S)):
                return
            publish(event)
