"""TCP: a firmware in an emulator, or glasses behind a bridge. `tcp:HOST:PORT`."""

from __future__ import annotations

import asyncio
import socket
from contextlib import suppress

from firmware_bridge.errors import AddressError, MediumError
from firmware_bridge.framing import MAX_MTU


class Tcp:
    """A socket; frames go out without waiting to be joined with others."""

    mtu = MAX_MTU

    def __init__(self, host: str, port: int) -> None:
        self._host, self._port = host, port
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None

    async def open(self) -> None:
        try:
            self._reader, self._writer = await asyncio.open_connection(self._host, self._port)
        except OSError as error:
            why = error.strerror or str(error)
            raise MediumError(
                f"tcp:{self._host}:{self._port} cannot be reached ({why}): is the device running?"
            ) from error
        self._writer.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._writer.transport.set_write_buffer_limits(high=4 * MAX_MTU)  # what waits here cannot be overtaken
        self._writer.write(b"\0")

    async def read(self) -> bytes:
        assert self._reader is not None
        try:
            data = await self._reader.read(4096)
        except OSError as error:
            raise MediumError(f"tcp:{self._host}:{self._port} broke: {error.strerror or error}") from error
        if not data:
            raise MediumError(f"tcp:{self._host}:{self._port} was closed by the device")
        return data

    async def write(self, frame: bytes) -> None:
        assert self._writer is not None
        try:
            self._writer.write(frame)
            await self._writer.drain()
        except OSError as error:
            raise MediumError(f"tcp:{self._host}:{self._port} broke: {error.strerror or error}") from error

    async def close(self) -> None:
        if self._writer is not None:
            self._writer.close()
            with suppress(OSError):
                await self._writer.wait_closed()
        self._reader = self._writer = None


def build(address: str) -> Tcp:
    """The medium of `HOST:PORT`.

    Raises:
        AddressError: it is none.
    """
    host, colon, port = address.rpartition(":")
    if not colon or not host or not port.isdigit() or not 0 < int(port) < 65536:
        raise AddressError(f"tcp:{address} is no address: write tcp:HOST:PORT, for example tcp:localhost:7777")
    return Tcp(host.strip("[]"), int(port))
