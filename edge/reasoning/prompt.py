"""Builds the local model's input from a query and the tools; pure, and the same at run time and in training.

From stable to volatile, so that the KV cache of one query serves the next: tools, scene, earlier turns, question. A
second question about the same scene computes its own words and the turn before it, and no more.

    <|tools|>photo(): take a picture
    timer(minutes integer?, seconds integer?): count down
    <|scene|>#battery 63 #time 14:05
    #1 text left nearest now .price .name: Cappuccino $4.50
    #2 object right gone 20s: dog
    in view: 1 text see #1 left #1 text #1
    <|turn|>what's on the left<|reply|>A sign that says Cappuccino $4.50.
    <|ask|>how much is the cappuccino #1.price #1<|reply|>

What rules do well is left to rules: counting, order, what is nearest, lists of what is on a side, and after the
question what its own words point at (`cues.py`).

The model replies `<|say|>It is #1.price.<|end|>`, `<|tool|>{"name":"photo","arguments":{}}<|end|>` or
`<|escalate|><|end|>`. Marks are control tokens and the rest is plain text, kept apart as pieces, so that no text that
was seen or said can ever become a mark.
"""

from __future__ import annotations

import functools
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from edge.reasoning.cues import Cues, cues
from edge.reasoning.lines import LABEL_CHARS, MAX_LINES, Line, clean, lines
from edge.reasoning.mentions import SYNONYMS
from edge.reasoning.parts import PARTS
from edge.reasoning.references import References, resolve
from edge.reasoning.tools import TOOLS, Parameter, Tool, tool
from edge.types import Device, Query, Scene, Turn

__all__ = [
    "MARKS", "PARTS", "SYNONYMS", "TOOLS", "Line", "Parameter", "Piece", "Prompt", "References", "Tool", "build",
    "question_cues", "question_pieces", "question_words", "resolve", "tool",
]  # fmt: skip

TOOLS_MARK: Final = "<|tools|>"
TURN: Final = "<|turn|>"
SCENE: Final = "<|scene|>"
ASK: Final = "<|ask|>"
REPLY: Final = "<|reply|>"
SAY: Final = "<|say|>"
TOOL: Final = "<|tool|>"
ESCALATE: Final = "<|escalate|>"
END: Final = "<|end|>"
_STRUCTURE: Final = (END, TOOLS_MARK, TURN, SCENE, ASK, REPLY, SAY, TOOL, ESCALATE)
_ALWAYS: Final = ("where", "ago", "thing")
MARKS: Final = (
    *_STRUCTURE,
    "#battery",
    "#time",
    *(f"#{n}" for n in range(1, MAX_LINES + 1)),
    *(f".{part}" for part in (*_ALWAYS, *PARTS)),
)
"""Every mark, in the order of their token numbers; the first one ends an answer."""
_QUESTION_WORDS: Final = 40
_TURN_CHARS: Final = 100
_MAX_TOOLS: Final = 24
_MAX_COUNTS: Final = 8
_SIDES: Final = ("left", "centre", "right")
_MAX_LISTED: Final = 6


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of the prompt: plain text, or one mark."""

    text: str
    is_mark: bool = False


@dataclass(frozen=True, slots=True)
class Prompt:
    """The model's input, with all that is needed to read its answer."""

    tools: tuple[Piece, ...]
    scene: tuple[Piece, ...]
    turns: tuple[Piece, ...]
    question: tuple[Piece, ...]
    words: tuple[str, ...]
    """The question's words, which a tool's argument may copy."""
    cues: Cues
    """What the question points at: its numbers, the lines that it speaks of, the lists that it asks for."""
    lines: tuple[Line, ...]
    targets: dict[str, str] = field(default_factory=dict)
    """What each reference stands for: "#2" and "#2.price" to the text that was seen."""

    @property
    def pieces(self) -> tuple[Piece, ...]:
        """The whole input in order."""
        return (*self.tools, *self.scene, *self.turns, *self.question)


def build(query: Query, tools: Sequence[Tool] = TOOLS, max_lines: int = MAX_LINES) -> Prompt:
    """The prompt for a query, bounded whatever the scene holds: `max_lines` lines of `LABEL_CHARS` characters."""
    shown = lines(query.scene, max_lines)
    words = question_words(query.text)
    found = question_cues(words, shown, query.scene.device, tools, query.earlier)
    turns: list[Piece] = []
    for turn in query.earlier[-2:]:
        asked = " ".join(question_words(turn.question)[:_QUESTION_WORDS])
        turns += (_mark(TURN), Piece(asked), _mark(REPLY), Piece(clean(turn.answer, _TURN_CHARS)))
    return Prompt(
        tools=(_mark(TOOLS_MARK), Piece("\n".join(clean(t.line, 120) for t in tools[:_MAX_TOOLS]))),
        scene=tuple(_scene_pieces(query.scene, shown)),
        turns=tuple(turns),
        question=question_pieces(words, found),
        words=words,
        cues=found,
        lines=shown,
        targets=_targets(query.scene.device, shown),
    )


