"""Which clusters stay float: full 8 bits first, then the clusters that hurt most for what they save go back, measured."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from quantize.onnx.lab import Lab, Tried
from quantize.onnx.measure import decibels
from quantize.onnx.plan import CHANNEL, FLOAT, HALF, NIBBLES, STORED, TENSOR, Plan
from quantize.onnx.ranges import WAYS
from quantize.onnx.units import Cluster, is_gelu

STEPS: Final = (0, 1, 2, 4, 7, 11, 16, 24, 36, 54, 80, 120, 180)
"""how many clusters are float at the points of the path that are tried"""
WORTH: Final = 1.05
"""a coarser way must be so many times as fast as the finer one"""
DEAR: Final = 1.25
"""times the noise that it may have then; any, if it is so fast"""
FAST: Final = 1.3
GROUP: Final = 6
"""neighbouring clusters that are tried together at first"""
WORST: Final = 5
"""clusters whose ranges are tried narrower"""
SMALL: Final = 0.03
"""share of the whole noise below which a cluster is not worth it"""
NARROWER: Final = 0.75
GAIN: Final = 0.99
"""a narrower range must leave at most this share of the noise"""


@dataclass(frozen=True, slots=True)
class Bounds:
    """What is asked; None: not."""

    size_bytes: int | None
    speed: float | None
    min_sqnr_db: float
    aims_at: str
    """speed: the fastest within the bounds; quality: the least noise within them"""


@dataclass(frozen=True, slots=True)
class Found:
    """All that was tried on the way, and what one cluster alone adds to the noise."""

    tried: Sequence[Tried]
    losses: Mapping[str, float]


def search(lab: Lab, units: Sequence[Cluster], bounds: Bounds, work: Mapping[str, float], trials: int) -> Found:
    """Tries plans from all clusters in 8 bits to few of them.

    Args:
        work: cluster → seconds that 8 bits save, guessed; at least a little.
        trials: plans on the path from 8 bits to float that are timed, at most.
    """
    base = _base(lab, units)
    if base is None:
        return Found([], {})
    tried = [base]
    losses = _losses(lab, units, base)
    base = _tuned(lab, units, base, losses)
    tried = [base]
    order = sorted(units, key=lambda u: (-losses[u.name] / work[u.name], u.name))
    counts = [n for n in STEPS if n < len(units)][:trials]
    for count in counts:
        floats = {unit.name: FLOAT for unit in order[:count]}
        one = lab.tried(base.plan.with_choices({**base.plan.choices, **floats}), timed=True)
        if one is not None:
            tried.append(one)
    tried += _smaller(lab, units, base, tried, bounds)
    return Found(tried, losses)


def _base(lab: Lab, units: Sequence[Cluster]) -> Tried | None:
    """All clusters in 8 bits, in the way that loses least without being slow."""
    ranges = lab.ranges()
    everything = {unit.name: CHANNEL for unit in units}
    ways = [lab.tried(Plan(everything, ranges[way])) for way in WAYS]
    found = [one for one in ways if one is not None]
    if not found:
        return None
    best = min(found, key=lambda one: one.guide)
    best = replace(best, speed=lab.speed(best.plan))
    if any(is_gelu(node) for node in lab.graph.nodes):
        best = _faster(lab, best, replace(best.plan, gelu="sigmoid"))
    best = _faster(lab, best, best.plan.with_choices({unit.name: TENSOR for unit in units}))
    best = _faster(lab, best, replace(best.plan, activations="s8"))
    return best


def _losses(lab: Lab, units: Sequence[Cluster], base: Tried) -> dict[str, float]:
    """Cluster → noise that it makes alone. Neighbours are tried together, and apart where it matters."""
    size = max(1, min(GROUP, len(units) // 8))
    waiting = [units[first : first + size] for first in range(0, len(units), size)]
    losses: dict[str, float] = {}
    while waiting:
        group = waiting.pop()
        loss = _loss(lab, base, group)
        if len(group) > 1 and loss > SMALL * base.guide:
            waiting += [group[: len(group) // 2], group[len(group) // 2 :]]
        else:
            losses |= {unit.name: loss / len(group) for unit in group}
    return losses


def _loss(lab: Lab, base: Tried, group: Sequence[Cluster]) -> float:
    """Noise when only these are in 8 bits. Beside others that are bad, what one adds could not be seen."""
    alone = lab.tried(base.plan.with_choices({unit.name: base.plan.choices[unit.name] for unit in group}))
    return alone.guide if alone is not None else math.inf


def _tuned(lab: Lab, units: Sequence[Cluster], base: Tried, losses: dict[str, float]) -> Tried:
    """Narrower ranges for what the worst clusters take and give, as long as the outputs' noise falls."""
    nodes = {node.name: node for node in lab.graph.nodes}
    worst = sorted(units, key=lambda unit: (-losses[unit.name], unit.name))[:WORST]
    done: set[str] = set()
    for unit in worst:
        if losses[unit.name] < base.guide * SMALL:
            break
        tensors = [nodes[unit.name].input[0], nodes[unit.name].output[0]]
        for tensor in tensors:
            if tensor in base.plan.ranges and tensor not in done:
                done.add(tensor)
                base = _narrowed(lab, base, tensor)
    for unit in worst:
        losses[unit.name] = _loss(lab, base, [unit])
    return base


