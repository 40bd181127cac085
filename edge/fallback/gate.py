"""Whether the local model keeps a question: the rule that was learned from the owner's turns, with its promise, in a file.

Without a file the rule is zero-shot: the local model's own sureness, from the probabilities of its first token. Sureness and
words together are learned by `calibrate`; half of the judged turns teach, the other half hold the promise.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from random import Random
from typing import Final
from zipfile import BadZipFile

import numpy as np

from edge.errors import ConfigError
from edge.fallback.calibration import DELTA, Judged, Promise, choose
from edge.fallback.learned import Learned, learn

FILE: Final = "router.npz"
LEARNS_FROM: Final = 100
"""judged turns with their words; from fewer, words are not learned"""
_ARRAYS: Final = ("idf", "directions", "mean", "spread", "owners", "buckets", "values", "dense", "weights")


@dataclass(frozen=True, slots=True)
class Gate:
    """Keeps a question when its sureness is high enough."""

    promise: Promise
    alpha: float
    """at most this share of the turns is kept and wrong"""
    model: str
    """the local model that the turns were answered by"""
    learned: Learned | None = None
    """of the chance that the local model is wrong; None: its sureness alone decides"""

    def keeps(self, question: str, confidence: float) -> bool:
        """Whether the local model answers, given how sure it is, 0..1."""
        return self.sureness(question, confidence) >= self.promise.threshold

    def sureness(self, question: str, confidence: float) -> float:
        """What the threshold is held against."""
        return confidence if self.learned is None else -self.learned.gain(question, confidence)


def calibrate(turns: Sequence[Judged], alpha: float, model: str, seed: int = 0) -> Gate:
    """The rule that keeps most turns and whose promise holds, with a certainty of 1 − `DELTA`.

    Two rules are tried, each with half of the chance to be wrong (Bonferroni): the sureness alone, its threshold chosen on
    all turns; and what is learned from half of the turns, its threshold chosen on the other half.
    """
    plain = choose(turns, alpha, DELTA / 2)
    worded = [turn for turn in turns if turn.question]
    if len(worded) < LEARNS_FROM:
        return Gate(choose(turns, alpha), alpha, model)
    order = list(worded)
    Random(seed).shuffle(order)
    taught, held_out = order[: len(order) // 2], order[len(order) // 2 :]
    learned = learn(
        [t.question for t in taught],
        [float(not t.right) for t in taught],
        seed=seed,
        beside=[t.confidence for t in taught],
    )
    risks = learned.gains([t.question for t in held_out], [t.confidence for t in held_out])
    sure = [replace(t, confidence=-float(risk)) for t, risk in zip(held_out, risks, strict=True)]
    promise = choose(sure, alpha, DELTA / 2)
    if promise.kept <= plain.kept:
        return Gate(plain, alpha, model)
    return Gate(promise, alpha, model, learned)


def save(gate: Gate, folder: Path) -> Path:
    """Writes the rule, whole or not at all. Raises ConfigError when it cannot be written."""
    path, part = folder / FILE, folder / (FILE + ".part")
    told = {"promise": asdict(gate.promise), "alpha": gate.alpha, "model": gate.model}
    arrays = {name: getattr(gate.learned, name) for name in _ARRAYS} if gate.learned is not None else {}
    if gate.learned is not None:
        told["base"] = gate.learned.base
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        with part.open("wb") as file:
            np.savez(file, told=np.array(json.dumps(told)), **arrays)
        part.replace(path)
    except OSError as error:
        raise ConfigError(f"{path} cannot be written ({error.strerror or error}): check the folder") from error
    return path


def load(folder: Path, model: str) -> Gate | None:
    """The rule that is kept, or None where there is none.

    Raises:
        ConfigError: the file is broken, or was made for another local model.
    """
    path = folder / FILE
    try:
        with path.open("rb") as whole, np.load(whole, allow_pickle=False) as file:
            told = json.loads(str(file["told"]))
            learned = Learned(**{name: file[name] for name in _ARRAYS}, base=told["base"]) if "base" in told else None
        gate = Gate(Promise(**told["promise"]), float(told["alpha"]), str(told["model"]), learned)
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError, EOFError, BadZipFile) as error:
        raise ConfigError(f"{path} is broken: run edge cloud calibrate again, or delete it") from error
    if gate.model != model:
        raise ConfigError(
            f"{path} was learned with the local model {gate.model}, not {model}: calibrate again, or delete it"
        )
    return gate
