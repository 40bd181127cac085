"""What the C library must decide like Python: verdicts in the bytes that firmware/boards/native/judge.h describes."""

from __future__ import annotations

import ctypes

from firmware_bridge import framing, layout, packets
from tests.firmware_bridge.c_device import call, library

SEAL = framing.tag(0x1234ABCD, 7)


def stream(index: int) -> bytes:
    """Damaged stream number `index`."""
    out = ctypes.create_string_buffer(4096)
    size = library().judge_stream(ctypes.c_uint64(index), out)
    return out.raw[:size]


def verdict_of_python(data: bytes) -> bytes:
    """What Python makes of a stream."""
    decoder = framing.Decoder()
    out = bytearray()
    for body in decoder.feed(data):
        raw = framing.opened(body, framing.NO_TAG if packets.is_untagged(body) else SEAL)
        packet = None if raw is None else packets.decode(raw)
        if packet is None:
            out.append(0 if raw is None else 1)
        else:
            again = packets.encode(packet)
            out += b"\2" + len(again).to_bytes(2, "little") + again
    return bytes(out) + bytes((decoder.too_long & 0xFF, decoder.not_cobs & 0xFF))


def differing_streams(first: int, count: int) -> list[int]:
    """The numbers of the streams that C and Python judge differently."""
    found = []
    for index in range(first, first + count):
        data = stream(index)
        if call("judge_verdict", data) != verdict_of_python(data):
            found.append(index)
    return found


def message_verdicts_agree(data: bytes) -> bool:
    """Whether C and Python both read this message, or both do not; and write the same again if no text is in it."""
    ours = call("judge_message", data)
    try:
        value = layout.decode(data)
    except layout.MessageError:
        return ours == b""
    if value is None:
        return ours == b"\xff"
    shape = layout.layout(type(value))
    if shape.tail_is_text or any(field.code == "16s" for field in shape.fields):
        return ours[:1] == data[:1]  # text that is not UTF-8 is bytes in C and replaced in Python
    return ours == layout.encode(value)
