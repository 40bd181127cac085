"""The shipped file and others made of the same weights against the float one, on the hand-written questions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import mean
from typing import Any, Final

from edge.types import Answer
from quantize.glance.network.quantizer import KINDS, quantize
from quantize.glance.scoring import speed
from quantize.glance.scoring.answering import Asker
from quantize.glance.scoring.held_out import Question
from quantize.glance.scoring.judging import score
from quantize.glance.scoring.table import Row, Table, shown

OTHERS: Final = tuple(kind for kind in KINDS if kind != "Q8_0")
PASSES: Final = 1 + 2 * len(OTHERS) + 1
"""How many times every question is asked: of the float file and the others, and first tokens of all but the float."""


@dataclass(frozen=True, slots=True)
class File:
    """One file's answers against those of the float one."""

    name: str
    n_bytes: int
    right: float
    """percent"""
    same: float
    """percent of answers that are the float file's, word for word"""
    kl: float
    """mean KL divergence of the first token's probabilities, nats"""
    apart: float
    """largest difference of a first token's probability, mean over questions"""
    speed: Mapping[str, Any]


def compare(
    asker: Asker, shipped: Path, floating: Path, folder: Path, questions: Sequence[Question], answers: Sequence[Answer]
) -> list[File]:
    """The float file first, then the shipped one, whose answers are known, then smaller ones, made in a folder."""
    wanted = asker.answers(floating, questions)
    files = [_file("float32", floating, questions, wanted, wanted, [(0.0, 0.0)])]
    files.append(
        _file("shipped", shipped, questions, answers, wanted, asker.first_tokens(shipped, floating, questions))
    )
    for kind in OTHERS:
        path = folder / f"{kind}.gguf"
        quantize(floating, path, kind)
        first = asker.first_tokens(path, floating, questions)
        files.append(_file(kind, path, questions, asker.answers(path, questions), wanted, first))
    return files


def _file(
    name: str,
    path: Path,
    questions: Sequence[Question],
    answers: Sequence[Answer],
    wanted: Sequence[Answer],
    first: Sequence[tuple[float, float]],
) -> File:
    return File(
        name,
        path.stat().st_size,
        100 * mean(score(q, a).is_right for q, a in zip(questions, answers, strict=True)),
        100 * mean(is_same(a, b) for a, b in zip(answers, wanted, strict=True)),
        mean(kl for kl, _ in first),
        mean(apart for _, apart in first),
        speed.measured(path, runs=3, batches=()),
    )


def is_same(a: Answer, b: Answer) -> bool:
    """Whether two answers are the same to a person."""
    return (a.text, a.escalate, a.tool_call) == (b.text, b.escalate, b.tool_call)


def table(files: Sequence[File]) -> tuple[list[Row], Table]:
    """Size against score and speed; the goal is the shipped file's."""
    best = files[0].right
    rows = []
    cells = []
    for f in files:
        goal = "<= 0.5" if f.name == "shipped" else ""
        lost = Row("quantized", f"points lost against float32: {f.name}", best - f.right, "points", goal)
        if f is not files[0]:
            rows.append(lost)
        cells.append(
            (f.name, f"{f.n_bytes / 1e6:.2f}", shown(f.right, "%"), shown(lost.value, "points"), goal, lost.verdict,
             shown(f.same, "%"), f"{f.kl:.5f}", f"{f.apart:.4f}", shown(f.speed["prefill_tokens_per_s"], "tok/s"),
             shown(f.speed["decode_tokens_per_s"], "tok/s"))
        )  # fmt: skip
    rows += [Row("quantized", f"answers as with float32: {f.name}", f.same, "%") for f in files[1:]]
    rows += [Row("quantized", f"first token, mean KL divergence: {f.name}", f.kl, "nats") for f in files[1:]]
    head = (
        "file",
        "MB",
        "right, %",
        "lost",
        "goal",
        "holds",
        "same answers, %",
        "KL, nats",
        "apart",
        "prefill",
        "decode",
    )
    return rows, Table(
        "Size against score: the hand-written questions with files of the same weights", head, tuple(cells)
    )
