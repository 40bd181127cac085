"""Two ends in one process, with losses as data: what the simulator and the tests are connected by."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator
from itertools import cycle

from firmware_bridge.errors import MediumError


class MemoryEnd:
    """One end; frames that the loss pattern marks with 1 vanish."""

    def __init__(self, mtu: int, loss: Iterable[int] = (), capacity: int = 64) -> None:
        self.mtu = mtu
        self.other: MemoryEnd | None = None
        self._loss: Iterator[int] | None = cycle(pattern) if (pattern := tuple(loss)) else None
        self._inbox: asyncio.Queue[bytes | None] = asyncio.Queue(capacity)
        self._is_open = False
        self.refuses = ""
        """a reason for which it cannot be opened now"""

    async def open(self) -> None:
        if self.refuses:
            raise MediumError(self.refuses)
        while not self._inbox.empty():
            self._inbox.get_nowait()
        self._is_open = True

    async def read(self) -> bytes:
        data = await self._inbox.get()
        if data is None:
            raise MediumError("the other end of the link was closed")
        return data

    async def write(self, frame: bytes) -> None:
        if self.other is None or not self._is_open:
            raise MediumError("the link is not open")
        if self._loss is None or not next(self._loss):
            if not self.other._is_open:
                return  # nobody listens: as a radio into the air
            await self.other._inbox.put(frame)

    async def close(self) -> None:
        self._is_open = False

    def cut(self) -> None:
        """Takes the link away from both ends."""
        for end in (self, self.other):
            if end is not None and end._is_open:
                end._is_open = False
                if end._inbox.full():
                    end._inbox.get_nowait()
                end._inbox.put_nowait(None)


def pair(mtu: int = 512, loss: Iterable[int] = ()) -> tuple[MemoryEnd, MemoryEnd]:
    """Two ends that are connected to each other."""
    left, right = MemoryEnd(mtu, loss), MemoryEnd(mtu, loss)
    left.other, right.other = right, left
    return left, right
