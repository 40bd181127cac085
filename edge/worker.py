"""One named thread that runs one stage: the live scheduler."""

from __future__ import annotations

import math
import os
import threading
from time import thread_time_ns
from typing import Any

from edge.bus import Bus
from edge.clock import MS, Now
from edge.errors import EdgeError
from edge.mailbox import Mailbox, captured_ns
from edge.stage import Interruptible, Node, Timed
from edge.trace import Trace
from edge.types import Draft, Failure, Tick, Work


class Worker:
    """Takes from the node's mailbox, runs the stage, publishes what it yields. Ends when the mailbox is closed."""

    def __init__(self, node: Node, bus: Bus, trace: Trace, now_ns: Now) -> None:
        assert node.queue is not None
        self.node = node
        self.mailbox = Mailbox(node.queue, now_ns)
        self._bus, self._trace, self._now_ns = bus, trace, now_ns
        self._thread = threading.Thread(target=self._loop, name=node.name, daemon=True)
        self._since_ns: int | None = None
        """when the present piece of work was begun"""
        node.connect(bus, self.mailbox.put)

    def start(self) -> None:
        self._thread.start()

    def close(self) -> None:
        """No more input; work in progress is interrupted where the stage can be."""
        self.mailbox.close()
        if isinstance(self.node.stage, Interruptible):
            self.node.stage.interrupt()

    def join(self, timeout_s: float) -> bool:
        """Wait for the thread; whether it has ended."""
        self._thread.join(timeout_s)
        return not self._thread.is_alive()

    @property
    def busy_s(self) -> float:
        """How long it is at its present piece of work; without end when its thread is gone."""
        since_ns = self._since_ns
        if not self._thread.is_alive():
            return math.inf
        return 0.0 if since_ns is None else (self._now_ns() - since_ns) / 1e9

    @property
    def idle(self) -> bool:
        """Nothing waits, nothing is worked on, no wake-up is due."""
        stage = self.node.stage
        return self.mailbox.idle and not (isinstance(stage, Timed) and stage.due_ns() is not None)

    def _loop(self) -> None:
        stage, mailbox = self.node.stage, self.mailbox
        if self.node.nice and hasattr(os, "setpriority"):
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), self.node.nice)
        told = 0
        while True:
            due_ns = stage.due_ns() if isinstance(stage, Timed) else None
            found = mailbox.wait(due_ns)
            if mailbox.policy.drop == "join" and mailbox.counters.lost > told:  # sound is never dropped silently
                lost, told = mailbox.counters.lost - told, mailbox.counters.lost
                text = f"{self.node.name} is too slow here: {lost} pieces of sound were dropped, turn something off"
                self._bus.publish(Failure(self._now_ns(), self.node.name, text))
            self._since_ns = self._now_ns()
            if found is not None:
                run(self.node, found, self._bus, self._trace, self._now_ns, mailbox)
            elif mailbox.closed:
                return
            elif due_ns is not None:
                run(self.node, (due_ns, Tick(due_ns)), self._bus, self._trace, self._now_ns)
            self._since_ns = None


def run(
    node: Node, found: tuple[int, Any], bus: Bus, trace: Trace, now_ns: Now, mailbox: Mailbox | None = None
) -> None:
    """One item through one stage, timed. A stage's error becomes a Failure event and the stage goes on; a draft is given
    up after the step at which something newer waits.
    """
    put_ns, item = found
    mark_ns, mark_cpu_ns = now_ns(), thread_time_ns()
    if not isinstance(item, Tick):
        trace.wait(node.name, put_ns, mark_ns)
        born_ns = captured_ns(item)
        if born_ns is not None:
            trace.age(node.name, (mark_ns - born_ns) / MS)
    try:
        for out in node.stage.process(item):
            if type(out) is Work:
                end_ns, cpu_ns = now_ns(), thread_time_ns()
                spent_ns = cpu_ns - mark_cpu_ns
                trace.work(out.name, node.name, mark_ns, end_ns, out.units, spent_ns, out.spared, out.missed)
                mark_ns, mark_cpu_ns = end_ns, cpu_ns
                if isinstance(item, Draft) and mailbox is not None and mailbox.outdates:
                    break
            else:
                begun_ns, begun_cpu_ns = now_ns(), thread_time_ns()
                bus.publish(out)
                held_ns = now_ns() - begun_ns
                if held_ns >= MS:  # who listens works in this thread: that is no time of the stage
                    trace.mark("publish", node.name, begun_ns, begun_ns + held_ns)
                    mark_ns, mark_cpu_ns = mark_ns + held_ns, mark_cpu_ns + thread_time_ns() - begun_cpu_ns
    except EdgeError as error:
        bus.publish(Failure(now_ns(), node.name, str(error)))
    except Exception as error:  # a stage's bug must not silence the others
        text = f"{node.name} failed on one {type(item).__name__} ({type(error).__name__}: {error}); it goes on"
        bus.publish(Failure(now_ns(), node.name, text))
