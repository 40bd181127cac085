"""What each type costs each tensor: KL of the model's output with that one tensor exchanged, measured by halving rounds.

Round one reads little text and tries, of each tensor, the types that no other beats in bytes and in weight error at once.
Round two reads four times as much and tries only what some budget would choose. What was never run is filled in from the
weight error: within one tensor KL grows in proportion to it. Every measurement is in the journal.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from quantize import knapsack
from quantize.gguf import plan
from quantize.gguf.measure import Reference
from quantize.gguf.types import FLOAT
from quantize.gguf.workbench import Workbench
from quantize.journal import Journal
from quantize.knapsack import Option
from quantize.progress import Bar, silent

FIRST_TOKENS: Final = 512
SECOND_TOKENS: Final = 2048
_MOST_PASSES: Final = 1200
"""of the first round; a model with more tensors has fewer types run and more filled in"""
_FLOOR: Final = 1e-9
"""nats; less is rounding"""

Table = Mapping[str, Mapping[str, float]]
"""tensor → type → KL that this alone adds, nats per token"""


@dataclass(frozen=True, slots=True)
class Work:
    """What the rounds need."""

    bench: Workbench
    reference: Reference
    """of calibration text, SECOND_TOKENS long"""
    journal: Journal
    covered: frozenset[str]
    """tensors with an importance matrix"""
    progress: Bar = silent


def table(work: Work) -> Table:
    """All tensors, all types that they can have."""
    kinds = {name: plan.candidates(t, work.covered) for name, t in work.bench.tensors.items()}
    tried = _first_choice(work, kinds)
    work.progress(0, total=2 * sum(len(k) for k in tried.values()), says="sensitivity")
    losses = _measured(work, tried, FIRST_TOKENS)
    filled = {name: _filled(losses[name], _errors(work, name, kinds[name])) for name in kinds}
    contested = _contested(work, filled, tried)
    work.progress(0, total=sum(len(k) for k in tried.values()) + sum(len(k) for k in contested.values()))
    finer = _measured(work, contested, SECOND_TOKENS)
    return {name: _merged(filled[name], finer.get(name, {})) for name in kinds}


def units(
    work_tensors: Workbench, losses: Table, ns: Mapping[str, Mapping[str, float]] | None = None
) -> list[list[Option]]:
    """The knapsack's units, in the order of the table.

    Args:
        work_tensors: whose tensors they are.
        losses: of `table`.
        ns: tensor → type → time of one token; None: time is free.
    """
    found = []
    for name, row in losses.items():
        tensor = work_tensors.tensors[name]
        found.append(
            [Option(k, plan.tensor_bytes(tensor, k), ns[name][k] if ns else 0.0, loss) for k, loss in row.items()]
        )
    return found


def _measured(work: Work, tried: Mapping[str, Sequence[str]], tokens: int) -> dict[str, dict[str, float]]:
    """KL of each tensor in each type, alone, from the journal where it is there."""
    part = work.reference.part(tokens)
    found: dict[str, dict[str, float]] = {}
    for name, kinds in tried.items():
        row = found[name] = {}
        for kind in kinds:
            key = f"kl/{tokens}/{name}/{kind}"
            if kind == work.bench.tensors[name].type.name:
                row[kind] = 0.0
            elif key in work.journal:
                row[kind] = work.journal[key]
            else:
                row[kind] = work.bench.divergence({name: kind}, part)
                work.journal.put(key, row[kind])
            work.progress(1)
    return found


def _errors(work: Work, name: str, kinds: Iterable[str]) -> dict[str, float]:
    key = f"error/{name}"
    if key not in work.journal:
        own = work.bench.tensors[name].type.name
        work.journal.put(key, {k: 0.0 if k == own else work.bench.error(name, k) for k in kinds})
    found: dict[str, float] = work.journal[key]
    return found


def _first_choice(work: Work, kinds: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
    """The types of each tensor that no other beats in bytes and weight error, few enough for the passes there are."""
    most = max(_MOST_PASSES // max(len(kinds), 1), 3)
    found = {}
    for name, names in kinds.items():
        errors = _errors(work, name, names)
        tensor = work.bench.tensors[name]
        ordered = sorted(names, key=lambda k: (plan.tensor_bytes(tensor, k), errors[k]))
        kept: list[str] = []
        for kind in ordered:
            if not kept or errors[kind] < errors[kept[-1]]:
                kept.append(kind)
        if len(kept) > most:
            kept = [kept[round(n * (len(kept) - 1) / (most - 1))] for n in range(most)]
        found[name] = kept
        work.progress(0)
    return found


def _filled(measured: Mapping[str, float], errors: Mapping[str, float]) -> dict[str, float]:
    """Adds the types that were not run: KL in proportion to the weight error, by the nearest that was run."""
    known = sorted((errors[k], loss) for k, loss in measured.items() if errors[k] > 0 and loss > 0)
    row = {}
    for kind, error in errors.items():
        if kind in measured:
            row[kind] = measured[kind]
        elif error <= 0 or not known:
            row[kind] = 0.0 if kind in FLOAT else _FLOOR
        else:
            near_error, near_loss = min(known, key=lambda pair: abs(math.log(pair[0] / error)))
            row[kind] = near_loss * error / near_error
    return row


def _contested(work: Work, losses: Table, tried: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
    """The types that some budget would choose, and of those only what was run already."""
    table_units = units(work.bench, losses)
    picked: dict[str, set[str]] = {name: set() for name in losses}
    for solution in knapsack.front(table_units, points=48, prices=1):
        for (name, _), unit, n in zip(losses.items(), table_units, solution.picks, strict=True):
            picked[name].add(unit[n].name)
    return {name: [k for k in tried[name] if k in picked[name]] for name in losses}


def _merged(first: Mapping[str, float], finer: Mapping[str, float]) -> dict[str, float]:
    """The finer values where there are some; the others in their proportion."""
    both = [(first[k], v) for k, v in finer.items() if first[k] > 0 and v > 0]
    factor = math.exp(sum(math.log(v / f) for f, v in both) / len(both)) if both else 1.0
    return {k: finer.get(k, v * factor) for k, v in first.items()}
