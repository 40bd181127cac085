"""200 injected faults, and how often the first finding of `edge.diagnosis` names the right stage and kind.

Runs follow real ones (benchmarks/recorded.py: the bundled recording and clips of shared/data) on the runtime's mailboxes,
schedulers, fusion, router, trace and diagnosis; each work costs what a real one of its size once cost, drawn anew in each
run. 180 faults are injected on the virtual clock, 20 live, on threads that burn these costs (at a fifth) in real time. The
machine's own noise is added to the virtual runs: one work in a hundred is held for up to 20 ms, arrivals jitter by 4 ms. A
run is compared with a run of the same recording without a fault, other draws and noise, as `edge profile --compare` does.

What is injected, at a random moment, until the end or for at least 6 s; sizes are drawn evenly on a logarithmic scale:
- slow stage: any of hear, listen, ocr, codes, answer; processor time × 1.5 to 10;
- busy thread: any of these or fuse; 70 to 100 % of its works are held (20 to 400 ms, no processor time), or its thread is
  busy between items (60 to 600 ms); live also by a listener in its thread;
- cache miss: the model's cache loses 20 to 100 % of what it holds before each question, or nothing is computed ahead;
- lost audio: 20 ms to 2 s of sound, once, stamped by the device or (from 60 ms) by the runtime's `SampleClock`;
- stalled link: camera or microphone, 200 ms to 4 s: held back and then all at once, late from then on, or (camera) lost; or
  nothing more until the end, at least 2 s before it.
A fault counts when it did something: at least 5 works or items of its stage touched, and 50 ms of time or 64 tokens added in
all. One that did not is drawn again. Right = first finding has the kind and the stage or source. False alarm = any finding
in a run without a fault.

The diagnosis was developed on seeds from 1,000,000 up; scored are seeds below 1,000.
"""

from __future__ import annotations

import hashlib
import random
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from functools import cache
from typing import Any, Final

from rich.console import Console
from rich.table import Table

from benchmarks import stand_ins
from benchmarks.claims import Claim, main
from benchmarks.recorded import Recorded, load
from edge.bus import Bus
from edge.clock import MS, Now, S, VirtualClock, session_clock
from edge.diagnosis import CAUSES, Finding, Kind, diagnose
from edge.event_log import EventLog
from edge.evidence import Asked, Run, usual
from edge.mailbox import Mailbox
from edge.runtime import observe
from edge.sample_clock import SampleClock
from edge.simulation import Simulation
from edge.sources.pace import Paced
from edge.sources.replay import Timed
from edge.stage import Node
from edge.trace import Trace
from edge.types import AudioChunk, Query
from edge.worker import Worker
from edge.worker import run as run_item

FOREIGN: Final = "foreign"
"""work that is not the stage's own: it takes the thread and leaves no span"""
STAGES: Final = ("hear", "listen", "ocr", "codes", "answer")
LIVE_SCALE: Final = 0.2
LIVE_S: Final = 12.0
LEAST: Final = {"works": 5, "ms": 50.0, "tokens": 64.0}


@dataclass(frozen=True, slots=True)
class Fault:
    """What is done to a run."""

    kind: Kind
    where: str
    shape: str
    size: float
    """times, ms, or the share of the cache that is lost"""
    start_ns: int
    end_ns: int
    share: float = 1.0
    """of the works that are touched"""

    def active(self, now_ns: int) -> bool:
        return self.start_ns <= now_ns < self.end_ns


@dataclass(slots=True)
class Touched:
    """What a fault did."""

    works: int = 0
    ms: float = 0.0
    tokens: float = 0.0

    @property
    def counts(self) -> bool:
        return (self.works >= LEAST["works"] and self.ms >= LEAST["ms"]) or self.tokens >= LEAST["tokens"]


