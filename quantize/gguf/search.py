"""From the table to one plan: solved, tried in memory, repaired by measured exchanges; or why nothing fits."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Final

from quantize.gguf import budget, plan
from quantize.gguf.budget import Bounds, Plan
from quantize.gguf.evidence import Evidence
from quantize.gguf.request import DEFAULT_KL, FitRequest
from quantize.knapsack import Solution

_LOSS_RESERVE: Final = 0.95
_EXCHANGES: Final = 16
_ROUNDS: Final = 6


@dataclass(frozen=True, slots=True)
class Answer:
    """What was found."""

    plan: Plan | None
    why: str


def search(evidence: Evidence, request: FitRequest, reserve: float) -> Answer:
    """The plan for a `fit.FitRequest`; it is made for `reserve` times the speed that was asked, because timings scatter."""
    memory = request.memory
    bounds = Bounds(
        bytes=math.inf if request.size_bytes is None else request.size_bytes,
        ns=math.inf if request.tok_s is None else 1e9 / (request.tok_s * reserve) - evidence.clock.fixed_ns,
        memory=math.inf if memory is None else memory,
    )
    asked = math.inf if request.tok_s is None else 1e9 / request.tok_s - evidence.clock.fixed_ns
    impossible = _impossible(evidence, replace(bounds, ns=asked), request)
    if impossible:
        return Answer(None, impossible)
    # Where the reserve cannot be had, the fastest plan is tried: it is timed anyway.
    room = min(bounds.bytes, bounds.memory - min(c.bytes for c in evidence.table.caches))
    bounds = replace(bounds, ns=max(bounds.ns, min(asked, budget.least_ns(evidence.table, room) * (1 + 1e-9))))
    goal = request.max_kl
    if request.size_bytes is None and request.memory_bytes is None and (goal is not None or request.tok_s is None):
        return _smallest(evidence, bounds, DEFAULT_KL if goal is None else goal)
    return _closest(evidence, bounds, goal)


def _impossible(evidence: Evidence, bounds: Bounds, request: FitRequest) -> str | None:
    """Which bound no plan keeps, and the nearest that can be had."""
    table = evidence.table
    least = budget.least_bytes(table)
    if bounds.bytes < least:
        return f"nothing fits in {int(bounds.bytes):,} bytes: the smallest file of this model has {least:,}"
    least_memory = least + min(c.bytes for c in table.caches)
    if bounds.memory < least_memory:
        return f"nothing fits in {int(bounds.memory):,} bytes of memory: weights and KV cache need {least_memory:,} at least"
    room = min(bounds.bytes, bounds.memory - min(c.bytes for c in table.caches))
    fastest = budget.least_ns(table, room)
    if fastest > bounds.ns:
        best = 1e9 / (fastest + evidence.clock.fixed_ns)
        within = "" if math.isinf(room) else " within the size"
        return f"no plan makes {request.tok_s:g} tokens a second: the fastest{within} makes {best:.4g}"
    return None


def _closest(evidence: Evidence, bounds: Bounds, goal: float | None) -> Answer:
    """Least loss within the bounds."""
    start = budget.closest(evidence.table, bounds)
    if start is None:
        return Answer(None, "no plan keeps the size and the speed together: allow more bytes or fewer tokens a second")
    best = replace(start, solution=_repaired(evidence, start, bounds))
    judged = _judged(evidence, best)[0]
    if goal is not None and judged > goal:
        needed = _smallest(evidence, replace(bounds, bytes=math.inf, memory=math.inf), goal)
        hint = (
            "no size reaches that with the other bounds"
            if needed.plan is None
            else f"that needs {evidence.table.bytes(needed.plan.solution):,} bytes"
        )
        return Answer(None, f"the best plan within the bounds loses {judged:.4g} nats, more than {goal:g}: {hint}")
    return Answer(best, _says(evidence, best, judged))


def _smallest(evidence: Evidence, bounds: Bounds, goal: float) -> Answer:
    """Fewest bytes whose loss, as judged, is surely at most this; the prediction is corrected until it holds."""
    target, best, best_judged, nearest = goal * _LOSS_RESERVE, None, 0.0, math.inf
    for _ in range(_ROUNDS):
        found = budget.smallest(evidence.table, bounds, target)
        if found is None:
            break
        judged, high = _judged(evidence, found)
        nearest = min(nearest, judged)
        fits = high <= goal
        if fits and (best is None or evidence.table.bytes(found.solution) <= evidence.table.bytes(best.solution)):
            best, best_judged = found, judged
        if fits and high >= 0.93 * goal:
            break
        target *= (goal * _LOSS_RESERVE) / max(high, goal * 0.05)
    if best is None:
        finest = budget.closest(evidence.table, bounds)
        if finest is None:
            return Answer(None, "no plan keeps the bounds together: allow more bytes or fewer tokens a second")
        judged = _judged(evidence, finest)[0]
        if judged > goal:
            return Answer(None, f"no plan within the bounds loses at most {goal:g} nats: the best loses {judged:.4g}")
        best, best_judged = finest, judged
    return Answer(best, _says(evidence, best, best_judged))


def _judged(evidence: Evidence, found: Plan) -> tuple[float, float]:
    """Loss on the evaluation text with the cache's part, and the upper end of its interval."""
    mean, high = evidence.judge.judged(evidence.table.choice(found.solution))
    return mean + found.cache.loss, high + found.cache.loss


def _repaired(evidence: Evidence, start: Plan, bounds: Bounds) -> Solution:
    """Measured exchanges: what the table thinks nearly as good may be better together."""
    bounds = replace(bounds, bytes=min(bounds.bytes, bounds.memory - start.cache.bytes))
    best, table = start.solution, evidence.table
    value = evidence.judge.learned(table.choice(best))
    tried = 0
    while tried < _EXCHANGES:
        improved = False
        for neighbour in budget.exchanges(table, best, bounds, 8):
            tried += 1
            found = evidence.judge.learned(table.choice(neighbour))
            if found < value:
                best, value, improved = neighbour, found, True
                break
            if tried >= _EXCHANGES:
                break
        if not improved:
            break
    return best


def _says(evidence: Evidence, found: Plan, judged: float) -> str:
    choice = evidence.table.choice(found.solution)
    size = evidence.table.bytes(found.solution)
    whole = plan.file_bytes(evidence.judge.bench_header, {})
    text = f"{size:,} bytes, {100 * size / whole:.3g} % of the float file, lose {judged:.3g} nats a token"
    if found.cache.kinds != ("F16", "F16"):
        text += f", with a KV cache of {found.cache.name}"
    return f"{text} ({len(set(choice.values()))} types)"
