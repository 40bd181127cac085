"""Glasses on sale through the whole path: a program, `Glasses`, our protocol, the stand-in, their packets, a device each."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import cv2
import numpy as np
import pytest

from firmware_bridge import media
from firmware_bridge import messages as m
from firmware_bridge.errors import AddressError, DeviceError, MediumError
from firmware_bridge.glasses import Glasses
from firmware_bridge.media_ble import uri_of
from firmware_bridge.on_sale import frame, g1
from firmware_bridge.on_sale.frame import Frame
from firmware_bridge.on_sale.g1 import G1
from firmware_bridge.on_sale.medium import OnSale
from firmware_bridge.on_sale.stand_in import StandIn
from firmware_bridge.status import State
from tests.firmware_bridge.glasses_on_sale import FrameDevice, G1Arm

JPEG = cv2.imencode(".jpg", np.random.default_rng(1).integers(0, 255, (160, 120, 3), np.uint8))[1].tobytes()


@dataclass
class FakeLink:
    """A BLE connection to a device of this process; its faults are data."""

    device: Callable[[bytes], list[bytes]]
    mtu: int = 244
    missing: str = ""
    """why it cannot be opened"""
    opened: int = 0
    _came: asyncio.Queue[bytes | None] = field(default_factory=asyncio.Queue)

    async def open(self) -> None:
        if self.missing:
            raise MediumError(self.missing)
        self.opened += 1
        self._came = asyncio.Queue()

    async def read(self) -> bytes:
        data = await self._came.get()
        if data is None:
            raise MediumError("the right arm of g1:45 disconnected")
        return data

    async def write(self, packet: bytes) -> None:
        assert len(packet) <= self.mtu
        self.notify(*self.device(packet))

    async def close(self) -> None: ...

    def notify(self, *packets: bytes | None) -> None:
        for packet in packets:
            self._came.put_nowait(packet)


@dataclass
class Pair:
    """A G1 and its links."""

    left: G1Arm = field(default_factory=G1Arm)
    right: G1Arm = field(default_factory=G1Arm)

    def __post_init__(self) -> None:
        self.links = {g1.LEFT: FakeLink(self.left.write), g1.RIGHT: FakeLink(self.right.write)}
        self.medium = OnSale("g1:45", G1("45"), self.links)


def soon(program: Callable[[], Awaitable[None]]) -> None:
    async def run() -> None:
        async with asyncio.timeout(20):
            await program()

    asyncio.run(run())


def with_g1(program: Callable[[Glasses, Pair], Awaitable[None]]) -> None:
    async def run() -> None:
        pair = Pair()
        async with Glasses(pair.medium) as glasses:
            await glasses.ready()
            await program(glasses, pair)

    soon(run)


def with_frame(
    program: Callable[[Glasses, FrameDevice, FakeLink], Awaitable[None]], *, needs_light: bool = False
) -> None:
    async def run() -> None:
        device = FrameDevice(mtu=247, jpeg=JPEG)
        link = FakeLink(device.write)
        async with Glasses(OnSale("frame:4F", Frame("4F"), {frame.LINK: link}, needs_light=needs_light)) as glasses:
            await glasses.ready()
            await program(glasses, device, link)

    soon(run)


def test_text_is_on_both_arms_of_the_g1_when_show_returns() -> None:
    async def program(glasses: Glasses, pair: Pair) -> None:
        before_ns = asyncio.get_running_loop().time() * 1e9
        shown_ns = await glasses.display.show("hello")
        assert pair.left.texts == pair.right.texts == ["hello"]
        assert before_ns - 50e6 < shown_ns < asyncio.get_running_loop().time() * 1e9 + 50e6
        assert glasses.capabilities.product == "Even G1" and not glasses.capabilities.camera_width

    with_g1(program)


def test_a_picture_reaches_both_arms_of_the_g1() -> None:
    async def program(glasses: Glasses, pair: Pair) -> None:
        await glasses.display.draw([m.DisplayBitmap(x=0, y=0, width=16, pixels=b"\xff\x01")])
        assert pair.left.picture == pair.right.picture and len(pair.left.picture) == 62 + 72 * 136

    with_g1(program)


def test_taps_on_the_g1_come_as_touches() -> None:
    async def program(glasses: Glasses, pair: Pair) -> None:
        events = glasses.events()
        pair.links[g1.LEFT].notify(b"\xf5\x01")
        pair.links[g1.RIGHT].notify(b"\xf5\x17")
        found = [await anext(events), await anext(events)]
        assert [e.message.gesture for e in found if isinstance(e.message, m.Touch)] == [m.Gesture.TAP, m.Gesture.LONG]
        assert abs(found[0].t_ns - asyncio.get_running_loop().time() * 1e9) < 1e9

    with_g1(program)


def test_an_arm_that_is_lost_is_said_and_what_was_asked_meanwhile_is_shown_when_it_is_back() -> None:
    async def program(glasses: Glasses, pair: Pair) -> None:
        await glasses.display.show("before")
        statuses = glasses.statuses()
        pair.links[g1.RIGHT].missing = "the right arm of g1:45 was not seen: switch it on"
        pair.links[g1.RIGHT].notify(None)
        reasons = []
        async for status in statuses:
            reasons.append(status.reason)
            if "only a part" in status.reason:
                break
        assert "the right arm of g1:45 disconnected" in reasons
        assert reasons[-1] == "only a part of g1:45 is there: the right arm of g1:45 was not seen: switch it on"
        asked = asyncio.create_task(glasses.display.show("while it was away"))
        pair.links[g1.RIGHT].missing = ""
        await asked
        assert pair.left.texts == pair.right.texts == ["before", "while it was away"]
        assert glasses.session.sessions_lost == 0 and pair.links[g1.LEFT].opened >= 2

    with_g1(program)


def test_a_page_that_was_under_way_when_an_arm_was_lost_is_refused_when_it_is_back() -> None:
    async def program(glasses: Glasses, pair: Pair) -> None:
        pair.right.answers = False
        asked = asyncio.create_task(glasses.display.show("half"))
        while not pair.right.written or pair.right.written[-1][0] != 0x4E:
            await asyncio.sleep(0)
        pair.links[g1.RIGHT].notify(None)
        pair.right.answers = True
        with pytest.raises(DeviceError, match="the glasses refuse DisplayShow: the link broke"):
            await asked
        await glasses.display.show("whole")
        assert pair.right.texts[-1] == "whole"

    with_g1(program)


def test_the_g1_has_no_camera_and_its_sound_is_not_taken_for_samples() -> None:
    async def program(glasses: Glasses, pair: Pair) -> None:
        with pytest.raises(DeviceError, match="cannot do it"):
            await glasses.camera.photo()
        with pytest.raises(DeviceError, match="LC3"):
            await glasses.microphone.start()
        assert b"\x0e\x01" not in pair.right.written

    with_g1(program)


def test_the_frame_gets_our_program_and_shows_text() -> None:
    async def program(glasses: Glasses, device: FrameDevice, link: FakeLink) -> None:
        await glasses.display.show("hello")
        assert device.drawn[-1][7:] == b"hello" and len(device.shown) == 1
        assert glasses.capabilities.product == "Frame"

    with_frame(program)


def test_a_photo_of_the_frame_comes_whole_and_upright_where_the_owner_allows_it() -> None:
    async def program(glasses: Glasses, device: FrameDevice, link: FakeLink) -> None:
        photo = await glasses.camera.photo(width=600)
        image = cv2.imdecode(np.frombuffer(photo.jpeg, np.uint8), cv2.IMREAD_COLOR)
        lying = cv2.imdecode(np.frombuffer(JPEG, np.uint8), cv2.IMREAD_COLOR)
        assert image is not None and lying is not None
        assert np.array_equal(image, cv2.rotate(lying, cv2.ROTATE_90_COUNTERCLOCKWISE))
        assert device.asked_px == 600
        assert abs(photo.t_ns - asyncio.get_running_loop().time() * 1e9) < 5e9

    with_frame(program)


def test_a_stream_of_the_frame_is_photo_after_photo_and_stops() -> None:
    async def program(glasses: Glasses, device: FrameDevice, link: FakeLink) -> None:
        pictures = await glasses.camera.stream(width=200)
        numbers = [(await anext(pictures)).number for _ in range(3)]
        assert numbers == sorted(set(numbers))
        await glasses.display.show("meanwhile")
        await glasses.camera.stop()
        await glasses.camera.photo()

    with_frame(program)


def test_without_a_light_the_frame_is_not_even_asked_for_a_picture() -> None:
    async def program(glasses: Glasses, device: FrameDevice, link: FakeLink) -> None:
        for ask in (glasses.camera.photo, glasses.camera.stream):
            with pytest.raises(DeviceError, match=r"no recording light.*frame:NAME\?light=none"):
                await ask()
        assert device.asked_px == 0

    with_frame(program, needs_light=True)


def test_a_picture_that_comes_unasked_without_a_light_is_not_released() -> None:
    async def program(glasses: Glasses, device: FrameDevice, link: FakeLink) -> None:
        assert not glasses.camera.interlock.allows(0) and glasses.camera.interlock.refused == 1

    with_frame(program, needs_light=True)


def test_sound_of_the_frame_comes_as_samples_and_is_turned_off_when_the_program_leaves() -> None:
    device = FrameDevice(mtu=247)
    link = FakeLink(device.write)

    async def program() -> None:
        async with Glasses(OnSale("frame:4F", Frame("4F"), {frame.LINK: link})) as glasses:
            await glasses.ready()
            sounds = await glasses.microphone.start(8000)
            samples = np.arange(-60, 60, dtype="<i2")
            link.notify(bytes([1, frame.SOUND]) + samples.tobytes(), bytes([1, frame.SOUND]) + samples.tobytes())
            first, second = await anext(sounds), await anext(sounds)
            assert np.array_equal(first.samples, samples) and (first.first, second.first) == (0, 120)
            assert first.rate_hz == 8000 and device.listens

    soon(program)
    assert not device.listens


def test_the_microphone_is_turned_off_also_when_nobody_reads_the_link_any_more() -> None:
    device = FrameDevice(mtu=247)
    link = FakeLink(device.write)

    async def program() -> None:
        async with Glasses(OnSale("frame:4F", Frame("4F"), {frame.LINK: link})) as glasses:
            await glasses.ready()
            await glasses.microphone.start(8000)
            assert glasses._driver._reading is not None
            glasses._driver._reading.cancel()
            link.notify(*[bytes([1, frame.SOUND]) + bytes(160)] * 200)
            for _ in range(500):
                await asyncio.sleep(0)
            assert device.listens

    soon(program)
    assert not device.listens


def test_battery_and_taps_of_the_frame_come_as_events_and_are_part_of_the_state() -> None:
    async def program(glasses: Glasses, device: FrameDevice, link: FakeLink) -> None:
        events = glasses.events()
        link.notify(bytes([1, frame.BATTERY, 71]), bytes([1, frame.TAP]))
        assert (await anext(events)).message == m.Battery(71)
        assert isinstance((await anext(events)).message, m.Touch)

    with_frame(program)


def test_a_microphone_that_is_asked_for_while_the_link_is_away_is_on_when_it_is_back() -> None:
    async def program(glasses: Glasses, device: FrameDevice, link: FakeLink) -> None:
        await glasses.microphone.start(8000)
        link.missing = "frame:4F was not seen"
        statuses = glasses.statuses()
        link.notify(None)
        async for status in statuses:
            if "not seen" in status.reason:
                break
        asked = asyncio.create_task(glasses.microphone.start(8000))
        await asyncio.sleep(0)
        link.missing = ""
        await asked
        assert device.listens

    with_frame(program)


def test_a_frame_that_restarts_comes_back_with_our_program_and_the_microphone_on() -> None:
    async def program(glasses: Glasses, device: FrameDevice, link: FakeLink) -> None:
        await glasses.microphone.start(8000)
        device.is_running = device.listens = False
        link.notify(None)
        events = glasses.events()
        async for event in events:
            if event.message == m.MicState(1, m.Codec.PCM16, 8000):
                break
        assert device.listens and device.is_running and glasses.session.sessions_lost == 0

    with_frame(program)


def test_a_photo_that_a_broken_link_ends_is_said_soon() -> None:
    async def program(glasses: Glasses, device: FrameDevice, link: FakeLink) -> None:
        device.jpeg_end = False
        asked = asyncio.create_task(glasses.camera.photo())
        while not device.asked_px:
            await asyncio.sleep(0)
        link.notify(None)
        with pytest.raises(DeviceError, match="no photo: the link broke"):
            await asked

    with_frame(program)


def test_glasses_that_do_not_answer_are_the_reason_in_the_state() -> None:
    async def program() -> None:
        medium = OnSale("frame:4F", Frame("4F"), {frame.LINK: FakeLink(lambda packet: [])})
        async with Glasses(medium) as glasses:
            with pytest.raises(DeviceError, match="the glasses did not answer 3 times"):
                await glasses.ready(4)

    soon(program)


@pytest.mark.parametrize(("translator", "links"), [
    (G1("45"), {name: FakeLink(lambda p: [], mtu=100) for name in (g1.LEFT, g1.RIGHT)}),
    (Frame("4F"), {frame.LINK: FakeLink(lambda p: [], mtu=20)}),
])  # fmt: skip
def test_a_connection_with_too_small_packets_is_said(translator: G1 | Frame, links: dict[str, media.Medium]) -> None:
    async def program() -> None:
        with pytest.raises(MediumError, match="bytes.*use another"):
            await OnSale("x", translator, links).open()

    soon(program)


@pytest.mark.parametrize(
    "uri", ["g1:", "g1:G1_45", "g1:?light=none", "frame:", "frame:4F?light=off", "frame:?light=none"]
)
def test_an_address_is_a_name_or_an_error_with_an_example(uri: str) -> None:
    if uri == "g1:G1_45":
        assert isinstance(media.build(uri), OnSale)
        return
    with pytest.raises(AddressError, match="write (g1:45|frame:4F)"):
        media.build(uri)


def test_only_the_uri_of_the_owner_allows_pictures_without_a_light() -> None:
    assert Glasses("frame:4F").camera.interlock.needs_light and Glasses("g1:45").camera.interlock.needs_light
    assert not Glasses("frame:4F?light=none").camera.interlock.needs_light


def test_each_link_looks_for_its_own_arm_and_scan_names_the_uri() -> None:
    medium = media.build("g1:G1_45_L_92333")
    assert isinstance(medium, OnSale)
    for side, letter in (("left", "L"), ("right", "R")):
        link = medium._links[side]
        assert link._is_it(f"G1_45_{letter}_1", "AA") and not link._is_it(f"G1_46_{letter}_1", "AA")  # type: ignore[attr-defined]  # each link is a Ble
        assert not link._is_it("G1_45_X_1", "AA")  # type: ignore[attr-defined]  # each link is a Ble
    assert uri_of("G1_45_R_92333", "AA") == "g1:45" and uri_of("Frame 4F", "AA") == "frame:4F"
    assert uri_of("phone", "AA:BB") == "ble:AA:BB"


@pytest.mark.parametrize("uri", ["g1:45", "frame:4F"])
def test_without_a_bluetooth_adapter_the_reason_says_so(uri: str) -> None:
    async def program() -> None:
        async with Glasses(uri) as glasses:
            with pytest.raises(DeviceError, match="Bluetooth adapter|was not seen"):
                await glasses.ready(0.5)

    soon(program)


@pytest.mark.parametrize("translator", [G1("45"), Frame("4F")])
def test_nonsense_from_the_glasses_is_counted_and_breaks_nothing(translator: G1 | Frame) -> None:
    draw = random.Random(5)
    stand_in = StandIn(translator, boot=1)
    stand_in.begin(0, 244)
    for n in range(3000):
        code = draw.choice([1, 5, 6, 7, 8, 9, 0x0C, 0x0E, 0x0F, 0x4E, 0xF1, 0xF5, draw.randrange(256)])
        stand_in.heard(
            translator.links[0], bytes([draw.choice([1, code]), code]) + draw.randbytes(draw.randrange(9)), n
        )
        stand_in.receive(draw.randbytes(20), n)
        stand_in.frame(n)
    assert translator.dropped > 0


def test_the_state_is_open_again_at_once_after_a_short_cut() -> None:
    async def program(glasses: Glasses, pair: Pair) -> None:
        statuses = glasses.statuses()
        pair.links[g1.LEFT].notify(None)
        async for status in statuses:
            if status.state is State.OPEN and status.connections == 2:
                break
        assert pair.links[g1.LEFT].opened == pair.links[g1.RIGHT].opened == 2

    with_g1(program)
