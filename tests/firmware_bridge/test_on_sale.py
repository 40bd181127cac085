"""Glasses on sale behind our own messages: their packets byte by byte, and devices that answer as theirs do."""

from __future__ import annotations

import shutil
import subprocess
import zlib
from importlib.resources import files
from pathlib import Path

import cv2
import numpy as np
import pytest

from firmware_bridge import messages as m
from firmware_bridge.errors import MediumError
from firmware_bridge.on_sale import frame, frame_wire, g1
from firmware_bridge.on_sale.frame import Frame
from firmware_bridge.on_sale.g1 import G1
from tests.firmware_bridge.glasses_on_sale import MS, FrameDevice, G1Arm, talk


def arms() -> tuple[G1, G1Arm, G1Arm, dict[str, object]]:
    left, right = G1Arm(), G1Arm()
    return G1("G1_45"), left, right, {g1.LEFT: left.write, g1.RIGHT: right.write}


def test_the_packets_of_the_g1_are_those_of_its_description() -> None:
    assert g1.text_packets("hi", 5) == [bytes.fromhex("4e 05 01 00 71 00 00 00 01") + b"hi"]
    long = g1.text_packets("a" * 200, 256)
    assert [p[:9].hex(" ") for p in long] == ["4e 00 02 00 71 00 00 00 01", "4e 00 02 01 71 00 00 00 01"]
    assert [len(p) for p in long] == [200, 18]
    assert g1.heartbeat(7) == bytes.fromhex("25 06 00 07 04 07")
    image = bytes(range(200))
    first, second = g1.bitmap_packets(image)
    assert first == bytes.fromhex("15 00 00 1c 00 00") + image[:194] and second == b"\x15\x01" + image[194:]
    assert g1.END.hex(" ") == "20 0d 0e"
    assert g1.crc_packet(b"123456789") == b"\x16" + zlib.crc32(b"\0\x1c\0\x00123456789").to_bytes(4, "big")


def test_the_arms_are_told_by_their_names() -> None:
    assert g1.arm_of("G1_45_L_92333") == ("45", "left") and g1.arm_of("G1_45_R_1") == ("45", "right")
    assert g1.arm_of("Frame 4F") is None and g1.arm_of("G1_45_X_1") is None


def test_a_picture_for_the_g1_is_a_bitmap_that_others_read(tmp_path: Path) -> None:
    lit = np.random.default_rng(1).random((g1.HEIGHT, g1.WIDTH)) < 0.5
    path = tmp_path / "picture.bmp"
    path.write_bytes(g1.bmp(lit))
    read = cv2.imread(str(path), cv2.IMREAD_GRAYSCALE)
    assert read is not None and np.array_equal(read > 0, lit)


def test_text_goes_to_the_right_arm_when_the_left_one_has_said_yes() -> None:
    glasses, left, right, devices = arms()
    assert isinstance(glasses.begin(0, 200)[-1], m.SnapshotEnd)
    glasses.ask(m.DisplayText(3, text="turn left\nin 50 m"), 0)
    glasses.ask(m.DisplayShow(3), 0)
    left.refusals = 1
    told, _ = talk(glasses, devices)
    assert told == [m.DisplayShown(3)]
    assert left.texts == right.texts == ["turn left\nin 50 m"]
    assert len([w for w in left.written if w[0] == 0x4E]) == 2


def test_text_that_the_left_arm_refuses_is_not_shown_on_the_right_one() -> None:
    glasses, left, right, devices = arms()
    left.refusals = 3
    glasses.ask(m.DisplayText(1, text="no"), 0)
    glasses.ask(m.DisplayShow(1), 0)
    told, _ = talk(glasses, devices)
    assert told == [m.Refused(0x45, m.Cause.LINK_LOST, 1)] and right.texts == []


def test_a_black_hole_ends_in_a_refusal_within_seconds_and_the_next_page_is_tried_again() -> None:
    glasses, _, right, devices = arms()
    right.answers = False
    glasses.ask(m.DisplayText(1, text="hello"), 0)
    glasses.ask(m.DisplayShow(1), 0)
    told, ended_ns = talk(glasses, devices)
    assert told == [m.Refused(0x45, m.Cause.LINK_LOST, 1)] and ended_ns == 6000 * MS
    right.answers = True
    glasses.ask(m.DisplayShow(1), ended_ns)
    assert talk(glasses, devices, ended_ns)[0] == [m.DisplayShown(1)] and right.texts == ["hello"]