def question_pieces(words: Sequence[str], found: Cues) -> tuple[Piece, ...]:
    """The question, followed by what its words point at."""
    pieces = [_mark(ASK), Piece(" ".join(words)), *map(_mark, found.mentioned)]
    for cue in found.lists:
        # A part is a mark; any other list has a plain name.
        pieces.append(_mark(cue.name) if cue.name in MARKS else Piece(f" {cue.name}"))
        pieces += [_mark(reference) for reference in cue.references]
        if cue.words:
            pieces.append(Piece(f" {' '.join(cue.words)}"))
    return (*pieces, _mark(REPLY))


def question_cues(
    words: Sequence[str], shown: Sequence[Line], device: Device, tools: Sequence[Tool], earlier: Sequence[Turn] = ()
) -> Cues:
    """What a question points at in this scene, on this device, among these tools."""
    known = [mark for mark, value in (("#battery", device.battery), ("#time", device.time)) if value is not None]
    before = question_words(f"{earlier[-1].question} {earlier[-1].answer}") if earlier else ()
    return cues(words, shown, [question_words(line.label) for line in shown], known, tools, before)


@functools.lru_cache(4096)
def question_words(text: str) -> tuple[str, ...]:
    """A question as speech recognition gives it: lower case words without punctuation, at most 40."""
    kept = clean(text, 1000).lower().replace("’", "'")
    # A point, comma or colon stays inside a number only.
    kept = re.sub(r"(?<!\d)[.,:]|[.,:](?!\d)|[^\w.,:'$€£%+-]|_", " ", kept)
    words = [word.strip("'-") for word in kept.split()]
    return tuple([word[:40] for word in words if word][:_QUESTION_WORDS])


def _mark(text: str) -> Piece:
    return Piece(text, is_mark=True)


def _scene_pieces(scene: Scene, shown: Sequence[Line]) -> list[Piece]:
    pieces = [_mark(SCENE)]
    if scene.device.battery is not None:
        pieces += (_mark("#battery"), Piece(f" {scene.device.battery} "))
    if scene.device.time is not None:
        pieces += (_mark("#time"), Piece(f" {clean(scene.device.time, 12)} "))
    for line in shown:
        pieces += (Piece("\n"), _mark(f"#{line.number}"), Piece(f" {line.kind} {line.side} {line.depth} {line.age}"))
        pieces += (_mark(f".{part}") for part in line.parts)
        pieces.append(Piece(f": {clean(line.label, LABEL_CHARS)}"))
    # Counted by rule: a model of this size counts badly, and rules count well.
    counts = Counter(line.label if line.kind in ("object", "face") else line.kind for line in shown if line.is_in_view)
    if counts:
        said = " ".join(f"{n} {clean(label, 20)}" for label, n in counts.most_common(_MAX_COUNTS))
        pieces.append(Piece(f"\nin view: {said}"))
    for name, listed in _indexes(shown).items():
        pieces += (Piece(f" {name} "), *(_mark(f"#{line.number}") for line in listed))
    return pieces


def _indexes(shown: Sequence[Line]) -> dict[str, list[Line]]:
    """Lists that most questions ask for: things in view, by side, and texts."""
    first: dict[tuple[str, str], Line] = {}
    for line in shown:
        if line.is_in_view:
            first.setdefault((line.kind, line.label), line)
    distinct = list(first.values())
    found: dict[str, list[Line]] = {"see": distinct[:_MAX_LISTED]}
    found |= {side: [line for line in distinct if line.side == side][:_MAX_LISTED] for side in _SIDES}
    found["text"] = [line for line in shown if line.is_in_view and line.kind == "text"][:_MAX_LISTED]
    return {name: listed for name, listed in found.items() if listed}


def _targets(device: Device, shown: Sequence[Line]) -> dict[str, str]:
    targets: dict[str, str] = {}
    if device.battery is not None:
        targets["#battery"] = f"{device.battery} percent"
    if device.time is not None:
        targets["#time"] = clean(device.time, 12)
    for line in shown:
        name = f"#{line.number}"
        targets[name] = line.label
        targets[f"{name}.where"] = line.where
        targets[f"{name}.ago"] = line.ago
        targets[f"{name}.thing"] = line.thing
        targets |= {f"{name}.{part}": text for part, text in line.parts.items()}
    return targets
