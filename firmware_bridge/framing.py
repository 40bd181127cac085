"""Frames on the wire: COBS of a packet and its CRC-32, ended by one zero byte. Knows nothing of what packets mean.

COBS: Cheshire and Baker, "Consistent Overhead Byte Stuffing", IEEE/ACM Transactions on Networking 7(2), 1999.
The CRC is that of Ethernet and zlib (polynomial 0x04C11DB7 reflected), computed over a tag of five bytes and the packet. The
tag is not sent: a packet of an older session or connection fails its CRC instead of being taken for a new one.
"""

from __future__ import annotations

import zlib
from typing import Final

MIN_MTU: Final = 20
"""the payload of a BLE write without a negotiated MTU: 23 − 3"""
MAX_MTU: Final = 512
"""the longest attribute value of BLE (Core Specification, Vol 3, Part F, 3.2.9)"""
CRC_BYTES: Final = 4
MAX_PACKET_BYTES: Final = 504
"""what fits into the largest frame: 504 + 4 bytes of CRC + 2 of COBS + the zero = 511"""
NO_TAG: Final = bytes((0, 0, 0, 0, 1))
"""the tag of packets that belong to no session. Not all zeros: the CRC of a frame, then five zeros, is the CRC of nothing,
and a frame whose closing zero was lost would pass as one packet with the Hello behind it"""


def tag(session: int, connection: int) -> bytes:
    """What the CRC of a packet covers before the packet: session uint32 and connection uint8, little-endian."""
    return session.to_bytes(4, "little") + bytes((connection,))


def packet_room(mtu_bytes: int) -> int:
    """The longest packet, in bytes, whose frame is at most `mtu_bytes` whatever its content."""
    if not MIN_MTU <= mtu_bytes <= MAX_MTU:
        raise ValueError(f"an MTU of {mtu_bytes} bytes is outside {MIN_MTU}…{MAX_MTU}")
    body = mtu_bytes - 2
    while body + -(-body // 254) + 1 > mtu_bytes:
        body -= 1
    return body - CRC_BYTES


def encode(packet: bytes, seal: bytes = NO_TAG) -> bytes:
    """The frame of a packet, its closing zero included."""
    crc = zlib.crc32(packet, zlib.crc32(seal))
    return cobs_encode(packet + crc.to_bytes(4, "little")) + b"\0"


def opened(body: bytes, seal: bytes) -> bytes | None:
    """The packet in a decoded frame `body`, or None if its CRC is not that of this packet under this tag."""
    if len(body) <= CRC_BYTES:
        return None
    packet = body[:-CRC_BYTES]
    crc = zlib.crc32(packet, zlib.crc32(seal))
    return packet if crc == int.from_bytes(body[-CRC_BYTES:], "little") else None


def cobs_encode(data: bytes) -> bytes:
    """`data` (1 byte or more) without zeros: at most one byte longer per 254 bytes."""
    out = bytearray()
    last = len(data)
    at = 0
    while at <= last:
        zero = data.find(0, at)
        end = last if zero < 0 else zero
        while end - at >= 254:
            out.append(0xFF)
            out += data[at : at + 254]
            at += 254
            if at == last:  # a full last group needs no empty one after it
                return bytes(out)
        out.append(end - at + 1)
        out += data[at:end]
        at = end + 1
    return bytes(out)


def cobs_decode(data: bytes) -> bytes | None:
    """What was encoded, or None if `data` (no zeros in it) is not COBS."""
    out = bytearray()
    at, last = 0, len(data)
    while at < last:
        code = data[at]
        if code == 0 or at + code > last:
            return None
        out += data[at + 1 : at + code]
        at += code
        if code < 0xFF and at < last:
            out.append(0)
    return bytes(out)


class Decoder:
    """Cuts a stream of bytes into decoded frames; after nonsense it is right again at the next zero.

    Holds at most one frame. What is not a frame is dropped and counted.
    """

    def __init__(self) -> None:
        self._held = bytearray()
        self._skipping = False
        self.too_long = 0
        """frames longer than any valid one"""
        self.not_cobs = 0
        """frames that are not COBS"""

    def feed(self, data: bytes) -> list[bytes]:
        """The content (packet and CRC, not checked yet) of each frame that `data` completes."""
        found = []
        start = 0
        while (zero := data.find(0, start)) >= 0:
            self._hold(data[start:zero])
            start = zero + 1
            body = bytes(self._held)
            skipped, self._skipping = self._skipping, False
            self._held.clear()
            if skipped:
                continue
            if body:
                content = cobs_decode(body)
                if content is None:
                    self.not_cobs += 1
                else:
                    found.append(content)
        self._hold(data[start:])
        return found

    def reset(self) -> None:
        """Forgets a frame that has begun: the medium was opened anew."""
        self._held.clear()
        self._skipping = False

    def _hold(self, part: bytes) -> None:
        if self._skipping:
            return
        if len(self._held) + len(part) > MAX_MTU - 1:
            self._skipping = True
            self.too_long += 1
            self._held.clear()
        else:
            self._held += part
