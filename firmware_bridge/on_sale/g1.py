"""Even Realities G1: two arms, each a BLE connection; text and 1-bit pictures, LC3 sound from the right arm, touch.

Protocol: github.com/even-realities/EvenDemoApp, README.md ("Protocol", "Instructions") and lib/services/proto.dart; the
reply of the CRC check as in lib/services of the same. What goes to both arms goes to the left one first and to the right one
when the left one has said yes; packets of a picture may go to both at once. The glasses' answer means that they took the
page: it is the nearest thing to "shown" that they say. Longer texts than five lines are turned by taps: right on, left back.
"""

from __future__ import annotations

import textwrap
import zlib
from collections.abc import Callable, Iterator, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from firmware_bridge import messages as m
from firmware_bridge.errors import MediumError
from firmware_bridge.messages import FromDevice, FromHost
from firmware_bridge.on_sale.canvas import Canvases
from firmware_bridge.on_sale.exchange import Exchange, Packet, Request
from firmware_bridge.on_sale.translator import Write, refused, t_us

LEFT, RIGHT = "left", "right"
SERVICE: Final = "6e400001-b5a3-f393-e0a9-e50e24dcca9e"
WRITTEN: Final = "6e400002-b5a3-f393-e0a9-e50e24dcca9e"
NOTIFIED: Final = "6e400003-b5a3-f393-e0a9-e50e24dcca9e"
"""Nordic UART service and its two characteristics"""
WIDTH, HEIGHT = 576, 136
LINES: Final = 5
"""of text on a screen"""
COLUMNS: Final = 40
"""of a line of 488 pixels in the font of 21 that the demo uses; an estimate, the font is proportional"""
PACKET_BYTES: Final = 200
"""the longest that is written"""
TEXT_BYTES: Final = 191
BITMAP_BYTES: Final = 194
ADDRESS: Final = bytes([0x00, 0x1C, 0x00, 0x00])
"""where the glasses keep a picture; before its first bytes, and part of its CRC"""
YES: Final = 0xC9
"""in an answer; 0xCA is no"""
HEARTBEAT_NS: Final = 8_000_000_000
SOUND_BYTES: Final = 200
SAMPLES: Final = 1600
"""of a sound packet: ten LC3 frames of 10 ms at 16 kHz"""
_RATE_HZ: Final = 16_000
_TEXT_SHOWN: Final = 0x71
"""new content, text"""
_EVENTS: Final = {0x00: m.Gesture.DOUBLE, 0x01: m.Gesture.TAP, 0x17: m.Gesture.LONG}


def arm_of(name: str) -> tuple[str, str] | None:
    """The pair and the arm that a name such as G1_45_L_92333 advertises: ("45", "left"); None: no G1."""
    parts = name.split("_")
    if len(parts) != 4 or parts[0] != "G1" or parts[2] not in ("L", "R"):
        return None
    return parts[1], LEFT if parts[2] == "L" else RIGHT


def text_packets(text: str, number: int, page: int = 0, pages: int = 1) -> list[bytes]:
    """One screen of text as packets of at most 200 bytes; `number` counts screens."""
    data = text.encode() or b" "
    parts = [data[at : at + TEXT_BYTES] for at in range(0, len(data), TEXT_BYTES)]
    return [
        bytes([0x4E, number & 0xFF, len(parts), n, _TEXT_SHOWN, 0, 0, page & 0xFF, max(pages, 1) & 0xFF]) + part
        for n, part in enumerate(parts)
    ]


def screens(text: str, columns: int = COLUMNS) -> list[str]:
    """Text wrapped and cut into screens of five lines."""
    lines = [line for given in text.split("\n") for line in textwrap.wrap(given, columns) or [""]]
    return ["\n".join(lines[at : at + LINES]) for at in range(0, len(lines), LINES)] or [""]


