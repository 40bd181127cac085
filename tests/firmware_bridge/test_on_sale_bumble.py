"""Glasses on sale over a real Bluetooth host stack in this process: Bumble's peripherals with G1's and Frame's services."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable

import numpy as np
import pytest

from firmware_bridge import media_ble
from firmware_bridge import messages as m
from firmware_bridge.errors import DeviceError
from firmware_bridge.glasses import Glasses
from firmware_bridge.on_sale import frame, g1
from tests.firmware_bridge.glasses_on_sale import FrameDevice, G1Arm
from tests.firmware_bridge.test_on_sale_medium import JPEG, soon

pytest.importorskip("bumble", reason="no bumble (pip install glasspath[dev])")
from bumble.link import LocalLink  # only where bumble is

from tests.firmware_bridge.bumble_glasses import Adapter, Peripheral

G1_UUIDS = (g1.SERVICE, g1.WRITTEN, g1.NOTIFIED)
Program = Callable[[Glasses, list[Peripheral]], Awaitable[None]]
FRAME_UUIDS = (frame.SERVICE, frame.WRITTEN, frame.NOTIFIED)


@pytest.fixture(autouse=True)
def _quiet(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.CRITICAL)


def on_air(uri: str, peripherals: Callable[[LocalLink], list[Peripheral]], program: Program, mtu: int) -> None:
    """Connects by a URI as a program does, with glasses in the air and another radio below bleak's names."""

    async def run() -> None:
        air = LocalLink()
        adapter, near = Adapter(air, mtu), peripherals(air)
        for one in (adapter, *near):
            await one.start()
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(media_ble, "BleakScanner", adapter)
            patch.setattr(media_ble, "BleakClient", adapter.client)
            async with Glasses(uri) as glasses:
                await program(glasses, near)
        for one in near:
            await one.stop()

    soon(run)


class Pair:
    """The arms of a G1, and what runs with them."""

    def __init__(self) -> None:
        self.left, self.right = G1Arm(), G1Arm()

    def near(self, air: LocalLink) -> list[Peripheral]:
        return [
            Peripheral(air, "G1_45_L_92333", 2, G1_UUIDS, self.left.write),
            Peripheral(air, "G1_45_R_12345", 3, G1_UUIDS, self.right.write),
            Peripheral(air, "G1_46_R_12345", 4, G1_UUIDS, G1Arm().write),
        ]


def test_text_and_a_picture_reach_both_arms_over_two_connections_of_one_adapter() -> None:
    pair = Pair()
    left, right = pair.left, pair.right

    async def program(glasses: Glasses, near: list[Peripheral]) -> None:
        await glasses.ready()
        await glasses.display.show("hello " * 60)
        assert left.texts == right.texts and left.texts[0].startswith("hello hello")
        await glasses.display.draw([m.DisplayBitmap(width=16, pixels=b"\xff\x01")])
        assert left.picture == right.picture and len(left.picture) == 62 + 72 * 136
        events = glasses.events()
        near[1].notify(b"\xf5\x01")
        assert isinstance((await anext(events)).message, m.Touch)

    on_air("g1:45", pair.near, program, 247)


def test_an_arm_that_goes_out_of_range_comes_back_and_the_next_page_is_shown() -> None:
    pair = Pair()
    left, right = pair.left, pair.right

    async def program(glasses: Glasses, near: list[Peripheral]) -> None:
        await glasses.ready()
        await glasses.display.show("before")
        statuses = glasses.statuses()
        await near[0].drop()
        async for status in statuses:
            if "disconnected" in status.reason:
                break
        await glasses.display.show("after")
        assert left.texts == right.texts == ["before", "after"]

    on_air("g1:45", pair.near, program, 247)


def test_an_adapter_that_keeps_the_smallest_mtu_is_said_for_the_g1() -> None:
    pair = Pair()

    async def program(glasses: Glasses, near: list[Peripheral]) -> None:
        with pytest.raises(DeviceError, match="packets of 200 bytes, this Bluetooth adapter gives 20"):
            await glasses.ready(1.0)

    on_air("g1:45", pair.near, program, 23)


@pytest.mark.parametrize("mtu", [247, 100])
def test_the_frame_gets_its_program_shows_photographs_and_listens_at_any_mtu(mtu: int) -> None:
    device = FrameDevice(mtu=mtu, jpeg=JPEG)

    async def program(glasses: Glasses, near: list[Peripheral]) -> None:
        await glasses.ready()
        await glasses.display.show("hello")
        assert device.drawn[-1][7:] == b"hello"
        photo = await glasses.camera.photo(width=300)
        assert photo.jpeg.endswith(JPEG[2:]) and device.asked_px == 300
        sounds = await glasses.microphone.start(8000)
        samples = np.arange(-20, 20, dtype="<i2")
        near[0].notify(bytes([1, frame.SOUND]) + samples.tobytes())
        assert np.array_equal((await anext(sounds)).samples, samples)
        events = glasses.events()
        near[0].notify(bytes([1, frame.BATTERY, 55]))
        assert (await anext(events)).message == m.Battery(55)

    def near(air: LocalLink) -> list[Peripheral]:
        return [Peripheral(air, "Frame 4F", 2, FRAME_UUIDS, device.write)]

    on_air("frame:4F?light=none", near, program, mtu)


def test_an_arm_that_is_not_in_the_air_is_named() -> None:
    """The arm of the neighbour's pair is none of ours."""
    pair = Pair()

    async def program(glasses: Glasses, near: list[Peripheral]) -> None:
        with pytest.raises(DeviceError, match="only a part of g1:45 is there: the left arm of g1:45 was not seen"):
            await glasses.ready(5.5)

    on_air("g1:45", lambda air: pair.near(air)[1:], program, 247)
