"""What each type costs each tensor: KL of the model's output with that one tensor exchanged, measured on the real kernels.

A single measurement is noisy: a few uncertain predictions carry most of the KL, and each rounding is one draw. So types are
not run on one text each, but each tensor in several types, each time on another slice of the text, and all measurements
are pooled: ln KL = tensor + slope · ln(weight error) + type + slice. What was measured of a tensor in a type then moves its
own estimate too, the more the oftener. Two rounds: the first spreads over the types, the second (half the runs) takes the
types that some budget would choose. Every measurement is in the journal.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from quantize import knapsack
from quantize.gguf import plan
from quantize.gguf.measure import Reference
from quantize.gguf.types import FLOAT
from quantize.gguf.workbench import Workbench
from quantize.journal import Journal
from quantize.knapsack import Option
from quantize.progress import Bar, silent

SLICE_TOKENS: Final = 512
SLICES: Final = 8
_FIRST_RUNS: Final = 5
_SECOND_RUNS: Final = 3
"""of each tensor, in the two rounds"""
_MOST_RUNS: Final = 1500
"""of all tensors together; a model with very many has fewer of each"""
_FLOOR: Final = 1e-12
"""nats; less is rounding"""
_OWN_WEIGHT: Final = 3.0
"""so many measurements of a tensor in a type count as much as the pool"""

Table = Mapping[str, Mapping[str, float]]
"""tensor → type → KL that this alone adds, nats per token"""


@dataclass(frozen=True, slots=True)
class Run:
    """One measurement."""

    tensor: str
    kind: str
    slice: int
    kl: float


@dataclass(frozen=True, slots=True)
class Work:
    """What the rounds need."""

    bench: Workbench
    slices: Sequence[Reference]
    """of calibration text"""
    journal: Journal
    covered: frozenset[str]
    """tensors with an importance matrix"""
    progress: Bar = silent
    errors: dict[str, dict[str, float]] = field(default_factory=dict)
    """tensor → type → relative squared error of the weights"""


def table(work: Work) -> Table:
    """All tensors, all types that they can have."""
    read = [name for name in work.bench.tensors if name not in set(work.bench.unread)]
    each = max(min(_MOST_RUNS // max(len(read), 1), _FIRST_RUNS + _SECOND_RUNS), 2)
    first = max(each * _FIRST_RUNS // (_FIRST_RUNS + _SECOND_RUNS), 1)
    work.progress(0, total=len(read) * (1 + each))
    for name, tensor in work.bench.tensors.items():
        work.errors[name] = _errors(work, name, plan.candidates(tensor, work.covered))
        work.progress(name in read)
    runs = _run(work, {name: _spread(_undominated(work, name), first) for name in read}, 0)
    rough = _pooled(work, runs)
    runs += _run(work, _contested(work, rough, each - first), SLICES // 2)
    return _pooled(work, list(dict.fromkeys(runs)))


def sliced(reference: Reference) -> list[Reference]:
    """The text in up to SLICES parts of at least SLICE_TOKENS tokens."""
    parts: list[list[int]] = [[]]
    count = 0
    for n, passage in enumerate(reference.passages):
        if count >= SLICE_TOKENS:
            parts.append([])
            count = 0
        parts[-1].append(n)
        count += len(passage)
    return [
        Reference(tuple(reference.passages[n] for n in p), tuple(reference.log_probabilities[n] for n in p))
        for p in parts[:SLICES]
    ]


def units(bench: Workbench, losses: Table, ns: Mapping[str, Mapping[str, float]] | None = None) -> list[list[Option]]:
    """The knapsack's units, in the order of the table.

    Args:
        bench: whose tensors they are.
        losses: of `table`.
        ns: tensor → type → time of one token; None: time is free.
    """
    return [
        [
            Option(kind, plan.tensor_bytes(bench.tensors[name], kind), ns[name][kind] if ns else 0.0, loss)
            for kind, loss in row.items()
        ]
        for name, row in losses.items()
    ]


def _errors(work: Work, name: str, kinds: Iterable[str]) -> dict[str, float]:
    key = f"error/{name}"
    if key not in work.journal:
        own = work.bench.tensors[name].type.name
        work.journal.put(key, {k: 0.0 if k == own else work.bench.error(name, k) for k in kinds})
    found: dict[str, float] = work.journal[key]
    return found


def _undominated(work: Work, name: str) -> list[str]:
    """Quantized types that no other beats in bytes and weight error at once, fewest bytes first."""
    errors, tensor = work.errors[name], work.bench.tensors[name]
    kept: list[str] = []
    for kind in sorted((k for k in errors if k not in FLOAT), key=lambda k: (plan.tensor_bytes(tensor, k), errors[k])):
        if not kept or errors[kind] < errors[kept[-1]]:
            kept.append(kind)
    return kept or [k for k in errors if k != tensor.type.name][:1]


def _spread(kinds: Sequence[str], most: int) -> list[str]:
    """So many of them, spread evenly, both ends among them."""
    if len(kinds) <= most:
        return list(kinds)
    return [kinds[round(n * (len(kinds) - 1) / max(most - 1, 1))] for n in range(most)]


def _run(work: Work, tried: Mapping[str, Sequence[str]], shift: int) -> list[Run]:
    """Each tensor in each of its types, each on another slice; from the journal where it is there."""
    runs = []
    for row, (name, kinds) in enumerate(tried.items()):
        for n, kind in enumerate(kinds):
            part = (row + n + shift) % len(work.slices)
            key = f"kl/{part}/{name}/{kind}"
            if key not in work.journal:
                work.journal.put(key, work.bench.divergence({name: kind}, work.slices[part]))
            runs.append(Run(name, kind, part, work.journal[key]))
            work.progress(1)
    return runs


def _contested(work: Work, losses: Table, most: int) -> dict[str, list[str]]:
    """The quantized types of each tensor that some budget would choose."""
    table_units = units(work.bench, losses)
    picked: dict[str, set[str]] = {name: set() for name in losses}
    for solution in knapsack.front(table_units, points=32, prices=1):
        for name, unit, n in zip(losses, table_units, solution.picks, strict=True):
            picked[name].add(unit[n].name)
    unread = set(work.bench.unread)
    return {
        name: _spread([k for k in work.errors[name] if k in kinds and k not in FLOAT], most)
        for name, kinds in picked.items()
        if name not in unread
    }


def _pooled(work: Work, runs: Sequence[Run]) -> dict[str, dict[str, float]]:
    """The table from all measurements: least squares of the logarithms, with weak priors, then each one's own share."""
    names = sorted({r.tensor for r in runs})
    kinds = sorted({r.kind for r in runs})
    count = len(names) + 1 + len(kinds) + len(work.slices)
    kind_at, slice_at, slope_at = len(names) + 1, len(names) + 1 + len(kinds), len(names)
    rows, values = np.zeros((len(runs) + 1 + len(kinds) + len(work.slices), count)), []
    errors = [math.log(max(work.errors[r.tensor][r.kind], _FLOOR)) for r in runs]
    for n, (run, error) in enumerate(zip(runs, errors, strict=True)):
        rows[n, names.index(run.tensor)] = 1.0
        rows[n, slope_at] = error
        rows[n, kind_at + kinds.index(run.kind)] = 1.0
        rows[n, slice_at + run.slice] = 1.0
        values.append(math.log(max(run.kl, _FLOOR)))
    # KL is quadratic in the rounding, as the weight error is: the slope is near 1. Types and slices differ a little.
    rows[len(runs), slope_at], values = 10.0, [*values, 10.0]
    for n in range(len(kinds) + len(work.slices)):
        rows[len(runs) + 1 + n, kind_at + n] = 1.5
        values.append(0.0)
    solved = np.linalg.lstsq(rows, np.array(values), rcond=None)[0]
    rest = np.array(values)[: len(runs)] - rows[: len(runs)] @ solved
    own: dict[tuple[str, str], list[float]] = {}
    for run, left in zip(runs, rest, strict=True):
        own.setdefault((run.tensor, run.kind), []).append(float(left))
    found: dict[str, dict[str, float]] = {}
    for name, kinds_of in work.errors.items():
        if name not in names:
            found[name] = dict.fromkeys(kinds_of, 0.0)
            continue
        found[name] = {}
        for kind, error in kinds_of.items():
            if error == 0.0:
                found[name][kind] = 0.0
                continue
            shift = float(solved[kind_at + kinds.index(kind)]) if kind in kinds else 0.0
            lefts = own.get((name, kind), [])
            shift += sum(lefts) / (len(lefts) + _OWN_WEIGHT)
            level = float(solved[names.index(name)]) + float(solved[slope_at]) * math.log(max(error, _FLOOR))
            found[name][kind] = math.exp(level + shift)
    return found
