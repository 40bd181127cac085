"""Runs the same stages on a virtual clock: the scheduler of `edge replay --speed max`.

A discrete-event simulation. Each stage really computes, but the clock advances by what its `Work` marks cost in a
device profile, so that two runs give the same events to the byte whatever the machine does meanwhile, drop decisions
included. `cores` stages work at once; when there are fewer cores than work, earlier nodes of the graph go first.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from edge.bus import Bus
from edge.clock import MS, VirtualClock
from edge.errors import EdgeError
from edge.mailbox import Mailbox, captured_ns
from edge.profile import Profile
from edge.stage import Node, Timed
from edge.trace import Trace
from edge.types import Draft, Event, Failure, Tick, Work


class Simulation:
    """The nodes of a graph, a bus between them and a heap of what happens when."""

    def __init__(self, nodes: Iterable[Node], bus: Bus, trace: Trace, clock: VirtualClock, profile: Profile) -> None:
        self._bus, self._clock = bus, clock
        self._heap: list[tuple[int, int, Callable[[], None]]] = []
        self._order = 0
        self._free_cores = profile.cores
        self._actors = [_Actor(self, node, bus, trace, clock, profile) for node in nodes]

    @property
    def mailboxes(self) -> dict[str, Mailbox]:
        return {a.node.name: a.mailbox for a in self._actors if a.mailbox is not None}

    def at(self, t_ns: int, do: Callable[[], None]) -> None:
        """Call `do` at `t_ns`; of two at the same time the one asked for first goes first."""
        self._order += 1
        heapq.heappush(self._heap, (max(t_ns, self._clock()), self._order, do))

    def run(self, feed: Iterable[tuple[int, Event]]) -> None:
        """Feed (time at which it is there, event) pairs, in order, and go on until nothing is left to do."""
        events: Iterator[tuple[int, Event]] = iter(feed)
        nxt = next(events, None)
        while nxt is not None or self._heap:
            if nxt is not None and (not self._heap or nxt[0] <= self._heap[0][0]):
                self._clock.advance_to(max(nxt[0], self._clock()))
                self._bus.publish(nxt[1])
                nxt = next(events, None)
            else:
                t_ns, _, do = heapq.heappop(self._heap)
                self._clock.advance_to(t_ns)
                do()

    def take_core(self) -> bool:
        if self._free_cores == 0:
            return False
        self._free_cores -= 1
        return True

    def give_core(self) -> None:
        self._free_cores += 1
        for actor in self._actors:
            actor.start()


class _Actor:
    """One node's mailbox and its stage's work in progress."""

    def __init__(
        self, sim: Simulation, node: Node, bus: Bus, trace: Trace, clock: VirtualClock, profile: Profile
    ) -> None:
        self.node = node
        self.mailbox = Mailbox(node.queue, clock) if node.queue is not None else None
        self._sim, self._bus, self._trace, self._clock, self._profile = sim, bus, trace, clock, profile
        self._work: Iterator[Event | Work] | None = None
        self._is_draft = False
        self._tick_ns: int | None = None
        node.connect(bus, self._deliver)

    def _deliver(self, item: Any) -> None:
        if self.mailbox is None:
            self._inline(item)
        else:
            self.mailbox.put(item)
            self.start()

    def start(self) -> None:
        """Take the next item if there is one and a core is free."""
        if self._work is not None or self.mailbox is None or not len(self.mailbox) or not self._sim.take_core():
            return
        found = self.mailbox.take()
        if found is None:  # all that waited was too old
            self._sim.give_core()
            return
        put_ns, item = found
        self._trace.wait(self.node.name, put_ns, self._clock())
        born_ns = captured_ns(item)
        if born_ns is not None:
            self._trace.age(self.node.name, (self._clock() - born_ns) / MS)
        self._work = iter(self.node.stage.process(item))
        self._is_draft = isinstance(item, Draft)
        self._step()

    def _step(self) -> None:
        """Run the stage up to its next `Work` mark and come back when that work would be done."""
        while (out := self._next()) is not None:
            if type(out) is Work:
                start_ns = self._clock()
                end_ns = start_ns + self._profile.cost_ns(out.name, out.units)
                self._trace.work(out.name, self.node.name, start_ns, end_ns, out.units, None, out.spared, out.missed)
                self._sim.at(end_ns, self._step)
                return
            self._bus.publish(out)
        self._work = None
        self._schedule_tick()
        self._sim.give_core()

    def _next(self) -> Event | Work | None:
        """What the stage yields next; None when it is done. Its error is an event, and it goes on with the next item."""
        assert self._work is not None
        if self._is_draft and self.mailbox is not None and self.mailbox.outdates:
            return None
        try:
            return next(self._work, None)
        except EdgeError as error:
            return Failure(self._clock(), self.node.name, str(error))

    def _schedule_tick(self) -> None:
        stage = self.node.stage
        due_ns = stage.due_ns() if isinstance(stage, Timed) else None
        if due_ns is not None and due_ns != self._tick_ns:
            self._tick_ns = due_ns
            self._sim.at(due_ns, lambda: self._tick(due_ns))

    def _tick(self, due_ns: int) -> None:
        stage = self.node.stage
        if self._tick_ns == due_ns:
            self._tick_ns = None
        if self._work is not None or not isinstance(stage, Timed):
            return  # when the work is done it is asked again
        if stage.due_ns() != due_ns:
            self._schedule_tick()  # meanwhile it wants another time, or none
        elif self._sim.take_core():
            self._work, self._is_draft = iter(stage.process(Tick(due_ns))), False
            self._step()
        else:  # ask again when the next thing happens, at the latest in a millisecond
            self._sim.at(self._clock() + MS, lambda: self._tick(due_ns))

    def _inline(self, item: Any) -> None:
        """In the sender's own time: what it yields is there at once and its work is traced but not charged."""
        for out in self.node.stage.process(item):
            if type(out) is Work:
                cost_ns = self._profile.cost_ns(out.name, out.units)
                self._trace.work(out.name, self.node.name, self._clock(), self._clock() + cost_ns, out.units)
            else:
                self._bus.publish(out)
