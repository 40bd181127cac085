"""The parts of the score as rows with goals and as tables, from answered questions; pure."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import numpy as np

from quantize.glance.scoring import calibration
from quantize.glance.scoring.judging import Score, outcome
from quantize.glance.scoring.table import Row, Table, plain, shown

ALL: Final = "all"
BLIND: Final = "blind"
_MEASURES: Final[tuple[tuple[str, str, Callable[[Score], bool | None]], ...]] = (
    ("all questions", "", lambda s: s.is_right),
    ("scene answers right", ">= 90", lambda s: s.is_right if s.kind == "scene" else None),
    ("unseen text copied letter by letter", ">= 95", lambda s: s.is_copied),
    ("tool calls exact", ">= 90", lambda s: s.is_right if s.kind == "tool" else None),
    ("escalated when not ours", "", lambda s: s.is_right if s.kind == "escalate" else None),
)
"""A measure's name, its goal in percent, and whether a score meets it (None: it is not about this question)."""
_LOST: Final = "<= 6"
NAMED: Final = ("clinc oos", "gsm8k", "mmlu")
"""The sources of questions that are not ours for which the goals are set."""


def hand_written(
    clean: Mapping[str, Sequence[Score]], misheard: Mapping[str, Sequence[Score]]
) -> tuple[list[Row], Table]:
    """Every measure of every file and of all together, clean and misheard, and the points that mishearing costs."""
    clean, misheard = _with_all(clean), _with_all(misheard)
    rows: list[Row] = []
    lines: list[tuple[str, ...]] = []
    for part, files in (("hand-written", clean), ("10 % misheard", misheard)):
        for name, goal, measure in _MEASURES:
            label = name if part == "hand-written" else f"misheard: {name}"
            # The goals are of what was said; of what was misheard, the loss has one.
            goal = goal if part == "hand-written" else ""
            lines.append(_line(rows, label, "%", goal, {f: _percent(measure, s) for f, s in files.items()}))
    name, _, measure = _MEASURES[0]
    percents = {f: (_percent(measure, clean[f]), _percent(measure, misheard[f])) for f in clean}
    lost = {f: None if a is None or b is None else a - b for f, (a, b) in percents.items()}
    lines.append(_line(rows, f"lost by mishearing: {name}", "points", _LOST, lost))
    head = ("% right", *(f"{f} ({len(s)})" for f, s in clean.items()), "goal", "holds", "holds, blind")
    return rows, Table("Hand-written questions, as they are and with 10 % of the words misheard", head, tuple(lines))


def _line(rows: list[Row], name: str, unit: str, goal: str, by_file: Mapping[str, float | None]) -> tuple[str, ...]:
    made = {file: Row(file, name, value, unit, goal) for file, value in by_file.items()}
    rows += made.values()
    verdicts = (made[ALL].verdict, made[BLIND].verdict if BLIND in made else "")
    return (name, *(shown(r.value, unit) for r in made.values()), goal, *verdicts)


def _with_all(files: Mapping[str, Sequence[Score]]) -> dict[str, Sequence[Score]]:
    return {**files, ALL: [s for scores in files.values() for s in scores]}


def _percent(measure: Callable[[Score], bool | None], scores: Sequence[Score]) -> float | None:
    met = [m for s in scores if (m := measure(s)) is not None]
    return 100 * sum(met) / len(met) if met else None


def skills(scores: Sequence[Score]) -> dict[str, tuple[int, int]]:
    """Of each skill how many were right, and of how many."""
    found: dict[str, list[bool]] = defaultdict(list)
    for s in scores:
        found[s.question.skill].append(s.is_right)
    return {skill: (sum(right), len(right)) for skill, right in found.items()}


