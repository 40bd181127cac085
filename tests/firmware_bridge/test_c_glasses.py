"""The reference firmware in this process, asked by the host's session: each message, each sensor, each refusal."""

from __future__ import annotations

import itertools
import random

import cv2
import numpy as np
import pytest

from firmware_bridge import framing, levels, packets
from firmware_bridge.channels import Limits
from firmware_bridge.messages import (
    Battery,
    Button,
    CameraControl,
    CameraFrame,
    CameraMode,
    CameraState,
    Capabilities,
    Cause,
    Codec,
    DisplayBitmap,
    DisplayBrightness,
    DisplayClear,
    DisplayRect,
    DisplayShow,
    DisplayShown,
    DisplayText,
    HostInfo,
    ImuBatch,
    ImuControl,
    LightBeat,
    LightSet,
    LightState,
    Log,
    MicControl,
    MicData,
    MicState,
    PhotoPart,
    Refused,
    SettingGet,
    SettingSet,
    SettingValue,
    SnapshotEnd,
    Thermal,
    Touch,
    Wear,
)
from firmware_bridge.packets import Bye, Data, Hello, Reason
from firmware_bridge.session import Session
from firmware_bridge.status import State
from tests.firmware_bridge.c_device import CLink, library, needs_compiler

pytestmark = needs_compiler


def only(kind: type, found: list[object]) -> list:  # type: ignore[type-arg]  # whatever kind was asked for
    return [message for message in found if isinstance(message, kind)]


def test_a_session_begins_with_what_the_glasses_are_and_their_whole_state() -> None:
    link = CLink().open()
    kinds = [type(message) for message in link.got]
    assert kinds == [Capabilities, Battery, Thermal, Wear, LightState, CameraState, MicState, SnapshotEnd]
    told = link.got[0]
    assert isinstance(told, Capabilities) and told.product == "native" and told.firmware == 0x01000000
    assert (told.display_width, told.display_height, told.camera_width) == (256, 64, 160)


@pytest.mark.parametrize(("mtu", "seed"), [(20, 0), (20, 1), (64, 2), (247, 3), (512, 4)])
def test_cuts_loss_and_overtaking_lose_and_double_nothing_reliable_in_either_direction(mtu: int, seed: int) -> None:
    link = CLink(mtu=mtu, loss=0.2, overtaken=0.1, seed=seed).open()
    draw, asked, pressed = random.Random(seed), [], []
    link.got.clear()
    for n in range(10):
        for _ in range(3):
            asked.append(draw.randrange(101))
            link.host.push(SettingSet(key=1, value=asked[-1]))
            link.host.push(DisplayText(page=1, text="word " * draw.randrange(30)))
            pressed.append(n % 2)
            link.device.command(f"button {n % 2} 2", link.us())
        link.run(draw.randrange(300))
        link.cut()
        link.run(draw.randrange(100))
    link.until(lambda: len(only(SettingValue, link.got)) == len(asked) and len(only(Button, link.got)) == len(pressed))
    assert [message.value for message in only(SettingValue, link.got)] == asked
    assert [message.button for message in only(Button, link.got)] == pressed
    assert link.host.sessions_lost == 0 and not only(Capabilities, link.got)


def test_a_session_survives_another_mtu_at_each_connection() -> None:
    link = CLink(mtu=512).open()
    link.got.clear()
    for mtu in (20, 512, 23, 185, 20):
        for n in range(20):
            link.device.command(f"button {n} 0", link.us())
        link.host.push(DisplayText(page=1, text="x" * 500))
        link.run(7)
        link.cut()
        link.mtu = mtu
        link.until(lambda: link.host.status.state is State.OPEN)
    link.until(lambda: len(only(Button, link.got)) == 100)
    assert [message.button for message in only(Button, link.got)] == list(range(20)) * 5
    assert link.host.sessions_lost == 0


def test_the_clock_of_the_glasses_may_wrap_in_the_middle_of_a_session() -> None:
    link = CLink(clock_us=2**32 - 3_000_000).open()
    for _ in range(5):
        link.run(1000)
        assert link.ask(SettingGet(key=1)) == [SettingValue(key=1, value=50)]
    assert link.host.status.connections == 1


