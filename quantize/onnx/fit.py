"""`fit` for ONNX: the file that is fastest, smallest or closest within the bounds, loaded and measured; or float stays."""

from __future__ import annotations

import importlib.metadata
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, Final

import onnx

from quantize import manifest
from quantize.errors import OptionError
from quantize.files import sha256, written
from quantize.journal import Journal
from quantize.onnx import guard
from quantize.onnx.calibrate import watched
from quantize.onnx.form import Form
from quantize.onnx.inputs import Samples, samples_of
from quantize.onnx.lab import Lab, Tried
from quantize.onnx.measure import Noise, Reference, Speed, decibels
from quantize.onnx.plan import CHANNEL, FLOAT, HALF, NIBBLES, STORED, TENSOR, Plan
from quantize.onnx.prepare import prepare
from quantize.onnx.preprocessing import Preprocessing
from quantize.onnx.search import Bounds, Found, fits, pareto, search
from quantize.onnx.session import VERSION, open_session
from quantize.onnx.trial import Trial
from quantize.onnx.units import Cluster
from quantize.progress import bar
from quantize.results import Fit, Point, Score, Unit

FORMAT: Final = 3
"""of the journal: raised when the same request would be measured in another way"""
SQNR_DB: Final = 20.0
"""the least that is taken where none is asked"""
SAME_DB: Final = 60.0
"""the prepared model must be as close as this to the one that was given"""
CALIBRATION: Final = 96
CHOOSING: Final = 12
HELD_OUT: Final = 16
"""samples at most for ranges (unless asked otherwise), for choosing and for what is reported"""
BITS: Final[Mapping[str, float]] = {CHANNEL: 8, TENSOR: 8, STORED: 8, HALF: 16, NIBBLES: 5, FLOAT: 32}


@dataclass(frozen=True, slots=True)
class FitRequest:
    """What is asked for; a bound that is None is not asked."""

    model: Path
    out: Path
    """folder for the file and its manifest"""
    calibration: Path
    """folder of pictures or WAV files, or .npz"""
    size_bytes: int | None = None
    speed: float | None = None
    """times as fast as the float model"""
    min_sqnr_db: float | None = None
    """of the outputs; of one that a Softmax makes, of what goes into it: behind it a letter is right or wrong"""
    preprocessing: Preprocessing = field(default_factory=Preprocessing)
    device: str = "this machine"
    threads: int = 1
    trials: int = 10
    """plans between 8 bits and float that are timed, at most"""
    calibration_samples: int = CALIBRATION
    seconds: float = 0.5
    """of running in one comparison of speed; finalists have it again"""


def fit(request: FitRequest, journal_folder: Path) -> Fit:
    """Quantizes a model within bounds. Interrupted and called again, it goes on where it was and gives the same file.

    Raises:
        InputError: the model or the calibration data cannot be used.
        OptionError: a bound is out of range.
        OutputError: the disk is full.
    """
    _check(request)
    with Trial() as trial:
        trial.open(request.model)
    source = guard.load(request.model)
    form = Form(prepare(source, request.model))
    session = open_session(request.model, threads=request.threads, name=str(request.model))
    samples = samples_of(request.calibration, session.inputs, request.preprocessing)
    parts = _parts(samples, request.calibration_samples)
    source_sha = sha256(request.model)
    asked = {
        "format": FORMAT, "model": source_sha, "samples": samples.digest, "versions": versions(),
        "options": {k: v for k, v in asdict(request).items() if k not in ("model", "out", "calibration")},
    }  # fmt: skip
    with Journal(journal_folder, asked) as journal, bar(f"quantize {request.model.name}", None) as advance:
        lab = Lab(
            form, request.model, (parts[0], parts[1]), journal,
            threads=request.threads, seconds=request.seconds, bar=advance,
        )  # fmt: skip
        return _Fitting(request, lab, form.clusters, parts[2], source_sha, samples.digest).answer()


def versions() -> dict[str, str]:
    """Of the libraries whose work is in the bytes."""
    return {"onnx": str(onnx.__version__), "onnxruntime": VERSION, "numpy": importlib.metadata.version("numpy")}


