"""The owner's log of turns, kept only where `fallback.log` is set: a line of JSON each, in a file for the owner alone.

From it `edge cloud calibrate` learns and `edge cloud bakeoff` takes its questions. Nothing of it leaves but questions that
are public, asked anew and through the gate.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Final

from edge.errors import ConfigError
from edge.fallback.journal import append

FILE: Final = "turns.jsonl"
KEPT: Final = 5000
"""lines; when there are a fifth more, the oldest go"""


@dataclass(frozen=True, slots=True)
class Turn:
    """One question and what was answered."""

    question: str
    answer: str
    confidence: float
    """of the local model, 0..1"""
    source: str
    """local, cloud or none"""
    row: str = ""
    time: str = ""
    """wall time, ISO 8601"""
    chat: tuple[tuple[str, str], ...] = ()
    """(role, text) of all that a row would be told, where each part may go to every row and nothing personal was found:
    such a question is public; empty: it is not"""
    classes: tuple[str, ...] = ()
    """of what is in the chat"""
    right: bool | None = None
    """the judgement; None: there is none"""
    correct: str = ""
    """the right answer, where the person gave it"""


class Turns:
    """The log in one folder; written by one thread."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / FILE
        self._count = -1

    def add(self, turn: Turn) -> None:
        """Appends. Raises ConfigError when it cannot be written."""
        append(self.path, json.dumps(asdict(turn), ensure_ascii=False))
        self._count = self._count + 1 if self._count >= 0 else sum(1 for _ in self._lines())
        if self._count > KEPT * 1.2:
            self.replace(self.read()[-KEPT:])
            self._count = KEPT

    def read(self) -> list[Turn]:
        """Every turn, oldest first; a line that is none (cut off by a power failure) is left out."""
        turns = (_turn(line) for line in self._lines())
        return [turn for turn in turns if turn is not None]

    def replace(self, turns: Iterable[Turn]) -> None:
        """Writes the log anew, whole or not at all."""
        part = self.path.with_suffix(".part")
        text = "".join(json.dumps(asdict(turn), ensure_ascii=False) + "\n" for turn in turns)
        try:
            part.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
                file.write(text)
            part.replace(self.path)
        except OSError as error:
            raise ConfigError(
                f"{self.path}, the log of turns, cannot be written ({error.strerror or error})"
            ) from error

    def _lines(self) -> Sequence[str]:
        try:
            return self.path.read_text(encoding="utf-8", errors="replace").splitlines()
        except FileNotFoundError:
            return []
        except OSError as error:
            raise ConfigError(f"{self.path}, the log of turns, cannot be read ({error.strerror or error})") from error


def _turn(line: str) -> Turn | None:
    try:
        given = json.loads(line)
        known = {f.name: given[f.name] for f in fields(Turn) if f.name in given}
        chat = tuple((str(role), str(text)) for role, text in known.get("chat", ()))
        return Turn(**known | {"chat": chat, "classes": tuple(known.get("classes", ()))})
    except (ValueError, TypeError, KeyError):
        return None