def escalation(ours: Sequence[float], others: Mapping[str, Sequence[float]]) -> tuple[list[Row], Table]:
    """How well the confidence tells questions that are ours from each source of others, and from those of the goals
    together, each of them with as many questions as the smallest has.
    """
    named = [others[name] for name in NAMED if name in others]
    least = min((len(c) for c in named), default=0)
    sources = {name: others[name] for name in sorted(others, key=lambda n: (n not in NAMED, n))}
    if named:
        sources = {"together": [c for confidences in named for c in confidences[:least]], **sources}
    rows: list[Row] = []
    cells = []
    mine = np.array(ours)
    for name, confidences in sources.items():
        theirs = np.array(confidences)
        goals = (">= 0.97", "<= 0.05", "<= 5") if name in ("together", *NAMED) else ("", "", "")
        low, high = calibration.interval(calibration.auroc, mine, theirs)
        least_share, most_share = (100 * v for v in calibration.interval(calibration.answered, mine, theirs))
        area, share = calibration.auroc(mine, theirs), 100 * calibration.answered(mine, theirs)
        made = [
            Row("escalation", f"AUROC, ours against {name}", area, "", goals[0]),
            Row("escalation", f"answered of {name} when 95 % of ours are kept", share, "%", goals[2]),
        ]
        error = Row("escalation", "ECE, ours and all three together", calibration.ece(mine, theirs), "", goals[1])
        is_whole = name == "together"
        # With one source alone the share of questions that are ours is another: calibration is judged on all.
        rows += [*made, error] if is_whole else made
        cells.append(
            (name, str(len(theirs)), shown(area), f"{low:.3f}–{high:.3f}", made[0].verdict,
             shown(share, "%"), f"{least_share:.1f}–{most_share:.1f}", made[1].verdict,
             shown(error.value) if is_whole else "", error.verdict if is_whole else "")
        )  # fmt: skip
    title = (
        f"Confidence: {len(ours)} questions that are ours against real ones that are not "
        "(goals: AUROC >= 0.97, ECE <= 0.05, answered <= 5 %; intervals 95 %, bootstrap)"
    )
    head = ("against", "n", "AUROC", "interval", "holds", "answered, %", "interval", "holds", "ECE", "holds")
    return rows, Table(title, head, tuple(cells))


def removed(scores: Sequence[Score]) -> tuple[list[Row], Table]:
    """What became of questions about things that were taken out of the scene."""
    found = Counter(
        outcome(s.answer, [t.label for t in s.question.query.scene.seen], s.question.query.text) for s in scores
    )
    rows = [
        Row("never invents", "made something up", 100 * found["invented"] / len(scores), "%", "<= 2"),
        Row("never invents", "said that it is not there", 100 * found["denied"] / len(scores), "%"),
        Row("never invents", "escalated", 100 * found["escalated"] / len(scores), "%"),
        Row("never invents", "called a tool with the question's own words", 100 * found["called"] / len(scores), "%"),
    ]
    return rows, plain(rows, f"Never invents: {len(scores)} generated scenes with the asked-for thing removed")


def speed(found: Mapping[str, Any]) -> tuple[list[Row], list[Table]]:
    """What `speed.py` measured."""
    prefill = f"prefill, batch of {found['batch']}, {found['prompt_tokens']} tokens"
    stop_ms = found["by_batch"][str(found["batch"])]["stop_ms"]
    rows = [
        Row("speed", prefill, found["prefill_tokens_per_s"], "tok/s", ">= 3000"),
        Row("speed", "decode, in the runtime with its grammar", found["decode_tokens_per_s"], "tok/s", ">= 300"),
        Row("speed", "load", found["load_ms"], "ms", "<= 150"),
        Row("speed", "memory, the most, Python included", found["memory_mb"], "MB", "<= 80"),
        Row("speed", "of it the model, above Python with numpy and llama.cpp", found["model_adds_mb"], "MB"),
        Row("speed", "first word, the scene in the KV cache", found["first_word_ms"], "ms"),
        Row("speed", "stopped by interrupt, the longest", stop_ms, "ms"),
    ]
    cells = tuple(
        (batch, shown(one["prefill_tokens_per_s"], "tok/s"), shown(one["stop_ms"], "ms"))
        for batch, one in found["by_batch"].items()
    )
    batches = Table("Prefill by batch", ("tokens at once", "tok/s", "stopped after, ms"), cells)
    return rows, [plain(rows, "Speed and size in memory, one thread, medians"), batches]
