"""The wire: frames, packets, messages and what is printed from their declarations."""

from __future__ import annotations

import json
import random
import shutil
import subprocess
import zlib
from pathlib import Path

import pytest

from firmware_bridge import c_header, framing, layout, messages, packets, protocol_tables
from firmware_bridge.__main__ import main
from tests.firmware_bridge import make_vectors

ROOT = Path(__file__).parent.parent.parent


def test_the_golden_vectors_are_what_the_code_gives() -> None:
    assert json.loads(make_vectors.FILE.read_text()) == json.loads(json.dumps(make_vectors.vectors()))


def test_the_committed_c_header_is_printed_from_the_declarations() -> None:
    assert (ROOT / "firmware_bridge/firmware/messages.h").read_text() == c_header.text()


def test_the_protocol_page_has_the_tables_of_the_declarations() -> None:
    assert (ROOT / "docs/protocol.md").read_text().endswith("\n---\n\n" + protocol_tables.text())


def test_the_command_prints_the_header_and_says_what_it_can_print(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["header"]) == 0
    assert capsys.readouterr().out == c_header.text()
    with pytest.raises(SystemExit):
        main(["poem"])
    assert "header" in capsys.readouterr().err


@pytest.mark.parametrize("mtu", [20, 21, 23, 64, 185, 244, 255, 256, 257, 258, 300, 508, 509, 510, 511, 512])
def test_the_fullest_packet_of_any_content_fits_the_mtu_and_one_byte_more_would_not(mtu: int) -> None:
    room = framing.packet_room(mtu)
    worst = max(len(framing.encode(bytes((byte,)) * room)) for byte in range(256))
    assert worst <= mtu
    if room < framing.MAX_PACKET_BYTES and mtu not in (257, 511):  # where COBS needs one more byte
        assert max(len(framing.encode(bytes((byte,)) * (room + 1))) for byte in range(256)) > mtu


