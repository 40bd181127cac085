"""Packets: what one frame carries. Six kinds of control packet, data on a channel, and acknowledgements. No state here.

The first byte says what follows: bits 7–6 the type, the rest by type (docs/protocol.md draws every byte). All integers are
little-endian. A packet with a reserved bit set, or shorter than its type needs, is malformed and dropped; control packets
may be longer than known, the tail is a newer version's.
"""

from __future__ import annotations

import struct
from dataclasses import astuple, dataclass
from enum import IntEnum
from typing import ClassVar, Final

PROTOCOL_VERSION: Final = 1
RELIABLE: Final = 0
"""the channel that is delivered in order and exactly once"""
BEST_EFFORT: Final = range(1, 8)
"""the channels on which the newest wins"""
MAX_WINDOW: Final = 64
"""packets that may be under way on the reliable channel: the acknowledgement's bitmap has this many bits"""
HEADER_BYTES: Final = 3
"""first byte and sequence number of a data packet"""
ACK_BYTES: Final = 3
"""an acknowledgement inside a data packet: next uint16, credit uint8"""

_CONTROL, _RELIABLE, _BEST_EFFORT, _ACK = 0x00, 0x40, 0x80, 0xC0
FIRST: Final = 0x20
LAST: Final = 0x10
WITH_ACK: Final = 0x08


class Reason(IntEnum):
    """Why a side refuses or ends a session."""

    ASKED = 0
    VERSION = 1
    UNKNOWN_SESSION = 2
    BUSY = 3
    PROTOCOL = 4
    RESTART = 5
    POWER = 6


@dataclass(frozen=True, slots=True)
class Hello:
    """Host to device: open or resume a session. The only packet, with Refuse, whose CRC has the tag of no session."""

    CODE: ClassVar[int] = 1
    LAYOUT: ClassVar[struct.Struct] = struct.Struct("<BIBHBBHB")
    version: int
    session: int
    connection: int
    next: int
    window: int
    credit: int
    mtu: int
    resumes: int


@dataclass(frozen=True, slots=True)
class Welcome:
    """Device to host: the answer, under the tag of the session and connection that the hello named."""

    CODE: ClassVar[int] = 2
    LAYOUT: ClassVar[struct.Struct] = struct.Struct("<BIHBBH")
    version: int
    boot: int
    next: int
    window: int
    credit: int
    mtu: int


@dataclass(frozen=True, slots=True)
class Refuse:
    """Device to host: no session, and why; names what it refuses because it has the tag of no session."""

    CODE: ClassVar[int] = 3
    LAYOUT: ClassVar[struct.Struct] = struct.Struct("<BIBI")
    reason: int
    session: int
    connection: int
    boot: int


@dataclass(frozen=True, slots=True)
class Bye:
    """Either way: this session is over."""

    CODE: ClassVar[int] = 4
    LAYOUT: ClassVar[struct.Struct] = struct.Struct("<B")
    reason: int


@dataclass(frozen=True, slots=True)
class Ping:
    """Host to device: are you there, and what time is it? `sent_us` is the low 32 bits of the host's microseconds."""

    CODE: ClassVar[int] = 5
    LAYOUT: ClassVar[struct.Struct] = struct.Struct("<I")
    sent_us: int


@dataclass(frozen=True, slots=True)
class Pong:
    """Device to host: the ping's time, and the device's own clock when the ping came and when this leaves."""

    CODE: ClassVar[int] = 6
    LAYOUT: ClassVar[struct.Struct] = struct.Struct("<III")
    sent_us: int
    came_us: int
    left_us: int


@dataclass(frozen=True, slots=True)
class Data:
    """A whole message or a fragment of one, on a channel."""

    channel: int
    seq: int
    first: bool
    last: bool
    payload: bytes
    next: int | None = None
    """with `credit`: an acknowledgement that rides along, on the reliable channel only"""
    credit: int = 0


