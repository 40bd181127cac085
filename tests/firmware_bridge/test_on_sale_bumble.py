"""Glasses on sale over a real Bluetooth host stack in this process: Bumble's peripherals with G1's and Frame's services."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable

import numpy as np
import pytest

from firmware_bridge import messages as m
from firmware_bridge.errors import DeviceError
from firmware_bridge.glasses import Glasses
from firmware_bridge.on_sale import frame, g1
from firmware_bridge.on_sale.frame import Frame
from firmware_bridge.on_sale.g1 import G1
from firmware_bridge.on_sale.medium import OnSale
from tests.firmware_bridge.glasses_on_sale import FrameDevice, G1Arm
from tests.firmware_bridge.test_on_sale_medium import JPEG, soon

bumble_link = pytest.importorskip("bumble.link", reason="no bumble (pip install glasspath[dev])")
from tests.firmware_bridge.bumble_glasses import Central, Link, Peripheral  # noqa: E402  # only where bumble is

G1_UUIDS = (g1.SERVICE, g1.WRITTEN, g1.NOTIFIED)
FRAME_UUIDS = (frame.SERVICE, frame.WRITTEN, frame.NOTIFIED)


@pytest.fixture(autouse=True)
def _quiet(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.CRITICAL)


def with_pair(
    program: Callable[[Glasses, dict[str, Peripheral], G1Arm, G1Arm], Awaitable[None]], mtu: int = 247
) -> None:
    async def run() -> None:
        air = bumble_link.LocalLink()
        central, left, right = Central(air), G1Arm(), G1Arm()
        arms = {
            g1.LEFT: Peripheral(air, "G1_45_L_92333", 2, G1_UUIDS, left.write),
            g1.RIGHT: Peripheral(air, "G1_45_R_12345", 3, G1_UUIDS, right.write),
        }
        for one in (central, *arms.values()):
            await one.start()
        links = {side: Link(central, arm.name, G1_UUIDS, mtu) for side, arm in arms.items()}
        async with Glasses(OnSale("g1:45", G1("45"), links)) as glasses:
            await program(glasses, arms, left, right)
        for arm in arms.values():
            await arm.stop()

    soon(run)


def with_frame(program: Callable[[Glasses, Peripheral, FrameDevice], Awaitable[None]], mtu: int = 247) -> None:
    async def run() -> None:
        air = bumble_link.LocalLink()
        central, device = Central(air), FrameDevice(mtu=mtu, jpeg=JPEG)
        peripheral = Peripheral(air, "Frame 4F", 2, FRAME_UUIDS, device.write)
        await central.start()
        await peripheral.start()
        links = {frame.LINK: Link(central, "Frame 4F", FRAME_UUIDS, mtu)}
        async with Glasses(OnSale("frame:4F", Frame("4F"), links, needs_light=False)) as glasses:
            await program(glasses, peripheral, device)
        await peripheral.stop()

    soon(run)


def test_text_and_a_picture_reach_both_arms_over_two_connections_of_one_adapter() -> None:
    async def program(glasses: Glasses, arms: dict[str, Peripheral], left: G1Arm, right: G1Arm) -> None:
        await glasses.ready()
        await glasses.show("hello " * 60)
        assert left.texts == right.texts and left.texts[0].startswith("hello hello")
        await glasses.draw([m.DisplayBitmap(width=16, pixels=b"\xff\x01")])
        assert left.picture == right.picture and len(left.picture) == 62 + 72 * 136
        events = glasses.events()
        arms[g1.RIGHT].notify(b"\xf5\x01")
        assert isinstance((await anext(events)).message, m.Touch)

    with_pair(program)


def test_an_arm_that_goes_out_of_range_comes_back_and_the_next_page_is_shown() -> None:
    async def program(glasses: Glasses, arms: dict[str, Peripheral], left: G1Arm, right: G1Arm) -> None:
        await glasses.ready()
        await glasses.show("before")
        statuses = glasses.statuses()
        await arms[g1.LEFT].drop()
        async for status in statuses:
            if "disconnected" in status.reason:
                break
        await glasses.show("after")
        assert left.texts == right.texts == ["before", "after"]

    with_pair(program)


def test_an_adapter_that_keeps_the_smallest_mtu_is_said_for_the_g1() -> None:
    async def program(glasses: Glasses, arms: dict[str, Peripheral], left: G1Arm, right: G1Arm) -> None:
        with pytest.raises(DeviceError, match="packets of 200 bytes, this Bluetooth adapter gives 20"):
            await glasses.ready(1.0)

    with_pair(program, mtu=23)


@pytest.mark.parametrize("mtu", [247, 100])
def test_the_frame_gets_its_program_shows_photographs_and_listens_at_any_mtu(mtu: int) -> None:
    async def program(glasses: Glasses, peripheral: Peripheral, device: FrameDevice) -> None:
        await glasses.ready()
        await glasses.show("hello")
        assert device.drawn[-1][7:] == b"hello"
        photo = await glasses.photo(width=300)
        assert photo.jpeg.endswith(JPEG[2:]) and device.asked_px == 300
        sounds = await glasses.microphone(8000)
        samples = np.arange(-20, 20, dtype="<i2")
        peripheral.notify(bytes([1, frame.SOUND]) + samples.tobytes())
        assert np.array_equal((await anext(sounds)).samples, samples)
        events = glasses.events()
        peripheral.notify(bytes([1, frame.BATTERY, 55]))
        assert (await anext(events)).message == m.Battery(55)

    with_frame(program, mtu)
