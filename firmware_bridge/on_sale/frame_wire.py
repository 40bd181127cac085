"""What goes over the Frame's radio: our program as Lua lines, messages as packets, pages as stripes, photos upright."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np
from numpy.typing import NDArray

PROGRAM: Final = "glasspath.lua"
STRIPE_BYTES: Final = 4096
"""of a bitmap in one message: Lua on the glasses has little memory"""


def lua_writes(source: str, room_bytes: int) -> Iterator[str]:
    """Lua lines of at most `room_bytes` that write a file; each prints 0 when it is done."""
    yield f"f=frame.file.open('{PROGRAM}','w');print(0)"
    before, after = 'f:write("', '");print(0)'
    line = ""
    for sign in source:
        escaped = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": ""}.get(sign, sign)
        if len((before + line + escaped + after).encode()) > room_bytes:
            yield before + line + after
            line = ""
        line += escaped
    yield before + line + after
    yield "f:close();print(0)"


def data_packets(code: int, payload: bytes, room_bytes: int) -> list[bytes]:
    """A message as packets of at most `room_bytes`: the length in the first one, the code in each."""
    first = room_bytes - 4
    packets = [bytes([1, code]) + len(payload).to_bytes(2, "big") + payload[:first]]
    packets += [
        bytes([1, code]) + payload[at : at + room_bytes - 2] for at in range(first, len(payload), room_bytes - 2)
    ]
    return packets


def stripes(pixels: NDArray[np.bool_]) -> Iterator[bytes]:
    """The payloads of BITMAP for the lit part of a page, bool [400, 640]: x, y from 1, width, rows of 1 bit a pixel."""
    rows, columns = np.flatnonzero(pixels.any(1)), np.flatnonzero(pixels.any(0))
    if not len(rows):
        return
    left, width = columns[0] // 8 * 8, 0
    width = (columns[-1] - left) // 8 * 8 + 8
    step = STRIPE_BYTES // (width // 8)
    for top in range(rows[0], rows[-1] + 1, step):
        part = np.packbits(pixels[top : min(top + step, rows[-1] + 1), left : left + width], axis=1)
        yield b"".join(int(n).to_bytes(2, "big") for n in (left + 1, top + 1, width)) + part.tobytes()


def upright(jpeg: bytes) -> bytes:
    """With the note that it lies on its right side: Exif's orientation 8 (CIPA DC-008, 4.6.4), right after its start."""
    if jpeg[:2] != b"\xff\xd8":
        return jpeg
    entry = (0x0112).to_bytes(2, "little") + (3).to_bytes(2, "little") + (1).to_bytes(4, "little") + b"\x08\0\0\0"
    exif = b"Exif\0\0II*\0" + (8).to_bytes(4, "little") + (1).to_bytes(2, "little") + entry + bytes(4)
    return jpeg[:2] + b"\xff\xe1" + (len(exif) + 2).to_bytes(2, "big") + exif + jpeg[2:]