def _check(request: FitRequest) -> None:
    if request.size_bytes is not None and request.size_bytes <= 0:
        raise OptionError(f"a size of {request.size_bytes} bytes cannot be had: ask for more than 0")
    if request.speed is not None and not 0 < request.speed < 100:
        raise OptionError(f"a speed of {request.speed} times float cannot be had: ask for 0.1 to 10")
    if request.threads < 1 or request.trials < 1 or request.calibration_samples < 1:
        raise OptionError("threads, trials and calibration samples are at least 1")


def _parts(samples: Samples, most: int) -> tuple[Samples, Samples, Samples]:
    """For ranges, for choosing, for what is reported; all the same where there are fewer than four."""
    if len(samples) < 4:
        return samples, samples, samples
    samples = samples.shuffled()
    return (
        samples.part(lambda i: i % 4 < 2, most),
        samples.part(lambda i: i % 4 == 2, CHOOSING),
        samples.part(lambda i: i % 4 == 3, HELD_OUT),
    )


class _Fitting:
    """From what was tried to the answer."""

    def __init__(
        self, request: FitRequest, lab: Lab, units: Sequence[Cluster], held_out: Samples, source_sha: str, data_sha: str
    ) -> None:
        self._request, self._lab, self._units, self._held_out = request, lab, units, held_out
        self._source_sha, self._data_sha = source_sha, data_sha
        quality = request.speed is not None or (request.size_bytes is not None and request.min_sqnr_db is None)
        least = request.min_sqnr_db if request.min_sqnr_db is not None else (-math.inf if quality else SQNR_DB)
        aim = "quality" if quality and request.min_sqnr_db is None else "speed"
        self._bounds = Bounds(request.size_bytes, request.speed, least, aim)
        self._float_bytes = request.model.stat().st_size

    def answer(self) -> Fit:
        if self._lab.same_db() < SAME_DB:
            return self._float(Found([], {}), "its opset cannot be raised without changing what it computes")
        if not self._units:
            return self._float(Found([], {}), "it has no convolution or matrix product with constant weights")
        found = search(self._lab, self._units, self._bounds, self._work(), self._request.trials)
        front = pareto(found.tried)
        finalists = sorted((one for one in front if fits(one, self._bounds)), key=self._rank)[:3]
        again = [(one, self._lab.speed(one.plan, "final")) for one in finalists]
        for one, speed in sorted(again, key=lambda pair: self._rank(pair[0], pair[1])):
            if fits(replace(one, speed=speed), self._bounds):
                return self._written(found, one, speed)
        return self._none(found, front)

    def _rank(self, one: Tried, speed: Speed | None = None) -> float:
        """Lower is better."""
        if self._bounds.aims_at == "quality":
            return one.guide
        chosen = speed or one.speed
        assert chosen is not None
        return -chosen.ratio

    def _work(self) -> dict[str, float]:
        """Cluster → what 8 bits may save: its multiplications, and a little for each number that it gives."""

        def counted() -> dict[str, float]:
            graph = self._lab.graph
            nodes = {node.name: node for node in graph.nodes}
            names = [nodes[unit.name].output[0] for unit in self._units]
            session = watched(graph.model, names, self._request.threads)
            sample = next(iter(self._held_out))
            sizes = {p.name: a.size for p, a in zip(session.outputs, session.run(sample), strict=True)}
            work = {}
            for unit in self._units:
                node = nodes[unit.name]
                dims = graph.constants[node.input[1]].dims
                each = math.prod(dims[1:]) if node.op_type == "Conv" else dims[0]
                work[unit.name] = float(sizes[node.output[0]] * (each + 8))
            return work

        work: dict[str, float] = self._lab.piece("work", counted)
        return work

    def _written(self, found: Found, one: Tried, speed: Speed) -> Fit:
        out = self._request.out / f"{self._request.model.stem}.quantized.onnx"
        with written(out) as part:
            part.write_bytes(self._lab.built(one.plan))
        session = open_session(out, threads=self._request.threads, name=str(out))
        noise = self._held_out_noise(session)
        return self._fit(found, out, one.plan, one, noise, speed, True, self._says(noise, speed, out.stat().st_size))

    def _held_out_noise(self, session: Any) -> Noise:
        return Reference(self._lab.float_session, self._held_out).noise(session)

    def _says(self, noise: Noise, speed: Speed, size: int) -> str:
        return (
            f"{size} bytes, {speed.ratio:.2f} times as fast as float ({speed.low:.2f} to {speed.high:.2f}), "
            f"{noise.sqnr_db:.1f} dB above its noise"
        )

    def _none(self, found: Found, front: Sequence[Tried]) -> Fit:
        """Nothing that was tried fits: float stays if it does, else the nearest is named."""
        nearest = ""
        if front:
            fastest = max(front, key=lambda one: one.speed.ratio if one.speed else 0.0)
            assert fastest.speed is not None
            smallest = min(front, key=lambda one: one.bytes)
            nearest = (
                f"the fastest was {fastest.speed.ratio:.2f} times as fast at {decibels(fastest.guide):.1f} dB, "
                f"the smallest {smallest.bytes} bytes at {decibels(smallest.guide):.1f} dB"
            )
        small = self._bounds.size_bytes is None or self._float_bytes <= self._bounds.size_bytes
        if small and (self._bounds.speed is None or self._bounds.speed <= 1):
            return self._float(found, f"nothing faster stays above {self._bounds.min_sqnr_db:.1f} dB ({nearest})")
        why = f"no file is within all bounds: {nearest}"
        return self._fit(found, None, None, None, None, None, False, why)

    def _float(self, found: Found, why: str) -> Fit:
        """The model itself is the answer."""
        small = self._bounds.size_bytes is None or self._float_bytes <= self._bounds.size_bytes
        if not small or (self._bounds.speed or 0) > 1:
            return self._fit(found, None, None, None, None, None, False, f"it cannot be quantized: {why}")
        out = self._request.out / self._request.model.name
        if out.resolve() != self._request.model.resolve():
            with written(out) as part:
                part.write_bytes(guard.load(self._request.model).SerializeToString(deterministic=True))
        speed = Speed(1.0, 1.0, 1.0, 0.0, 0.0)
        return self._fit(found, out, None, None, Noise(0.0, 0.0), speed, True, f"float stays: {why}")

    def _fit(
        self, found: Found, out: Path | None, plan: Plan | None, one: Tried | None, noise: Noise | None,
        speed: Speed | None, feasible: bool, why: str,
    ) -> Fit:  # fmt: skip
        request = self._request
        measured = None if out is None or noise is None else score(out.stat().st_size, noise, speed)
        predicted = None if one is None else score(one.bytes, one.noise, one.speed)
        place = None
        if out is not None:
            place = out.with_suffix(".json")
            facts = {
                "why": why, "device": request.device, "calibration": str(request.calibration),
                "calibration_sha256": self._data_sha, "preprocessing": asdict(request.preprocessing),
                "measured": None if measured is None else {"loss": measured.loss, **measured.more},
            }  # fmt: skip
            recipe = {"float": True} if plan is None else plan.to_json()
            manifest.write(place, manifest.Manifest(
                "onnx", str(request.model), self._source_sha, out.name, sha256(out), recipe, versions(), facts,
            ))  # fmt: skip
        choices = {} if plan is None else dict(plan.choices)
        units = [
            Unit(
                u.name,
                index,
                u.weights,
                BITS[choices.get(u.name, FLOAT)],
                choices.get(u.name, FLOAT),
                found.losses.get(u.name),
            )
            for index, u in enumerate(self._units)
        ]
        front = [
            Point(p.bytes, p.noise.nsr, p.speed.ratio if p.speed else None, p.plan.choices) for p in pareto(found.tried)
        ]
        asked = {"size_bytes": request.size_bytes, "speed": request.speed, "min_sqnr_db": request.min_sqnr_db}
        return Fit(
            "onnx", request.model, self._float_bytes, request.device, {k: v for k, v in asked.items() if v is not None},
            feasible, why, out, predicted, measured, False, front, units, manifest=place,
        )  # fmt: skip


def score(size: int, noise: Noise, speed: Speed | None) -> Score:
    """As results and `--json` have it."""
    more = {"sqnr_db": noise.sqnr_db, "max_abs_err": noise.max_abs}
    if speed is not None:
        more |= {"speed_low": speed.low, "speed_high": speed.high}
    return Score(size, noise.nsr, None if speed is None else speed.ratio, more)
