"""Chooses one option for every unit so that the loss is least: bytes are bounded exactly, time by its price.

The multiple-choice knapsack. Bytes are solved by dynamic programming over a grid (sizes rounded up, so that an answer
always fits); time enters as a price for each nanosecond, and the price is bisected (Lagrange). What the rounding and the
price leave on the table is won back by trading single options and pairs. Loss must be additive for this to be true; it
nearly is, and the caller measures.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

_CELLS: Final = 6000
"""of the grid of bytes: the rounding wastes at most units / (2 · cells) of the budget before the trades"""
_PRICE_STEPS: Final = 24
_TRADES: Final = 60
_PAIRED: Final = 600
"""of the exchanges, on each side, that pairs are sought among"""


@dataclass(frozen=True, slots=True)
class Option:
    """One thing that can be done to a unit."""

    name: str
    bytes: int
    ns: float
    """time that it takes of one token"""
    loss: float
    """what this alone adds"""


@dataclass(frozen=True, slots=True)
class Solution:
    """One option for each unit, in the order of the units."""

    picks: tuple[int, ...]
    bytes: int
    ns: float
    loss: float


Units = Sequence[Sequence[Option]]


def solve(units: Units, max_bytes: float, max_ns: float = math.inf) -> Solution | None:
    """The least loss within both bounds; None where nothing was found that keeps them.

    Args:
        units: the options of each; none may be empty.
        max_bytes: for all together; `math.inf` leaves them free.
        max_ns: for all together.
    """
    if not units:
        return Solution((), 0, 0.0, 0.0) if max_bytes >= 0 and max_ns >= 0 else None
    free = _priced(units, max_bytes, 0.0)
    if free is None:
        return None
    if free.ns <= max_ns:
        return _traded(units, free, max_bytes, max_ns)
    high = _steepest(units)
    best = _priced(units, max_bytes, high)
    if best is None or best.ns > max_ns:
        return _fastest(units, max_bytes, max_ns)
    low = high * 1e-12
    for _ in range(_PRICE_STEPS):
        middle = math.sqrt(low * high)
        found = _priced(units, max_bytes, middle)
        if found is not None and found.ns <= max_ns:
            best = found if found.loss < best.loss else best
            high = middle
        else:
            low = middle
    return _traded(units, best, max_bytes, max_ns)


def smallest(units: Units, max_loss: float, max_ns: float = math.inf) -> Solution | None:
    """The fewest bytes with at most this loss and time; None where there is none."""
    free = solve(units, math.inf, max_ns)
    if free is None or free.loss > max_loss:
        return None
    low, high, best = sum(min(o.bytes for o in unit) for unit in units), free.bytes, free
    while high - low > max(1, high // 2000):
        middle = (low + high) // 2
        found = solve(units, middle, max_ns)
        if found is not None and found.loss <= max_loss:
            best, high = found, min(middle, found.bytes)
        else:
            low = middle
    return best


def front(units: Units, points: int = 64, prices: int = 4) -> list[Solution]:
    """The Pareto front over bytes, time and loss, thinned to about `points`; by bytes."""
    found: dict[tuple[int, ...], Solution] = {}
    least = sum(min(o.bytes for o in unit) for unit in units)
    most = sum(max(o.bytes for o in unit) for unit in units)
    budgets = np.geomspace(least, max(most, least + 1), max(points // max(prices, 1), 2))
    steep = _steepest(units)
    for price in (0.0, *(steep * 10.0**-n for n in range(prices, 0, -1)))[:prices]:
        for solution in _all_budgets(units, [int(b) for b in budgets], price):
            found.setdefault(solution.picks, solution)
    return undominated(found.values())


def undominated(solutions: Iterable[Solution]) -> list[Solution]:
    """Those than which no other is smaller, faster and closer at once; by bytes."""
    ordered = sorted(solutions, key=lambda s: (s.bytes, s.loss, s.ns))
    kept: list[Solution] = []
    for s in ordered:
        if not any(k.loss <= s.loss and k.ns <= s.ns for k in kept):
            kept.append(s)
    return kept


def total(units: Units, picks: Sequence[int]) -> Solution:
    """Adds up what was picked."""
    chosen = [unit[n] for unit, n in zip(units, picks, strict=True)]
    return Solution(
        tuple(picks), sum(o.bytes for o in chosen), math.fsum(o.ns for o in chosen), math.fsum(o.loss for o in chosen)
    )


def _steepest(units: Units) -> float:
    """A price for a nanosecond at which time is all that counts."""
    losses = max(o.loss for unit in units for o in unit) - min(o.loss for unit in units for o in unit)
    gaps = [abs(a.ns - b.ns) for unit in units for a in unit for b in unit if a.ns != b.ns]
    return 1e3 * max(losses, 1e-12) / min(gaps) if gaps else 1.0


def _fastest(units: Units, max_bytes: float, max_ns: float) -> Solution | None:
    """The last resort where the price did not find its way: least time within the bytes."""
    timed = [[Option(o.name, o.bytes, o.ns, o.ns) for o in unit] for unit in units]
    found = _priced(timed, max_bytes, 0.0)
    if found is None or found.ns > max_ns:
        return None
    return _traded(units, total(units, found.picks), max_bytes, max_ns)


def _priced(units: Units, max_bytes: float, price: float) -> Solution | None:
    if math.isinf(max_bytes):
        costs = [[o.loss + price * o.ns for o in unit] for unit in units]
        return total(units, [row.index(min(row)) for row in costs])
    solutions = _all_budgets(units, [int(max_bytes)], price)
    return solutions[0] if solutions else None


def _all_budgets(units: Units, budgets: Sequence[int], price: float) -> list[Solution]:
    """The best of each budget that anything fits in, from one table."""
    least = [min(o.bytes for o in unit) for unit in units]
    room = max(budgets) - sum(least)
    if room < 0:
        return []
    cell = _cell(units, least, room)
    cells = room // cell
    values, picks = np.zeros(cells + 1), np.zeros((len(units), cells + 1), np.int16)
    for row, (unit, base) in enumerate(zip(units, least, strict=True)):
        best = np.full(cells + 1, np.inf)
        for n, option in enumerate(unit):
            need = -(-(option.bytes - base) // cell)
            if need > cells:
                continue
            value = np.full(cells + 1, np.inf)
            value[need:] = values[: cells + 1 - need] + option.loss + price * option.ns
            better = value < best
            best[better], picks[row][better] = value[better], n
        values = best
    found = []
    for budget in budgets:
        at = (budget - sum(least)) // cell
        if at >= 0 and math.isfinite(values[at]):
            found.append(total(units, _walk_back(units, least, picks, cell, int(at))))
    return found


def _cell(units: Units, least: Sequence[int], room: int) -> int:
    """Bytes of a cell: the greatest that all sizes are multiples of, if that leaves few enough cells."""
    exact = math.gcd(*(o.bytes - base for unit, base in zip(units, least, strict=True) for o in unit))
    return exact if exact and room // exact <= _CELLS else max(1, -(-room // _CELLS))


def _walk_back(units: Units, least: Sequence[int], picks: NDArray[np.int16], cell: int, at: int) -> list[int]:
    chosen = []
    for row in range(len(units) - 1, -1, -1):
        n = int(picks[row, at])
        chosen.append(n)
        at -= -(-(units[row][n].bytes - least[row]) // cell)
    return chosen[::-1]


def _traded(units: Units, solution: Solution, max_bytes: float, max_ns: float) -> Solution:
    """Exchanges one option, then two at once, while the loss falls and both bounds are kept."""
    picks = list(solution.picks)
    now = total(units, picks)
    for _ in range(_TRADES):
        best: tuple[tuple[int, int], ...] | None = None
        gain = 1e-15
        singles = [
            (row, n, o.bytes - unit[picks[row]].bytes, o.ns - unit[picks[row]].ns, unit[picks[row]].loss - o.loss)
            for row, unit in enumerate(units)
            for n, o in enumerate(unit)
            if n != picks[row]
        ]
        for row, n, more, slower, better in singles:
            if better > gain and now.bytes + more <= max_bytes and now.ns + slower <= max_ns:
                best, gain = ((row, n),), better
        if best is None:
            best = _pair(singles, max_bytes - now.bytes, max_ns - now.ns)
        if best is None:
            break
        for row, n in best:
            picks[row] = n
        now = total(units, picks)
    return now


def _pair(
    singles: Sequence[tuple[int, int, int, float, float]], room: float, room_ns: float
) -> tuple[tuple[int, int], ...] | None:
    """The two exchanges in different units that together gain most and fit."""
    if len(singles) > 2 * _PAIRED:
        by_worth = sorted(singles, key=lambda s: s[4] / max(abs(s[2]), 1))
        singles = by_worth[-_PAIRED:] + [s for s in by_worth if s[2] < 0][-_PAIRED:]
    if not singles:
        return None
    rows, numbers = np.array([s[0] for s in singles]), [s[1] for s in singles]
    more, slower, better = (np.array([s[k] for s in singles], np.float64) for k in (2, 3, 4))
    gain = better[:, None] + better[None, :]
    fits = (more[:, None] + more[None, :] <= room) & (slower[:, None] + slower[None, :] <= room_ns)
    gain[~fits | (rows[:, None] == rows[None, :])] = 0.0
    a, b = np.unravel_index(int(gain.argmax()), gain.shape)
    if gain[a, b] <= 1e-15:
        return None
    return (int(rows[a]), numbers[int(a)]), (int(rows[b]), numbers[int(b)])