def test_text_is_drawn_with_the_font_and_shown_is_said_when_the_panel_has_it() -> None:
    link = CLink().open()
    link.host.push(DisplayText(page=3, x=2, y=1, text="Hi\nÄ"))
    link.run(100)
    assert not any("#" in row for row in link.device.panel), "nothing is seen before DisplayShow"
    (shown,) = link.ask(DisplayShow(page=3))
    assert isinstance(shown, DisplayShown) and shown.page == 3
    rows = [row[2:14] for row in link.device.panel[1:17]]
    assert rows[:7] == [
        "#...#...#...",
        "#...#.......",
        "#...#..##...",
        "#####...#...",
        "#...#...#...",
        "#...#...#...",
        "#...#..###..",
    ]
    assert rows[8] == ".###........", "an umlaut is drawn without its dots"


def test_rectangles_bitmaps_and_scaled_text_are_clipped_at_the_edge() -> None:
    link = CLink().open()
    link.ask(
        DisplayRect(page=1, x=250, y=60, width=100, height=100), DisplayRect(page=1, x=0, y=0, width=4, height=3, filled=0),
        DisplayRect(page=1, x=65535, y=65535, width=65535, height=65535),
        DisplayRect(page=1, x=10, y=0, width=0, height=9, filled=0),
        DisplayBitmap(page=1, x=20, y=0, width=9, bits=1, pixels=b"\xff\x80\x80\x80"),
        DisplayBitmap(page=1, x=40, y=0, width=3, bits=4, pixels=b"\xf0\x80"),
        DisplayBitmap(page=1, x=50, y=0, width=0, bits=1, pixels=b"\xff"),
        DisplayText(page=1, x=60, y=0, size=16, text="I"), DisplayText(page=1, x=250, y=62, text="WWWW\nWWW"),
        DisplayShow(page=1),
    )  # fmt: skip
    panel = link.device.panel
    assert [row[250:] for row in panel[60:]] == ["######"] * 4
    assert [row[:5] for row in panel[:4]] == ["####.", "#..#.", "####.", "....."]
    assert [row[20:30] for row in panel[:3]] == ["#########.", "#.......#.", ".........."]
    assert panel[0][40:44] == "#.#." and panel[0][62:68] == "######" and panel[1][62:68] == "######"
    got = link.ask(DisplayClear(page=1), DisplayShow(page=1))
    assert len(got) == 1 and not any("#" in row for row in link.device.panel)


def test_a_page_with_another_number_begins_empty() -> None:
    link = CLink().open()
    link.ask(DisplayRect(page=1, width=10, height=10), DisplayText(page=2, text="new"), DisplayShow(page=2))
    assert any("#" in row for row in link.device.panel[:8]), "the text of page 2"
    assert not any("#" in row[:10] for row in link.device.panel[8:]), "nothing of page 1"


def test_a_photo_comes_whole_in_order_and_is_a_picture() -> None:
    link = CLink(loss=0.1, seed=3).open()
    got = link.ask(CameraControl(request=9, mode=CameraMode.PHOTO), DisplayText(page=1, text="now"), ms=5000)
    parts = only(PhotoPart, got)
    assert [part.offset for part in parts] == [sum(len(p.jpeg) for p in parts[:n]) for n in range(len(parts))]
    jpeg = b"".join(part.jpeg for part in parts)
    assert len(jpeg) == parts[0].total_bytes and {part.request for part in parts} == {9}
    image = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR)
    assert image is not None and image.shape == (120, 160, 3)
    states = only(CameraState, got)
    assert [(s.request, s.mode, s.cause) for s in states] == [(9, CameraMode.PHOTO, 0), (9, CameraMode.OFF, 0)]