def _narrowed(lab: Lab, base: Tried, tensor: str) -> Tried:
    for end in (1, 0):
        while base.plan.ranges[tensor][end]:
            ends = list(base.plan.ranges[tensor])
            ends[end] *= NARROWER
            other = lab.tried(replace(base.plan, ranges={**base.plan.ranges, tensor: (ends[0], ends[1])}))
            if other is None or other.guide > GAIN * base.guide:
                break
            base = replace(other, speed=base.speed)
    return base


def _faster(lab: Lab, best: Tried, plan: Plan) -> Tried:
    """The other plan if it is so much faster that its noise may be worth it."""
    other = lab.tried(plan, timed=True)
    assert best.speed is not None
    if other is None or other.speed is None:
        return best
    faster, noisier = other.speed.ratio / best.speed.ratio, other.guide / max(best.guide, 1e-30)
    is_worth = (
        (faster > WORTH and noisier < DEAR) or (faster > FAST and noisier < 4) or (faster > 1 / WORTH and noisier < 1)
    )
    return other if is_worth else best


def _smaller(lab: Lab, units: Sequence[Cluster], base: Tried, tried: Sequence[Tried], bounds: Bounds) -> list[Tried]:
    """What saves bytes without 8-bit kernels, where a size is asked: float weights in 16 or 8 bits, MatMuls in 4."""
    if bounds.size_bytes is None:
        return []
    plans = []
    for one in tried:
        for kind in (HALF, STORED):
            plans.append(one.plan.with_choices({u.name: one.plan.choices.get(u.name, FLOAT) for u in units} | {
                u.name: kind for u in units if one.plan.choices.get(u.name, FLOAT) == FLOAT
            }))  # fmt: skip
    plans += [base.plan.with_choices({u.name: kind for u in units}) for kind in (HALF, STORED)]
    if any(u.kind == "MatMul" for u in units):
        nibbles = {u.name: NIBBLES for u in units if u.kind == "MatMul"}
        plans += [base.plan.with_choices({**base.plan.choices, **nibbles})]
        plans += [base.plan.with_choices({u.name: nibbles.get(u.name, STORED) for u in units})]
    unique = {plan.digest(): plan for plan in plans}
    found = (lab.tried(plan, timed=True) for plan in unique.values())
    return [one for one in found if one is not None]


def pareto(tried: Sequence[Tried]) -> list[Tried]:
    """Those to which no other is smaller, closer and faster at once, smallest noise first."""
    timed = [one for one in tried if one.speed is not None]

    def beats(a: Tried, b: Tried) -> bool:
        assert a.speed is not None and b.speed is not None
        at_least = a.bytes <= b.bytes and a.guide <= b.guide and a.speed.ratio >= b.speed.ratio
        return at_least and (a.bytes, a.guide, a.speed.ratio) != (b.bytes, b.guide, b.speed.ratio)

    unique = list({one.plan.digest(): one for one in timed}.values())
    return sorted((a for a in unique if not any(beats(b, a) for b in unique)), key=lambda one: one.guide)


def fits(one: Tried, bounds: Bounds) -> bool:
    """Within all bounds; without a bound for the speed it must be no slower than float."""
    assert one.speed is not None
    fast = one.speed.ratio >= bounds.speed if bounds.speed is not None else one.speed.low >= 0.98
    small = bounds.size_bytes is None or one.bytes <= bounds.size_bytes
    return fast and small and decibels(one.guide) >= bounds.min_sqnr_db
