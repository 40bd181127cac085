"""Measures a device profile on the machine it runs on: decode and prefill of made-up models, one for each type of weight.

A model that is larger than the caches is timed in float16: its decode is the rate at which weights are read. A smaller one
tells what a token costs that no weight explains. Then each type; rounds interleaved, the fastest of each counts: what
disturbs a measurement only ever makes it longer.
"""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from quantize import device
from quantize.gguf import header as heads
from quantize.gguf import plan, writer
from quantize.gguf.made_up import Shape, make
from quantize.gguf.network import Network
from quantize.gguf.passage import Tokens
from quantize.gguf.types import BY_NAME, CANDIDATES
from quantize.progress import Bar

LARGE: Final = Shape(width=1024, layers=4, hidden=2816, heads=16, kv_heads=4)
SMALL: Final = Shape(width=256, layers=4, hidden=768, heads=4, kv_heads=2)
_PROMPT: Final = 128
_STEPS: Final = 24
_ROUNDS: Final = 3
_FAST: Final = 1.5
"""a type whose prefill is within this factor of the fastest has a kernel of its own"""


@dataclass(frozen=True, slots=True)
class Timing:
    """Of one model, the fastest of all rounds."""

    prefill_ns: float
    """a token, of a batch of 128"""
    decode_ns: float
    """a token"""


def measure(
    name: str, bar: Bar, threads: int | None = None, large: Shape = LARGE, kinds: Sequence[str] = CANDIDATES
) -> device.DeviceProfile:
    """The profile of this machine.

    Args:
        name: of the profile.
        bar: told of each finished model.
        threads: that the runtime will use; None for all cores.
        large: shape of the model that is timed; larger than the last cache for figures of the memory.
        kinds: types to measure besides F16; the others get the slowest's figures.

    Raises:
        ToolError: llama-cpp-python or gguf is missing.
        OutputError: no room for the made-up models (120 MB).
    """
    cores = threads or os.cpu_count() or 1
    kinds = [kind for kind in kinds if kind != "F16"]
    bar(0, total=len(kinds) + 2)
    with tempfile.TemporaryDirectory() as folder:
        files = {"small": make(Path(folder) / "small.gguf", SMALL), "F16": make(Path(folder) / "F16.gguf", large)}
        bar(2)
        head = heads.read(files["F16"])
        even = {t.name: np.ones(t.columns, np.float32) for t in plan.quantizable(head)}
        for kind in kinds:
            choice = {t.name: kind for t in plan.quantizable(head) if t.columns % BY_NAME[kind].block == 0}
            files[kind] = Path(folder) / f"{kind}.gguf"
            writer.write(head, choice, even, files[kind], cores)
            bar(says=f"measuring {kind}")
        timings = _timings(files, cores)
        weights = sum(t.weights for t in plan.quantizable(head))
        small_weights = sum(t.weights for t in plan.quantizable(heads.read(files["small"])))
        float_bytes = sum(t.bytes for t in plan.quantizable(head))
    return _profile(name, cores, timings, weights, small_weights, float_bytes)


def _timings(files: Mapping[str, Path], threads: int) -> dict[str, Timing]:
    """Rounds over all models in turn, so that a disturbance hits all alike."""
    best: dict[str, Timing] = {}
    tokens: Tokens = np.arange(_PROMPT, dtype=np.int32) % 200 + 10
    for _ in range(_ROUNDS):
        for kind, path in files.items():
            with Network(path) as network, network.session(_PROMPT + _STEPS + 8, threads) as session:
                session.prefill(tokens[:16])
                session.forget()
                begun = time.perf_counter_ns()
                session.prefill(tokens)
                filled = time.perf_counter_ns()
                steps = []
                for token in tokens[:_STEPS]:
                    before = time.perf_counter_ns()
                    session.step(int(token))
                    steps.append(time.perf_counter_ns() - before)
            now = Timing((filled - begun) / _PROMPT, float(np.median(steps)))
            old = best.get(kind, now)
            best[kind] = Timing(min(old.prefill_ns, now.prefill_ns), min(old.decode_ns, now.decode_ns))
    return best


def _profile(
    name: str, cores: int, timings: Mapping[str, Timing], weights: int, small_weights: int, float_bytes: int
) -> device.DeviceProfile:
    """Figures from times: two equations for the float models, one for each type."""
    large, small = timings["F16"], timings["small"]
    slope = max((large.decode_ns - small.decode_ns) / (weights - small_weights), 1e-6)
    fixed_ns = max(small.decode_ns - slope * small_weights, 0.0)
    bandwidth = float_bytes / max(large.decode_ns - fixed_ns, 1.0)
    decode = {k: max(t.decode_ns - fixed_ns, 0.0) / weights for k, t in timings.items() if k != "small"}
    prefill = {k: t.prefill_ns / weights for k, t in timings.items() if k != "small"}
    fastest = min(prefill.values())
    told = f"measured by `quantize devices measure` with {cores} threads"
    figures = ("isa", "cores", "memory_bytes", "bandwidth_gb_s", "fixed_us", "fast", "decode_ns", "prefill_ns")
    return device.DeviceProfile(
        name=name,
        title=device.machine_title(),
        isa=device.instruction_sets(),
        cores=cores,
        memory_bytes=device.memory_bytes(),
        bandwidth_gb_s=bandwidth,
        fixed_us=fixed_ns / 1000,
        is_predicted=False,
        fast=tuple(kind for kind, cost in prefill.items() if cost <= _FAST * fastest),
        decode_cost_ns=decode | {"F32": 2 * decode["F16"], device.OTHER: max(decode.values())},
        prefill_cost_ns=prefill | {"F32": prefill["F16"], device.OTHER: max(prefill.values())},
        sources=dict.fromkeys(figures, told),
    )