def drawn(kind: Kind, recorded: Recorded, rng: random.Random, *, live: bool) -> Fault:
    """A fault of this kind."""
    span_ns = int(recorded.seconds * S)
    start_ns = int(rng.uniform(0.1, 0.6) * span_ns)
    end_ns = 2 * span_ns if rng.random() < 0.5 else start_ns + int(rng.uniform(6, 20) * S)

    def log(low: float, high: float) -> float:
        return float(low * (high / low) ** rng.random())

    match kind:
        case "slow stage":
            return Fault(kind, rng.choice(STAGES), "slow", log(1.5, 10), start_ns, end_ns)
        case "busy thread":
            shape = rng.choice(("held", "listener" if live else "between"))
            size = log(20, 400) if shape == "held" else log(60, 600)
            where = rng.choice(STAGES if shape == "held" else ("fuse", *STAGES))
            return Fault(kind, where, shape, size, start_ns, end_ns, rng.uniform(0.7, 1.0))
        case "cache miss":
            shape = rng.choice(("emptied", "not ahead"))
            return Fault(kind, "answer", shape, rng.choice((1.0, rng.uniform(0.2, 1.0))), start_ns, 2 * span_ns)
        case "lost audio":
            shape = rng.choice(("device", "counted"))
            at_ns = int(rng.uniform(0.1, 0.85) * span_ns)
            size = log(20 if shape == "device" else 60, 2_000)
            return Fault(kind, "microphone", shape, size, at_ns, at_ns + int(size * MS))
        case "stalled link":
            where = rng.choice(("camera", "microphone"))
            shape = rng.choice(("burst", "late", "stop", *(("dropped",) if where == "camera" else ())))
            size = log(200, 4_000)
            last_ns = span_ns if where == "microphone" else max(t for t, _ in recorded.frames)
            start_ns = int(rng.uniform(0.1, 0.8) * min(span_ns, last_ns))
            start_ns = min(start_ns, last_ns - int((2_000 if shape == "stop" else size) * MS))
            end_ns = start_ns + int(size * MS) if shape in ("burst", "dropped") else 2 * span_ns
            return Fault(kind, where, shape, size, start_ns, end_ns)


# ---- sources ---------------------------------------------------------------------------------------------------------


def sources(recorded: Recorded, fault: Fault | None, rng: random.Random) -> dict[str, list[Timed]]:
    """When each picture and each block of sound is there."""
    jitter = lambda: rng.randint(0, 4 * MS)  # noqa: E731
    sound = [(chunk.end_ns + jitter(), chunk) for chunk in stand_ins.chunks(recorded)]
    if fault is not None and fault.kind == "lost audio":
        sound = _without(sound, fault)
    if (fault is not None and fault.shape == "counted") or (fault is None and rng.random() < 0.5):
        clock = SampleClock(stand_ins.RATE_HZ)
        sound = [(at_ns, replace(c, t_ns=clock.stamp(len(c.samples), at_ns))) for at_ns, c in sound]
    found: dict[str, list[Timed]] = {
        "microphone": list(sound),
        "camera": [(frame.t_ns + jitter(), frame) for frame in stand_ins.frames(recorded)],
    }
    if fault is not None and fault.kind == "stalled link":
        found[fault.where] = _stalled(found[fault.where], fault)
    return {name: _in_order(items) for name, items in found.items()}


def _in_order(items: list[Timed]) -> list[Timed]:
    """A source hands over one thing after the other."""
    out: list[Timed] = []
    for at_ns, item in items:
        out.append((max(at_ns, out[-1][0]) if out else at_ns, item))
    return out


