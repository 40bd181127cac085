"""What was measured of a model, and the judge who measures a whole plan in memory; each verdict is in the journal."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass

from quantize import knapsack
from quantize.errors import QuantizeError
from quantize.gguf import measure, plan
from quantize.gguf.budget import Table
from quantize.gguf.clock import Clock
from quantize.gguf.header import Header
from quantize.gguf.measure import Reference
from quantize.gguf.weights import Floats
from quantize.gguf.workbench import Workbench
from quantize.journal import Journal
from quantize.results import Point


class Judge:
    """Measures whole plans."""

    def __init__(self, bench: Workbench, journal: Journal, learning: Reference, judging: Reference) -> None:
        """Args:
        bench: with the float model.
        journal: keeps what was measured.
        learning: calibration text, that plans are improved on.
        judging: text that took no part in it.
        """
        self._bench = bench
        self._journal = journal
        self.learning = learning
        self.judging = judging

    @property
    def bench_header(self) -> Header:
        return self._bench.header

    @property
    def importance(self) -> Mapping[str, Floats]:
        return self._bench.importance

    def learned(self, choice: plan.Choice) -> float:
        """Mean KL of a plan on the calibration text, nats."""
        key = f"plan/learned/{_digest(choice)}"
        if key not in self._journal:
            self._journal.put(key, self._bench.divergence(choice, self.learning))
        return float(self._journal[key])

    def judged(self, choice: plan.Choice) -> tuple[float, float]:
        """Mean KL of a plan on the evaluation text, and the upper end of its 95 % interval, nats."""
        key = f"plan/judged/{_digest(choice)}"
        if key not in self._journal:
            self._bench.apply(choice)
            found = measure.diverge(self._bench.session, self.judging)
            self._journal.put(key, [found.mean, found.interval()[1]])
        mean, high = self._journal[key]
        return float(mean), float(high)

    def cache_loss(self, kinds: tuple[str, str], threads: int) -> float | None:
        """Mean KL that a KV cache of these types alone adds; None where llama.cpp cannot keep it so."""
        key = f"cache/{kinds[0]}/{kinds[1]}"
        if key not in self._journal:
            self._bench.apply({})
            try:
                room = self._bench.room
                with self._bench.network.session(room.tokens, threads, kinds, sequences=room.branches) as session:
                    self._journal.put(key, measure.mean_kl(session, self.learning))
            except QuantizeError:
                self._journal.put(key, None)
        found: float | None = self._journal[key]
        return found


def _digest(choice: plan.Choice) -> str:
    return hashlib.sha256(json.dumps(sorted(choice.items())).encode()).hexdigest()[:24]


@dataclass(frozen=True, slots=True)
class Evidence:
    """All that plans are made of."""

    judge: Judge
    table: Table
    clock: Clock

    def speed(self, choice: plan.Choice) -> float | None:
        """Predicted tokens a second; None where no time is known."""
        total = self.clock.fixed_ns + sum(row[choice[name]] for name, row in self.clock.ns.items())
        return 1e9 / total if total > 0 else None

    def front(self) -> tuple[Point, ...]:
        """The Pareto front over bytes, time and predicted loss."""
        timed = any(o.ns for unit in self.table.units for o in unit)
        found = knapsack.front(self.table.units, prices=4 if timed else 1)
        return tuple(
            Point(self.table.bytes(s), s.loss, self.speed(choice), choice)
            for s in found
            for choice in (self.table.choice(s),)
        )
