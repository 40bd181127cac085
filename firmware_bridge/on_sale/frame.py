"""Brilliant Labs Frame: our Lua program on the glasses (`frame.lua`), text and 1-bit pictures, photos, 8 kHz sound, taps.

Framing: docs.brilliant.xyz/frame and github.com/CitizenOneX/frame_ble_python, frame_msg_python (MIT). A write is a Lua
line, 0x03 (break), 0x04 (restart of Lua), or 0x01 and data; a notification is 0x01 and data, or what Lua printed. Message
codes are those of frame_msg where it has the message. Photos come as the camera sits: turned by 90 degrees to the left.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator, Sequence
from importlib.resources import files
from typing import Final

import numpy as np
from numpy.typing import NDArray

from firmware_bridge import messages as m
from firmware_bridge.messages import FromDevice, FromHost
from firmware_bridge.on_sale.canvas import Canvases
from firmware_bridge.on_sale.exchange import Exchange, Packet, Request
from firmware_bridge.on_sale.translator import Write, refused, t_us

LINK: Final = "frame"
SERVICE: Final = "7a230001-5475-a6a4-654c-8431f6ad49c4"
WRITTEN: Final = "7a230002-5475-a6a4-654c-8431f6ad49c4"
NOTIFIED: Final = "7a230003-5475-a6a4-654c-8431f6ad49c4"
WIDTH, HEIGHT = 640, 400
BREAK, RESTART = b"\x03", b"\x04"
TEXT, SHOW, BITMAP, CAPTURE, LISTEN = 0x0A, 0x0B, 0x10, 0x0D, 0x30
SOUND, SOUND_END, PHOTO, PHOTO_END, TAP, BATTERY, TOOK, SHOWN = 0x05, 0x06, 0x07, 0x08, 0x09, 0x0C, 0x0E, 0x0F
PROGRAM: Final = "glasspath.lua"
STARTED: Final = "glasspath 1"
LINE_PX: Final = 60
"""from one line of text to the next: the font is 48 high with room"""
STRIPE_BYTES: Final = 4096
"""of a bitmap in one message: Lua on the glasses has little memory"""
MAX_PHOTO_BYTES: Final = 1 << 20
PART_BYTES: Final = 60_000
"""of a photo in one PhotoPart"""
PHOTO_NS: Final = 10_000_000_000
"""without another piece of a photo"""
_RATE_HZ: Final = 8000


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


def _said(text: str) -> Callable[[bytes], bool | None]:
    """What Lua printed; an error in it is a no."""
    return lambda data: None if data[:1] == b"\x01" else data.decode(errors="replace").strip() == text


def _took(code: int) -> Callable[[bytes], bool | None]:
    return lambda data: True if data[:3] == bytes([1, TOOK, code]) else None


class Frame:
    """One connection."""

    links: Sequence[str] = (LINK,)

    def __init__(self, name: str = "", mtu: int = 247) -> None:
        """Args:
        name: as advertised, so that programs can tell one from another.
        mtu: of the connection; three of its bytes are the radio's own.
        """
        self.dropped = 0
        self._room = mtu - 3
        self._serial = zlib.crc32(name.encode())
        self._exchange = Exchange(capacity=64)
        self._canvases = Canvases(WIDTH, HEIGHT)
        self._photo: tuple[int, bytearray, int] | None = None
        """request, what came of it, when the last piece did (nanoseconds)"""
        self._samples = 0

    def begin(self, now_ns: int) -> list[FromDevice]:
        """Stops what runs, writes our program and starts it; capabilities come when it says that it runs."""
        source = (files(__package__) / "frame.lua").read_text()
        self._exchange.push(Request([Packet(BREAK), Packet(RESTART), Packet(BREAK)], self.links, (), ()))
        lines = [Packet(line.encode(), _said("0")) for line in lua_writes(source, self._room)]
        start = Packet(f"require('{PROGRAM.removesuffix('.lua')}')".encode(), _said(STARTED), 5000)
        can = m.Capabilities(
            serial=self._serial, product="Frame", features=m.Feature.TOUCH | m.Feature.BATTERY, display_width=WIDTH,
            display_height=HEIGHT, display_bits=1, camera_width=720, camera_height=720, mic_rate_hz=_RATE_HZ,
            mic_codecs=1 << m.Codec.PCM16,
        )  # fmt: skip
        done = (can, m.MicState(), m.CameraState(), m.SnapshotEnd())
        self._exchange.push(Request([*lines, start], self.links, done, (), is_vital=True))
        return []

    def ask(self, message: FromHost, now_ns: int) -> list[FromDevice]:
        """Drawing is gathered until DisplayShow; what the Frame has not is refused."""
        if isinstance(message, m.DisplayText | m.DisplayRect | m.DisplayBitmap | m.DisplayClear):
            return [] if self._canvases.draw(message) else [refused(message, m.Cause.INVALID, message.page)]
        if isinstance(message, m.DisplayShow):
            return self._show(message)
        if isinstance(message, m.MicControl):
            return self._microphone(message)
        if isinstance(message, m.CameraControl):
            return self._camera(message, now_ns)
        if isinstance(message, m.HostInfo):
            return []
        return [refused(message, m.Cause.UNSUPPORTED, getattr(message, "request", 0))]

    def received(self, link: str, data: bytes, now_ns: int) -> list[FromDevice]:
        """Data of our program, or what Lua printed."""
        told = self._exchange.received(link, data)
        if data[:1] != b"\x01":
            text = data.decode(errors="replace").strip()
            return [*told, m.Log(t_us(now_ns), m.Severity.INFO, text)] if text not in ("", "0", STARTED) else told
        code, body = (data[1], data[2:]) if len(data) > 1 else (0, b"")
        if code == SOUND:
            return [*told, *self._heard(body, now_ns)]
        if code == SOUND_END:
            return [*told, m.MicState()]
        if code in (PHOTO, PHOTO_END):
            return [*told, *self._seen(code, body, now_ns)]
        if code == TAP:
            return [*told, m.Touch(t_us(now_ns), m.Gesture.TAP)]
        if code == BATTERY and body:
            return [*told, m.Battery(min(body[0], 100))]
        self.dropped += code not in (TOOK, SHOWN)
        return told

    def poll(self, now_ns: int) -> tuple[list[Write], list[FromDevice]]:
        """The next packets; a photo that does not go on is given up.

        Raises:
            MediumError: our program could not be started.
        """
        lost: list[FromDevice] = []
        if self._photo is not None and now_ns - self._photo[2] >= PHOTO_NS:
            lost = [m.CameraState(self._photo[0], m.CameraMode.OFF, m.Cause.LINK_LOST)]
            self._photo = None
        writes, told = self._exchange.poll(now_ns)
        return writes, [*lost, *told]

    def wake_ns(self) -> int | None:
        due = (self._exchange.wake_ns(), None if self._photo is None else self._photo[2] + PHOTO_NS)
        return min((at for at in due if at is not None), default=None)

    def _message(self, code: int, payload: bytes) -> list[Packet]:
        """Its packets; the glasses say when they took the last one."""
        *first, last = data_packets(code, payload, self._room)
        return [*(Packet(p) for p in first), Packet(last, _took(code))]

    def _show(self, message: m.DisplayShow) -> list[FromDevice]:
        canvas = self._canvases[message.page]
        packets = []
        for text in canvas.texts:
            for n, line in enumerate(text.text.split("\n")):
                place = (text.x + 1).to_bytes(2, "big") + (text.y + 1 + n * LINE_PX).to_bytes(2, "big")
                packets += self._message(TEXT, place + bytes([1, 4]) + line.encode())
        for payload in stripes(canvas.pixels):
            packets += self._message(BITMAP, payload)
        if not packets:  # an empty page: something must be drawn for the old one to go
            packets += self._message(TEXT, bytes([0, 1, 0, 1, 1, 4]) + b" ")
        page = message.page.to_bytes(2, "big")
        shown = bytes([1, SHOWN]) + page
        *before, last = data_packets(SHOW, page, self._room)
        packets += [*(Packet(p) for p in before), Packet(last, lambda data: True if data == shown else None)]
        done, failed = (m.DisplayShown(message.page),), (refused(message, m.Cause.LINK_LOST, message.page),)
        took = self._exchange.push(Request(packets, self.links, done, failed))
        return [] if took else [refused(message, m.Cause.BUSY, message.page)]

    def _microphone(self, message: m.MicControl) -> list[FromDevice]:
        if message.on and message.codec != m.Codec.PCM16:
            return [refused(message, m.Cause.UNSUPPORTED)]
        self._samples = 0
        done = (m.MicState(1, m.Codec.PCM16, _RATE_HZ),) if message.on else ()  # off is told by the end of the sound
        request = Request(
            self._message(LISTEN, bytes([1 if message.on else 0])), self.links, done,
            (refused(message, m.Cause.LINK_LOST),),
        )  # fmt: skip
        return [] if self._exchange.push(request) else [refused(message, m.Cause.BUSY)]

    def _camera(self, message: m.CameraControl, now_ns: int) -> list[FromDevice]:
        if message.mode == m.CameraMode.OFF:
            self._photo = None
            return [m.CameraState(message.request)]
        if message.mode != m.CameraMode.PHOTO:
            return [refused(message, m.Cause.UNSUPPORTED, message.request)]
        if self._photo is not None:
            return [refused(message, m.Cause.BUSY, message.request)]
        side = min(max(min(message.width, message.height) or 512, 100), 720)
        quality = min(max(message.quality - 1, 0) // 20, 4)
        payload = bytes([quality]) + (side // 2).to_bytes(2, "big") + (140).to_bytes(2, "big") + b"\x00"
        failed = (m.CameraState(message.request, m.CameraMode.OFF, m.Cause.LINK_LOST),)
        if not self._exchange.push(Request(self._message(CAPTURE, payload), self.links, (), failed)):
            return [refused(message, m.Cause.BUSY, message.request)]
        self._photo = message.request, bytearray(), now_ns
        return [m.CameraState(message.request, m.CameraMode.PHOTO, 0, side // 2 * 2, side // 2 * 2)]

    def _heard(self, sound: bytes, now_ns: int) -> list[FromDevice]:
        count = len(sound) // 2
        if not count or len(sound) % 2:
            self.dropped += 1
            return []
        first, self._samples = self._samples, self._samples + count
        begun_ns = now_ns - count * 1_000_000_000 // _RATE_HZ
        return [m.MicData(t_us(begun_ns), first & 0xFFFFFFFF, count, m.Codec.PCM16, sound)]

    def _seen(self, code: int, piece: bytes, now_ns: int) -> list[FromDevice]:
        if self._photo is None:
            self.dropped += 1
            return []
        request, jpeg, _ = self._photo
        jpeg += piece
        if len(jpeg) > MAX_PHOTO_BYTES:
            self._photo = None
            return [m.CameraState(request, m.CameraMode.OFF, m.Cause.NO_MEMORY)]
        if code == PHOTO:
            self._photo = request, jpeg, now_ns
            return []
        self._photo = None
        whole = bytes(jpeg)
        parts = [
            m.PhotoPart(request, t_us(now_ns), len(whole), at, whole[at : at + PART_BYTES])
            for at in range(0, len(whole), PART_BYTES)
        ]
        return [*parts, m.CameraState(request, m.CameraMode.OFF)]