def test_every_capture_lies_under_a_light_that_was_said_to_be_on_at_most_200_ms_before() -> None:
    link = CLink().open()
    link.got.clear()
    link.host.push(CameraControl(request=1, mode=CameraMode.STREAM, fps_x10=100))
    link.run(1500)
    lit, frames = 0, 0
    for message in link.got:
        if isinstance(message, LightBeat | LightState) and message.on:
            lit = message.t_us
        if isinstance(message, CameraFrame):
            frames += 1
            assert lit and abs(message.t_us - lit) <= 200_000
    assert frames >= 10 and link.device.is_light_on
    assert len(only(LightBeat, link.got)) >= 20
    got = link.ask(CameraControl(request=2))
    assert not link.device.is_light_on and only(LightState, got)[-1].on == 0


def test_no_capture_without_light_and_the_host_cannot_turn_it_off_under_the_camera() -> None:
    link = CLink().open()
    link.host.push(CameraControl(request=1, mode=CameraMode.STREAM))
    link.run(300)
    (state, *_) = only(LightState, link.ask(LightSet(request=4, on=0), ms=300))
    assert (state.request, state.on) == (4, 1)
    link.device.command("light 0", link.us())  # it fails
    link.got.clear()
    link.run(300)
    stopped = only(CameraState, link.got)[-1]
    assert (stopped.mode, stopped.cause) == (CameraMode.OFF, Cause.LIGHT_FAILED)
    link.run(100)  # what was on its way has come
    got = link.ask(CameraControl(request=5, mode=CameraMode.PHOTO), ms=500)
    assert [(s.request, s.mode, s.cause) for s in only(CameraState, got)] == [(5, 0, Cause.LIGHT_FAILED)]
    assert not only(PhotoPart, got) and not only(CameraFrame, got)


def test_a_stream_started_and_stopped_1000_times_is_never_stuck() -> None:
    link = CLink(loss=0.05, seed=4).open()
    for n in range(1, 1001):
        link.got.clear()
        link.host.push(CameraControl(request=n, mode=CameraMode.STREAM, fps_x10=150))
        link.until(lambda: bool(only(CameraFrame, link.got)), 3000)
        link.host.push(CameraControl(request=n))
        link.until(lambda n=n: any(s.mode == 0 and s.request == n for s in only(CameraState, link.got)), 3000)  # type: ignore[misc]  # a default in a lambda
    assert not link.device.is_light_on


@pytest.mark.parametrize(
    ("line", "cause"), [("heat 5000", Cause.HOT), ("battery 2", Cause.BATTERY_LOW), ("wear 2", Cause.NOT_WORN)]
)
def test_the_camera_says_why_it_does_not_start(line: str, cause: Cause) -> None:
    link = CLink().open()
    link.device.command(line, link.us())
    got = link.ask(CameraControl(request=7, mode=CameraMode.PHOTO))
    assert [(s.request, s.mode, s.cause) for s in only(CameraState, got)] == [(7, 0, cause)]
    assert not link.device.is_light_on


def test_a_second_request_is_busy_and_a_mode_that_does_not_exist_is_invalid() -> None:
    link = CLink().open()
    link.host.push(CameraControl(request=1, mode=CameraMode.STREAM))
    link.run(100)
    busy = only(CameraState, link.ask(CameraControl(request=2, mode=CameraMode.PHOTO), ms=200))[0]
    assert (busy.request, busy.mode, busy.cause) == (2, CameraMode.STREAM, Cause.BUSY)
    link.ask(CameraControl(request=3))
    invalid = only(CameraState, link.ask(CameraControl(request=4, mode=9)))[0]
    assert (invalid.request, invalid.mode, invalid.cause) == (4, 0, Cause.INVALID)


