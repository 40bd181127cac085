"""As much of MCUmgr's protocol as the firmware's tests need, written from its specification and not from our C code."""

from __future__ import annotations

import hmac
import struct
from hashlib import sha256
from typing import Any

READ, WRITE = 0, 2
OS, IMAGE = 0, 1
ECHO, RESET, PARAMETERS = 0, 5, 6
STATE, UPLOAD = 0, 1


def encoded(value: Any) -> bytes:
    """CBOR of a dict of numbers, bytes, text and booleans."""
    if isinstance(value, bool):
        return b"\xf5" if value else b"\xf4"
    if isinstance(value, int):
        return _head(0, value)
    if isinstance(value, bytes):
        return _head(2, len(value)) + value
    if isinstance(value, str):
        return _head(3, len(value.encode())) + value.encode()
    if isinstance(value, list):
        return _head(4, len(value)) + b"".join(map(encoded, value))
    return _head(5, len(value)) + b"".join(encoded(k) + encoded(v) for k, v in value.items())


def decoded(data: bytes) -> Any:
    """The one value in `data`."""
    value, rest = _item(data)
    assert rest == b"", rest
    return value


def request(
    operation: int, group: int, command: int, body: dict[str, Any] | bytes, version: int = 1, seq: int = 7
) -> bytes:
    """A packet of the protocol: header, then CBOR."""
    raw = body if isinstance(body, bytes) else encoded(body)
    return struct.pack(">BBHHBB", version << 3 | operation, 0, len(raw), group, seq, command) + raw


def answer(packet: bytes, to: bytes) -> Any:
    """The body of the answer to a request; its header must fit."""
    first, _, length, group, seq, command = struct.unpack(">BBHHBB", packet[:8])
    asked = struct.unpack(">BBHHBB", to[:8])
    assert (first, group, seq, command) == (asked[0] | 1, *asked[3:]) and length == len(packet) - 8
    return decoded(packet[8:])


def image(version: tuple[int, int, int], body: bytes, key: bytes) -> bytes:
    """A firmware image as docs/firmware.md draws it."""
    head = struct.pack("<IHHIBBH16x", 0x31495047, 32, 0, len(body), *version)
    return head + body + hmac.digest(key, head + body, "sha256")


def image_hash(whole: bytes) -> bytes:
    """What the slot list says: SHA-256 without the tag."""
    return sha256(whole[:-32]).digest()


def _head(kind: int, value: int) -> bytes:
    for limit, more, code in ((24, 0, None), (1 << 8, 1, 24), (1 << 16, 2, 25), (1 << 32, 4, 26)):
        if value < limit:
            low = value if code is None else code
            return bytes((kind << 5 | low,)) + (value.to_bytes(more, "big") if more else b"")
    raise ValueError(value)


def _item(data: bytes) -> tuple[Any, bytes]:
    kind, low = data[0] >> 5, data[0] & 31
    more = {24: 1, 25: 2, 26: 4}.get(low, 0)
    value, rest = (int.from_bytes(data[1 : 1 + more], "big") if more else low), data[1 + more :]
    if kind == 7:
        return low == 21, rest
    if kind in (2, 3):
        text = rest[:value]
        return (text if kind == 2 else text.decode()), rest[value:]
    if kind == 4:
        items = []
        for _ in range(value):
            found, rest = _item(rest)
            items.append(found)
        return items, rest
    if kind == 5:
        pairs = {}
        for _ in range(value):
            name, rest = _item(rest)
            pairs[name], rest = _item(rest)
        return pairs, rest
    assert kind == 0, kind
    return value, rest
