"""Prompt lookup: what a model copies is guessed from its prompt (Saxena 2023, "Prompt Lookup Decoding"); pure.

The last tokens are looked for earlier in the text; what followed them there is computed in one go with the next token, and
kept as far as it is what the model would have said: the same words, sooner.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

GUESSES: Final = 5
"""tokens guessed at once: more are seldom all right, and each costs"""
_LONGEST, _SHORTEST = 3, 2
"""tokens that must recur before what follows is guessed"""
_PATIENCE: Final = 4
"""guesses in a row that may be wrong before none are made any more in this reply"""


class Lookup:
    """Guesses for one reply."""

    def __init__(self, prompt: Sequence[int]) -> None:
        self._ids = list(prompt)
        self._wrong = 0

    def add(self, token: int) -> None:
        """The next token of the reply."""
        self._ids.append(token)

    def guess(self) -> list[int]:
        """What may follow; nothing where the last tokens are new or guessing does not help."""
        if self._wrong >= _PATIENCE:
            return []
        ids = self._ids
        for size in range(_LONGEST, _SHORTEST - 1, -1):
            last = ids[-size:]
            # The latest place first: what was just said is said again more often.
            for at in range(len(ids) - size - 1, -1, -1):
                if ids[at : at + size] == last:
                    return ids[at + size : at + size + GUESSES]
        return []

    def judge(self, guessed: int, right: int) -> None:
        """How many of the guesses were right."""
        if guessed:
            self._wrong = 0 if right else self._wrong + 1
