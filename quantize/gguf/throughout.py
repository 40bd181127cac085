"""One type throughout the model: what people take who do not fit, judged as the plans are, to stand beside them."""

from __future__ import annotations

from typing import Final

from quantize.gguf import plan
from quantize.gguf.evidence import Evidence
from quantize.gguf.types import stand_in
from quantize.results import Score

KINDS: Final = ("Q4_K", "Q5_K", "Q8_0")


def scores(evidence: Evidence) -> tuple[tuple[str, Score], ...]:
    """Each type's file: its size, its loss on the evaluation text (nats), its predicted speed.

    Rows whose length a type cannot have get what llama.cpp would put there; tensors that are smaller in their own type
    keep it.
    """
    tensors = {t.name: t for t in plan.quantizable(evidence.judge.bench_header)}
    found = []
    for kind in KINDS:
        choice = {}
        for name, unit in zip(evidence.table.names, evidence.table.units, strict=True):
            real = stand_in(kind, tensors[name].columns)
            choice[name] = real if any(o.name == real for o in unit) else tensors[name].type.name
        solution = evidence.table.solution(choice)
        loss, _ = evidence.judge.judged(choice)
        found.append((f"{kind} throughout", Score(evidence.table.bytes(solution), loss, evidence.speed(choice))))
    return tuple(found)
