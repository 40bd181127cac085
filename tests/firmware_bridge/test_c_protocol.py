"""The C protocol library decides what Python decides: vectors both ways, damaged streams, damaged messages."""

from __future__ import annotations

import ctypes
import hashlib
import hmac
import json
import random

import pytest

from firmware_bridge import framing, layout, packets
from tests.firmware_bridge import c_vectors, make_vectors
from tests.firmware_bridge.c_device import call, library, needs_compiler

pytestmark = needs_compiler
VECTORS = json.loads(make_vectors.FILE.read_text())


def test_cobs_is_encoded_and_decoded_as_the_vectors_say() -> None:
    for vector in VECTORS["cobs"]:
        raw, encoded = bytes.fromhex(vector["raw"]), bytes.fromhex(vector["encoded"])
        assert call("gp_cobs_encode", raw) == encoded
        out = ctypes.create_string_buffer(1024)
        assert library().judge_cobs(encoded, ctypes.c_size_t(len(encoded)), out) == len(raw)
        assert out.raw[: len(raw)] == raw
    for bad in map(bytes.fromhex, VECTORS["not_cobs"]):
        assert library().judge_cobs(bad, ctypes.c_size_t(len(bad)), ctypes.create_string_buffer(64)) == -1


def test_the_crc_is_that_of_zlib_and_the_room_of_a_packet_that_of_python() -> None:
    assert library().gp_crc32(0, b"123456789", ctypes.c_size_t(9)) == 0xCBF43926
    for mtu in range(framing.MIN_MTU, framing.MAX_MTU + 1):
        assert library().gp_packet_room(mtu) == framing.packet_room(mtu)


def test_every_frame_of_the_vectors_is_read_and_its_packet_written_again() -> None:
    for vector in VECTORS["frames"]:
        packet, frame = bytes.fromhex(vector["packet"]), bytes.fromhex(vector["frame"])
        expected = b"\2" + len(packet).to_bytes(2, "little") + packet + b"\0\0"
        assert call("judge_verdict", frame) == expected, vector["kind"]
        out, raw = ctypes.create_string_buffer(512), ctypes.create_string_buffer(packet, len(packet) + 4)
        seal = framing.tag(vector["session"], vector["connection"])
        size = library().gp_frame(raw, ctypes.c_size_t(len(packet)), seal, out)
        assert out.raw[:size] == frame


def test_malformed_packets_and_bad_streams_of_the_vectors_are_dropped_and_counted() -> None:
    for vector in VECTORS["malformed"][1:]:
        packet = bytes.fromhex(vector["packet"])
        sealed = framing.encode(packet, framing.NO_TAG if packets.is_untagged(packet) else c_vectors.SEAL)
        assert call("judge_verdict", sealed) == b"\1\0\0", vector["why"]
    for vector in VECTORS["rejected"]:
        said = call("judge_verdict", bytes.fromhex(vector["stream"]))
        taken = b"".join(b"\2" + len(p).to_bytes(2, "little") + p for p in map(bytes.fromhex, vector["packets"]))
        expected = bytes(vector["bad_crc"]) + taken + bytes((vector["too_long"], vector["not_cobs"]))
        assert sorted(said) == sorted(expected), vector["why"]
        assert said == c_vectors.verdict_of_python(bytes.fromhex(vector["stream"]))


def test_every_message_of_the_vectors_is_read_and_written_again() -> None:
    for vector in VECTORS["messages"]:
        raw = bytes.fromhex(vector["bytes"])
        assert call("judge_message", raw) == raw, vector["kind"]
    for vector in VECTORS["lengths"]:
        said = call("judge_message", bytes.fromhex(vector["bytes"]))
        assert (said == b"") == (vector["kind"] is None), vector


