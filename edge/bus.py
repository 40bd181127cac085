"""Carries events from the stage that yields them to the nodes that take them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Port = Callable[[Any], None]


class Bus:
    """A routing table by type, fixed once the graph stands; taps see everything (log, recorder)."""

    def __init__(self) -> None:
        self._ports: dict[type, list[Port]] = {}
        self._taps: list[Port] = []

    def connect(self, takes: tuple[type, ...], port: Port) -> None:
        """`port` is called with every event of these types."""
        for kind in takes:
            self._ports.setdefault(kind, []).append(port)

    def tap(self, port: Port) -> None:
        """`port` is called with every event, before anyone else."""
        self._taps.append(port)

    def publish(self, event: Any) -> None:
        """In the caller's thread; ports only hand over."""
        for tap in self._taps:
            tap(event)
        for port in self._ports.get(type(event), ()):
            port(event)