def bmp(pixels: NDArray[np.bool_]) -> bytes:
    """A 1-bit Windows bitmap, lit pixels white; `pixels` is bool [136, 576]."""
    rows = np.packbits(pixels[::-1], axis=1).tobytes()  # 72 bytes a row, which is a multiple of four
    header = 14 + 40 + 8
    head = b"BM" + (header + len(rows)).to_bytes(4, "little") + bytes(4) + header.to_bytes(4, "little")
    info = (40).to_bytes(4, "little") + WIDTH.to_bytes(4, "little") + HEIGHT.to_bytes(4, "little")
    info += (
        (1).to_bytes(2, "little") + (1).to_bytes(2, "little") + bytes(4) + len(rows).to_bytes(4, "little") + bytes(16)
    )
    return head + info + bytes([0, 0, 0, 0, 255, 255, 255, 0]) + rows


def bitmap_packets(image: bytes) -> Iterator[bytes]:
    """A bitmap as the packets 0x15; the end (`END`) and `crc_packet` come after them."""
    for n, at in enumerate(range(0, len(image), BITMAP_BYTES)):
        yield bytes([0x15, n & 0xFF]) + (ADDRESS if n == 0 else b"") + image[at : at + BITMAP_BYTES]


END: Final = bytes([0x20, 0x0D, 0x0E])


def crc_packet(image: bytes) -> bytes:
    """CRC-32 (zlib's) of address and bitmap, big-endian."""
    return b"\x16" + zlib.crc32(ADDRESS + image).to_bytes(4, "big")


def heartbeat(number: int) -> bytes:
    return bytes([0x25, 6, 0, number & 0xFF, 4, number & 0xFF])


def _said_yes(command: int, at: int) -> Callable[[bytes], bool | None]:
    """Whether a packet is the answer to a command, and a yes."""
    return lambda data: data[at] == YES if len(data) > at and data[0] == command else None


def _beats(data: bytes) -> bool | None:
    return True if len(data) > 4 and data[0] == 0x25 and data[4] == 4 else None


