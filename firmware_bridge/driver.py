"""Drives a session over a medium on the asyncio loop: opens, reads, writes, waits. The only place where both meet."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Final

from firmware_bridge import timing
from firmware_bridge.errors import MediumError
from firmware_bridge.layout import Message
from firmware_bridge.media import Medium
from firmware_bridge.session import Session
from firmware_bridge.status import State

WRITE_S: Final = timing.LOST_MS / 1000
"""a medium that takes no frame for so long is dead"""


class Driver:
    """Runs until it is cancelled; what comes is handed to `on_message` in order, in the loop."""

    def __init__(
        self,
        session: Session,
        medium: Medium,
        on_message: Callable[[Message, int], None],
        on_change: Callable[[], None],
    ) -> None:
        self.session = session
        self._medium, self._on_message, self._on_change = medium, on_message, on_change
        self._wake = asyncio.Event()
        self._opening = 0
        self._reading: asyncio.Task[None] | None = None

    def wake(self) -> None:
        """Something was pushed: look at it now."""
        self._wake.set()

    async def run(self) -> None:
        """Keeps the link up; cancel it to end, the device is told."""
        self.session.connect(time.monotonic_ns())
        try:
            while True:
                await self._once()
        finally:
            await self._end()

    async def _once(self) -> None:
        session = self.session
        session.tick(time.monotonic_ns())
        await self._settle_medium()
        self._wake.clear()
        while session.wants_medium and (frame := session.frame(time.monotonic_ns())) is not None:
            await self._write(frame)
        self._tell()
        wake_ns = session.wake_ns()
        if wake_ns is None:
            await self._wake.wait()
            return
        with suppress(TimeoutError):
            async with asyncio.timeout(max(0.0, (wake_ns - time.monotonic_ns()) / 1e9)):
                await self._wake.wait()

    async def _settle_medium(self) -> None:
        """Opens and closes as the session wants it."""
        session = self.session
        if session.wants_medium and session.opening == self._opening:
            return
        await self._close()
        if not session.wants_medium:
            return
        self._opening = session.opening
        self._tell()
        try:
            async with asyncio.timeout(timing.OPENING_MS / 1000):
                await self._medium.open()
        except MediumError as error:
            session.broke(str(error), time.monotonic_ns())
        except TimeoutError:
            session.broke("the medium did not open in time", time.monotonic_ns())
        else:
            session.opened(self._medium.mtu, time.monotonic_ns())
            self._reading = asyncio.create_task(self._read(), name="read glasses")

    async def _read(self) -> None:
        opening = self._opening
        try:
            while True:
                data = await self._medium.read()
                now_ns = time.monotonic_ns()
                for message in self.session.receive(data, now_ns):
                    self._on_message(message, now_ns)
                self._wake.set()
        except MediumError as error:
            if self.session.opening == opening:
                self.session.broke(str(error), time.monotonic_ns())
            self._wake.set()

    async def _write(self, frame: bytes) -> None:
        try:
            async with asyncio.timeout(WRITE_S):
                await self._medium.write(frame)
        except MediumError as error:
            self.session.broke(str(error), time.monotonic_ns())
        except TimeoutError:
            self.session.broke("the medium takes no more data", time.monotonic_ns())

    def _tell(self) -> None:
        if self.session.changes:
            self._on_change()

    async def _close(self) -> None:
        if self._reading is not None:
            self._reading.cancel()
            await asyncio.wait((self._reading,))  # not `await`: its cancellation is not ours
            self._reading = None
            if self.session.farewell is not None:
                farewell, self.session.farewell = self.session.farewell, None
                await self._last_words(farewell)
        await self._medium.close()

    async def _end(self) -> None:
        farewell = self.session.close(time.monotonic_ns())
        if farewell is not None and self._reading is not None:
            await self._last_words(farewell)
        await self._close()
        assert self.session.status.state is State.CLOSED
        self._tell()

    async def _last_words(self, frame: bytes) -> None:
        with suppress(MediumError, TimeoutError):
            async with asyncio.timeout(0.2):
                await self._medium.write(frame)
