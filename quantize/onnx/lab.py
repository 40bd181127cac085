"""Where plans are tried: each is built, loaded, run and timed beside the float model, and no try is made twice.

Every finished piece of work is journalled under a key that names it, times included, so that an interrupted run takes the
same decisions when it goes on.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import numpy as np
from onnx import TensorProto, helper

from quantize.errors import InputError
from quantize.files import written
from quantize.journal import Journal
from quantize.onnx.calibrate import calibrate
from quantize.onnx.form import Form, tensors_of
from quantize.onnx.inputs import Samples
from quantize.onnx.measure import Noise, Reference, Speed, compared, mean_noise
from quantize.onnx.plan import Plan
from quantize.onnx.qdq import with_plan
from quantize.onnx.ranges import Histogram, all_ways, reach
from quantize.onnx.session import Session, open_session
from quantize.onnx.units import tail_of
from quantize.progress import Bar

SLICES: Final = 16
"""parts of a calibration that are kept apart, so that little is lost by a kill"""


def finished(form: Form, plan: Plan) -> bytes:
    """A whole file: the model with the plan done to it and the recipe's checksum in its metadata."""
    model = with_plan(form, plan)
    model.metadata_props.add(key="glasspath.recipe", value=plan.digest())
    data: bytes = model.SerializeToString(deterministic=True)
    return data


@dataclass(frozen=True, slots=True)
class Tried:
    """A plan and what it gave."""

    plan: Plan
    bytes: int
    noise: Noise
    guide: float
    """noise that the search goes by: as `noise.nsr`, but that of a Softmax is taken before it, where it is smooth"""
    speed: Speed | None = None


class Lab:
    """One float model with its samples, its journal and its float session."""

    def __init__(
        self,
        form: Form,
        original: Path,
        samples: tuple[Samples, Samples],
        journal: Journal,
        *,
        threads: int,
        seconds: float,
        bar: Bar,
    ) -> None:
        """`samples`: for the ranges, for choosing; `seconds`: of one comparison of speed."""
        self.form, self.graph = form, form.graph
        self._prepared, self._calibration = form.graph.model, samples[0]
        self._journal, self._threads, self._seconds, self._bar = journal, threads, seconds, bar
        self.float_session = open_session(original, threads=threads, name=str(original))
        made = [self.graph.maker.get(name) for name in self.graph.outputs]
        self._guides = {i: n.input[0] for i, n in enumerate(made) if n is not None and n.op_type == "Softmax"}
        """index of an output that a Softmax makes → what it is made of"""
        self._reference = Reference(self._watched(Plan({}, {})), samples[1])

    def piece(self, key: str, work: Callable[[], Any]) -> Any:
        """What was journalled under the key, or the work's result, journalled now."""
        if key not in self._journal:
            self._journal.put(key, work())
        self._bar()
        return self._journal[key]

    def built(self, plan: Plan) -> bytes:
        """The file's bytes. The same for the same plan."""
        return finished(self.form, plan)

    def tried(self, plan: Plan, *, timed: bool = False) -> Tried | None:
        """Size, noise and, if asked, speed; None when onnxruntime does not run it."""
        key = plan.digest()[:16]

        def noise() -> list[float] | None:
            try:
                ratios, worst = self._reference.ratios(self._watched(plan))
            except InputError:
                return None
            count = len(self.graph.outputs)
            outputs = {i: ratio for i, ratio in ratios.items() if i < count}
            inner = {i: ratios[count + place] for place, i in enumerate(self._guides)}
            found = mean_noise(outputs.values()), mean_noise((outputs | inner).values())
            return [len(self.built(plan)), *(nsr if math.isfinite(nsr) else -1.0 for nsr in found), worst]

        heard = self.piece(f"noise {key}", noise)
        if heard is None:
            return None
        nsr, guide = (math.inf if value < 0 else value for value in heard[1:3])
        tried = Tried(plan, int(heard[0]), Noise(nsr, heard[3]), guide)
        return replace(tried, speed=self.speed(plan)) if timed else tried

    def same_db(self) -> float:
        """How near the prepared model is to the one that was given, on the first samples."""

        def same() -> float:
            first = self._calibration.part(lambda i: True, 2)
            prepared = open_session(self.built(Plan({}, {})), threads=self._threads)
            return Reference(self.float_session, first).noise(prepared).sqnr_db

        return float(self.piece("same", same))

    def _watched(self, plan: Plan) -> Session:
        """With what goes into a Softmax among the outputs."""
        model = with_plan(self.form, plan)
        for name in self._guides.values():
            model.graph.output.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, None))
        return open_session(model.SerializeToString(), threads=self._threads)

    def speed(self, plan: Plan, key: str = "time") -> Speed:
        """In turns with the float model. Only of plans that run."""

        def time() -> list[float]:
            other = open_session(self.built(plan), threads=self._threads)
            return self._compared(other).to_json()

        return Speed(*self.piece(f"{key} {plan.digest()[:16]}", time))

    def _compared(self, other: Session) -> Speed:
        return compared(self.float_session, other, self._reference.samples, self._seconds, self._threads)

    def ranges(self) -> dict[str, dict[str, tuple[float, float]]]:
        """Way → tensor → range, from all calibration samples."""
        names = tensors_of(self.form)
        slices = max(1, min(SLICES, len(self._calibration)))
        kept = self._journal.path.with_suffix(".ranges.npz")
        if "ranges" not in self._journal:
            found, first = _kept_histograms(kept, names)
            for index in range(first, slices):
                count = len(self._calibration)
                low, high = index * count // slices, (index + 1) * count // slices
                part = self._calibration.part(lambda i, low=low, high=high: low <= i < high)  # type: ignore[misc]  # a default in a lambda
                calibrate(self._prepared, names, part, self._threads, into=found)
                _keep_histograms(kept, found, index + 1)
                self._bar()
            self._journal.put("ranges", all_ways(found))
            kept.unlink(missing_ok=True)
        ways = self._journal["ranges"]
        return {way: {name: self._covered(name, r) for name, r in ranges.items()} for way, ranges in ways.items()}

    def _covered(self, name: str, ends: Sequence[float]) -> tuple[float, float]:
        return reach(ends[0], ends[1], tail_of(self.graph, name)), ends[1]


def _keep_histograms(path: Path, found: Mapping[str, Histogram], done: int) -> None:
    states = [[h.exponent, h.low, h.high] for h in found.values()]
    facts = np.frombuffer(json.dumps([done, list(found), states]).encode(), np.uint8)
    with written(path) as part, part.open("wb") as file:
        np.savez(file, facts=facts, counts=np.stack([h.counts for h in found.values()]))


def _kept_histograms(path: Path, names: list[str]) -> tuple[dict[str, Histogram], int]:
    """The histograms of an interrupted calibration and how many parts are in them."""
    found = {name: Histogram() for name in names}
    try:
        with np.load(path, allow_pickle=False) as file:
            done, kept, states = json.loads(file["facts"].tobytes())
            counts = file["counts"]
    except (OSError, ValueError, KeyError, EOFError):
        return found, 0
    if kept != names:
        return found, 0
    for (exponent, low, high), row, histogram in zip(states, counts, found.values(), strict=True):
        histogram.exponent, histogram.low, histogram.high, histogram.counts = exponent, low, high, row.copy()
    return found, int(done)
