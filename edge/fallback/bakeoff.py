"""Which row is better for the owner: their public questions asked of several rows in shadow, judged pair by pair.

The questions come in a random order; it ends when all pairs can be told apart (`betting.py`), the money is spent or no
question is left. Every question that was judged is in a journal, and is not asked again when the run goes on. A row that
gives no answer loses to one that does: being there is a part of being good.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from itertools import combinations
from pathlib import Path
from random import Random
from typing import Any, Final

from edge.errors import BudgetExceeded, RemoteUnavailable
from edge.fallback.betting import Betting
from edge.fallback.journal import append
from edge.fallback.turns import Turn

ALPHA: Final = 0.05
SILENT: Final = 3
"""questions in a row that no row answers: the network is gone"""


@dataclass(frozen=True, slots=True)
class Reply:
    """What a row answered."""

    text: str
    """empty: nothing"""
    seconds: float = 0.0
    usd: float = 0.0


Ask = Callable[[str, Turn], Awaitable[Reply]]
"""a row's name and a question; raises BudgetExceeded when the money is spent"""
Judge = Callable[[Turn, Reply, Reply], Awaitable[float | None]]
"""1: the first is better, 0.5: neither, 0: the second; None: it cannot be said"""


class Stopped(Exception):
    """Raised by a judge who wants to end here."""


@dataclass(slots=True)
class Pair:
    """Two rows and how they compare."""

    first: str
    second: str
    bets: Betting


@dataclass(slots=True)
class Result:
    """What is known."""

    pairs: list[Pair]
    questions: int = 0
    why: str = ""
    """it ended"""
    replies: dict[str, list[Reply]] = field(default_factory=dict)


class Bakeoff:
    """One comparison of two rows or more."""

    def __init__(self, rows: Sequence[str], ask: Ask, judge: Judge, journal: Path) -> None:
        self._rows, self._ask, self._judge, self._journal = tuple(rows), ask, judge, journal
        pairs = list(combinations(self._rows, 2))
        # Each pair has its part of α, so that all that is said holds together (Bonferroni).
        self._result = Result([Pair(a, b, Betting(ALPHA / len(pairs))) for a, b in pairs])

    async def run(self, turns: Sequence[Turn], progress: Callable[[Result], None], seed: int = 0) -> Result:
        """Goes on from the journal until all pairs are told apart, the money is spent, or there is no question left.

        Raises:
            ConfigError: the journal cannot be written.
            RemoteUnavailable: no row answers any more; what was learned is in the journal.
        """
        result, known, silent = self._result, self._known(), 0
        order = list({_name(turn): turn for turn in turns}.items())
        Random(seed).shuffle(order)
        result.why = "every question was asked"
        for name, turn in sorted(order, key=lambda item: item[0] not in known):
            if result.questions and all(pair.bets.better for pair in result.pairs):
                result.why = "all rows can be told apart"
                break
            try:
                if name not in known:
                    replies = {row: await self._ask(row, turn) for row in self._rows}
                    silent = 0 if any(reply.text for reply in replies.values()) else silent + 1
                    if silent >= SILENT:
                        raise RemoteUnavailable(
                            f"no row answered the last {SILENT} questions: check the network and keys"
                        )
                    if silent:
                        continue
                    known[name] = {"replies": replies, "outcomes": await self._outcomes(turn, replies)}
                    self._write(name, known[name])
            except BudgetExceeded as error:
                result.why = str(error)
                break
            except Stopped:
                result.why = "you ended it; it goes on from here"
                break
            self._count(known[name])
            progress(result)
        return result

    async def _outcomes(self, turn: Turn, replies: Mapping[str, Reply]) -> dict[str, float | None]:
        found: dict[str, float | None] = {}
        for pair in self._result.pairs:
            first, second = replies[pair.first], replies[pair.second]
            key = f"{pair.first}|{pair.second}"
            if not first.text or not second.text:
                found[key] = 0.5 + (bool(first.text) - bool(second.text)) / 2
            else:
                found[key] = await self._judge(turn, first, second)
        return found

    def _count(self, known: Mapping[str, Any]) -> None:
        self._result.questions += 1
        for row, reply in known["replies"].items():
            self._result.replies.setdefault(row, []).append(reply)
        for pair in self._result.pairs:
            if (outcome := known["outcomes"][f"{pair.first}|{pair.second}"]) is not None:
                pair.bets.add(outcome)

    def _known(self) -> dict[str, dict[str, Any]]:
        """What the journal holds; a line that was cut off is asked again."""
        try:
            lines = self._journal.read_text(encoding="utf-8").splitlines()
        except FileNotFoundError:
            return {}
        found = {}
        for line in lines:
            try:
                given = json.loads(line)
                replies = {row: Reply(**given["replies"][row]) for row in self._rows}
                outcomes = {
                    f"{p.first}|{p.second}": given["outcomes"][f"{p.first}|{p.second}"] for p in self._result.pairs
                }
                found[str(given["question"])] = {"replies": replies, "outcomes": outcomes}
            except (ValueError, KeyError, TypeError):
                continue
        return found

    def _write(self, name: str, known: Mapping[str, Any]) -> None:
        replies = {row: asdict(reply) for row, reply in known["replies"].items()}
        line = json.dumps({"question": name, "replies": replies, "outcomes": known["outcomes"]}, ensure_ascii=False)
        append(self._journal, line)


def _name(turn: Turn) -> str:
    """The same question told the same things has one name."""
    return hashlib.sha256(json.dumps(turn.chat, ensure_ascii=False).encode()).hexdigest()[:16]