def test_the_microphone_sends_sound_without_a_gap_in_both_codecs() -> None:
    link = CLink(mtu=512).open()
    for codec, rate_hz, frame_ms, samples in (
        (Codec.PCM16, 16000, 20, 320),
        (Codec.PCM16, 16000, 200, 320),
        (Codec.ULAW, 8000, 40, 320),
    ):
        link.got.clear()
        link.host.push(MicControl(on=1, codec=codec, rate_hz=rate_hz, frame_ms=frame_ms))
        link.run(1000)
        sound = only(MicData, link.got)
        assert len(sound) > 15 and {m.samples for m in sound} == {samples}
        assert [m.first_sample for m in sound] == [n * samples for n in range(len(sound))]
        steps = {(b.t_us - a.t_us) & 0xFFFFFFFF for a, b in itertools.pairwise(sound)}
        assert steps == {samples * 1_000_000 // rate_hz}
        if codec is Codec.PCM16:
            wave = np.frombuffer(b"".join(m.sound for m in sound), "<i2").astype(float)
            assert np.argmax(np.abs(np.fft.rfft(wave[:16000]))) * rate_hz // min(16000, len(wave)) == 1000
        link.ask(MicControl(on=0))
    (refused,) = only(MicState, link.ask(MicControl(on=1, codec=Codec.OPUS)))
    assert (refused.on, refused.cause) == (0, Cause.UNSUPPORTED)


def test_mu_law_is_that_of_g_711() -> None:
    for sample in (*range(-32768, 32768, 97), 32767, 0, -1, 1):
        code = ~(library().gp_ulaw(sample) & 0xFF) & 0xFF
        magnitude = (((code & 15) << 3) + 132 << (code >> 4 & 7)) - 132
        back = -magnitude if code & 0x80 else magnitude
        assert abs(back - max(-32635, min(32635, sample))) <= max(4, abs(sample) // 16 + 4)


def test_motion_comes_in_batches_at_the_rate_that_was_asked_for() -> None:
    link = CLink().open()
    link.got.clear()
    link.host.push(ImuControl(rate_hz=100, batch=5))
    link.run(1000)
    batches = only(ImuBatch, link.got)
    assert len(batches) in (18, 19, 20) and {b.interval_us for b in batches} == {10_000}
    assert {len(b.samples) for b in batches} == {60}
    values = np.frombuffer(b"".join(b.samples for b in batches), "<i2").reshape(-1, 6)
    assert (values[:, 2] == 2048).all() and np.ptp(values[:, 4]) > 500, "gravity stands still, the head nods"
    link.ask(ImuControl(rate_hz=0))
    link.got.clear()
    link.run(500)
    assert not only(ImuBatch, link.got)


def test_what_the_person_does_and_the_hardware_feels_is_told_on_change() -> None:
    link = CLink().open()
    link.got.clear()
    for line in ("button 1 2", "touch 3", "wear 0", "battery 12", "heat 4400"):
        link.device.command(line, link.us())
    link.run(200)
    assert [(m.button, m.action) for m in only(Button, link.got)] == [(1, 2)]
    assert [m.gesture for m in only(Touch, link.got)] == [3] and [m.state for m in only(Wear, link.got)] == [0]
    assert [(m.percent, m.flags) for m in only(Battery, link.got)] == [(12, 4)]
    assert [(m.centi_c, m.level) for m in only(Thermal, link.got)] == [(4400, 2)]


def test_the_firmware_and_the_simulator_draw_the_same_lines_of_heat_and_charge() -> None:
    link = CLink().open()
    for centi_c in (3799, 3800, 4299, 4300, 4799, 4800):
        link.device.command(f"heat {centi_c}", link.us())
        link.run(50)
        assert only(Thermal, link.got)[-1] == Thermal(centi_c, levels.heat(centi_c))
    for percent in (16, 15, 4, 3, 0):
        link.device.command(f"battery {percent}", link.us())
        link.run(50)
        told = only(Battery, link.got)[-1]
        assert (told.percent, told.flags) == (percent, levels.charge_flags(percent))


def test_settings_are_kept_and_what_is_wrong_is_refused_with_the_cause() -> None:
    link = CLink().open()
    assert link.ask(SettingSet(key=2, value=-12), SettingGet(key=2)) == [SettingValue(2, -12)] * 2
    assert link.ask(SettingSet(key=2, value=100)) == [Refused(message=0x61, cause=Cause.INVALID)]
    assert link.ask(SettingGet(key=99)) == [Refused(message=0x62, cause=Cause.UNSUPPORTED)]
    assert link.ask(DisplayBrightness(percent=30), SettingGet(key=1)) == [SettingValue(1, 30)]
    assert link.ask(DisplayBrightness(percent=255)) == [Refused(message=0x44, cause=Cause.UNSUPPORTED)]
    assert link.ask(DisplayBitmap(page=8, width=3, bits=2)) == [Refused(message=0x42, cause=Cause.INVALID, request=8)]


def test_a_message_that_is_not_known_or_ends_in_the_middle_is_refused() -> None:
    link = CLink().open()
    link.got.clear()
    for raw in (b"\xfe nobody knows this", b"\x40\xff", b"\x30\x01", b"\x10\x32", b"\x70\x01\x02"):
        link.host.channels.push(0, raw)
    link.run(300)
    causes = [(m.message, m.cause) for m in only(Refused, link.got)]
    assert causes == [
        (0xFE, Cause.UNKNOWN),
        (0x40, Cause.INVALID),
        (0x30, Cause.INVALID),
        (0x10, Cause.UNKNOWN),
        (0x70, Cause.INVALID),
    ]


def test_the_log_arrives_and_the_host_may_say_its_name() -> None:
    link = CLink().open()
    got = link.ask(HostInfo(unix_s=1, name="pi"))
    assert [m.text for m in only(Log, got)] == ["the host said its name"]


def test_losing_the_link_stops_camera_microphone_and_light_and_says_so_later() -> None:
    link = CLink().open()
    link.host.push(CameraControl(request=3, mode=CameraMode.STREAM))
    link.host.push(MicControl(on=1))
    link.run(200)
    assert link.device.is_light_on
    link.cut()
    assert not link.device.is_light_on
    link.got.clear()
    link.until(lambda: link.host.status.state is State.OPEN)
    link.run(200)
    assert [(s.mode, s.cause) for s in only(CameraState, link.got)] == [(0, Cause.LINK_LOST)]
    assert [(s.on, s.cause) for s in only(MicState, link.got)] == [(0, Cause.LINK_LOST)]
    assert [s.on for s in only(LightState, link.got)] == [0]
    assert not only(Capabilities, link.got)


def test_a_queue_that_fills_while_the_host_is_away_leads_to_a_new_snapshot_and_nothing_half() -> None:
    link = CLink().open()
    link.got.clear()
    link.cut()
    for n in range(1000):
        link.device.command(f"button {n % 8} 0", link.us())
    link.until(lambda: link.host.status.state is State.OPEN)
    link.run(200)
    assert type(link.got[0]) is Capabilities and type(link.got[-1]) is SnapshotEnd
    assert link.host.sessions_lost == 1 and not only(Button, link.got)


def test_a_host_that_asks_without_ever_reading_is_stopped_by_credit_and_nothing_is_lost() -> None:
    link = CLink(mtu=512).open()
    link.got.clear()
    link.back.outage = lambda _: True
    for n in range(600):
        link.host.push(SettingSet(key=1, value=n % 101))
    link.run(1500)
    link.back.outage = lambda _: False
    link.until(lambda: len(only(SettingValue, link.got)) == 600, 60_000)
    assert [m.value for m in only(SettingValue, link.got)] == [n % 101 for n in range(600)]
    assert link.host.sessions_lost == 0


def sealed(link: CLink, packet: packets.Packet) -> bytes:
    return framing.encode(packets.encode(packet), link.host.end.seal)


def test_fragments_that_do_not_fit_together_and_messages_that_are_too_long_end_the_session() -> None:
    for lie in (
        [Data(0, 0, first=False, last=True, payload=b"x")],
        [Data(0, n, first=n == 0, last=False, payload=b"x" * 230) for n in range(5)],
    ):
        link = CLink(mtu=247).open()
        for packet in lie:
            link.device.feed(sealed(link, packet), link.us())
        assert link.device.state == "idle"
        link.until(lambda link=link: link.host.status.state is not State.OPEN)  # type: ignore[misc]  # a default in a lambda
        assert "protocol" in link.host.status.reason
        link.until(lambda link=link: link.host.status.state is State.OPEN)  # type: ignore[misc]  # a default in a lambda
        assert link.ask(SettingGet(key=1)) == [SettingValue(1, 50)]


def test_a_packet_longer_than_agreed_or_an_acknowledgement_of_what_was_never_sent_end_the_session() -> None:
    for lie in (Data(0, 0, first=True, last=True, payload=b"\x40" * 300), packets.Ack(5000, 3)):
        link = CLink(mtu=64).open()
        link.device.feed(sealed(link, lie), link.us())
        assert link.device.state == "idle"


def test_a_flood_of_nonsense_and_a_packet_that_stops_in_the_middle_change_nothing() -> None:
    link = CLink().open()
    draw = random.Random(5)
    for _ in range(2000):
        link.device.feed(draw.randbytes(draw.randrange(900)), link.us())
    half = sealed(link, Data(0, 0, first=True, last=True, payload=b"\x62\x01"))
    link.device.feed(b"\0" + half[:5], link.us())
    link.run(500)
    assert link.device.state == "open" and link.host.status.connections == 1
    assert link.ask(SettingGet(key=1)) == [SettingValue(1, 50)]


def test_stale_and_senseless_hellos_leave_the_open_session_alone() -> None:
    link = CLink().open()
    for session, connection, window, mtu, resumes in (
        (1234, 1, 32, 247, 0),
        (0, 1, 32, 247, 0),
        (77, 1, 0, 247, 0),
        (77, 1, 32, 3, 0),
        (77, 1, 32, 247, 1),
    ):
        hello = Hello(1, session, connection, 0, window, 64, mtu, resumes)
        link.device.feed(framing.encode(packets.encode(hello)), link.us())
    link.run(4000)
    assert link.host.status.state is State.OPEN and link.host.status.connections == 1


def test_a_hello_of_an_earlier_connection_that_comes_late_is_not_answered() -> None:
    link = CLink().open()
    for _ in range(2):
        link.cut()
        link.until(lambda: link.host.status.state is State.OPEN)
    link.run(100)
    before = link.host.end.counters.wrong_crc
    session = int.from_bytes(link.host.end.seal[:4], "little")
    expected = link.host.channels.receiver.next & 0xFFFF
    link.device.feed(framing.encode(packets.encode(Hello(1, session, 1, expected, 32, 64, 247, 1))), link.us())
    link.run(200)
    assert link.host.end.counters.wrong_crc == before and link.host.status.connections == 3


def test_samples_stop_at_the_credit_of_a_host_that_grants_no_more_and_go_on_when_it_does() -> None:
    link = CLink()
    link.host = Session(Limits(window=64, credit=8), seed=1)
    link.host.connect(0)
    link.open()
    link.host.push(ImuControl(rate_hz=200, batch=1))
    link.run(500)
    link.there.outage = lambda _: True
    link.run(50)
    link.got.clear()
    link.run(1000)
    assert 15 <= len(only(ImuBatch, link.got)) <= 21, "one packet in 50 ms, in case the grant was lost"
    link.there.outage = lambda _: False
    link.run(100)
    link.got.clear()
    link.run(500)
    assert len(only(ImuBatch, link.got)) > 70


def test_our_own_echo_and_a_newer_version_are_no_danger() -> None:
    link = CLink().open()
    welcome = packets.Welcome(1, 1, 0, 8, 8, 247)
    pong = packets.Pong(1, 2, 3)
    for packet in (welcome, pong):
        link.device.feed(sealed(link, packet), link.us())
    link.device.feed(framing.encode(packets.encode(Hello(200, 55, 1, 0, 32, 64, 247, 0))), link.us())
    link.run(100)
    assert link.device.state == "open" and link.ask(SettingGet(key=1)) == [SettingValue(1, 50)]


def test_a_farewell_ends_the_session_and_a_silent_host_parks_it() -> None:
    link = CLink().open()
    link.device.feed(sealed(link, Bye(Reason.ASKED)), link.us())
    assert link.device.state == "idle"
    link = CLink().open()
    link.there.outage = lambda _: True
    link.run(3100)
    assert link.device.state == "parked"
    link.there.outage = lambda _: False
    link.until(lambda: link.host.status.state is State.OPEN)
    assert link.host.sessions_lost == 0


def test_a_clock_that_goes_back_a_little_is_not_taken_for_a_long_silence() -> None:
    link = CLink().open()
    link.device.poll(link.us() - 900)
    assert link.device.state == "open"
