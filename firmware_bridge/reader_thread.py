"""A blocking port as a medium: a thread reads, because a serial line blocks. Used by serial and pty."""

from __future__ import annotations

import asyncio
import threading
from collections import deque
from collections.abc import Callable
from typing import Final, Protocol

from firmware_bridge.errors import MediumError
from firmware_bridge.framing import MAX_MTU

MOST_BYTES: Final = 1 << 16
"""read and not yet taken; of more the oldest is dropped, as a full UART would"""


class Port(Protocol):
    """A blocking port whose reads return at latest after a fraction of a second, empty if nothing came."""

    def read(self) -> bytes: ...
    def write(self, data: bytes) -> None: ...
    def close(self) -> None: ...


class ThreadedPort:
    """Reads in a named thread, writes in another, so that the loop never waits for the line."""

    def __init__(self, name: str, port: Port) -> None:
        self._name, self._port = name, port
        self._loop = asyncio.get_running_loop()
        self._came = asyncio.Event()
        self._chunks: deque[bytes] = deque()
        self._held = 0
        self._broken: str | None = None
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"read {name}", daemon=True)
        self._thread.start()

    async def read(self) -> bytes:
        """Some bytes; MediumError when the port is gone."""
        while not self._chunks:
            if self._broken is not None:
                raise MediumError(self._broken)
            self._came.clear()
            await self._came.wait()
        data = b"".join(self._chunks)
        self._chunks.clear()
        self._held = 0
        return data

    async def write(self, data: bytes) -> None:
        """Returns when the port took the bytes."""
        try:
            await asyncio.to_thread(self._port.write, data)
        except OSError as error:
            raise MediumError(f"{self._name} broke while writing: {error}") from error

    async def close(self) -> None:
        """Ends the thread, then closes the port."""
        self._stop.set()
        await asyncio.to_thread(self._thread.join, 2.0)
        self._port.close()

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                data = self._port.read()
            except OSError as error:
                self._tell(self._break, f"{self._name} is gone ({error}): is the cable plugged in?")
                return
            if data:
                self._tell(self._add, data)

    def _tell(self, call: Callable[..., None], value: object) -> None:
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(call, value)

    def _add(self, data: bytes) -> None:
        self._chunks.append(data)
        self._held += len(data)
        while self._held > MOST_BYTES:
            self._held -= len(self._chunks.popleft())
        self._came.set()

    def _break(self, why: str) -> None:
        self._broken = why
        self._came.set()


class PortMedium:
    """The medium of a port that is opened anew for each connection."""

    mtu = MAX_MTU

    def __init__(self, name: str, open_port: Callable[[], Port]) -> None:
        """`open_port` may block, and raises MediumError when it cannot."""
        self._name, self._open_port = name, open_port
        self._open: ThreadedPort | None = None

    async def open(self) -> None:
        self._open = ThreadedPort(self._name, await asyncio.to_thread(self._open_port))
        await self._open.write(b"\0")

    async def read(self) -> bytes:
        assert self._open is not None
        return await self._open.read()

    async def write(self, frame: bytes) -> None:
        assert self._open is not None
        await self._open.write(frame)

    async def close(self) -> None:
        if self._open is not None:
            port, self._open = self._open, None
            await port.close()
