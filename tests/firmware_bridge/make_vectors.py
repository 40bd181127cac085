"""Writes vectors.json, what Python and C must agree on: `python -m tests.firmware_bridge.make_vectors`.

`frames` decode to their packet; `rejected` must be dropped; `messages` are bodies and their fields; `fragments` are whole
messages cut for an MTU; `receiver` are packets that come to a reliable channel, and the acknowledgement after each.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from firmware_bridge import framing, layout, messages, packets
from firmware_bridge.packets import Ack, Bye, Credit, Data, Hello, Packet, Ping, Pong, Refuse, Welcome
from firmware_bridge.receiver import Receiver
from firmware_bridge.reliable import Sender

FILE = Path(__file__).parent / "vectors.json"
SESSION, CONNECTION = 0x1234ABCD, 7
PACKETS: tuple[Packet, ...] = (
    Hello(1, SESSION, CONNECTION, 0, 32, 64, 512, 0),
    Hello(1, SESSION, CONNECTION + 1, 0xFFFE, 64, 255, 20, 1),
    Welcome(1, 0xDEADBEEF, 0x0102, 16, 32, 247),
    Refuse(packets.Reason.UNKNOWN_SESSION, SESSION, CONNECTION, 0xDEADBEEF),
    Bye(packets.Reason.RESTART),
    Ping(0xFFFFFFFF),
    Pong(1, 2, 0x80000000),
    Data(0, 0, first=True, last=True, payload=b"\x43\x00\x00"),
    Data(0, 0xFFFF, first=False, last=True, payload=bytes(range(11))),
    Data(0, 300, first=True, last=False, payload=b"\x00", next=299, credit=32),
    Data(1, 5, first=True, last=True, payload=bytes(498)),
    Data(4, 0, first=False, last=False, payload=bytes(i % 255 + 1 for i in range(501))),
    Ack(0, 32),
    Ack(65535, 64, 0x8000000000000001),
    Ack(17, 0, 0x0100),
    Credit(1, 64),
    Credit(7, 0),
)
MALFORMED = {
    "no packet": "",
    "unknown control": "0700",
    "short ping": "05000000",
    "short hello": "0100",
    "data without payload": "700100",
    "data with acknowledgement without payload": "78010002000a",
    "data with too large a credit": "780100020041aa",
    "reliable data with a channel": "710100aa",
    "best-effort on channel 0": "b00100aa",
    "best-effort with acknowledgement": "b90100aaaaaaaa",
    "acknowledgement without credit": "c00100",
    "acknowledgement with too large a credit": "c0010041",
    "acknowledgement with a bitmap of nine bytes": "c0010020" + "01" * 9,
    "acknowledgement with a flag": "e0010020",
    "credit with a tail": "c1010000",
}


def vectors() -> dict[str, Any]:
    """All of them; the same at each call."""
    return {
        "cobs": [{"raw": raw.hex(), "encoded": framing.cobs_encode(raw).hex()} for raw in _raw()],
        "not_cobs": ["05010203", "ff01", "0201000101", "02"],
        "frames": [_frame(packet) for packet in PACKETS],
        "malformed": [{"why": why, "packet": packet} for why, packet in MALFORMED.items()],
        "rejected": _rejected(),
        "messages": [_message(kind(**values)) for kind, values in _examples()],
        "lengths": _lengths(),
        "fragments": [_fragments(mtu) for mtu in (20, 23, 64, 185, 247, 512)],
        "receiver": _receiver(),
    }


def _raw() -> list[bytes]:
    long = bytes(i % 255 + 1 for i in range(508))
    lengths = (253, 254, 255, 508)
    return [b"\0", b"\0\0", b"\1", b"\1\0", b"\0\1", *(long[:n] for n in lengths), long[:254] + b"\0", bytes(508)]


def _frame(packet: Packet) -> dict[str, Any]:
    plain = isinstance(packet, Hello | Refuse)
    seal = framing.NO_TAG if plain else framing.tag(SESSION, CONNECTION)
    raw = packets.encode(packet)
    fields = {k: v.hex() if isinstance(v, bytes) else v for k, v in asdict(packet).items()}
    kind = type(packet).__name__
    return {
        "kind": kind, "fields": fields, "session": 0 if plain else SESSION, "connection": 1 if plain else CONNECTION,
        "packet": raw.hex(), "frame": framing.encode(raw, seal).hex(),
    }  # fmt: skip


def _rejected() -> list[dict[str, Any]]:
    """Streams of bytes, and what the decoder must have counted after them."""
    good = framing.encode(packets.encode(Ping(7)), framing.tag(SESSION, CONNECTION))
    other = framing.encode(packets.encode(Ping(7)), framing.tag(SESSION, CONNECTION + 1))
    flipped = bytes((good[0], good[1] ^ 4, *good[2:]))
    cases = {
        "a whole frame": good,
        "another connection": other,
        "a flipped bit": flipped,
        "two zeros": b"\0\0" + good,
        "half a frame, then a whole one": good[:5] + b"\0" + good,
        "longer than any frame": b"\x01" * 600 + b"\0" + good,
        "not COBS": b"\xf0\x01\0" + good,
        "a frame of nothing": b"\x01\0" + good,
        "a frame that lost its zero, and a hello behind it": good[:-1]
        + framing.encode(packets.encode(PACKETS[0]))
        + good,
    }
    found = []
    for why, stream in cases.items():
        decoder = framing.Decoder()
        bodies = decoder.feed(stream)
        valid = [framing.opened(body, framing.tag(SESSION, CONNECTION)) for body in bodies]
        found.append({
            "why": why, "stream": stream.hex(), "session": SESSION, "connection": CONNECTION,
            "packets": [packet.hex() for packet in valid if packet is not None],
            "bad_crc": sum(packet is None for packet in valid),
            "too_long": decoder.too_long, "not_cobs": decoder.not_cobs,
        })  # fmt: skip
    return found


def _examples() -> list[tuple[type[Any], dict[str, Any]]]:
    """Each message with its defaults, and with values that show every byte."""
    found: list[tuple[type[Any], dict[str, Any]]] = []
    for shape in layout.declared():
        kind = getattr(messages, shape.name)
        found.append((kind, {}))
        values: dict[str, Any] = {}
        for index, field in enumerate(shape.fields):
            low = (index * 37 + shape.number) % 120 + 1
            values[field.name] = "Grün" if field.code == "16s" else low if field.size_bytes == 1 else low * 257
            if field.code in "hi":
                values[field.name] = -low
        if shape.tail:
            values[shape.tail] = "Grüße\n2" if shape.tail_is_text else bytes((0, 1, 0, 255))
        if values:
            found.append((kind, values))
    return found


def _message(value: layout.Message) -> dict[str, Any]:
    return {"kind": type(value).__name__, "fields": layout.as_dict(value), "bytes": layout.encode(value).hex()}


def _lengths() -> list[dict[str, Any]]:
    """Bodies of older and newer peers, and bodies that lie."""
    cases = ["10", "1032", "103201740e", "103201740eecff99", "103201740eec", "1032017f", "12", "1201000000", "60", "6000",
             "6006010000", "6006010000000268", "600701000000020068", "60010a", "60020168", "02", "0205"]  # fmt: skip
    found = []
    for case in cases:
        try:
            value = layout.decode(bytes.fromhex(case))
        except layout.MessageError as error:
            found.append({"bytes": case, "kind": None, "error": str(error)})
        else:
            assert value is not None
            found.append({"bytes": case, "kind": type(value).__name__, "fields": layout.as_dict(value)})
    return found


def _fragments(mtu: int) -> dict[str, Any]:
    message = layout.encode(messages.DisplayText(page=3, text="abcdefghij" * 60))
    sender = Sender(framing.packet_room(mtu), next=65530, base=65530)
    sender.push(message)
    frames = []
    while (data := sender.packet(0)) is not None:
        frames.append(framing.encode(packets.encode(data), framing.tag(SESSION, CONNECTION)).hex())
    return {
        "mtu": mtu, "packet_room": framing.packet_room(mtu), "session": SESSION, "connection": CONNECTION,
        "first_seq": 65530, "message": message.hex(), "frames": frames,
    }  # fmt: skip


def _receiver() -> list[dict[str, Any]]:
    """A window of four that starts at 65534: loss, a double, one too far ahead, the wrap; the time stands still."""
    receiver = Receiver(window=4, next=65534)
    found = []
    for seq in (65534, 0, 0, 65534, 1, 3, 2, 65535, 2):
        data = Data(0, seq, first=True, last=True, payload=bytes((0x43, seq & 0xFF, 0)))
        receiver.add(data, 0)
        taken = [message.hex() for message in receiver.take()]
        ack = receiver.ack()
        found.append({"packet": packets.encode(data).hex(), "taken": taken, "ack": packets.encode(ack).hex()})
    return found


if __name__ == "__main__":
    FILE.write_text(json.dumps(vectors(), indent=1) + "\n")