class G1:
    """Both arms of one pair."""

    links: Sequence[str] = (LEFT, RIGHT)

    def __init__(self, name: str = "") -> None:
        """`name`: of the pair, so that programs can tell it from another."""
        self.dropped = 0
        """packets that made no sense"""
        self._serial = zlib.crc32(name.encode())
        self._exchange = Exchange()
        self._canvases = Canvases(WIDTH, HEIGHT)
        self._number = self._beat = 0
        self._beat_ns: int | None = None
        self._screens: list[str] = []
        self._screen = 0
        self._sound: tuple[int, int] | None = None
        """number of the last sound packet, and samples before the next one"""

    def begin(self, now_ns: int, room_bytes: int) -> list[FromDevice]:
        """Capabilities. The first packet is what the demo for Android writes when an arm is ready."""
        if room_bytes < PACKET_BYTES:
            raise MediumError(
                f"the G1 takes packets of {PACKET_BYTES} bytes, this Bluetooth adapter gives {room_bytes}: use another one"
            )
        unfinished = self._exchange.abandon()
        self._beat_ns = now_ns
        self._exchange.push(Request([Packet(b"\xf4\x01")], self.links, (), ()))
        can = m.Capabilities(
            serial=self._serial, product="Even G1", features=m.Feature.TOUCH, display_width=WIDTH,
            display_height=HEIGHT, display_bits=1, mic_rate_hz=_RATE_HZ, mic_codecs=1 << m.Codec.LC3,
        )  # fmt: skip
        return [*unfinished, can, m.MicState(), m.SnapshotEnd()]

    def ask(self, message: FromHost, now_ns: int) -> list[FromDevice]:
        """Text, rectangles and bitmaps are gathered until DisplayShow; what the G1 has not is refused."""
        if isinstance(message, m.DisplayText | m.DisplayRect | m.DisplayBitmap | m.DisplayClear):
            return [] if self._canvases.draw(message) else [refused(message, m.Cause.INVALID, message.page)]
        if isinstance(message, m.DisplayShow):
            return self._show(message)
        if isinstance(message, m.MicControl):
            return self._microphone(message)
        if isinstance(message, m.HostInfo):
            return []
        return [refused(message, m.Cause.UNSUPPORTED, getattr(message, "request", 0))]

    def received(self, link: str, data: bytes, now_ns: int) -> list[FromDevice]:
        """Sound, touch, or the answer to what was written."""
        if not data:
            self.dropped += 1
            return []
        if data[0] == 0xF1:
            return self._heard(data, now_ns)
        if data[0] == 0xF5:
            return self._touched(link, data, now_ns)
        return self._exchange.received(link, data)

    def poll(self, now_ns: int) -> tuple[list[Write], list[FromDevice]]:
        """The next packets, and a heartbeat to both arms every 8 s.

        Raises:
            MediumError: three heartbeats were not answered.
        """
        if self._beat_ns is not None and now_ns - self._beat_ns >= HEARTBEAT_NS:
            packet = Packet(heartbeat(self._beat), _beats, 1500)
            if self._exchange.push(Request([packet], self.links, (), (), is_vital=True)):
                self._beat, self._beat_ns = self._beat + 1, now_ns
        return self._exchange.poll(now_ns)

    def wake_ns(self) -> int | None:
        due = self._exchange.wake_ns()
        beat = None if self._beat_ns is None else self._beat_ns + HEARTBEAT_NS
        return min((at for at in (due, beat) if at is not None), default=None)

    def _show(self, message: m.DisplayShow) -> list[FromDevice]:
        canvas = self._canvases[message.page]
        if canvas.has_picture and canvas.texts:  # its own font and pictures do not share a screen
            return [refused(message, m.Cause.INVALID, message.page)]
        done, failed = (m.DisplayShown(message.page),), (refused(message, m.Cause.LINK_LOST, message.page),)
        if canvas.has_picture:
            image = bmp(canvas.pixels)
            packets = [Packet(p) for p in bitmap_packets(image)]
            packets += [
                Packet(END, _said_yes(0x20, 1), 3000),
                Packet(crc_packet(image), _said_yes(0x16, 5), 3000),
            ]
            took = self._exchange.push(Request(packets, self.links, done, failed, one_by_one=False))
        else:
            self._screens, self._screen = screens(canvas.text()), 0
            took = self._exchange.push(self._text(done, failed))
        return [] if took else [refused(message, m.Cause.BUSY, message.page)]

    def _text(self, done: Sequence[FromDevice], failed: Sequence[FromDevice]) -> Request:
        text = self._screens[self._screen]
        packets = text_packets(text, self._number, self._screen, len(self._screens))
        self._number += 1
        return Request([Packet(p, _said_yes(0x4E, 1), 2000) for p in packets], self.links, done, failed)

    def _microphone(self, message: m.MicControl) -> list[FromDevice]:
        if message.on and message.codec != m.Codec.LC3:
            return [refused(message, m.Cause.UNSUPPORTED)]
        self._sound = None
        state = m.MicState(message.on, m.Codec.LC3 if message.on else 0, _RATE_HZ if message.on else 0)
        packet = Packet(bytes([0x0E, 1 if message.on else 0]), _said_yes(0x0E, 1), 1000)
        took = self._exchange.push(Request([packet], (RIGHT,), (state,), (refused(message, m.Cause.LINK_LOST),)))
        return [] if took else [refused(message, m.Cause.BUSY)]

    def _heard(self, data: bytes, now_ns: int) -> list[FromDevice]:
        if len(data) != 2 + SOUND_BYTES:
            self.dropped += 1
            return []
        number, first = data[1], 0
        if self._sound is not None:
            before, first = self._sound
            if not (number - before) & 0xFF:
                self.dropped += 1
                return []  # the same again
            first += ((number - before - 1) & 0xFF) * SAMPLES  # lost in between
        self._sound = number, first + SAMPLES
        begun_ns = now_ns - SAMPLES * 1_000_000_000 // _RATE_HZ
        return [m.MicData(t_us(begun_ns), first & 0xFFFFFFFF, SAMPLES, m.Codec.LC3, data[2:])]

    def _touched(self, link: str, data: bytes, now_ns: int) -> list[FromDevice]:
        gesture = _EVENTS.get(data[1]) if len(data) > 1 else None
        if gesture is None:
            return []
        if gesture == m.Gesture.TAP and len(self._screens) > 1:
            turned = self._screen + (1 if link == RIGHT else -1)
            if 0 <= turned < len(self._screens):
                self._screen = turned
                self._exchange.push(self._text((), ()))
        return [m.Touch(t_us(now_ns), gesture)]
