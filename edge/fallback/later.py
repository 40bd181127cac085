"""What is asked after the turn: whether a local answer holds, and the questions that waited for the network.

What comes of it is a `Notice`: it names its question and its row, and is said when nothing else is. All of this lives in the
network's loop.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Final

from edge.errors import EdgeError, PrivacyRefused
from edge.fallback.differs import differs
from edge.fallback.waiting import Kept, Waiting
from edge.types import Notice, Query

POLL_S: Final = 30.0
"""how often it is looked whether a row is well again, while a question waits"""
POLL_MAX_S: Final = 600.0
"""after many that were in vain"""

Ask = Callable[[Query, str], Awaitable[tuple[str, str]]]
"""a question and its purpose; the whole answer and its row, or a `ReasonError`"""


class Later:
    """Of one cloud."""

    def __init__(
        self,
        ask: Ask,
        is_well: Callable[[], Awaitable[bool]],
        tell: Callable[[Notice], None],
        now: Callable[[], datetime],
        waiting: Waiting | None,
        poll_s: float = POLL_S,
    ) -> None:
        """`is_well`: whether a row that may be asked can be reached; it is told nothing."""
        self._ask, self._is_well, self._tell, self._now = ask, is_well, tell, now
        self._waiting, self._poll_s = waiting, poll_s
        self._told_last = ""

    async def refine(self, query: Query, said: str) -> None:
        """Asks again what the local model answered; says so when the answer is another one. Silent when nobody answers:
        the local answer stands.
        """
        try:
            text, row = await self._ask(query, "refine")
        except EdgeError:
            return
        if differs(said, text):
            self._tell(Notice(query.t_ns, query.text, f"A correction from {row}, about “{query.text}”: {text}", row))

    async def send(self) -> int:
        """Asks what waits, oldest first, until it fails; how many were answered."""
        if self._waiting is None:
            return 0
        self._give_up(self._waiting)
        answered = 0
        for kept in self._waiting.all():
            try:
                text, row = await self._ask(kept.query, "queue")
            except PrivacyRefused as error:  # consent was taken back: it will not be sent later either
                self._waiting.drop(kept.number)
                self._tell(_notice(kept, f"it is not asked any more: {error}.", ""))
                continue
            except EdgeError:
                return answered
            # Told before it is dropped: a crash in between tells it twice rather than never.
            self._tell(_notice(kept, f"{row} says: {text}", row))
            self._waiting.drop(kept.number)
            answered += 1
        return answered

    def _give_up(self, waiting: Waiting) -> None:
        """What waited too long."""
        for kept in waiting.expired(self._now()):
            self._tell(_notice(kept, "nobody could be asked in time, I have given it up.", ""))

    async def tend(self) -> None:
        """Looks now and then whether what waits can be sent, less often while nobody is there; never ends."""
        pause_s = self._poll_s
        while True:
            await asyncio.sleep(pause_s)
            if self._waiting is None:
                return
            try:
                self._give_up(self._waiting)
                in_vain = bool(self._waiting.all()) and not (await self._is_well() and await self.send())
            except EdgeError as error:  # the file is gone: said once, and looked for ever more seldom
                in_vain, told = True, str(error)
                if told != self._told_last:
                    self._tell(Notice(0, "", f"What waits for the cloud cannot be asked: {told}.", ""))
                self._told_last = told
            pause_s = min(2 * pause_s, POLL_MAX_S) if in_vain else self._poll_s


def _notice(kept: Kept, text: str, row: str) -> Notice:
    return Notice(0, kept.query.text, f"About your question “{kept.query.text}”: {text}", row)
