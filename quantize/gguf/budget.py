"""Bounds of a request, and the plans of a table that keep them. Pure: numbers in, plans out."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from quantize import knapsack
from quantize.gguf.plan import Choice
from quantize.knapsack import Option, Solution


@dataclass(frozen=True, slots=True)
class Bounds:
    """What may not be passed; infinite where nothing was asked."""

    bytes: float = math.inf
    """of the whole file"""
    ns: float = math.inf
    """of one token in decode, the time that no tensor explains taken off"""
    loss: float = math.inf
    """mean KL, nats a token"""
    memory: float = math.inf
    """of the file and the KV cache"""


@dataclass(frozen=True, slots=True)
class Cache:
    """One way to keep the KV cache."""

    kinds: tuple[str, str]
    bytes: int
    """for the whole context"""
    loss: float
    """KL that it alone adds"""

    @property
    def name(self) -> str:
        return "/".join(self.kinds)


@dataclass(frozen=True, slots=True)
class Table:
    """What every tensor may become and costs."""

    names: tuple[str, ...]
    units: Sequence[Sequence[Option]]
    fixed_bytes: int
    """of the file that no unit changes: head, norms"""
    caches: tuple[Cache, ...]
    """plain first; more than one only where memory is bounded"""

    def choice(self, solution: Solution) -> dict[str, str]:
        """Tensor → type."""
        return {n: unit[k].name for n, unit, k in zip(self.names, self.units, solution.picks, strict=True)}

    def bytes(self, solution: Solution) -> int:
        """Of the whole file."""
        return self.fixed_bytes + solution.bytes

    def solution(self, choice: Choice) -> Solution:
        """The inverse of `choice`."""
        picks = [
            next(k for k, o in enumerate(unit) if o.name == choice[name])
            for name, unit in zip(self.names, self.units, strict=True)
        ]
        return knapsack.total(self.units, picks)


@dataclass(frozen=True, slots=True)
class Plan:
    """One answer of the knapsack."""

    solution: Solution
    cache: Cache

    @property
    def loss(self) -> float:
        """Predicted: what the tensors and the cache add."""
        return self.solution.loss + self.cache.loss


def closest(table: Table, bounds: Bounds) -> Plan | None:
    """The least loss within bytes, memory and time; whether it keeps `bounds.loss` is for the caller to see."""
    found = []
    for cache in table.caches:
        room = min(bounds.bytes, bounds.memory - cache.bytes) - table.fixed_bytes
        solution = knapsack.solve(table.units, room, bounds.ns)
        if solution is not None:
            found.append(Plan(solution, cache))
    return min(found, key=lambda p: p.loss, default=None)


def smallest(table: Table, bounds: Bounds, loss: float) -> Plan | None:
    """The fewest bytes (file and cache) within a predicted loss, time, bytes and memory."""
    found = []
    for cache in table.caches:
        solution = knapsack.smallest(table.units, loss - cache.loss, bounds.ns)
        if solution is not None and table.bytes(solution) <= min(bounds.bytes, bounds.memory - cache.bytes):
            found.append(Plan(solution, cache))
    return min(found, key=lambda p: table.bytes(p.solution) + p.cache.bytes, default=None)


def least_bytes(table: Table) -> int:
    """Of any file at all, with the smallest cache where memory is bounded."""
    return table.fixed_bytes + sum(min(o.bytes for o in unit) for unit in table.units)


def least_ns(table: Table, max_bytes: float) -> float:
    """The least time of any plan within these bytes of file; infinite where none fits."""
    timed = [[Option(o.name, o.bytes, o.ns, o.ns) for o in unit] for unit in table.units]
    found = knapsack.solve(timed, max_bytes - table.fixed_bytes)
    return math.inf if found is None else found.ns


def exchanges(table: Table, solution: Solution, bounds: Bounds, most: int) -> list[Solution]:
    """Neighbours within the bounds, one or two tensors changed, those first that the table thinks least worse."""
    now = knapsack.total(table.units, solution.picks)
    singles = [
        (
            row,
            n,
            o.bytes - unit[now.picks[row]].bytes,
            o.ns - unit[now.picks[row]].ns,
            o.loss - unit[now.picks[row]].loss,
        )
        for row, unit in enumerate(table.units)
        for n, o in enumerate(unit)
        if n != now.picks[row]
    ]
    room, room_ns = bounds.bytes - table.fixed_bytes - now.bytes, bounds.ns - now.ns
    found: list[tuple[float, tuple[tuple[int, int, int, float, float], ...]]] = [
        (s[4], (s,)) for s in singles if s[2] <= room and s[3] <= room_ns
    ]
    ups = sorted((s for s in singles if s[4] < 0), key=lambda s: s[4] / max(s[2], 1))[:60]
    downs = sorted((s for s in singles if s[2] < 0), key=lambda s: s[4] / -s[2])[:60]
    for up in ups:
        for down in downs:
            fits = up[2] + down[2] <= room and up[3] + down[3] <= room_ns
            if up[0] != down[0] and fits:
                found.append((up[4] + down[4], (up, down)))
    found.sort(key=lambda pair: pair[0])
    result, seen = [], {now.picks}
    for _, changes in found:
        picks = list(now.picks)
        for row, n, *_rest in changes:
            picks[row] = n
        if tuple(picks) not in seen:
            seen.add(tuple(picks))
            result.append(knapsack.total(table.units, picks))
        if len(result) == most:
            break
    return result