@pytest.mark.parametrize("length", [1, 2, 253, 254, 255, 256, 507, 508, 509, 1000])
def test_cobs_gives_back_what_it_was_given_and_has_no_zeros(length: int) -> None:
    draw = random.Random(length)
    for zeros in (0, 1, 5, 100):
        data = bytes(0 if draw.randrange(100) < zeros else draw.randrange(1, 256) for _ in range(length))
        encoded = framing.cobs_encode(data)
        assert 0 not in encoded
        assert len(encoded) <= length + -(-length // 254)
        assert framing.cobs_decode(encoded) == data


def test_the_crc_is_that_of_ethernet_over_tag_and_packet() -> None:
    body = framing.cobs_decode(framing.encode(b"6789", b"12345")[:-1])
    assert body is not None and body[-4:] == (0xCBF43926).to_bytes(4, "little") == zlib.crc32(b"123456789").to_bytes(
        4, "little"
    )


def test_the_decoder_takes_a_stream_in_pieces_of_any_size() -> None:
    sent = [bytes((n, 0, 255 - n)) * (n + 1) for n in range(60)]
    stream = b"".join(framing.encode(packet) for packet in sent)
    for size in (1, 2, 7, 64, 100_000):
        decoder = framing.Decoder()
        found = [body for at in range(0, len(stream), size) for body in decoder.feed(stream[at : at + size])]
        assert [framing.opened(body, framing.NO_TAG) for body in found] == sent


def test_the_decoder_holds_one_frame_at_most_whatever_comes() -> None:
    decoder = framing.Decoder()
    for _ in range(1000):
        assert decoder.feed(b"\xaa" * 1000) == []
        assert len(decoder._held) < framing.MAX_MTU
    assert decoder.too_long == 1
    good = framing.encode(b"abc")
    assert [framing.opened(body, framing.NO_TAG) for body in decoder.feed(b"\0" + good)] == [b"abc"]


def test_a_frame_of_another_session_or_connection_is_not_opened() -> None:
    (body,) = framing.Decoder().feed(framing.encode(b"abc", framing.tag(5, 1)))
    assert framing.opened(body, framing.tag(5, 1)) == b"abc"
    assert framing.opened(body, framing.tag(5, 2)) is None
    assert framing.opened(body, framing.tag(6, 1)) is None
    assert framing.opened(body, framing.NO_TAG) is None


def test_every_flip_of_one_to_three_bits_of_a_frame_is_noticed() -> None:
    """A flip may cut the frame in two; neither part is taken for the packet or another one."""
    frame = framing.encode(packets.encode(packets.Ping(0x12345678)), framing.tag(9, 9))
    draw = random.Random(1)
    bits = len(frame) * 8 - 8  # the closing zero is a byte that may well be lost
    flips = [{bit} for bit in range(bits)] + [set(draw.sample(range(bits), 2 + n % 2)) for n in range(5000)]
    for flip in flips:
        raw = bytearray(frame)
        for bit in flip:
            raw[bit // 8] ^= 1 << bit % 8
        for body in framing.Decoder().feed(bytes(raw)):
            assert framing.opened(body, framing.tag(9, 9)) is None


@pytest.mark.parametrize("packet", make_vectors.PACKETS, ids=repr)
def test_a_packet_is_read_as_it_was_written(packet: packets.Packet) -> None:
    assert packets.decode(packets.encode(packet)) == packet


@pytest.mark.parametrize(("why", "raw"), make_vectors.MALFORMED.items())
def test_a_malformed_packet_is_dropped(why: str, raw: str) -> None:
    assert packets.decode(bytes.fromhex(raw)) is None, why


def test_any_bytes_are_a_packet_or_none_and_never_an_error() -> None:
    draw = random.Random(2)
    for _ in range(20_000):
        data = draw.randbytes(draw.randrange(0, 24))
        packet = packets.decode(data)
        if packet is not None and not isinstance(packet, packets.Control):
            assert packets.decode(packets.encode(packet)) == packet


@pytest.mark.parametrize("packet", [p for p in make_vectors.PACKETS if isinstance(p, packets.Control)], ids=repr)
def test_a_control_packet_fits_the_smallest_mtu_and_a_longer_one_of_a_newer_version_is_read(
    packet: packets.Control,
) -> None:
    raw = packets.encode(packet)
    assert len(raw) <= framing.packet_room(framing.MIN_MTU)
    assert packets.decode(raw + b"new") == packet
    assert packets.decode(raw[:-1]) is None


@pytest.mark.parametrize(("near", "wire", "found"), [
    (0, 0, 0), (0, 5, 5), (65530, 3, 65539), (65539, 65530, 65530), (200_000, 200_001 & 0xFFFF, 200_001),
    (100_000, 99_990 & 0xFFFF, 99_990),
])  # fmt: skip
def test_a_sequence_number_is_the_one_nearest_to_what_is_expected(near: int, wire: int, found: int) -> None:
    assert packets.expand(wire, near) == found


@pytest.mark.parametrize("shape", layout.declared(), ids=lambda shape: shape.name)
def test_every_message_is_read_as_it_was_written_and_by_older_and_newer_peers(shape: layout.Layout) -> None:
    for kind, values in make_vectors._examples():
        if kind.__name__ != shape.name:
            continue
        value = kind(**values)
        raw = layout.encode(value)
        assert layout.decode(raw) == value
        if not shape.tail:
            assert layout.decode(raw + b"\1\2\3") == value, "a newer peer's fields are ignored"
            assert layout.decode(raw[:1]) == kind(), "an older peer's missing fields have their defaults"
        else:
            at = 1 + shape.fixed_bytes
            newer = raw[:1] + bytes((shape.fixed_bytes + 2,)) + raw[2:at] + b"\7\7" + raw[at:]
            assert layout.decode(newer) == value


def test_any_bytes_are_a_message_none_or_a_message_error() -> None:
    draw = random.Random(3)
    numbers = [shape.number for shape in layout.declared()]
    refused = 0
    for _ in range(20_000):
        data = bytes((draw.choice(numbers),)) + draw.randbytes(draw.randrange(0, 30))
        try:
            assert layout.decode(data) is not None
        except layout.MessageError:
            refused += 1
    assert 1000 < refused < 19_000


def test_a_value_that_does_not_fit_is_refused_in_a_sentence() -> None:
    with pytest.raises(layout.MessageError, match="Battery.percent cannot be 300"):
        layout.encode(messages.Battery(percent=300))
    with pytest.raises(layout.MessageError, match="Capabilities.product has room for 16 bytes"):
        layout.encode(messages.Capabilities(product="a name that is far too long"))


def test_a_number_of_a_newer_version_is_no_error() -> None:
    assert layout.decode(b"\xfe123") is None


def test_two_messages_cannot_have_one_number() -> None:
    with pytest.raises(TypeError, match="declared twice"):
        layout.message(0x10, layout.Side.HOST, 0)(messages.Battery)


@pytest.mark.skipif(shutil.which("cc") is None, reason="needs a C compiler")
def test_the_c_header_reads_and_writes_the_same_bytes_as_python(tmp_path: Path) -> None:
    """One program reads and writes again every message of the vectors, and must print the same bytes."""
    vectors = [v for v in make_vectors.vectors()["messages"] if layout.LAYOUTS[getattr(messages, v["kind"])].number]
    body = []
    for index, vector in enumerate(vectors):
        name, raw = c_header.snake(vector["kind"]), bytes.fromhex(vector["bytes"])
        body.append(
            f"{{ static const uint8_t in[] = {{{','.join(map(str, raw))}}}; gp_{name} m; uint8_t out[512];"
            f" size_t n = gp_read_{name}(&m, in + 1, sizeof in - 1) ? gp_write_{name}(&m, out, sizeof out) : 0;"
            f" if (n != sizeof in || memcmp(in, out, n)) {{ printf(\"{index} {name}\\n\"); bad = 1; }} }}"
        )  # fmt: skip
    source = tmp_path / "echo.c"
    source.write_text(
        '#include <stdio.h>\n#include "messages.h"\nint main(void) { int bad = 0;\n' + "\n".join(body) + "return bad; }"
    )
    build = ["cc", "-std=c99", "-Wall", "-Wextra", "-Werror", "-pedantic", f"-I{ROOT / 'firmware_bridge/firmware'}"]
    subprocess.run([*build, str(source), "-o", str(tmp_path / "echo")], check=True)
    done = subprocess.run([str(tmp_path / "echo")], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout
