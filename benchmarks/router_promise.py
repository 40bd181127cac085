"""Whether the router's promise holds: at most a share α of the turns is kept on the device and wrong, on RouteLLM's MMLU.

A turn is a question of MMLU, the local model is Mixtral-8x7B. Wrong means: the letter that it chose is not the key (the
column of its name in RouteLLM's responses is False), whatever GPT-4 chose. There are no token probabilities in these files:
the words of the question are all that the router has.

Taught before: the rule is learned from 1,000 other turns, and 500 turns choose its threshold. By itself: 500 turns are all
there is; half teach, half choose (`gate.calibrate`). The promise is held against turns that neither taught nor chose.
Escalated: the share of these that is not kept. Knowing all: a rule that knows which answers are wrong escalates as many of
them as are more than α.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from benchmarks.claims import DATA, Claim, main
from benchmarks.router_tables import read
from edge.fallback.calibration import Judged, choose
from edge.fallback.gate import calibrate
from edge.fallback.learned import learn

ALPHA: Final = 0.10
TAUGHT: Final = 1000
CHOSEN: Final = 500
TEACHERS: Final = 10
SPLITS: Final = 20
"""of each teacher"""
ALONE: Final = 20
HELD_AGAINST: Final = 3000
"""turns, for those that learn by themselves"""

Bools = NDArray[np.bool_]
Floats = NDArray[np.floating]


def split(risk: Floats, is_wrong: Bools, rng: np.random.Generator) -> tuple[float, float]:
    """Kept and wrong, and escalated, both as shares of the turns that did not choose the threshold."""
    order = rng.permutation(len(risk))
    chosen, others = order[:CHOSEN], order[CHOSEN:]
    threshold = choose([Judged(-float(risk[i]), not is_wrong[i]) for i in chosen], ALPHA).threshold
    kept = -risk[others] >= threshold
    return float((kept & is_wrong[others]).mean()), float(1 - kept.mean())


def taught(questions: Sequence[str], is_wrong: Bools, teachers: int) -> dict[str, list[tuple[float, float]]]:
    """Both shares of each split: by what was learned, and by length alone."""
    found: dict[str, list[tuple[float, float]]] = {"learned": [], "length": []}
    for seed in range(teachers):
        rng = np.random.default_rng(seed)
        order = rng.permutation(len(questions))
        teach, rest = order[:TAUGHT], order[TAUGHT:]
        learned = learn([questions[i] for i in teach], list(is_wrong[teach].astype(float)), seed=seed)
        scores = {"learned": learned.gains([questions[i] for i in rest])}
        scores["length"] = np.array([len(questions[i]) for i in rest], np.float32)
        for name, score in scores.items():
            found[name] += [split(score, is_wrong[rest], np.random.default_rng([seed, n])) for n in range(SPLITS)]
    return found


def alone(questions: Sequence[str], is_wrong: Bools, count: int) -> list[tuple[float, float]]:
    """Both shares of owners who have nothing but their own turns."""
    found = []
    for seed in range(count):
        order = np.random.default_rng([7, seed]).permutation(len(questions))
        own, others = order[:CHOSEN], order[CHOSEN : CHOSEN + HELD_AGAINST]
        made = calibrate([Judged(0.5, not is_wrong[i], questions[i]) for i in own], ALPHA, "mixtral", seed)
        if made.learned is None:
            found.append((0.0, 1.0))
            continue
        kept = -made.learned.gains([questions[i] for i in others], [0.5] * len(others)) >= made.promise.threshold
        found.append((float((kept & is_wrong[others]).mean()), float(1 - kept.mean())))
    return found


def measure(quick: bool) -> list[Claim]:
    """Two hundred splits, and twenty owners by themselves."""
    folder = DATA / "routing" / "routellm"
    table = read(folder).get("mmlu") if folder.is_dir() else None
    if table is None:
        return [Claim(f"not measured: {folder} is not there", None, "", "")]
    is_wrong = table.weak == 0
    by = taught(table.questions, is_wrong, 2 if quick else TEACHERS)
    own = alone(table.questions, is_wrong, 3 if quick else ALONE)
    base = float(is_wrong.mean())
    least = 100 * (base - ALPHA)
    n = len(by["learned"])
    return [
        Claim(
            f"taught before: of {n} splits of {CHOSEN} turns, kept and wrong at most {ALPHA:.0%}",
            100 * np.mean([risk <= ALPHA for risk, _ in by["learned"]]).item(), "%", ">= 95",
            f"prompt length {100 * np.mean([risk <= ALPHA for risk, _ in by['length']]):.1f}",
        ),
        Claim(
            "taught before: escalated", 100 * np.mean([away for _, away in by["learned"]]).item(), "%", "<= 45",
            f"prompt length {100 * np.mean([away for _, away in by['length']]):.1f}, knowing all {least:.1f}",
        ),
        Claim("taught before: kept and wrong, mean", 100 * np.mean([r for r, _ in by["learned"]]).item(), "%", ""),
        Claim(f"by itself: of {len(own)} owners with {CHOSEN} turns, kept and wrong at most {ALPHA:.0%}",
              100 * np.mean([risk <= ALPHA for risk, _ in own]).item(), "%", ">= 95"),
        Claim("by itself: escalated", 100 * np.mean([away for _, away in own]).item(), "%", ""),
        Claim("answers of the local model that are wrong", 100 * base, "%", ""),
    ]  # fmt: skip


if __name__ == "__main__":
    main("router_promise", __doc__, measure)