def test_three_heartbeats_without_an_answer_end_the_connection() -> None:
    glasses, left, _, devices = arms()
    glasses.begin(0, 200)
    left.answers = False
    with pytest.raises(MediumError, match="did not answer"):
        talk(glasses, devices, 8000 * MS)
    assert len([w for w in left.written if w[0] == 0x25]) == 3


def test_drawings_reach_both_arms_whole() -> None:
    glasses, left, right, devices = arms()
    glasses.ask(m.DisplayRect(2, 10, 20, 30, 40, 255, 0), 0)
    glasses.ask(m.DisplayBitmap(2, 100, 5, 9, 1, bytes([0xFF, 0x80, 0x80, 0x00])), 0)
    glasses.ask(m.DisplayBitmap(2, 300, 0, 3, 4, bytes([0xF0, 0x80])), 0)
    glasses.ask(m.DisplayShow(2), 0)
    told, _ = talk(glasses, devices)
    assert told == [m.DisplayShown(2)] and left.picture == right.picture
    lit = np.unpackbits(np.frombuffer(left.picture[62:], np.uint8).reshape(136, 72)[::-1], axis=1)
    assert lit.sum() == 2 * 30 + 2 * 38 + 9 + 1 + 2
    assert lit[20, 10:40].all() and not lit[21, 11:39].any() and lit[5, 100:109].all() and lit[0, 300] and lit[0, 302]


def test_long_text_is_turned_by_taps() -> None:
    glasses, left, right, devices = arms()
    glasses.ask(m.DisplayText(1, text="\n".join(f"line {n}" for n in range(8))), 0)
    glasses.ask(m.DisplayShow(1), 0)
    talk(glasses, devices)
    assert glasses.received(g1.LEFT, b"\xf5\x01", 0) == [m.Touch(0, m.Gesture.TAP)]  # there is nothing before it
    glasses.received(g1.RIGHT, b"\xf5\x01", 0)
    talk(glasses, devices)
    assert left.texts == right.texts == ["line 0\nline 1\nline 2\nline 3\nline 4", "line 5\nline 6\nline 7"]
    assert left.written[-1][7:9] == bytes([1, 2])


def test_sound_of_the_g1_has_its_place_when_packets_are_lost_or_doubled() -> None:
    glasses, _, right, devices = arms()
    glasses.ask(m.MicControl(1, m.Codec.LC3), 0)
    assert talk(glasses, devices)[0] == [m.MicState(1, m.Codec.LC3, 16000)] and right.written == [b"\x0e\x01"]
    sound = bytes(200)
    heard = [glasses.received(g1.RIGHT, bytes([0xF1, n]) + sound, 200 * MS) for n in (254, 255, 255, 1)]
    assert [[d.first_sample for d in h if isinstance(d, m.MicData)] for h in heard] == [[0], [1600], [], [4800]]
    assert glasses.received(g1.RIGHT, b"\xf1\x02abc", 0) == [] and glasses.dropped == 2


def test_what_glasses_have_not_is_refused_by_name() -> None:
    glasses, *_ = arms()
    for request in (m.CameraControl(7, m.CameraMode.PHOTO), m.LightSet(7, 1)):
        (refused,) = glasses.ask(request, 0)
        assert refused == m.Refused(0x30 if isinstance(request, m.CameraControl) else 0x50, m.Cause.UNSUPPORTED, 7)
    assert Frame().ask(m.CameraControl(9, 3), 0) == [m.Refused(0x30, m.Cause.UNSUPPORTED, 9)]
    assert Frame().ask(m.ImuControl(100), 0) == [m.Refused(21, m.Cause.UNSUPPORTED, 0)]
    assert glasses.ask(m.DisplayBitmap(1, 0, 0, 9, 1, b"abc"), 0) == [m.Refused(0x42, m.Cause.INVALID, 1)]


