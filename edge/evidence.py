"""What a run was like, in the figures that a diagnosis needs: what work cost, which threads were late, when input came."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import log
from typing import Any, Final

from edge.clock import MS
from edge.trace import Arrival, Span, percentile

STEADY: Final = 5
"""items in turn whose median must be out of the usual: a single late one is the system's, not a fault"""
GAP_MS: Final = 5.0
"""of sound; sources correct their clocks by less than half a millisecond a block"""


@dataclass(frozen=True, slots=True)
class Asked:
    """One question, on the way to its answer."""

    heard: str
    asked_ns: int
    """when it was handed to the answering stage"""
    first_token_ns: int | None


@dataclass(frozen=True, slots=True)
class Run:
    """What a diagnosis is made from."""

    spans: Sequence[Span]
    arrivals: Mapping[str, Sequence[Arrival]]
    """by source, in order"""
    asked: Sequence[Asked]
    cores: int


def usual(run: Run) -> dict[str, Any]:
    """A good run's figures, for later runs to be held against."""
    return {
        "work": {
            name: {
                "cost_ms": list(cost := cost_of(works)),
                "spread": _round(spread_of(ratios_of(works, cost))),
                "n": len(works),
            }
            for (_, name), works in works_of(run.spans).items()
        },
        "held": {
            track: {how: _round(max(steady(values), default=0.0)) for how, values in series.items()}
            for track, series in held_of(run).items()
        },
        "sources": {name: source_of(run, items) for name, items in run.arrivals.items() if items},
        "turns": [
            {"heard": turn.heard, "computed": s.units, "spared": s.spared, "ahead": ahead}
            for turn, s, ahead in prefills_of(run)
            if s is not None
        ],
    }  # fmt: skip


def _round(value: float) -> float:
    return float(f"{value:.5g}")


def works_of(spans: Iterable[Span]) -> dict[tuple[str, str], list[Span]]:
    works: dict[tuple[str, str], list[Span]] = defaultdict(list)
    for span in spans:
        if span.units > 0:
            works[span.track, span.name].append(span)
    return works


def cost_of(works: Sequence[Span]) -> tuple[float, float]:
    """Processor time of one kind of work: ms each time, and ms per unit. A resistant line: through the medians of the
    smaller and the larger half (Tukey 1977, "Exploratory Data Analysis", chapter 10).
    """
    points = sorted((s.units, s.cpu_ns / MS) for s in works)
    half = (len(points) + 1) // 2
    (x0, y0), (x1, y1) = (
        (percentile([x for x, _ in part], 50), percentile([y for _, y in part], 50))
        for part in (points[:half], points[-half:])
    )
    if x1 >= 1.2 * x0 and (slope := (y1 - y0) / (x1 - x0)) > 0 and (fixed := y0 - slope * x0) >= 0:
        return _round(fixed), _round(slope)
    return 0.0, _round(percentile([y / x for x, y in points], 50))


def ratios_of(works: Sequence[Span], cost: Sequence[float]) -> list[float]:
    """How many times the usual each work took."""
    fixed_ms, unit_ms = cost
    return [s.cpu_ns / MS / max(fixed_ms + unit_ms * s.units, 1e-6) for s in works]


def spread_of(ratios: Sequence[float]) -> float:
    """Standard deviation of their logarithms, from what lies around the median and from what lies far above it: a few
    outliers do not count, many do.
    """
    logs = [log(max(r, 1e-3)) for r in ratios]
    p25, p50, p75, p90 = (percentile(logs, q) for q in (25, 50, 75, 90))
    return max((p75 - p25) / 1.349, (p90 - p50) / 1.282)