def test_a_message_is_cut_into_the_same_frames() -> None:
    for vector in VECTORS["fragments"]:
        message, out = bytes.fromhex(vector["message"]), ctypes.create_string_buffer(65536)
        size = library().judge_fragments(
            vector["mtu"], vector["first_seq"], message, ctypes.c_size_t(len(message)), out
        )
        assert out.raw[:size].hex() == "".join(vector["frames"]), vector["mtu"]


def test_the_receiver_takes_and_acknowledges_as_the_vectors_say() -> None:
    c = library()
    c.judge_receiver_begin(65534)
    for vector in VECTORS["receiver"]:
        packet = bytes.fromhex(vector["packet"])
        ack, taken, size = ctypes.create_string_buffer(16), ctypes.create_string_buffer(4096), ctypes.c_size_t()
        ack_bytes = c.judge_receiver(packet, ctypes.c_size_t(len(packet)), ack, taken, ctypes.byref(size))
        assert ack.raw[:ack_bytes].hex() == vector["ack"]
        expected = b"".join(len(m).to_bytes(2, "little") + m for m in map(bytes.fromhex, vector["taken"]))
        assert taken.raw[: size.value] == expected


def test_ten_thousand_damaged_streams_are_judged_alike_by_c_and_python() -> None:
    assert c_vectors.differing_streams(0, 10_000) == []
    verdicts = [c_vectors.verdict_of_python(c_vectors.stream(index)) for index in range(300)]
    assert sum(b"\2" in v[:1] for v in verdicts) > 50 and sum(v[:1] == b"\0" for v in verdicts) > 50


def test_ten_thousand_damaged_messages_are_judged_alike_by_c_and_python() -> None:
    draw = random.Random(1)
    originals = [bytes.fromhex(vector["bytes"]) for vector in VECTORS["messages"]]
    refused = 0
    for _ in range(10_000):
        raw = bytearray(draw.choice(originals))
        for _ in range(draw.randrange(4)):
            raw[draw.randrange(1, len(raw)) if len(raw) > 1 else 0] = draw.choice((0, 1, 255, draw.randrange(256)))
        data = bytes(raw[: draw.randrange(1, len(raw) + 1)]) + draw.randbytes(draw.choice((0, 0, 3)))
        assert c_vectors.message_verdicts_agree(data), data.hex()
        refused += call("judge_message", data) == b""
    assert 1000 < refused < 9000
    numbers = {shape.number for shape in layout.declared()}
    assert {n for n in range(256) if call("judge_message", bytes((n,)) + b"\x40" * 80) != b"\xff"} == numbers


@pytest.mark.parametrize("length", [0, 1, 3, 55, 56, 63, 64, 65, 119, 120, 1000])
def test_the_hash_is_sha_256_and_the_tag_hmac_of_it(length: int) -> None:
    c, data, key = library(), bytes(i * 7 % 256 for i in range(length)), bytes(range(32))
    state, out = ctypes.create_string_buffer(256), ctypes.create_string_buffer(32)
    for size in (1, 64, 1000):
        c.gp_sha256_init(state)
        for at in range(0, length, size):
            c.gp_sha256_add(state, data[at : at + size], ctypes.c_size_t(len(data[at : at + size])))
        c.gp_sha256_end(state, out)
        assert out.raw == hashlib.sha256(data).digest()
    key_buffer = ctypes.create_string_buffer(key, 32)
    c.gp_hmac_init(state, key_buffer)
    c.gp_hmac_add(state, data, ctypes.c_size_t(length))
    c.gp_hmac_end(state, out)
    assert out.raw == hmac.digest(key, data, "sha256")


@pytest.mark.parametrize(("text", "digest"), [
    (b"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
    (b"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
     "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"),
])  # fmt: skip
def test_the_hash_gives_the_examples_of_nist(text: bytes, digest: str) -> None:
    c, state, out = library(), ctypes.create_string_buffer(256), ctypes.create_string_buffer(32)
    c.gp_sha256_init(state)
    c.gp_sha256_add(state, text, ctypes.c_size_t(len(text)))
    c.gp_sha256_end(state, out)
    assert out.raw.hex() == digest
