"""The only file that sees everything: a session live, or replayed on a virtual clock; start and stop in order."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol

from edge import graph
from edge.bus import Bus
from edge.clock import Now, VirtualClock, session_clock
from edge.errors import EdgeError
from edge.event_log import EVENTS_KEPT_LIVE, EventLog
from edge.mailbox import Mailbox
from edge.profile import Profile
from edge.reasoning.router import CloudModel, Consent
from edge.settings import Config
from edge.simulation import Simulation
from edge.sinks.player import Output
from edge.sources.pace import Paced
from edge.sources.replay import Timed
from edge.stage import Node
from edge.trace import Trace
from edge.types import AudioChunk, Device, Event, Failure, Frame, Utterance
from edge.worker import Worker, run

STOP_S: Final = 1.5
"""all workers have ended this long after a stop, or are left behind as daemons"""
FIRST_RETRY_S: Final = 0.5
LONGEST_RETRY_S: Final = 30.0
DRAIN_POLL_S: Final = 0.02


class Source(Protocol):
    """A device or a recording."""

    name: str

    def run(self, publish: Callable[[Any], None], stop: threading.Event) -> None:
        """Publish until `stop` is set (or, for a recording, until it is over).

        Raises:
            SourceError: the device is not there, or went away.
        """


@dataclass(slots=True)
class Session:
    """What a run leaves behind."""

    log: EventLog
    trace: Trace
    mailboxes: dict[str, Mailbox]
    duration_ns: int = 0
    cores: int = 1
    """how many stages could work at once"""

    def dropped(self) -> dict[str, int]:
        """Items that were put into each queue and never handed out."""
        return {name: box.counters.lost for name, box in self.mailboxes.items()}


def no_device() -> Device:
    """A recording's device says nothing of itself."""
    return Device()


def replay_virtual(
    config: Config, events: Iterator[Timed], inputs: tuple[bool, bool], profile: Profile, taps: Sequence[Tap] = ()
) -> Session:
    """Run a recording on a virtual clock; `inputs` says whether it has pictures and whether it has sound."""
    clock = VirtualClock()
    bus, trace, log = Bus(), Trace(), EventLog(clock)
    nodes = graph.build(graph.Parts(config, *inputs, clock, no_device))
    observe(bus, trace, log, clock, taps)
    simulation = Simulation(nodes, bus, trace, clock, profile)
    simulation.run(events)
    return Session(log, trace, simulation.mailboxes, clock(), profile.cores)


Tap = Callable[[Event], None]


