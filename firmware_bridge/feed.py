"""What comes from the glasses and waits for a program: bounded, the oldest makes room, and every loss is counted."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import Generic, TypeVar

T = TypeVar("T")


class Feed(Generic[T]):
    """An asynchronous iterator over items; ends when it is closed."""

    def __init__(self, capacity: int) -> None:
        self._items: deque[T] = deque(maxlen=capacity)
        self._came = asyncio.Event()
        self._closed = False
        self.reason = ""
        """why it was closed, if not by the program"""
        self.dropped = 0
        """items that nobody took in time"""

    def put(self, item: T) -> None:
        """Hands over an item; of more than `capacity` the oldest is dropped."""
        if not self._closed:
            self.dropped += len(self._items) == self._items.maxlen
            self._items.append(item)
            self._came.set()

    def close(self, reason: str = "") -> None:
        """No more will come; what waits can still be taken."""
        self._closed, self.reason = True, reason
        self._came.set()

    def __aiter__(self) -> Feed[T]:
        return self

    async def __anext__(self) -> T:
        while not self._items:
            if self._closed:
                raise StopAsyncIteration
            self._came.clear()
            await self._came.wait()
        return self._items.popleft()
