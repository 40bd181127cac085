"""What a stage is, and how one is declared: a stage takes events and yields events; a node says which and how many wait."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

from edge.bus import Bus, Port
from edge.mailbox import Policy
from edge.types import Event, Work


class Stage(Protocol):
    """Synchronous and without I/O of its own: the same object runs live in a thread and replayed on a virtual clock."""

    def process(self, item: Any) -> Iterable[Event | Work]:
        """Yield events as they come about and a `Work` mark after each costly step."""


@runtime_checkable
class Timed(Protocol):
    """A stage that also wants to be woken when nothing arrives: it gets a `Tick` at `due_ns()`."""

    def due_ns(self) -> int | None: ...


@runtime_checkable
class Interruptible(Protocol):
    """A stage whose long work can be stopped from another thread."""

    def interrupt(self) -> None: ...


@runtime_checkable
class Controlled(Protocol):
    """A stage that can be told something while it works."""

    def control(self, item: Any) -> None:
        """Called at once, in the sender's thread, before `item` is queued like any other. Quick; never raises."""


@dataclass(frozen=True, slots=True)
class Node:
    """One stage in the graph."""

    name: str
    stage: Stage
    takes: tuple[type, ...]
    queue: Policy | None
    """None: the stage runs in the sender's own thread, for steps that cost less than a hand-over."""
    nice: int = 0
    """how much the stage's thread yields to others when cores are short, 0..19 as in nice(1)"""
    control: tuple[type, ...] = ()
    """what the stage is told at once, in `control`: it never waits behind data; of `takes` too, it is also queued"""

    def connect(self, bus: Bus, port: Port) -> None:
        """Control first, then the queue (or the inline stage) that `port` leads to."""
        if isinstance(self.stage, Controlled):
            bus.connect(self.control, self.stage.control)
        bus.connect(self.takes, port)
