"""What a fit says: scores, points of the Pareto front, the answer itself. Data for report, manifest and `--json`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Score:
    """What one file costs and loses. None: not known."""

    bytes: int
    """of the whole file"""
    loss: float
    """GGUF: mean KL divergence from the float model in nats per token. ONNX: noise-to-signal power of the outputs"""
    speed: float | None
    """GGUF: decode, tokens a second. ONNX: speed of the float model's, ratio (2: twice as fast)"""
    more: Mapping[str, float] = field(default_factory=dict)
    """other measurements under their names: kl_p99, top1_flip, perplexity, prefill_tok_s, sqnr_db, speed_low, …"""


@dataclass(frozen=True, slots=True)
class Point:
    """One plan on the Pareto front: no other is smaller, faster and closer at once."""

    bytes: int
    loss: float
    """predicted, in the unit of `Score.loss`"""
    speed: float | None
    """predicted, in the unit of `Score.speed`"""
    choice: Mapping[str, str]
    """unit (tensor or activation cluster) → what is done to it (a ggml type, a way of quantizing, "float")"""


@dataclass(frozen=True, slots=True)
class Unit:
    """One thing that is decided on: a tensor of a GGUF, an activation cluster of an ONNX graph. For the report's picture."""

    name: str
    layer: int | None
    """None: before or after the layers"""
    weights: int
    """numbers in it"""
    bits: float
    """a weight, in the file that was chosen"""
    choice: str
    loss: float | None = None
    """what this choice alone adds, measured"""


@dataclass(frozen=True, slots=True)
class Fit:
    """The answer of `quantize fit`."""

    kind: str
    """gguf or onnx"""
    model: Path
    """the float file"""
    float_bytes: int
    device: str
    """name of the device profile"""
    request: Mapping[str, Any]
    """bounds as asked: size_bytes, tok_s or speed, max_kl or min_sqnr_db; those left out are missing"""
    feasible: bool
    why: str
    """what was found, in one sentence: which bound is in the way and the nearest that can be had, or why float stays"""
    out: Path | None
    """the file that was written; None when nothing fits"""
    predicted: Score | None
    measured: Score | None
    """of the written file, reloaded"""
    speed_is_predicted: bool
    """the profile is another machine's: its speed could not be measured here"""
    front: Sequence[Point]
    units: Sequence[Unit]
    beside: Sequence[tuple[str, Score]] = ()
    """what people take who do not fit (one type throughout), judged in the same way"""
    manifest: Path | None = None
    report: Path | None = None

    def to_json(self) -> dict[str, Any]:
        """The object that `--json` prints."""
        return {
            "out": None if self.out is None else str(self.out),
            "bytes": None if self.measured is None else self.measured.bytes,
            "predicted": _score(self.predicted),
            "measured": _score(self.measured),
            "feasible": self.feasible,
            "why": self.why,
            "device": self.device,
            "speed_is_predicted": self.speed_is_predicted,
            "front": [
                {"bytes": p.bytes, "loss": p.loss, "speed": p.speed, "choice": dict(p.choice)} for p in self.front
            ],
            "manifest": None if self.manifest is None else str(self.manifest),
            "report": None if self.report is None else str(self.report),
        }


def _score(score: Score | None) -> dict[str, float | None] | None:
    if score is None:
        return None
    return {"bytes": score.bytes, "loss": score.loss, "speed": score.speed, **score.more}