def _without(sound: list[tuple[int, AudioChunk]], fault: Fault) -> list[tuple[int, AudioChunk]]:
    """The same sound, what was captured while the fault lasts left out."""
    out: list[tuple[int, AudioChunk]] = []
    for at_ns, chunk in sound:
        size = len(chunk.samples)
        first, last = (min(size, max(0, (t - chunk.t_ns) * chunk.rate_hz // S)) for t in (fault.start_ns, fault.end_ns))
        if first >= last:
            out.append((at_ns, chunk))
            continue
        for low, high in ((0, first), (last, size)):
            if high > low:
                t_ns = chunk.t_ns + low * S // chunk.rate_hz
                out.append((at_ns, AudioChunk(t_ns, chunk.samples[low:high], chunk.rate_hz)))
    return out


def _stalled(items: list[Timed], fault: Fault) -> list[Timed]:
    match fault.shape:
        case "burst":
            return [(fault.end_ns if fault.active(at) else at, item) for at, item in items]
        case "late":
            return [(at + int(fault.size * MS) if fault.active(at) else at, item) for at, item in items]
        case _:
            return [(at, item) for at, item in items if not fault.active(at)]


# ---- stages ----------------------------------------------------------------------------------------------------------


class Bent:
    """A stage to which a fault may be done. It says what its next work costs just before the mark."""

    def __init__(self, node: Node, fault: Fault | None, rng: random.Random, now_ns: Now, bends: Bends) -> None:
        self.node, self.stage = node, node.stage
        self._fault = fault if fault is not None and fault.where == node.name else None
        self._rng, self._now_ns, self._bends = rng, now_ns, bends

    def process(self, item: Any) -> Iterator[Any]:
        fault, bends = self._fault, self._bends
        for out in self.stage.process(item):
            if type(out) is not stand_ins.Work:
                yield out
                continue
            times, held_ms = 1.0, self._rng.uniform(1, 20) if self._rng.random() < bends.noise else 0.0
            if fault is not None and fault.active(self._now_ns()):
                if fault.shape == "slow":
                    times = fault.size
                elif fault.shape == "held" and self._rng.random() < fault.share:
                    held_ms += fault.size
                    bends.touched.works += 1
                    bends.touched.ms += fault.size
            yield from bends.spend(out, times, held_ms)
        if fault is None or fault.shape != "between" or not fault.active(self._now_ns()):
            return
        if self._rng.random() < fault.share:
            yield stand_ins.Work(FOREIGN, fault.size)
            box = bends.boxes.get(self.node.name)
            if box is not None and len(box):
                bends.touched.works += 1
                bends.touched.ms += min(fault.size, 100.0)


class BentTimed(Bent):
    """The same for a stage that wants to be woken."""

    def due_ns(self) -> int | None:
        due: int | None = self.stage.due_ns()  # type: ignore[attr-defined]  # a Timed stage has it
        return due


class Bends:
    """How the works of a virtual run are bent: its profile and its trace ask here."""

    noise = 0.01

    def __init__(self, costs: stand_ins.Costs) -> None:
        self.cores = costs.cores
        self.costs = costs
        self.touched = Touched()
        self.boxes: dict[str, Mailbox] = {}
        self._times, self._held_ns = 1.0, 0

    def spend(self, work: stand_ins.Work, times: float, held_ms: float) -> Iterator[Any]:
        self._times, self._held_ns = times, int(held_ms * MS)
        yield work

    def cost_ns(self, name: str, units: float) -> int:
        """As of a `Profile`: processor time and what held the work."""
        if name == FOREIGN:
            return int(units * MS)
        own_ns = self.costs.cost_ns(name, units)
        if self._times > 1:
            self.touched.works += 1
            self.touched.ms += (self._times - 1) * own_ns / MS
        self.own_ns = int(own_ns * self._times)
        return self.own_ns + self._held_ns


class BentTrace(Trace):
    """Knows the processor time of a virtual work, and nothing of foreign ones."""

    def __init__(self, bends: Bends) -> None:
        super().__init__()
        self._bends = bends

    def work(
        self, name: str, track: str, start_ns: int, end_ns: int, units: float,
        cpu_ns: int | None = None, spared: float = 0.0, missed: float = 0.0,
    ) -> None:  # fmt: skip
        if name != FOREIGN:
            super().work(name, track, start_ns, end_ns, units, self._bends.own_ns, spared, missed)


class Burning(Bends):
    """The works of a live run: a thread burns the processor time, and sleeps while it is held."""

    noise = 0.0

    def spend(self, work: stand_ins.Work, times: float, held_ms: float) -> Iterator[Any]:
        own_ms = self.costs.draw_ms(work.name, work.units) * LIVE_SCALE
        if times > 1:
            self.touched.works += 1
            self.touched.ms += (times - 1) * own_ms
        until_ns = time.thread_time_ns() + int(own_ms * times * MS)
        while time.thread_time_ns() < until_ns:
            hashlib.sha256(_BYTES)  # without the interpreter's lock, as a native stage
        if held_ms:
            time.sleep(held_ms / 1e3)
        yield work


_BYTES: Final = bytes(100_000)


def emptied(model: stand_ins.Model, fault: Fault, now_ns: Now, touched: Touched) -> None:
    """Do a cache fault to the model."""
    process, prepared = model.process, model.prepare

    def missing(query: Query, *, must: bool = False) -> Iterator[Any]:
        held = len(model.held)
        if fault.active(now_ns()) and fault.shape == "emptied":
            model.held = model.held[: int(held * (1 - fault.size))]
        lost = held - len(model.held) if fault.shape == "emptied" else 0
        for out in process(query, must=must):
            if type(out) is stand_ins.Work and out.name == "prefill" and fault.active(now_ns()):
                touched.tokens += min(lost, out.units) if fault.shape == "emptied" else out.units
            yield out

    def prepare(query: Query, *, is_whole: bool = False) -> Iterator[Any]:
        if not (fault.active(now_ns()) and fault.shape == "not ahead"):
            yield from prepared(query, is_whole=is_whole)

    model.process, model.prepare = missing, prepare  # type: ignore[method-assign]  # the fault


# ---- runs ------------------------------------------------------------------------------------------------------------


@cache
def _loaded() -> list[Recorded]:
    return load()


def simulated(recorded: Recorded, fault: Fault | None, seed: int, cores: int) -> tuple[Run, Touched]:
    """One run on the virtual clock."""
    rng = random.Random(seed)
    clock = VirtualClock()
    bends = Bends(stand_ins.Costs(recorded.costs, rng, cores))
    bus, trace, log = Bus(), BentTrace(bends), EventLog(clock)
    observe(bus, trace, log, clock)
    simulation = Simulation(_bent(recorded, fault, rng, clock, bends), bus, trace, clock, bends)  # type: ignore[arg-type]  # events of one kind
    bends.boxes.update(simulation.mailboxes)
    given = sources(recorded, fault, rng)
    simulation.run(sorted((item for items in given.values() for item in items), key=lambda timed: timed[0]))
    return _run_of(trace, log, cores), _touched(bends, fault)


def live(recorded: Recorded, fault: Fault | None, seed: int, cores: int) -> tuple[Run, Touched]:
    """One run on real threads, in real time."""
    rng = random.Random(seed)
    now: list[Now] = [lambda: 0]
    now_ns: Now = lambda: now[0]()  # noqa: E731
    bends = Burning(stand_ins.Costs(recorded.costs, rng, cores))
    bus, trace, log = Bus(), Trace(), EventLog(now_ns)
    observe(bus, trace, log, now_ns, [_listener(fault, now_ns, bends.touched)] if fault is not None else [])
    workers = []
    for node in _bent(recorded, fault, rng, now_ns, bends):
        if node.queue is None:
            node.connect(bus, _inline(node, bus, trace, now_ns))
        else:
            workers.append(Worker(node, bus, trace, now_ns))
    given = sources(recorded, fault, rng)
    for worker in workers:
        worker.start()
    now[0] = session_clock()
    stop = threading.Event()
    threads = [
        threading.Thread(target=Paced(iter(items), now_ns).run, args=(bus.publish, stop)) for items in given.values()
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    until_s = time.monotonic() + 5
    while not all(w.idle for w in workers) and time.monotonic() < until_s:
        time.sleep(0.02)
    for worker in workers:
        worker.close()
        worker.join(2)
    return _run_of(trace, log, cores), _touched(bends, fault)


def _inline(node: Node, bus: Bus, trace: Trace, now_ns: Now) -> Callable[[Any], None]:
    return lambda item: run_item(node, (now_ns(), item), bus, trace, now_ns)


def _listener(fault: Fault, now_ns: Now, touched: Touched) -> Callable[[Any], None]:
    """Something that listens to the events of a stage and takes its time in that stage's thread."""

    def listen(event: Any) -> None:
        if fault.shape == "listener" and threading.current_thread().name == fault.where and fault.active(now_ns()):
            touched.works += 1
            touched.ms += fault.size
            time.sleep(fault.size / 1e3)

    return listen


def _bent(recorded: Recorded, fault: Fault | None, rng: random.Random, now_ns: Now, bends: Bends) -> list[Node]:
    nodes, model = stand_ins.nodes(recorded, now_ns)
    if fault is not None and fault.kind == "cache miss":
        emptied(model, fault, now_ns, bends.touched)
    return [
        replace(n, stage=(BentTimed if hasattr(n.stage, "due_ns") else Bent)(n, fault, rng, now_ns, bends))
        if n.queue is not None
        else n
        for n in nodes
    ]


def _run_of(trace: Trace, log: EventLog, cores: int) -> Run:
    asked = [Asked(t.query.text, t.asked_ns, t.first_token_ns) for t in log.turns]
    return Run(list(trace.spans), {k: list(v) for k, v in trace.arrivals.items()}, asked, cores)


def _touched(bends: Bends, fault: Fault | None) -> Touched:
    if fault is not None and fault.kind in ("lost audio", "stalled link"):
        return Touched(LEAST["works"].__int__(), LEAST["ms"])
    return bends.touched


# ---- score -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Trial:
    """One run and what was found in it."""

    seed: int
    live: bool
    fault: Fault | None
    findings: list[Finding]
    alone: list[Finding]
    """what was found without an earlier run"""

    @property
    def right(self) -> bool:
        return _is(self.findings[:1], self.fault)


def _is(findings: list[Finding], fault: Fault | None) -> bool:
    if fault is None:
        return not findings
    return any((f.kind, f.where) == (fault.kind, fault.where) for f in findings)


def shortened(recorded: Recorded, seconds: float) -> Recorded:
    """The first seconds of a run."""
    ns = int(seconds * S)
    frames = tuple(f for f in recorded.frames if f[0] < ns)
    return replace(recorded, seconds=min(seconds, recorded.seconds), frames=frames)


@cache
def _reference(number: int, seed: int, cores: int, is_live: bool) -> dict[str, Any]:
    recorded = _loaded()[number]
    if is_live:
        return usual(live(shortened(recorded, LIVE_S), None, seed, cores)[0])
    return usual(simulated(recorded, None, seed, cores)[0])


def trial(seed: int, kind: Kind | None, is_live: bool) -> Trial:
    """A run with a fault of this kind, or without."""
    for again in range(50):
        rng = random.Random(seed * 1_000 + again)
        number = 0 if is_live else rng.randrange(len(_loaded()))
        cores = rng.choice((2, 4))
        recorded = _loaded()[number]
        if is_live:
            recorded, cores = shortened(recorded, LIVE_S), 2
        fault = None if kind is None else drawn(kind, recorded, rng, live=is_live)
        found, touched = (live if is_live else simulated)(recorded, fault, rng.randrange(2**31), cores)
        if fault is None or touched.counts:
            before = _reference(number, 500 + seed % 3, cores, is_live)
            return Trial(seed, is_live, fault, diagnose(found, before), diagnose(found))
    raise RuntimeError(f"no fault of seed {seed} did anything")


def trials(first_seed: int, each: int, live_each: int, none: int) -> list[Trial]:
    """`each` of every kind, of them `live_each` live, and `none` without a fault, of them as large a part, on two
    processes.
    """
    asked: list[tuple[int, Kind | None, bool]] = []
    for kind in CAUSES:
        asked += [(first_seed + len(asked) + i, kind, i < live_each) for i in range(each)]
    asked += [(first_seed + len(asked) + i, None, i < none * live_each // each) for i in range(none)]
    asked.sort(key=lambda one: not one[2])  # the live ones wait most: they begin
    with ProcessPoolExecutor(2) as pool:
        return list(pool.map(_trial, asked))


def _trial(asked: tuple[int, Kind | None, bool]) -> Trial:
    return trial(*asked)


def table(done: list[Trial]) -> None:
    """Per kind: how many were named, by size, virtual and live, and what was named in place of them."""
    shown = Table("fault", "n", "first", "among all", "small", "middle", "large", "live", "alone", "named instead")
    for kind in CAUSES:
        own = [t for t in done if t.fault is not None and t.fault.kind == kind]
        by_size = sorted(own, key=lambda t: t.fault.size if t.fault else 0)
        third = max(1, len(own) // 3)
        instead = Counter(
            f"{t.findings[0].kind} {t.findings[0].where}" if t.findings else "nothing" for t in own if not t.right
        )
        shown.add_row(
            kind, f"{len(own)}", _share(own), f"{sum(_is(t.findings, t.fault) for t in own)}",
            *(_share(part) for part in (by_size[:third], by_size[third:-third], by_size[-third:])),
            _share([t for t in own if t.live]), f"{sum(_is(t.alone[:1], t.fault) for t in own)}",
            ", ".join(f"{what} ×{n}" for what, n in instead.most_common(3)),
        )  # fmt: skip
    none = [t for t in done if t.fault is None]
    alarms = Counter(f"{t.findings[0].kind} {t.findings[0].where}" for t in none if t.findings)
    shown.add_row("none", f"{len(none)}", _share(none), *([""] * 4), _share([t for t in none if t.live]),
                  f"{sum(not t.alone for t in none)}", ", ".join(f"{a} ×{n}" for a, n in alarms.most_common(3)))  # fmt: skip
    Console(file=sys.stderr if not sys.stdout.isatty() else None, width=150).print(shown)


def _share(part: list[Trial]) -> str:
    return f"{sum(t.right for t in part)}/{len(part)}"


def measure(quick: bool) -> list[Claim]:
    started_s = time.monotonic()
    done = trials(0, 5, 0, 10) if quick else trials(0, 40, 4, 100)
    table(done)
    faults = [t for t in done if t.fault is not None]
    none = [t for t in done if t.fault is None]

    def rate(part: list[Trial]) -> float:
        return 100 * sum(t.right for t in part) / max(1, len(part))

    return [
        Claim(f"culprit named first, of {len(faults)} injected faults", rate(faults), "%", ">= 95"),
        *(Claim(kind, rate([t for t in faults if t.fault and t.fault.kind == kind]), "%", "") for kind in CAUSES),
        Claim("on real threads", rate([t for t in faults if t.live]) if not quick else None, "%", ""),
        Claim(f"false alarms in {len(none)} runs without a fault", 100 - rate(none), "%", "<= 5"),
        Claim("of these on real threads", 100 - rate([t for t in none if t.live]) if not quick else None, "%", ""),
        Claim("culprit named first without an earlier run", 100 * sum(_is(t.alone[:1], t.fault) for t in faults)
              / len(faults), "%", ""),
        Claim("time of all runs", time.monotonic() - started_s, "s", "<= 60" if quick else "<= 600"),
    ]  # fmt: skip


if __name__ == "__main__":
    main("faults", __doc__, measure)
