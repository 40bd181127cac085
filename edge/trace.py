"""Spans and counters: where every millisecond went. Bounded memory, one tuple a span."""

from __future__ import annotations

import json
import math
from collections import defaultdict, deque
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final, NamedTuple

from edge.clock import MS

SPANS_KEPT: Final = 500_000
"""in a replay: an hour of a busy recording"""
SAMPLES_KEPT: Final = 8_192
"""per name; percentiles are those of the newest ones"""
SPANS_KEPT_LIVE: Final = 20_000
SAMPLES_KEPT_LIVE: Final = 512
"""in a session that may last for weeks: the newest minutes, as MediaPipe's tracer keeps"""


class Span(NamedTuple):
    """One stretch of time on one track."""

    name: str
    track: str
    """the node that worked or waited"""
    start_ns: int
    end_ns: int
    units: float
    """how much work it was; 0 for waiting"""
    cpu_ns: int = 0
    """processor time of the thread that worked; less than the span when something else held thread or core"""
    spared: float = 0.0
    """units that a cache made needless"""
    missed: float = 0.0
    """of `units`, those that were done before and a cache should have kept"""


class Arrival(NamedTuple):
    """One picture or one block of sound came from its source."""

    t_ns: int
    """capture time of its first sample"""
    end_ns: int
    """capture time just past its last sample; of a picture, `t_ns`"""
    at_ns: int
    """when it was there"""


class Trace:
    """Collects spans from all threads (appending to a deque is atomic)."""

    def __init__(self, *, live: bool = False) -> None:
        samples = SAMPLES_KEPT_LIVE if live else SAMPLES_KEPT
        self.spans: deque[Span] = deque(maxlen=SPANS_KEPT_LIVE if live else SPANS_KEPT)
        self.work_ms: dict[str, deque[tuple[float, float]]] = defaultdict(lambda: deque(maxlen=samples))
        self.age_ms: dict[str, deque[float]] = defaultdict(lambda: deque(maxlen=samples))
        self.arrivals: dict[str, deque[Arrival]] = defaultdict(lambda: deque(maxlen=self.spans.maxlen))
        """by source"""
        self._followers: list[deque[Span]] = []

    def follow(self) -> deque[Span]:
        """A queue that gets every span from now on; who follows empties it."""
        follower: deque[Span] = deque(maxlen=SPANS_KEPT_LIVE)
        self._followers.append(follower)
        return follower

    def _keep(self, span: Span) -> None:
        self.spans.append(span)
        for follower in self._followers:
            follower.append(span)

    def work(
        self, name: str, track: str, start_ns: int, end_ns: int, units: float,
        cpu_ns: int | None = None, spared: float = 0.0, missed: float = 0.0,
    ) -> None:  # fmt: skip
        """`units` of `name` were done, in `cpu_ns` of processor time (None: all of the time was)."""
        cpu_ns = end_ns - start_ns if cpu_ns is None else cpu_ns
        self._keep(Span(name, track, start_ns, end_ns, units, cpu_ns, spared, missed))
        self.work_ms[name].append(((end_ns - start_ns) / MS, units))

    def wait(self, track: str, start_ns: int, end_ns: int) -> None:
        """Something waited for `track` to take it."""
        self._keep(Span("wait", track, start_ns, end_ns, 0.0))

    def mark(self, name: str, track: str, start_ns: int, end_ns: int) -> None:
        """Time that is explained by something other than work or a queue (a pause in speech, a join)."""
        self._keep(Span(name, track, start_ns, end_ns, 0.0))

    def arrived(self, source: str, t_ns: int, end_ns: int, at_ns: int) -> None:
        """What `source` captured from `t_ns` to `end_ns` was there at `at_ns`."""
        self.arrivals[source].append(Arrival(t_ns, end_ns, at_ns))

    def age(self, track: str, age_ms: float) -> None:
        """How old an item was when `track` took it."""
        self.age_ms[track].append(age_ms)

    def stages(self) -> dict[str, dict[str, float]]:
        """Per work name: n, p50_ms, p95_ms, p99_ms."""
        return {
            name: {"n": len(samples)} | percentiles([ms for ms, _ in samples])
            for name, samples in sorted(self.work_ms.items())
        }

    def ages(self) -> dict[str, float]:
        """Over all hops: p50, p99 and max in ms."""
        return age_summary([a for ages in self.age_ms.values() for a in ages])


def age_summary(ages_ms: Sequence[float]) -> dict[str, float]:
    """p50, p99 and max in ms, rounded to a µs."""
    return {
        "p50": round(percentile(ages_ms, 50), 3),
        "p99": round(percentile(ages_ms, 99), 3),
        "max": round(max(ages_ms, default=0.0), 3),
    }


def percentile(values: Sequence[float], q: float) -> float:
    """Nearest-rank percentile; 0.0 of nothing."""
    if not values:
        return 0.0
    ordered = sorted(values)
    return ordered[max(0, math.ceil(q / 100 * len(ordered)) - 1)]


def percentiles(values_ms: Sequence[float]) -> dict[str, float]:
    """p50_ms, p95_ms, p99_ms, rounded to a µs."""
    return {f"p{q}_ms": round(percentile(values_ms, q), 3) for q in (50, 95, 99)}


def covered_ns(spans: Iterable[Span], start_ns: int, end_ns: int) -> int:
    """How much of [start, end] lies in at least one of the spans."""
    total, reached = 0, start_ns
    for span in sorted(spans, key=lambda s: s.start_ns):
        low, high = max(span.start_ns, reached), min(span.end_ns, end_ns)
        if high > low:
            total += high - low
            reached = high
    return total


def write_perfetto(spans: Iterable[Span], path: Path) -> None:
    """The Trace Event Format (JSON) that ui.perfetto.dev and chrome://tracing open.

    Work is slices on its worker's track. Many items wait at once, and slices of one track must not cross: waits are
    asynchronous events, each with an id of its own.
    """
    events: list[dict[str, object]] = []
    threads: dict[str, int] = {}
    for number, span in enumerate(spans):
        tid = threads.setdefault(span.track, len(threads) + 1)
        common = {"pid": 1, "tid": tid, "name": span.name}
        start_us, end_us = span.start_ns / 1e3, span.end_ns / 1e3
        if span.units:
            more = {"dur": (span.end_ns - span.start_ns) / 1e3, "args": {"units": span.units}}
            events.append(common | {"ph": "X", "cat": "work", "ts": start_us} | more)
        else:
            waits = common | {"name": f"{span.track}: {span.name}", "cat": "wait", "id": number}
            events += [waits | {"ph": "b", "ts": start_us}, waits | {"ph": "e", "ts": end_us}]
    for track, tid in threads.items():
        events.append({"ph": "M", "ts": 0, "pid": 1, "tid": tid, "name": "thread_name", "args": {"name": track}})
    process = {"ph": "M", "ts": 0, "pid": 1, "tid": 0, "name": "process_name", "args": {"name": "glasspath"}}
    path.write_text(json.dumps({"displayTimeUnit": "ms", "traceEvents": [*events, process]}), "utf-8")
