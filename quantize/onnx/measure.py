"""What a model loses and costs: noise of its outputs beside the float model's, and times taken in turns with it.

SQNR is −10 log10 of the noise-to-signal power, Σ (y − ŷ)² / Σ y² over all samples for each output, averaged over the
outputs, so that a small output counts as much as a large one. Speed is the ratio of the median times, with the interval
of a bootstrap over the turns (Efron, Tibshirani 1993).
"""

from __future__ import annotations

import math
import time
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from quantize.onnx.inputs import Sample
from quantize.onnx.session import Session

Array = NDArray[Any]
RESAMPLED: Final = 400
QUIET_DB: Final = 200.0
"""what is said for outputs that are equal"""
KEPT_BYTES: Final = 128 << 20
"""of the float model's outputs"""


@dataclass(frozen=True, slots=True)
class Noise:
    """How far outputs are from the float model's."""

    nsr: float
    """noise power over signal power, mean of the outputs; inf where they are not finite"""
    max_abs: float

    @property
    def sqnr_db(self) -> float:
        return decibels(self.nsr)


def decibels(nsr: float) -> float:
    """Signal over noise for noise over signal, within ±200 dB."""
    if not math.isfinite(nsr):
        return -QUIET_DB
    return QUIET_DB if nsr <= 0 else min(QUIET_DB, -10 * math.log10(nsr))


@dataclass(frozen=True, slots=True)
class Speed:
    """Of one model beside the float one: 2 is twice as fast."""

    ratio: float
    low: float
    high: float
    """95 % interval"""
    float_s: float
    model_s: float
    """median seconds of a run"""

    def to_json(self) -> list[float]:
        return [self.ratio, self.low, self.high, self.float_s, self.model_s]


class Reference:
    """Samples with what the float model says to them, kept as far as memory is set aside for it."""

    def __init__(self, session: Session, samples: Iterable[Sample]) -> None:
        self.samples: list[Sample] = []
        self.outputs: list[list[Array]] = []
        room = KEPT_BYTES
        for sample in samples:
            outputs = session.run(sample)
            room -= sum(a.nbytes for a in outputs) + sum(a.nbytes for a in sample.values())
            if room < 0 and self.samples:
                break
            self.samples.append(sample)
            self.outputs.append(outputs)

    def noise(self, session: Session) -> Noise:
        """Of another model on the samples. Raises InputError when it does not run."""
        ratios, worst = self.ratios(session)
        return Noise(mean_noise(ratios.values()), worst)

    def ratios(self, session: Session) -> tuple[dict[int, float], float]:
        """Index of an output → noise power over signal power; and the largest difference."""
        noise: dict[int, float] = {}
        signal: dict[int, float] = {}
        worst = 0.0
        for sample, wanted in zip(self.samples, self.outputs, strict=True):
            for index, (right, found) in enumerate(zip(wanted, session.run(sample), strict=True)):
                if right.dtype.kind != "f":
                    continue
                difference = found.astype(np.float64) - right
                noise[index] = noise.get(index, 0.0) + float(np.square(difference).sum())
                signal[index] = signal.get(index, 0.0) + float(np.square(right.astype(np.float64)).sum())
                worst = max(worst, float(np.abs(difference).max(initial=0.0)))
        return {i: noise[i] / signal[i] if signal[i] > 0 else float(noise[i] > 0) for i in noise}, worst


def mean_noise(ratios: Collection[float]) -> float:
    nsr = sum(ratios) / len(ratios) if ratios else 0.0
    return nsr if math.isfinite(nsr) else math.inf


def compared(reference: Session, other: Session, samples: Sequence[Sample], seconds: float, threads: int) -> Speed:
    """The two models run in turns for about so many seconds, at least 12 turns, after two that do not count."""
    clock = time.thread_time_ns if threads == 1 else time.perf_counter_ns
    pairs: list[tuple[int, int]] = []
    spent, turn = 0, 0
    while turn < 14 or (spent < seconds * 1e9 and turn < 400):
        sample = samples[turn % len(samples)]
        times = [0, 0]
        for which in (0, 1) if turn % 2 else (1, 0):
            start = clock()
            (reference, other)[which].run(sample)
            times[which] = clock() - start
            spent += times[which]
        if turn >= 2:
            pairs.append((times[0], times[1]))
        turn += 1
    return _ratio(np.array(pairs, np.float64) * 1e-9)


def _ratio(pairs: NDArray[np.float64]) -> Speed:
    """Median of the turns' ratios: neighbours in time share what else the machine does."""
    ratios = pairs[:, 0] / pairs[:, 1]
    chosen = np.random.default_rng(0).integers(0, len(ratios), (RESAMPLED, len(ratios)))
    low, high = np.quantile(np.median(ratios[chosen], axis=1), [0.025, 0.975])
    middle = np.median(pairs, axis=0)
    return Speed(float(np.median(ratios)), float(low), float(high), float(middle[0]), float(middle[1]))
