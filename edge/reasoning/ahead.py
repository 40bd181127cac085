"""How much of a question that is still being spoken is worth computing, and how much was for nothing; pure.

What is new is computed at once. What was revised is computed only as far as two drafts in turn agree, the local
agreement of streaming recognition (Liu et al. 2020, "Low-Latency Sequence-to-Sequence Speech Recognition and
Translation by Partial Hypothesis Selection"): a scene that changes with every frame then costs next to nothing.
"""

from __future__ import annotations

from collections.abc import Sequence


def common(a: Sequence[int], b: Sequence[int]) -> int:
    """Length of the beginning that two prompts share."""
    n = 0
    for x, y in zip(a, b, strict=False):
        if x != y:
            break
        n += 1
    return n


class Ahead:
    """One question after the other."""

    def __init__(self) -> None:
        self.computed = 0
        """tokens computed before their question was whole"""
        self.wasted = 0
        """of those, tokens that were thrown away again"""
        self._said = 0
        """of those, tokens of a reply that nobody asked for yet"""
        self._before: Sequence[int] = ()
        self._reach = 0
        """how far the cache holds this question's drafts"""
        self._made: Sequence[int] = ()
        """what was computed of them, whatever became of the cache since"""

    def wanted(self, ids: Sequence[int], held: Sequence[int]) -> int:
        """How many tokens of a draft are to be computed, those that the cache holds included."""
        shared, agreed = common(held, ids), common(self._before, ids)
        self._before = ids
        if shared >= self._reach:
            return len(ids)
        return max(shared, agreed)

    def cut(self, kept: int) -> None:
        """The cache keeps only this many tokens of what it held."""
        self.wasted += max(0, self._reach - kept)
        self._reach = min(self._reach, kept)
        self._made = self._made[:kept]

    def add(self, tokens: int, reach: int) -> None:
        """So many tokens were computed, and the cache reaches so far now."""
        self.computed += tokens
        self._reach = reach
        self._made = self._before[:reach]

    def say(self) -> None:
        """A token of a reply was made before its question was whole."""
        self.computed += 1
        self._said += 1

    def unsay(self) -> None:
        """The reply that was begun answers nothing."""
        self.wasted += self._said
        self._said = 0

    def over(self, kept: int, ids: Sequence[int] = ()) -> int:
        """The question is whole; so much of the cache serves it, and the reply that was begun, if any, answers it. Returns
        how many of its tokens were computed ahead and are no longer held: none, unless the cache was emptied meanwhile.
        """
        missed = max(0, common(self._made, ids) - kept)
        self.cut(kept)
        self._before, self._made, self._reach, self._said = (), (), 0, 0
        return missed