def test_the_frame_gets_our_program_and_says_what_it_can() -> None:
    device = FrameDevice(mtu=67)
    glasses = Frame("Frame 4F")
    glasses.begin(0, 64)
    told, _ = talk(glasses, {frame.LINK: device.write})
    assert device.program == (files("firmware_bridge.on_sale") / "frame.lua").read_text()
    assert isinstance(told[0], m.Capabilities) and told[0].camera_width == 720 and isinstance(told[-1], m.SnapshotEnd)


def test_a_frame_that_does_not_start_our_program_is_given_up() -> None:
    glasses = Frame()
    glasses.begin(0, 100)
    with pytest.raises(MediumError):
        talk(glasses, {frame.LINK: lambda data: []})


def started(mtu: int = 100) -> tuple[Frame, FrameDevice]:
    device, glasses = FrameDevice(mtu=mtu), Frame()
    glasses.begin(0, mtu - 3)
    talk(glasses, {frame.LINK: device.write})
    return glasses, device


def test_packets_of_the_frame_carry_length_and_code() -> None:
    assert frame_wire.data_packets(0x0A, b"abcdefgh", 8) == [b"\x01\x0a\x00\x08abcd", b"\x01\x0aefgh"]
    assert frame_wire.data_packets(0x0D, b"", 8) == [b"\x01\x0d\x00\x00"]


def test_pages_of_the_frame_are_drawn_and_shown() -> None:
    glasses, device = started()
    glasses.ask(m.DisplayText(258, 10, 20, text="one\ntwo"), 0)
    glasses.ask(m.DisplayRect(258, 8, 0, 16, 300), 0)
    glasses.ask(m.DisplayShow(258), 0)
    told, _ = talk(glasses, {frame.LINK: device.write})
    assert told == [m.DisplayShown(258)] and device.shown == [258]
    assert device.drawn[0] == bytes([0x0A, 0, 11, 0, 21, 1, 4]) + b"one" and device.drawn[1][4] == 21 + 60
    assert device.drawn[2][:7] == bytes([0x10, 0, 9, 0, 1, 0, 16]) and device.drawn[2][7:] == b"\xff\xff" * 300


def test_a_photo_of_the_frame_comes_whole_and_a_lost_one_is_told() -> None:
    glasses, device = started(247)
    assert glasses.ask(m.CameraControl(4, m.CameraMode.PHOTO, 600, 700, 100), 0) == [m.CameraState(4, 1, 0, 600, 600)]
    assert glasses.ask(m.CameraControl(5, m.CameraMode.PHOTO), 0) == [m.Refused(0x30, m.Cause.BUSY, 5)]
    told, _ = talk(glasses, {frame.LINK: device.write})
    parts = [t for t in told if isinstance(t, m.PhotoPart)]
    assert b"".join(p.jpeg for p in parts) == device.jpeg and parts[1].offset == 60_000
    assert told[-1] == m.CameraState(4)
    glasses.ask(m.CameraControl(6, m.CameraMode.PHOTO), 0)
    glasses.poll(0)
    glasses.received(frame.LINK, b"\x01\x0e\x0d", 0)
    assert glasses.poll(10_000 * MS)[1] == [m.CameraState(6, 0, m.Cause.LINK_LOST)]


def test_pieces_of_a_photo_that_was_given_up_are_not_part_of_the_next_one() -> None:
    glasses, _ = started(247)
    glasses.ask(m.CameraControl(1, m.CameraMode.STREAM), 0)
    glasses.poll(0)
    glasses.received(frame.LINK, b"\x01\x0e\x0d", 0)
    glasses.received(frame.LINK, b"\x01\x07old", 0)
    glasses.ask(m.CameraControl(2), 0)
    glasses.ask(m.CameraControl(3, m.CameraMode.PHOTO), 1 * MS)
    glasses.poll(1 * MS)
    for late in (b"\x01\x07older", b"\x01\x08"):
        assert glasses.received(frame.LINK, late, 2 * MS) == []
    glasses.received(frame.LINK, b"\x01\x0e\x0d", 3 * MS)
    glasses.received(frame.LINK, b"\x01\x07new", 4 * MS)
    told = glasses.received(frame.LINK, b"\x01\x08", 5 * MS)
    assert told == [m.PhotoPart(3, 3000, 3, 0, b"new"), m.CameraState(3)]


