"""How sure the local model must be, from the owner's own turns: a threshold with a promise instead of a guess.

The promise: of all turns, at most a share α is answered on the device and wrong, with a chance of 95 % over the turns that
the threshold was chosen on. Thresholds are tested from the strictest on, each by the exact binomial bound of Clopper and
Pearson (Biometrika 26, 1934), and the last one that passes before the first that fails is taken: testing in a fixed order
needs no correction for their number (Angelopoulos et al., Learn then Test, arXiv 2110.01052, section 3.2).
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from edge.errors import ConfigError

DELTA: Final = 0.05
"""the chance that the promise is broken"""
STEPS: Final = 50
"""thresholds that are tried"""
LEAST: Final = 20
"""turns, below which nothing can be promised"""


@dataclass(frozen=True, slots=True)
class Judged:
    """A turn whose local answer was judged."""

    confidence: float
    """of the local model, 0..1 (`Answer.confidence`)"""
    right: bool
    question: str = ""
    """empty: not known"""


@dataclass(frozen=True, slots=True)
class Promise:
    """What a threshold keeps to."""

    threshold: float
    """a turn is kept on the device from this confidence on; above 1: none is"""
    kept: float
    """share of the turns that it keeps"""
    wrong: float
    """share of all turns that were kept and wrong, as seen"""
    bound: float
    """that share, with 95 % certainty, at most"""


def choose(turns: Sequence[Judged], alpha: float, delta: float = DELTA) -> Promise:
    """The lowest threshold whose promise holds."""
    count = len(turns)
    ordered = sorted(turns, key=lambda t: -t.confidence)
    best = Promise(1.01, 0.0, 0.0, 0.0)
    for step in range(1, STEPS + 1):
        last = max(1, round(step * count / STEPS)) - 1
        threshold = ordered[last].confidence
        kept = [t for t in ordered if t.confidence >= threshold]
        wrong = sum(not t.right for t in kept)
        bound = upper(wrong, count, delta)
        if bound > alpha:
            break
        best = Promise(threshold, len(kept) / count, wrong / count, bound)
    return best


def upper(events: int, of: int, delta: float) -> float:
    """The Clopper–Pearson upper bound: the largest rate under which so few events have a chance of at least `delta`."""
    if events >= of:
        return 1.0
    low, high = events / of, 1.0
    for _ in range(60):
        rate = (low + high) / 2
        low, high = (rate, high) if _at_most(events, of, rate) > delta else (low, rate)
    return high


def _at_most(events: int, of: int, rate: float) -> float:
    """The chance of at most so many events, binomial."""
    if rate <= 0:
        return 1.0
    if rate >= 1:
        return 0.0
    whole = math.lgamma(of + 1)
    yes, no = math.log(rate), math.log1p(-rate)
    return sum(
        math.exp(whole - math.lgamma(k + 1) - math.lgamma(of - k + 1) + k * yes + (of - k) * no)
        for k in range(events + 1)
    )


def read(path: Path) -> list[Judged]:
    """Judged turns, a line of JSON each: {"confidence": 0.93, "right": true}, and "question" where it is known. Lines of a
    log (`turns.py`) that were not judged, or not answered by the local model, are left out.

    Raises:
        ConfigError: it cannot be read, a line is no judged turn, or there are too few.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path} cannot be read ({error}): give a file of judged turns") from error
    turns = []
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            given = json.loads(line)
            confidence, right = given["confidence"], given["right"]
            question, source = given.get("question", ""), given.get("source", "local")
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise ConfigError(f'{path}, line {number}: it must be {{"confidence": 0.93, "right": true}}') from error
        if source != "local" or right is None:
            continue
        is_share = isinstance(confidence, int | float) and not isinstance(confidence, bool) and 0 <= confidence <= 1
        if not is_share or not isinstance(right, bool):
            raise ConfigError(f"{path}, line {number}: confidence must be 0..1, and right true or false")
        turns.append(Judged(float(confidence), right, str(question)))
    if len(turns) < LEAST:
        raise ConfigError(
            f"{path} has {len(turns)} judged turns of the local model: at least {LEAST} are needed, 500 are good"
        )
    return turns
