"""A pseudo-terminal or character device without settings: a firmware or simulator on this machine. `pty:/dev/pts/5`."""

from __future__ import annotations

import os
import select
import termios
import tty
from typing import Final

from firmware_bridge.errors import AddressError, MediumError
from firmware_bridge.framing import MAX_MTU
from firmware_bridge.reader_thread import ThreadedPort

READ_S: Final = 0.2


class Descriptor:
    """An open pseudo-terminal as a blocking port; hanging up is an OSError."""

    def __init__(self, number: int) -> None:
        self._number = number
        tty.setraw(number)

    def read(self) -> bytes:
        ready, _, _ = select.select([self._number], [], [], READ_S)
        if not ready:
            return b""
        data = os.read(self._number, 4096)
        if not data:
            raise OSError("the other end was closed")
        return data

    def write(self, data: bytes) -> None:
        while data:
            data = data[os.write(self._number, data) :]

    def close(self) -> None:
        os.close(self._number)


class Pty:
    """The end that a program opens by its path."""

    mtu = MAX_MTU

    def __init__(self, path: str) -> None:
        self._path = path
        self._open: ThreadedPort | None = None

    async def open(self) -> None:
        try:
            port = Descriptor(os.open(self._path, os.O_RDWR | os.O_NOCTTY))
        except (OSError, termios.error) as error:
            raise MediumError(f"pty:{self._path} could not be opened: {error}") from error
        self._open = ThreadedPort(f"pty:{self._path}", port)
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


def build(address: str) -> Pty:
    """The medium of a path.

    Raises:
        AddressError: there is none.
    """
    if not address:
        raise AddressError("pty: needs a path: write pty:/dev/pts/5")
    return Pty(address)