def test_what_the_frame_tells_by_itself() -> None:
    glasses, _ = started()
    assert glasses.received(frame.LINK, b"\x01\x09", 5000) == [m.Touch(5, m.Gesture.TAP)]
    assert glasses.received(frame.LINK, b"\x01\x0c\x50", 0) == [m.Battery(80)]
    assert glasses.received(frame.LINK, b"oh no", 0) == [m.Log(0, m.Severity.INFO, "oh no")]
    heard = glasses.received(frame.LINK, b"\x01\x05" + bytes(80), 10 * MS)
    assert heard == [m.MicData(5000, 0, 40, m.Codec.PCM16, bytes(80))]
    assert glasses.received(frame.LINK, b"\x01\x06", 0) == [m.MicState()]
    for odd in (b"\x01", b"\x01\x77", b"\x01\x05abc", b"\x01\x07late"):
        assert glasses.received(frame.LINK, odd, 0) == []
    assert glasses.dropped == 4


@pytest.mark.skipif(
    shutil.which("lua5.4") is None, reason="no lua5.4 to run the Frame's program with (apt install lua5.4)"
)
def test_our_program_runs_in_lua_against_a_frame_of_tables(tmp_path: Path) -> None:
    """Everything it calls is there in the Frame's API, and it says what the host waits for."""
    (tmp_path / "frame.lua").write_text((files("firmware_bridge.on_sale") / "frame.lua").read_text())
    (tmp_path / "glasses.lua").write_text(FRAME_OF_TABLES)
    done = subprocess.run(["lua5.4", "glasses.lua"], cwd=tmp_path, capture_output=True, text=True, timeout=20)
    said = done.stdout.splitlines()
    assert done.returncode == 0, done.stderr
    assert said[0] == "glasspath 1"
    assert [line for line in said if line.startswith("text")] == ["text hello 11 21 4"]
    sent = [line.split()[1] for line in said if line.startswith("sent")]
    assert sent[0] == "0c50" and "0e0a" in sent and "0f0102" in sent and "0e0b" in sent
    assert "0e0d" in sent and "09" in sent and [s for s in sent if s[:2] in ("07", "08")] == ["076a70", "076567", "08"]
    assert "0561626364" in sent and sent[-1] == "06"


FRAME_OF_TABLES = r"""
local time, callback, tap, pieces, sounds = 0, nil, nil, { 'jp', 'eg' }, { 'abcd' }
local function hex(s) return (s:gsub('.', function(c) return string.format('%02x', c:byte()) end)) end
local busy = true
local steps = {
  function() callback('\x0a\x00\x0b\x00\x0b\x00\x15\x01\x04hello') end,
  function() callback('\x0b\x00\x02\x01\x02') end,
  function() callback('\x0d\x00\x06\x02\x01\x00\x00\x8c\x00') tap() end,
  function() callback('\x30\x00\x01\x01') end,
  function() callback('\x30\x00\x01\x00') end,
}
frame = {
  time = { utc = function() return time end },
  sleep = function() time = time + 1 local step = table.remove(steps, 1) if step then step() else error('break') end end,
  battery_level = function() return 80.4 end,
  bluetooth = {
    max_length = function() return 3 end,
    receive_callback = function(f) callback = f end,
    send = function(s) busy = not busy if busy then error('radio is busy') end print('sent ' .. hex(s)) end,
  },
  display = {
    text = function(s, x, y, o) print('text', s, x, y, o.spacing) end,
    show = function() print('show') end,
    bitmap = function() end,
  },
  camera = {
    capture = function(t) assert(t.quality == 'MEDIUM' and t.resolution == 512 and t.pan == 0) end,
    image_ready = function() return true end,
    read = function(n) return table.remove(pieces, 1) end,
  },
  microphone = {
    start = function(t) assert(t.sample_rate == 8000) frame.on = true end,
    stop = function() frame.on = false end,
    read = function(n)
      local s = table.remove(sounds, 1)
      if s then return s end
      if frame.on then frame.sleep() return '' end
      return nil
    end,
  },
  imu = { tap_callback = function(f) tap = f end },
}
local printed = print
print = function(...) local t = table.pack(...) for i = 1, t.n do t[i] = tostring(t[i]) end printed(table.concat(t, ' ')) end
pcall(dofile, 'frame.lua') -- the host's break ends it
"""