@dataclass(frozen=True, slots=True)
class Ack:
    """The reliable channel: all before `next` came; bit i of `bitmap` says that next + 1 + i came too."""

    next: int
    credit: int
    bitmap: int = 0


@dataclass(frozen=True, slots=True)
class Credit:
    """A best-effort channel: packets before `limit` may be sent."""

    channel: int
    limit: int


Control = Hello | Welcome | Refuse | Bye | Ping | Pong
Packet = Control | Data | Ack | Credit
CONTROLS: Final[tuple[type[Control], ...]] = (Hello, Welcome, Refuse, Bye, Ping, Pong)
_BY_CODE: Final = {kind.CODE: kind for kind in CONTROLS}
_UNTAGGED: Final = (_CONTROL | Hello.CODE, _CONTROL | Refuse.CODE)


def is_untagged(body: bytes) -> bool:
    """Whether a decoded frame must be opened with `NO_TAG`: its first byte says so. An empty frame has none."""
    return bool(body) and body[0] in _UNTAGGED


def encode(packet: Packet) -> bytes:
    """The bytes of a packet."""
    if isinstance(packet, Data):
        flags = FIRST * packet.first | LAST * packet.last
        if packet.channel == RELIABLE:
            if packet.next is None:
                return struct.pack("<BH", _RELIABLE | flags, packet.seq) + packet.payload
            head = struct.pack("<BHHB", _RELIABLE | flags | WITH_ACK, packet.seq, packet.next, packet.credit)
            return head + packet.payload
        return struct.pack("<BH", _BEST_EFFORT | flags | packet.channel, packet.seq) + packet.payload
    if isinstance(packet, Ack):
        bitmap = packet.bitmap.to_bytes(-(-packet.bitmap.bit_length() // 8), "little")
        return struct.pack("<BHB", _ACK, packet.next, packet.credit) + bitmap
    if isinstance(packet, Credit):
        return struct.pack("<BH", _ACK | packet.channel, packet.limit)
    return bytes((_CONTROL | packet.CODE,)) + packet.LAYOUT.pack(*astuple(packet))


def decode(data: bytes) -> Packet | None:
    """The packet in `data`, or None if it is malformed or of a kind that this version does not know."""
    if not data:
        return None
    head, low = data[0] & 0xC0, data[0] & 0x3F
    if head == _CONTROL:
        kind = _BY_CODE.get(low)
        if kind is None or len(data) < 1 + kind.LAYOUT.size:
            return None
        return kind(*kind.LAYOUT.unpack_from(data, 1))
    if len(data) < HEADER_BYTES:
        return None
    number = int.from_bytes(data[1:3], "little")
    channel = low & 0x07
    if head == _ACK:
        return _acknowledgement(low, number, data)
    first, last = bool(low & FIRST), bool(low & LAST)
    if head == _BEST_EFFORT:
        if low & WITH_ACK or channel == 0 or len(data) == HEADER_BYTES:
            return None
        return Data(channel, number, first, last, data[HEADER_BYTES:])
    start = HEADER_BYTES + (ACK_BYTES if low & WITH_ACK else 0)
    if channel or len(data) <= start:
        return None
    if low & WITH_ACK:
        if data[5] > MAX_WINDOW:
            return None
        return Data(RELIABLE, number, first, last, data[start:], int.from_bytes(data[3:5], "little"), data[5])
    return Data(RELIABLE, number, first, last, data[start:])


def _acknowledgement(low: int, number: int, data: bytes) -> Ack | Credit | None:
    if low == 0:
        if not 4 <= len(data) <= 4 + MAX_WINDOW // 8 or data[3] > MAX_WINDOW:
            return None
        return Ack(number, data[3], int.from_bytes(data[4:], "little"))
    if low > 7 or len(data) != 3:
        return None
    return Credit(low, number)


def expand(wire: int, near: int) -> int:
    """The sequence number with these low 16 bits that is nearest to `near` (numbers inside count on without wrapping)."""
    return near + ((wire - near + 0x8000) & 0xFFFF) - 0x8000
