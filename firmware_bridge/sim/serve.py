"""Runs simulated glasses at one end of a medium: in this process (`sim:`), on a TCP port or a pseudo-terminal."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Protocol

from firmware_bridge.errors import MediumError
from firmware_bridge.sim.device import SimGlasses


class Wire(Protocol):
    """An open end of a medium."""

    async def read(self) -> bytes: ...
    async def write(self, frame: bytes) -> None: ...


async def attend(glasses: SimGlasses, wire: Wire, cut: Callable[[], None]) -> None:
    """Lets glasses talk over `wire` until it is gone; `cut` is called when their script breaks the link."""
    wake = asyncio.Event()

    async def listen() -> None:
        while True:
            glasses.receive(await wire.read(), time.monotonic_ns())
            wake.set()

    listening = asyncio.create_task(listen(), name="glasses listen")
    try:
        while not listening.done():
            now_ns = time.monotonic_ns()
            glasses.tick(now_ns)
            if glasses.cut:
                glasses.cut = False
                cut()
            while (frame := glasses.frame(time.monotonic_ns())) is not None:
                await wire.write(frame)
            wake.clear()
            with suppress(TimeoutError):
                async with asyncio.timeout(max(0.0005, (glasses.wake_ns(now_ns) - time.monotonic_ns()) / 1e9)):
                    await wake.wait()
    except MediumError:
        pass  # the link is gone; the caller waits for the next one
    finally:
        listening.cancel()
        await asyncio.wait((listening,))
        if not listening.cancelled():
            error = listening.exception()
            if error is not None and not isinstance(error, MediumError):
                raise error
        glasses.broke(time.monotonic_ns())


class _Socket:
    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self.writer = reader, writer

    async def read(self) -> bytes:
        try:
            data = await self._reader.read(4096)
        except OSError as error:
            raise MediumError(str(error)) from error
        if not data:
            raise MediumError("closed")
        return data

    async def write(self, frame: bytes) -> None:
        try:
            self.writer.write(frame)
            await self.writer.drain()
        except OSError as error:
            raise MediumError(str(error)) from error


async def serve_tcp(glasses: SimGlasses, port: int, started: Callable[[int], None]) -> None:
    """Waits for hosts on a TCP port of this machine, one at a time; 0 takes a free port. Runs until cancelled.

    Raises:
        MediumError: the port is in use.
    """
    busy: set[asyncio.WriteTransport] = set()

    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if not busy:
            busy.add(writer.transport)
            await attend(glasses, _Socket(reader, writer), writer.transport.abort)
            busy.clear()
        writer.close()

    try:
        server = await asyncio.start_server(accept, "127.0.0.1", port)
    except OSError as error:
        raise MediumError(f"port {port} cannot be used ({error.strerror}): choose another one") from error
    async with server:
        started(server.sockets[0].getsockname()[1])
        try:
            await server.serve_forever()
        finally:
            for transport in busy:
                transport.abort()  # the server's end does not end what it accepted
            while busy:
                await asyncio.sleep(0)  # let `attend` see it: it ends in the loop's next turns
