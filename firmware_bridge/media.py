"""From a URI to a medium, what carries frames: `serial:/dev/ttyACM0`, `ble:NAME`, `g1:45`, `tcp:HOST:PORT`, `sim:`.

A medium is one file `media_KIND.py` with `build(address)`; its library is imported only when it is asked for.
"""

from __future__ import annotations

import importlib
from typing import Final, Protocol

from firmware_bridge.errors import AddressError

KINDS: Final = {
    "serial": "serial:/dev/ttyACM0, or serial:/dev/ttyUSB0?baud=921600",
    "tcp": "tcp:HOST:PORT",
    "ble": "ble:NAME or ble:ADDRESS",
    "g1": "g1:45 (Even Realities G1_45_…)",
    "frame": "frame:4F (Brilliant Labs Frame 4F)",
    "pty": "pty:/dev/pts/5",
    "sim": "sim: or sim:PROFILE",
}


class Medium(Protocol):
    """Carries bytes to a device and back. Its errors are `MediumError`, one sentence each."""

    @property
    def mtu(self) -> int:
        """Bytes of the longest frame; known once it is open."""

    async def open(self) -> None:
        """Makes the connection."""

    async def read(self) -> bytes:
        """Some bytes, as soon as there are any."""

    async def write(self, frame: bytes) -> None:
        """Takes a frame; returns when there is room for another."""

    async def close(self) -> None:
        """Ends the connection; may be called at any time, also twice."""


def build(uri: str) -> Medium:
    """The medium of a URI, not opened yet.

    Raises:
        AddressError: there is no such kind of medium, or its address or library is missing.
    """
    kind, colon, address = uri.partition(":")
    if not colon or kind not in KINDS:
        raise AddressError(f"{uri!r} names no glasses: write one of {'; '.join(KINDS.values())}")
    try:
        module = importlib.import_module(f"firmware_bridge.media_{kind}")
    except ImportError as error:
        raise AddressError(f"{kind}: needs the Python package {error.name}: pip install glasspath[glasses]") from error
    medium: Medium = module.build(address)
    return medium