def steady(values: Sequence[float], count: int = STEADY) -> list[float]:
    """Running medians of `count` values; of fewer, the median of all."""
    if len(values) <= count:
        return [percentile(values, 50)] if values else []
    ordered = sorted(values[:count])
    medians = [ordered[count // 2]]
    for gone, new in zip(values, values[count:], strict=False):
        del ordered[bisect_left(ordered, gone)]
        insort(ordered, new)
        medians.append(ordered[count // 2])
    return medians


def held_of(run: Run) -> dict[str, dict[str, list[float]]]:
    """By track, item after item the ms in which its thread should have worked and did not: `late` (something waited),
    `stolen` (a span was longer than its processor time) and `publish` (others worked in it).
    """
    busy: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for span in run.spans:
        if span.units > 0:
            busy[span.track].append((span.start_ns, span.end_ns))
    merged = {track: _merged(pieces) for track, pieces in busy.items()}
    full = _Covered(_crowded(merged.values(), run.cores))
    over = _Covered(_crowded(merged.values(), run.cores + 1))
    own = {track: _Covered(_merged([*pieces, *full.pieces])) for track, pieces in merged.items()}
    found: dict[str, dict[str, list[float]]] = defaultdict(lambda: {"late": [], "stolen": [], "publish": []})
    for span in run.spans:
        start_ns, end_ns = span.start_ns, span.end_ns
        series = found[span.track]
        if span.units > 0:
            stolen_ns = end_ns - start_ns - span.cpu_ns
            if stolen_ns > MS:
                stolen_ns -= over.within(start_ns, end_ns)
            series["stolen"].append(max(0, stolen_ns) / MS)
        elif span.name == "wait":
            explained_ns = own.get(span.track, full).within(start_ns, end_ns) if end_ns - start_ns > MS else 0
            series["late"].append((end_ns - start_ns - explained_ns) / MS)
        elif span.name == "publish":
            series["publish"].append((end_ns - start_ns) / MS)
    return found


def _merged(pieces: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Stretches of time in order, those that touch joined."""
    out: list[tuple[int, int]] = []
    for start_ns, end_ns in sorted(pieces):
        if out and start_ns <= out[-1][1]:
            out[-1] = out[-1][0], max(out[-1][1], end_ns)
        else:
            out.append((start_ns, end_ns))
    return out


def _crowded(tracks: Iterable[Sequence[tuple[int, int]]], cores: int) -> list[tuple[int, int]]:
    """When at least so many tracks worked at once."""
    edges = sorted(edge for pieces in tracks for start, end in pieces for edge in ((start, 1), (end, -1)))
    out: list[tuple[int, int]] = []
    working, since_ns = 0, 0
    for at_ns, step in edges:
        if working == cores and step < 0 and at_ns > since_ns:
            out.append((since_ns, at_ns))
        if working == cores - 1 and step > 0:
            since_ns = at_ns
        working += step
    return _merged(out)


class _Covered:
    """How much of a stretch of time lies within pieces that are in order and apart."""

    def __init__(self, pieces: list[tuple[int, int]]) -> None:
        self.pieces = pieces
        self._ends = [end for _, end in pieces]

    def within(self, start_ns: int, end_ns: int) -> int:
        total = 0
        for low, high in self.pieces[bisect_left(self._ends, start_ns) :]:
            if low >= end_ns:
                break
            total += min(high, end_ns) - max(low, start_ns)
        return total


def source_of(run: Run, items: Sequence[Arrival]) -> dict[str, float]:
    """Of one source in ms: the longest time without an item, how late items came, the sound that is missing, and how
    much earlier than all other sources it ended.
    """
    ages = [(a.at_ns - a.end_ns) / MS for a in items]
    ended_ns = max(a.end_ns for arrivals in run.arrivals.values() for a in arrivals)
    return {
        "gap_ms": _round(percentile(gaps_of(items), 50)),
        "longest_gap_ms": _round(max(gaps_of(items), default=0.0)),
        "age_ms": _round(percentile(ages, 50)),
        "late_ms": _round(max(steady(ages))),
        "lost_ms": _round(lost_ms_of(items)),
        "tail_ms": _round((ended_ns - items[-1].end_ns) / MS),
    }


def gaps_of(items: Sequence[Arrival]) -> list[float]:
    """Times between items in ms, without the time of sound that was lost between them: its loss is another fault."""
    return [(b.at_ns - a.at_ns - missing_ns(a, b)) / MS for a, b in pairwise(items)]


def missing_ns(a: Arrival, b: Arrival) -> int:
    """Captured time that no sample stands for, between two blocks of sound."""
    return max(0, b.t_ns - a.end_ns) if a.end_ns > a.t_ns else 0


def lost_ms_of(items: Sequence[Arrival]) -> float:
    """Sound that is missing in all. A clock that was set forward and back again lost nothing."""
    if not items or items[0].end_ns == items[0].t_ns:
        return 0.0
    jumps = [(b.t_ns - a.end_ns) / MS for a, b in pairwise(items)]
    return max(0.0, sum(j for j in jumps if abs(j) >= GAP_MS))


def prefills_of(run: Run) -> list[tuple[Asked, Span | None, float]]:
    """Each question with the work that its prompt was, and the tokens that were computed since the question before."""
    works = [s for s in run.spans if s.name == "prefill"]
    out: list[tuple[Asked, Span | None, float]] = []
    since_ns = 0
    for turn in run.asked:
        until_ns = turn.first_token_ns
        own = (s for s in works if until_ns is not None and turn.asked_ns <= s.start_ns and s.end_ns <= until_ns)
        ahead = sum(s.units for s in works if since_ns <= s.start_ns < turn.asked_ns)
        out.append((turn, next(own, None), ahead))
        since_ns = until_ns or turn.asked_ns
    return out
