"""G1 and Frame as their public descriptions have them, for tests: what they answer to which write."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from dataclasses import dataclass, field

from firmware_bridge.errors import MediumError
from firmware_bridge.messages import FromDevice
from firmware_bridge.on_sale import frame, g1
from firmware_bridge.on_sale.translator import Translator

MS = 1_000_000


@dataclass
class G1Arm:
    """One arm of the G1."""

    texts: list[str] = field(default_factory=list)
    picture: bytes = b""
    written: list[bytes] = field(default_factory=list)
    answers: bool = True
    refusals: int = 0
    """so many texts are refused first"""
    _parts: list[bytes] = field(default_factory=list)

    def write(self, data: bytes) -> list[bytes]:
        """What it notifies."""
        self.written.append(data)
        if not self.answers:
            return []
        command = data[0]
        if command == 0x4E:
            if self.refusals:
                self.refusals -= 1
                return [bytes([0x4E, 0xCA])]
            self._parts = [*(self._parts if data[3] else []), data[9:]]
            if data[3] == data[2] - 1:
                self.texts.append(b"".join(self._parts).decode())
            return [bytes([0x4E, 0xC9])]
        if command == 0x15:
            body = data[6:] if data[1] == 0 else data[2:]
            self.picture = body if data[1] == 0 else self.picture + body
            return []
        if command == 0x20:
            return [bytes([0x20, 0xC9])]
        if command == 0x16:
            right = zlib.crc32(g1.ADDRESS + self.picture).to_bytes(4, "big")
            return [data[:5] + bytes([0xC9 if data[1:5] == right else 0xCA])]
        if command == 0x0E:
            return [bytes([0x0E, 0xC9, data[1]])]
        if command == 0x25:
            return [data]
        return []


@dataclass
class FrameDevice:
    """The Frame with our program, its radio taking `mtu` − 3 bytes a write."""

    mtu: int = 100
    program: str = ""
    drawn: list[bytes] = field(default_factory=list)
    shown: list[int] = field(default_factory=list)
    jpeg: bytes = bytes(range(256)) * 300
    is_running: bool = False
    listens: bool = False
    asked_px: int = 0
    """of the last photo"""
    jpeg_end: bool = True
    """the end of a photo is sent"""
    _parts: dict[int, tuple[int, bytes]] = field(default_factory=dict)

    def write(self, data: bytes) -> list[bytes]:
        """What it notifies."""
        assert len(data) <= self.mtu - 3
        if data[:1] == b"\x01":
            return self._data(data[1:]) if self.is_running else []
        if data in (frame.BREAK, frame.RESTART):
            self.is_running = False
            return []
        line = data.decode()
        if line.startswith("require"):
            self.is_running = True
            return [b"glasspath 1"]
        if line.startswith("f=frame.file.open"):
            self.program = ""
        elif line.startswith('f:write("'):
            text = line.removeprefix('f:write("').removesuffix('");print(0)')
            self.program += text.replace("\\\\", "\0").replace('\\"', '"').replace("\\n", "\n").replace("\0", "\\")
        return [b"0"]

    def _data(self, data: bytes) -> list[bytes]:
        code = data[0]
        wanted, have = self._parts.pop(code, (int.from_bytes(data[1:3], "big"), b""))
        have += data[1:] if have else data[3:]
        if len(have) < wanted:
            self._parts[code] = wanted, have
            return []
        took = bytes([1, frame.TOOK, code])
        if code == frame.SHOW:
            self.shown.append(int.from_bytes(have, "big"))
            return [bytes([1, frame.SHOWN]) + have, took]
        if code == frame.CAPTURE:
            self.asked_px = int.from_bytes(have[1:3], "big") * 2
            room = self.mtu - 5
            pieces = [self.jpeg[at : at + room] for at in range(0, len(self.jpeg), room)]
            return [
                took,
                *(bytes([1, frame.PHOTO]) + p for p in pieces),
                *[bytes([1, frame.PHOTO_END])][: self.jpeg_end],
            ]
        if code == frame.LISTEN:
            self.listens = have == b"\x01"
            return [took] if self.listens else [took, bytes([1, frame.SOUND_END])]
        if code in (frame.TEXT, frame.BITMAP):
            self.drawn.append(bytes([code]) + have)
        return [took]


def talk(
    translator: Translator, devices: dict[str, Callable[[bytes], list[bytes]]], now_ns: int = 0
) -> tuple[list[FromDevice], int]:
    """Until neither side has anything to say, or the connection is given up; what was told, and when it ended.

    Deadlines pass by themselves; a heartbeat that is not due yet is not waited for.
    """
    told: list[FromDevice] = []
    while True:
        writes, found = translator.poll(now_ns)
        told += found
        for write in writes:
            for answer in devices[write.link](write.data):
                told += translator.received(write.link, answer, now_ns)
        wake_ns = translator.wake_ns()
        if not writes:
            if wake_ns is None or wake_ns - now_ns > 6000 * MS:
                return told, now_ns
            now_ns = max(now_ns, wake_ns)


__all__ = ["FrameDevice", "G1Arm", "MediumError", "talk"]
