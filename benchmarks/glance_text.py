"""Glance's own prompts and answers, as the runtime builds them: documents for us, running text for llama-imatrix.

Calibration and evaluation are drawn from different seeds, and evaluation from the sentences that training never saw.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Final

from benchmarks.claims import DATA
from edge.reasoning.prompt import END, MARKS, Piece, question_cues, question_pieces
from quantize.gguf.network import Network
from quantize.glance.dialogue.dialogues import Dialogue, Dialogues, some_tools
from quantize.glance.network.marks import split_marks

FLOAT: Final = Path(os.environ.get("GLASSPATH_GLANCE_F32", "build/glance/glance_f32.gguf"))
_CALIBRATION_SEED: Final = 9077
_EVALUATION_SEED: Final = 9078
_FIT_SEED: Final = 9079


@dataclass(frozen=True, slots=True)
class Texts:
    """The files that were written."""

    calibration: Path
    """.jsonl: a scene and its questions a line; only answers count"""
    evaluation: Path
    fit_evaluation: Path
    """of the same source as `evaluation`, other questions: for a fit to judge by, before the evaluation judges the fit"""
    running: Path
    """the calibration's scenes with a question each, as text with the marks written out"""


def write(folder: Path, scenes: int = 90, judged: int = 60) -> Texts:
    """Writes all four."""
    folder.mkdir(parents=True, exist_ok=True)
    found = Texts(
        folder / "calibration.jsonl",
        folder / "evaluation.jsonl",
        folder / "fit_evaluation.jsonl",
        folder / "calibration.txt",
    )
    with Network(FLOAT) as network:
        known = list(_dialogues(_CALIBRATION_SEED, scenes, held_out=False))
        found.calibration.write_text("".join(_document(network, d) for d in known))
        found.running.write_text("".join(_text(d) for d in known))
        for seed, path in ((_EVALUATION_SEED, found.evaluation), (_FIT_SEED, found.fit_evaluation)):
            others = _dialogues(seed, judged, held_out=True)
            path.write_text("".join(_document(network, d) for d in others))
    return found


def _dialogues(seed: int, count: int, *, held_out: bool) -> Iterator[Dialogue]:
    rng, supply = Random(seed), Dialogues(seed, DATA, held_out=held_out)
    for _ in range(count):
        yield supply.next(some_tools(rng, held_out=held_out))


def _head(dialogue: Dialogue) -> tuple[Piece, ...]:
    prompt = dialogue.prompt
    return (*prompt.tools, *prompt.scene, *prompt.turns)


def _asked(dialogue: Dialogue, text: str) -> tuple[Piece, ...]:
    words, prompt = text.split(), dialogue.prompt
    return question_pieces(words, question_cues(words, prompt.lines, dialogue.device, dialogue.tools, dialogue.earlier))


def _answered(reply: str, *, is_partial: bool) -> tuple[Piece, ...]:
    pieces = tuple(Piece(text, text in MARKS) for text in split_marks(reply))
    return pieces if is_partial else (*pieces, Piece(END, True))


def _document(network: Network, dialogue: Dialogue) -> str:
    branches = []
    for example in dialogue.examples:
        question = _tokens(network, _asked(dialogue, example.question))
        answer = _tokens(network, _answered(example.reply, is_partial=example.is_partial))
        branches.append({"tokens": [*question, *answer][:-1], "from": len(question) - 1})
    return json.dumps({"tokens": _tokens(network, _head(dialogue)), "branches": branches}) + "\n"


def _text(dialogue: Dialogue) -> str:
    example = dialogue.examples[0]
    pieces = (*_head(dialogue), *_asked(dialogue, example.question), *_answered(example.reply, is_partial=False))
    return "".join(piece.text for piece in pieces)


def _tokens(network: Network, pieces: tuple[Piece, ...]) -> list[int]:
    numbers = {mark: n for n, mark in enumerate(MARKS)}
    found: list[int] = []
    for piece in pieces:
        found += [numbers[piece.text]] if piece.is_mark else network.tokens(piece.text, with_start=False).tolist()
    return found
