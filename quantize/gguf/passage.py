"""Tokens that are decoded together: a trunk that all see, and branches that follow it, each blind to the others."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Tokens = NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Passage:
    """One decode. All arrays have the same length."""

    tokens: Tokens
    branch: NDArray[np.int32]
    """0: trunk, which comes first; 1…: the branch that the token is in"""
    counts: NDArray[np.bool_]
    """whether what the model predicts after this token is judged"""

    def __len__(self) -> int:
        return len(self.tokens)

    @property
    def counted(self) -> int:
        """Predictions that are judged."""
        return int(self.counts.sum())

    @property
    def branches(self) -> int:
        return int(self.branch.max(initial=0))

    def positions(self) -> NDArray[np.int32]:
        """Place of each token in its own sequence: branches begin where the trunk ends."""
        trunk = int((self.branch == 0).sum())
        place = np.arange(len(self.tokens), dtype=np.int32)
        for n in range(1, self.branches + 1):
            inside = self.branch == n
            place[inside] = trunk + np.arange(int(inside.sum()), dtype=np.int32)
        return place

    def followers(self) -> NDArray[np.int32]:
        """The token that really follows each judged one; -1 at the end of a sequence."""
        after = np.append(self.tokens[1:], np.int32(-1))
        after[np.append(self.branch[1:] != self.branch[:-1], True)] = -1
        return after[self.counts]


@dataclass(frozen=True, slots=True)
class Room:
    """What a session needs to read some passages."""

    tokens: int
    branches: int


def room(passages: Iterable[Passage]) -> Room:
    """Enough for the longest and the most branched."""
    found = [(len(p), max(p.branches, 1)) for p in passages]
    return Room(max(n for n, _ in found), max(b for _, b in found))


def plain(tokens: Tokens) -> Passage:
    """A text without branches, all of which counts."""
    return Passage(tokens, np.zeros(len(tokens), np.int32), np.ones(len(tokens), np.bool_))
