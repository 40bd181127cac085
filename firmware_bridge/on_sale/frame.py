"""Brilliant Labs Frame: our Lua program on the glasses (`frame.lua`), text and 1-bit pictures, photos, 8 kHz sound, taps.

Framing: docs.brilliant.xyz/frame and github.com/CitizenOneX/frame_ble_python, frame_msg_python (MIT). A write is a Lua
line, 0x03 (break), 0x04 (restart of Lua), or 0x01 and data; a notification is 0x01 and data, or what Lua printed. Message
codes are those of frame_msg where it has the message. The camera sits turned, so its photos lie on their right side;
they get a note of that (Exif) by which readers turn them. A stream is photo after photo.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from importlib.resources import files
from typing import Final

from firmware_bridge import messages as m
from firmware_bridge.errors import MediumError
from firmware_bridge.messages import FromDevice, FromHost
from firmware_bridge.on_sale.canvas import Canvases
from firmware_bridge.on_sale.exchange import Exchange, Packet, Request
from firmware_bridge.on_sale.frame_wire import PROGRAM, data_packets, lua_writes, stripes, upright
from firmware_bridge.on_sale.translator import Write, refused, t_us

LINK: Final = "frame"
SERVICE: Final = "7a230001-5475-a6a4-654c-8431f6ad49c4"
WRITTEN: Final = "7a230002-5475-a6a4-654c-8431f6ad49c4"
NOTIFIED: Final = "7a230003-5475-a6a4-654c-8431f6ad49c4"
WIDTH, HEIGHT = 640, 400
BREAK, RESTART = b"\x03", b"\x04"
TEXT, SHOW, BITMAP, CAPTURE, LISTEN = 0x0A, 0x0B, 0x10, 0x0D, 0x30
SOUND, SOUND_END, PHOTO, PHOTO_END, TAP, BATTERY, TOOK, SHOWN = 0x05, 0x06, 0x07, 0x08, 0x09, 0x0C, 0x0E, 0x0F
STARTED: Final = "glasspath 1"
LINE_PX: Final = 60
"""from one line of text to the next: the font is 48 high with room"""
MIN_ROOM_BYTES: Final = 64
"""of a write, so that a line of our program has room for some of it"""
MAX_PHOTO_BYTES: Final = 1 << 20
PART_BYTES: Final = 60_000
"""of a photo in one PhotoPart"""
PHOTO_NS: Final = 10_000_000_000
"""without another piece of a photo"""
_RATE_HZ: Final = 8000


def _said(text: str) -> Callable[[bytes], bool | None]:
    """What Lua printed; an error in it is a no."""
    return lambda data: None if data[:1] == b"\x01" else data.decode(errors="replace").strip() == text


def _took(code: int) -> Callable[[bytes], bool | None]:
    return lambda data: True if data[:3] == bytes([1, TOOK, code]) else None


@dataclass(slots=True)
class _Photo:
    """A photo under way."""

    asked: m.CameraControl
    piece_ns: int
    """when the last piece came"""
    taken_ns: int | None = None
    """when the glasses said that they took it, the nearest to the exposure that they tell; pieces before are of another"""
    jpeg: bytearray = field(default_factory=bytearray)


class Frame:
    """One Frame with our program on it."""

    links: Sequence[str] = (LINK,)

    def __init__(self, name: str = "") -> None:
        """`name`: as advertised, so that programs can tell one from another."""
        self.dropped = 0
        """packets that made no sense"""
        self._room = MIN_ROOM_BYTES
        self._serial = zlib.crc32(name.encode())
        self._exchange = Exchange(capacity=64)
        self._canvases = Canvases(WIDTH, HEIGHT)
        self._photo: _Photo | None = None
        self._stream: m.CameraControl | None = None
        self._next_ns = self._photos = 0
        self._samples = 0

    def begin(self, now_ns: int, room_bytes: int) -> list[FromDevice]:
        """Stops what runs, writes our program and starts it; capabilities come when it says that it runs."""
        if room_bytes < MIN_ROOM_BYTES:
            raise MediumError(
                f"our program for the Frame is written in lines of at least {MIN_ROOM_BYTES} bytes, this connection takes "
                f"{room_bytes}: use another Bluetooth adapter"
            )
        unfinished = self._exchange.abandon()
        asked = self._stream or (self._photo.asked if self._photo is not None else None)
        if asked is not None and (ended := _ended(asked, m.Cause.LINK_LOST)) not in unfinished:
            unfinished.append(ended)
        self._room, self._photo, self._stream = room_bytes, None, None
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
        return unfinished

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
        if code == TOOK and body == bytes([CAPTURE]) and self._photo is not None:
            self._photo.taken_ns = now_ns
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
        if self._photo is not None and now_ns - self._photo.piece_ns >= PHOTO_NS:
            lost = [] if self._stream is not None else [_ended(self._photo.asked, m.Cause.LINK_LOST)]
            self._photo = None
        if self._stream is not None and self._photo is None and now_ns >= self._next_ns:
            self._capture(self._stream, now_ns)  # if too much waits the next call tries again
        writes, told = self._exchange.poll(now_ns)
        return writes, [*lost, *told]

    def wake_ns(self) -> int | None:
        due = [self._exchange.wake_ns()]
        if self._photo is not None:
            due.append(self._photo.piece_ns + PHOTO_NS)
        elif self._stream is not None:
            due.append(self._next_ns)
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
            self._photo = self._stream = None
            return [m.CameraState(message.request)]
        if message.mode not in (m.CameraMode.PHOTO, m.CameraMode.STREAM):
            return [refused(message, m.Cause.UNSUPPORTED, message.request)]
        if self._photo is not None or self._stream is not None or not self._capture(message, now_ns):
            return [refused(message, m.Cause.BUSY, message.request)]
        if message.mode == m.CameraMode.STREAM:
            self._stream = message
        side = _side(message)
        return [m.CameraState(message.request, message.mode, 0, side, side)]

    def _capture(self, asked: m.CameraControl, now_ns: int) -> bool:
        quality = min(max(asked.quality - 1, 0) // 20, 4)
        payload = bytes([quality]) + (_side(asked) // 2).to_bytes(2, "big") + (140).to_bytes(2, "big") + b"\x00"
        failed = (_ended(asked, m.Cause.LINK_LOST),) if asked.mode == m.CameraMode.PHOTO else ()
        if not self._exchange.push(Request(self._message(CAPTURE, payload), self.links, (), failed)):
            return False
        self._photo = _Photo(asked, now_ns)
        self._next_ns = now_ns + (10_000_000_000 // asked.fps_x10 if asked.fps_x10 else 0)
        return True

    def _heard(self, sound: bytes, now_ns: int) -> list[FromDevice]:
        count = len(sound) // 2
        if not count or len(sound) % 2:
            self.dropped += 1
            return []
        first, self._samples = self._samples, self._samples + count
        begun_ns = now_ns - count * 1_000_000_000 // _RATE_HZ
        return [m.MicData(t_us(begun_ns), first & 0xFFFFFFFF, count, m.Codec.PCM16, sound)]

    def _seen(self, code: int, piece: bytes, now_ns: int) -> list[FromDevice]:
        photo = self._photo
        if photo is None or photo.taken_ns is None:
            self.dropped += 1
            return []
        photo.jpeg += piece
        photo.piece_ns = now_ns
        if len(photo.jpeg) > MAX_PHOTO_BYTES:
            self._photo = self._stream = None
            return [_ended(photo.asked, m.Cause.NO_MEMORY)]
        if code == PHOTO:
            return []
        self._photo = None
        whole, request, t = upright(bytes(photo.jpeg)), photo.asked.request, t_us(photo.taken_ns)
        if photo.asked.mode == m.CameraMode.STREAM:
            if len(whole) > PART_BYTES:
                self.dropped += 1  # longer than a message: a smaller width or quality was to be asked for
                return []
            self._photos = (self._photos + 1) & 0xFFFF
            return [m.CameraFrame(request, self._photos, t, whole)]
        parts = [
            m.PhotoPart(request, t, len(whole), at, whole[at : at + PART_BYTES])
            for at in range(0, len(whole), PART_BYTES)
        ]
        return [*parts, m.CameraState(request)]


def _side(asked: m.CameraControl) -> int:
    """Pixels; photos are square, of an even number from 100 to 720."""
    return min(max(min(asked.width, asked.height or asked.width) or 512, 100), 720) // 2 * 2


def _ended(asked: m.CameraControl, cause: m.Cause) -> m.CameraState:
    return m.CameraState(asked.request, m.CameraMode.OFF, cause)