class Live:
    """A session in real time: one thread a stage, one thread a source, asyncio for signals, retries and the end."""

    def __init__(
        self,
        config: Config,
        make_sources: Callable[[Now], Sequence[Source]],
        inputs: tuple[bool, bool],
        *,
        sinks: Sequence[Node] = (),
        taps: Sequence[Tap] = (),
        device: Callable[[], Device] = no_device,
        retry: bool = True,
        make_output: Callable[[Now], Output] | None = None,
        cloud: CloudModel | None = None,
        keeps: Callable[[str, float], bool] | None = None,
        consent: Consent | None = None,
    ) -> None:
        """`retry`: the sources are devices, the session may last; otherwise they are a recording, and all is kept.
        `make_output`: the speaker, if answers are spoken; None: they are, without a sound, as long as they would take.
        `cloud`: who is asked what the local model passes on; it is not closed here. `keeps`, `consent`: see `graph.Parts`.
        """
        self._now: Now = session_clock()
        self.bus = Bus()
        self.trace = Trace(live=retry)
        self.log = EventLog(self.now_ns, EVENTS_KEPT_LIVE if retry else None)
        observe(self.bus, self.trace, self.log, self.now_ns, taps)
        self.workers: list[Worker] = []
        output = make_output(self.now_ns) if make_output is not None and config.sinks.speaks else None
        parts = graph.Parts(config, *inputs, self.now_ns, device, output, cloud, keeps, consent)
        for node in (*graph.build(parts), *sinks):
            if node.queue is None:
                node.connect(self.bus, _inline(node, self.bus, self.trace, self.now_ns))
            else:
                self.add(node)
        self._make_sources, self._retry = make_sources, retry
        self._stop = threading.Event()
        self._wake = threading.Event()
        """set when the session is to stop, and when the sources are over"""
        self._over: set[threading.Thread] = set()
        """threads of sources that have ended; not their numbers, which are given again"""
        self._failed: Exception | None = None

    def run(self, on_listening: Callable[[], None] = lambda: None) -> Session:
        """Until the recording is over, `stop` is called or Ctrl-C is pressed.

        Raises:
            SourceError: a source failed and is not to be retried.
        """
        asyncio.run(self._main(on_listening))
        if self._failed is not None:
            raise self._failed
        boxes = {w.node.name: w.mailbox for w in self.workers}
        return Session(self.log, self.trace, boxes, self._now(), os.cpu_count() or 1)

    def stop(self) -> None:
        """End the session soon; may be called from any thread."""
        self._stop.set()
        self._wake.set()

    def stuck_s(self) -> float:
        """The longest that a stage is at its present piece of work, in seconds."""
        return max((worker.busy_s for worker in self.workers), default=0.0)

    def now_ns(self) -> int:
        """The session's clock; 0 when it begins to listen."""
        return self._now()

    def add(self, node: Node) -> None:
        """One more node, before the session runs."""
        self.workers.append(Worker(node, self.bus, self.trace, self.now_ns))

    async def _main(self, on_listening: Callable[[], None]) -> None:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            if threading.current_thread() is threading.main_thread():
                loop.add_signal_handler(number, self.stop)
        for worker in self.workers:
            worker.start()
        self._now = session_clock()  # loading models took its time: the session begins now
        sources = self._make_sources(self._now)
        threads = [
            threading.Thread(target=self._supervise, args=(source,), name=source.name, daemon=True)
            for source in sources
        ]
        for thread in threads:
            thread.start()
        on_listening()
        await asyncio.to_thread(self._wait, threads)
        self._shut()

    def _wait(self, threads: Sequence[threading.Thread]) -> None:
        """Until stopped, or until the sources are over and the workers have nothing left to do: nothing polls."""
        while any(thread.is_alive() for thread in threads) and not self._stop.is_set():
            self._wake.wait()
            self._wake.clear()
            for thread in threads:
                if not self._stop.is_set() and thread in self._over:
                    thread.join()
        while not self._stop.wait(DRAIN_POLL_S):
            if all(w.idle for w in self.workers) and all(w.idle for w in self.workers):
                return

    def _supervise(self, source: Source) -> None:
        """One source's thread."""
        try:
            self._read(source)
        finally:
            self._over.add(threading.current_thread())
            self._wake.set()

    def _read(self, source: Source) -> None:
        """Run one source; when it fails name it, wait longer each time and try again."""
        wait_s = FIRST_RETRY_S
        while not self._stop.is_set():
            started_s = time.monotonic()
            try:
                source.run(self.bus.publish, self._stop)
                return
            except Exception as error:  # a source's bug must not silence the others
                if not self._retry:
                    self._failed = error
                    self.stop()
                    return
                if time.monotonic() - started_s > LONGEST_RETRY_S:
                    wait_s = FIRST_RETRY_S  # it worked for a while: a new trouble, not the old one
                what = str(error) if isinstance(error, EdgeError) else f"it broke ({type(error).__name__}: {error})"
                text = f"{what}; tried again in {wait_s:g} s, everything else goes on"
                self.bus.publish(Failure(self._now(), source.name, text))
            self._stop.wait(wait_s * random.uniform(0.9, 1.1))
            wait_s = min(wait_s * 2, LONGEST_RETRY_S)

    def _shut(self) -> None:
        """Sources first, then the stages in the order of the path; nobody is waited for longer than STOP_S in all."""
        self._stop.set()
        for worker in self.workers:
            worker.close()
        deadline_s = time.monotonic() + STOP_S
        for worker in self.workers:
            worker.join(max(0.0, deadline_s - time.monotonic()))


def _inline(node: Node, bus: Bus, trace: Trace, now_ns: Now) -> Callable[[Any], None]:
    return lambda item: run(node, (now_ns(), item), bus, trace, now_ns)


def observe(bus: Bus, trace: Trace, log: EventLog, now_ns: Now, taps: Sequence[Tap] = ()) -> None:
    """The log first; then what the trace keeps of events: when raw input came, and the pause that ends an utterance,
    which is time that must be explained too.
    """

    def explain(event: Event) -> None:
        if isinstance(event, AudioChunk):
            trace.arrived("microphone", event.t_ns, event.end_ns, now_ns())
        elif isinstance(event, Frame):
            trace.arrived("camera", event.t_ns, event.t_ns, now_ns())
        elif isinstance(event, Utterance) and event.is_final:
            trace.mark("pause", "hear", event.end_ns, now_ns())

    everyone: tuple[Tap, ...] = (log, explain, *taps)
    for tap in everyone:
        bus.tap(tap)


def paced(events: Iterator[Timed]) -> Callable[[Now], Sequence[Source]]:
    """A recording as the only source of a live session."""
    return lambda now_ns: [Paced(events, now_ns)]


__all__ = ["Live", "Session", "Source", "no_device", "observe", "paced", "replay_virtual"]
