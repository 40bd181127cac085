"""What each type costs in time: predicted by a device profile, or fitted to this very model on this machine.

Here files of the model's shape are made, one in each type throughout (`dummy.py`), and timed in turn. A plan's time is then
the mean of these times, each weighted by the share of the weights that has the type; it is exact for the uniform files.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from quantize import progress
from quantize.gguf import dummy, plan, speed
from quantize.gguf.header import Header
from quantize.gguf.types import BY_NAME, CANDIDATES, FLOAT
from quantize.gguf.weights import Floats
from quantize.journal import Journal

SMALL_BYTES: Final = 200_000_000
"""of the float file; of larger ones only the types of ANCHORS are written and timed"""
ANCHORS: Final = ("Q4_0", "Q4_K", "Q6_K", "Q8_0")


@dataclass(frozen=True, slots=True)
class Clock:
    """Time of one token, tensor by tensor."""

    ns: Mapping[str, Mapping[str, float]]
    """tensor → type → nanoseconds that it takes of one token"""
    fixed_ns: float
    """of a token, whatever the types"""
    is_predicted: bool
    """for another machine; not measured"""
    uniform_ns: Mapping[str, float] = field(default_factory=dict)
    """type → nanoseconds of a token when all weights have it, timed here; empty: not timed, or too large to do it again"""

    def main_type(self, choice: plan.Choice) -> str | None:
        """The type that a plan spends most of a token's time in, if it was timed."""
        spent: dict[str, float] = {}
        for name, row in self.ns.items():
            spent[choice[name]] = spent.get(choice[name], 0.0) + row[choice[name]]
        kind = max(spent, key=lambda k: spent[k])
        return kind if kind in self.uniform_ns else None

    def tok_s(self, choice: plan.Choice) -> float:
        """Decode speed of a plan that names every tensor."""
        return 1e9 / (self.fixed_ns + sum(row[choice[name]] for name, row in self.ns.items()))


def of_device(header: Header, device: Any) -> Clock:
    """What a profile predicts; `device` is a `quantize.device.DeviceProfile`."""
    ns = {}
    for tensor in plan.quantizable(header):
        read = plan.is_matrix_product(header, tensor)
        ns[tensor.name] = {
            kind: float(device.decode_ns(kind, plan.tensor_bytes(tensor, kind), tensor.weights)) if read else 0.0
            for kind in (*CANDIDATES, "F32", "BF16")
        }
    return Clock(ns, float(device.fixed_ns), is_predicted=True)


def prefill_of_device(header: Header, device: Any, choice: plan.Choice) -> float:
    """Tokens a second of prefill that a profile predicts for a plan."""
    products = [t for t in plan.quantizable(header) if plan.is_matrix_product(header, t)]
    return 1e9 / max(sum(float(device.prefill_ns(choice[t.name], t.weights)) for t in products), 1e-3)


@dataclass(frozen=True, slots=True)
class Timing:
    """How to time this model here."""

    header: Header
    importance: Mapping[str, Floats]
    folder: Path
    """for the uniform files, which are removed again"""
    threads: int
    repacked: bool
    journal: Journal


def of_this_machine(timing: Timing) -> Clock:
    """Fitted to this model: uniform files written, timed in turn, removed; the times stay in the journal."""
    key = f"uniform/{timing.threads}"
    if key not in timing.journal:
        timing.journal.put(key, _uniform_ns(timing))
    measured: dict[str, float] = timing.journal[key]
    tensors = plan.quantizable(timing.header)
    products = [t for t in tensors if plan.is_matrix_product(timing.header, t)]
    weights = sum(t.weights for t in products)
    read = {t.name for t in products}
    ns = {
        t.name: {
            k: _ns(measured, k) * t.weights / weights if t.name in read else 0.0 for k in (*CANDIDATES, "F32", "BF16")
        }
        for t in tensors
    }
    again = measured if timing.header.file_bytes <= SMALL_BYTES else {}
    return Clock(ns, 0.0, is_predicted=False, uniform_ns=again)


def _uniform_ns(timing: Timing) -> dict[str, float]:
    """Type → nanoseconds of a token when all weights have it."""
    header = timing.header
    small = header.file_bytes <= SMALL_BYTES
    covered = set(timing.importance)
    kinds = [k for k in (CANDIDATES if small else ANCHORS) if _everywhere(header, k, covered)]
    kinds.append(plan.quantizable(header)[0].type.name)
    with ExitStack() as stack, progress.bar("types timed", len(kinds) + 1) as bar:
        files = []
        for kind in kinds:
            files.append(stack.enter_context(dummy.made(header, kind, timing.folder / f".uniform-{kind}.gguf")))
            bar(1)
        speeds = speed.measure(files, timing.threads, repacked=timing.repacked, rounds=7)
        bar(1)
    return {kind: found.decode_ns for kind, found in zip(kinds, speeds, strict=True)}


def _everywhere(header: Header, kind: str, covered: set[str]) -> bool:
    """Whether a file in this type throughout can be made, and says something about the type."""
    tensors = plan.quantizable(header)
    fitting = sum(t.weights for t in tensors if kind in plan.candidates(t, covered))
    return fitting >= 0.9 * sum(t.weights for t in tensors)


def _ns(measured: Mapping[str, float], kind: str) -> float:
    """Of a type that was timed; else of the timed one whose bits are nearest, in proportion to the bits."""
    if kind in measured:
        return measured[kind]
    bits = BY_NAME[kind].bits
    near = min(
        (k for k in measured if (k in FLOAT) == (kind in FLOAT)),
        key=lambda k: abs(BY_NAME[k].bits - bits),
        default=None,
    )
    near = near or min(measured, key=lambda k: abs(BY_NAME[k].bits - bits))
    return measured[near] * max(bits / BY_NAME[near].bits, 1.0)
