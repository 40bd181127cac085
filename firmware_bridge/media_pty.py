"""A pseudo-terminal or character device without settings: a firmware or simulator on this machine. `pty:/dev/pts/5`."""

from __future__ import annotations

import os
import select
import termios
import tty
from typing import Final

from firmware_bridge.errors import AddressError, MediumError
from firmware_bridge.reader_thread import PortMedium

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


def build(address: str) -> PortMedium:
    """The medium of a path.

    Raises:
        AddressError: there is none.
    """
    if not address:
        raise AddressError("pty: needs a path: write pty:/dev/pts/5")

    def opened() -> Descriptor:
        try:
            return Descriptor(os.open(address, os.O_RDWR | os.O_NOCTTY))
        except (OSError, termios.error) as error:
            raise MediumError(f"pty:{address} could not be opened: {error}") from error

    return PortMedium(f"pty:{address}", opened)
