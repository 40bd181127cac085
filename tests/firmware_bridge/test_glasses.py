"""The device contract of programs, against simulated glasses in this process."""

from __future__ import annotations

import asyncio
import wave
from collections.abc import Awaitable, Callable
from pathlib import Path

import numpy as np
import pytest

from firmware_bridge import g711
from firmware_bridge.errors import AddressError, DeviceError
from firmware_bridge.glasses import Glasses
from firmware_bridge.interlock import Interlock
from firmware_bridge.media_sim import Sim, build
from firmware_bridge.messages import (
    Battery,
    Button,
    CameraControl,
    CameraMode,
    CameraState,
    Cause,
    Codec,
    DisplayBitmap,
    DisplayRect,
    ImuBatch,
    Setting,
    Wear,
    Worn,
)  # fmt: skip
from firmware_bridge.sim import profile
from firmware_bridge.sim.script import Step
from firmware_bridge.status import State

MS = 1_000_000


def with_glasses(program: Callable[[Glasses, Sim], Awaitable[None]], address: str = "", *steps: Step) -> None:
    """Runs a program with simulated glasses, which follow a script."""

    async def run() -> None:
        sim = build(address)
        sim.glasses._script.extend(steps)
        async with asyncio.timeout(30), Glasses(sim) as glasses:
            await glasses.ready()
            await program(glasses, sim)

    asyncio.run(run())


@pytest.mark.parametrize("address", ["", "?loss=000010000100000001", "meta_display?loss=0000100"])
def test_text_is_on_the_display_when_show_returns(address: str) -> None:
    async def program(glasses: Glasses, sim: Sim) -> None:
        for n in range(5):
            await glasses.display.show(f"page {n}")
            assert sim.glasses.display.shown[-1] == n + 1
            assert sim.glasses.display.panel.shown.max() == 255
        await glasses.display.draw([DisplayRect(x=2, y=3, width=5, height=4), DisplayBitmap(width=8, pixels=b"\xf0")])
        assert (
            sim.glasses.display.panel.shown[3:7, 2:7].min() == 255
            and sim.glasses.display.panel.shown[0, :8].tolist() == [255] * 4 + [0] * 4
        )
        glasses.display.clear()
        await glasses.setting(Setting.BRIGHTNESS_PERCENT)
        assert sim.glasses.display.panel.shown.max() == 0

    with_glasses(program, address)


def test_a_photo_is_a_jpeg_with_the_host_time_of_its_capture() -> None:
    async def program(glasses: Glasses, sim: Sim) -> None:
        before_ns = asyncio.get_running_loop().time() * 1e9
        photo = await glasses.camera.photo(width=320)
        assert photo.jpeg[:2] == b"\xff\xd8" and photo.jpeg[-2:] == b"\xff\xd9"
        assert before_ns - 20 * MS < photo.t_ns < asyncio.get_running_loop().time() * 1e9

    with_glasses(program)


def test_a_stream_starts_and_stops_and_starts_again_and_never_hangs() -> None:
    async def program(glasses: Glasses, sim: Sim) -> None:
        for _ in range(30):
            pictures = await glasses.camera.stream(width=160)
            async for picture in pictures:
                assert picture.jpeg[:2] == b"\xff\xd8"
                break
            await glasses.camera.stop()
        assert sim.glasses.camera.stream is None

    with_glasses(program)


def test_a_stream_goes_on_by_itself_after_a_cut_and_after_a_reboot() -> None:
    async def program(glasses: Glasses, sim: Sim) -> None:
        pictures = await glasses.camera.stream(width=160, fps=15)
        await anext(pictures)
        for action in ("cut", "reboot"):
            statuses = glasses.statuses()
            sim.glasses._script.append(Step(0, action))
            async for status in statuses:
                if status.state is State.OPEN:
                    break
            for _ in range(3):
                await anext(pictures)

    with_glasses(program)


def test_a_stream_that_the_glasses_end_ends_for_the_program_with_the_reason() -> None:
    async def program(glasses: Glasses, sim: Sim) -> None:
        pictures = await glasses.camera.stream(width=160, fps=15)
        await anext(pictures)
        sim.glasses._script.append(Step(0, "heat", 60))
        async for picture in pictures:
            assert picture.jpeg
        assert pictures.reason == "the glasses are too hot"

    with_glasses(program)


def test_without_the_light_no_picture_is_taken_and_the_reason_is_said() -> None:
    async def program(glasses: Glasses, sim: Sim) -> None:
        sim.glasses.camera.light.works = False
        with pytest.raises(DeviceError, match="the recording light does not work"):
            await glasses.camera.photo()
        with pytest.raises(DeviceError, match="the recording light does not work"):
            await glasses.camera.stream()
        with pytest.raises(DeviceError, match="off although"):
            await glasses.camera.light(on=True)

    with_glasses(program)


def test_a_photo_that_the_glasses_give_up_ends_at_once_with_the_reason() -> None:
    async def program(glasses: Glasses, sim: Sim) -> None:
        def give_up(asked: CameraControl, forbidden: Cause, now_ns: int) -> None:  # as the firmware does when it is hot
            sim.glasses.session.push(CameraState(asked.request, CameraMode.PHOTO))
            sim.glasses.session.push(CameraState(asked.request, CameraMode.OFF, Cause.HOT))

        sim.glasses.camera.asked = give_up  # type: ignore[method-assign]  # a firmware in trouble
        with pytest.raises(DeviceError, match="takes no photo: the glasses are too hot"):
            await glasses.camera.photo()

    with_glasses(program)


def test_folding_the_glasses_ends_the_sound_with_the_reason() -> None:
    async def program(glasses: Glasses, sim: Sim) -> None:
        sounds = await glasses.microphone.start()
        await anext(sounds)
        sim.glasses._script.append(Step(0, "fold"))
        async for sound in sounds:
            assert len(sound.samples)
        assert sounds.reason == "the glasses are folded"

    with_glasses(program)


def test_a_device_that_streams_without_confirming_its_light_gets_no_picture_released() -> None:
    async def program(glasses: Glasses, sim: Sim) -> None:
        sim.glasses.camera.light.beat = lambda now_ns: None  # type: ignore[method-assign]  # a firmware that lies
        await glasses.camera.stream(width=160, fps=15)
        events = glasses.events()
        passed_s = asyncio.get_running_loop().time() - sim.glasses._start_ns / 1e9
        sim.glasses._script.append(Step(passed_s + 0.7, "click"))
        async for event in events:
            if isinstance(event.message, Button):
                break
        assert glasses.camera.interlock.refused >= 4

    with_glasses(program)


def test_the_interlock_compares_capture_and_light_by_the_devices_own_clock() -> None:
    lock = Interlock()
    assert not lock.allows(1000)
    lock.light(2**32 - 100_000, on=True, now_ns=0)
    assert lock.allows(50_000), "150 ms later, over the wrap"
    assert not lock.allows(150_000), "250 ms later"
    lock.light(160_000, on=False, now_ns=0)
    assert not lock.allows(150_000), "seen off nearer to it"
    lock.light(300_000, on=True, now_ns=10 * MS)
    assert lock.allows(300_000, now_ns=200 * MS) and not lock.allows(300_000, now_ns=220 * MS)


@pytest.mark.parametrize("codec", [Codec.PCM16, Codec.ULAW])
def test_sound_comes_as_it_was_recorded_without_a_gap(codec: Codec, tmp_path: Path) -> None:
    spoken = (10_000 * np.sin(np.arange(16_000) / 7)).astype(np.int16)
    with wave.open(str(tmp_path / "a.wav"), "wb") as file:
        file.setparams((1, 2, 16_000, 0, "NONE", ""))
        file.writeframes(spoken.tobytes())

    async def program(glasses: Glasses, sim: Sim) -> None:
        sounds = await glasses.microphone.start(codec=codec)
        parts, wrong_ns = [], []
        async for sound in sounds:
            parts.append(sound.samples)
            if glasses.clock.is_locked:
                true_ns = sim.glasses.microphone.start_ns + sound.first * 1_000_000_000 // sound.rate_hz
                wrong_ns.append(abs(sound.t_ns - true_ns))
            if len(parts) >= 20 and len(wrong_ns) >= 5:
                break
        heard = np.concatenate(parts)
        off = np.abs(heard - np.resize(spoken, len(heard)).astype(np.int32))
        assert off.max() <= (0 if codec is Codec.PCM16 else 400)
        assert glasses.clock.trip_ns is not None
        assert max(wrong_ns) <= glasses.clock.trip_ns / 2 + MS, (
            "no clock is wrong by more than half its best round trip"
        )
        await glasses.microphone.stop()

    with_glasses(program, f"?microphone={tmp_path / 'a.wav'}")


def test_ulaw_is_that_of_the_standard() -> None:
    assert g711.encode(np.array([0, -1, 32767, -32768], np.int16)) == bytes((0xFF, 0x7F, 0x80, 0x00))
    every = bytes(range(256))
    assert g711.encode(g711.decode(every)) == every.replace(b"\x7f", b"\xff")


def test_events_carry_the_host_time_at_which_they_happened() -> None:
    async def program(glasses: Glasses, sim: Sim) -> None:
        events = glasses.events()
        glasses.imu(100)
        seen = []
        async for event in events:
            seen.append(event)
            kinds = {type(e.message) for e in seen}
            if {Button, Wear, ImuBatch, Battery} <= kinds:
                break
        button = next(e for e in seen if isinstance(e.message, Button))
        due_ns = sim.glasses._start_ns + 400 * MS
        assert due_ns - 100 * MS < button.t_ns < due_ns + 200 * MS
        assert any(e.message == Wear(e.message.t_us, Worn.DOFFED) for e in seen if isinstance(e.message, Wear))

    with_glasses(program, "", Step(0.3, "doff"), Step(0.4, "click"), Step(0.45, "battery", 12))


def test_what_these_glasses_cannot_do_is_refused_in_a_sentence() -> None:
    async def program(glasses: Glasses, sim: Sim) -> None:
        with pytest.raises(DeviceError, match="these glasses cannot do it"):
            await glasses.camera.photo()
        with pytest.raises(DeviceError, match="these glasses cannot do it"):
            await glasses.microphone.start()
        with pytest.raises(DeviceError, match="LC3 is not decoded here"):
            await glasses.microphone.start(codec=Codec.LC3)

    with_glasses(program, "g1")


def test_glasses_that_are_too_hot_or_folded_say_so() -> None:
    async def program(glasses: Glasses, sim: Sim) -> None:
        sim.glasses.body.power.celsius = 50
        with pytest.raises(DeviceError, match="too hot"):
            await glasses.camera.photo()
        sim.glasses.body.power.celsius, sim.glasses.body.worn = 20, Worn.FOLDED
        with pytest.raises(DeviceError, match="folded"):
            await glasses.camera.stream()

    with_glasses(program)


def test_a_request_that_a_reboot_swallows_ends_at_once_with_the_reason() -> None:
    async def program(glasses: Glasses, sim: Sim) -> None:
        sim.glasses._muted_ns = 1 << 62
        asking = asyncio.create_task(glasses.display.show("lost"))
        await asyncio.sleep(0)
        async for status in glasses.statuses():
            if status.quality.value == "late":
                break
        sim.glasses._muted_ns = 0
        sim.glasses.boot(sim.glasses._start_ns)
        with pytest.raises(DeviceError, match="started anew"):
            await asking

    with_glasses(program)


def test_glasses_that_are_not_there_are_waited_for_until_the_deadline_and_the_reason_is_said() -> None:
    async def run() -> None:
        async with Glasses("tcp:127.0.0.1:1") as glasses:
            with pytest.raises(DeviceError, match=r"not ready in 0\.2 s: tcp:127\.0\.0\.1:1 cannot be reached"):
                await glasses.ready(0.2)

    asyncio.run(run())


@pytest.mark.parametrize("name", [path.stem for path in profile.FOLDER.glob("*.toml")])
def test_every_profile_is_read_and_names_its_sources(name: str) -> None:
    assert profile.load(name).name
    text = (profile.FOLDER / f"{name}.toml").read_text()
    assert name == "reference" or "Source" in text.splitlines()[0] + text.splitlines()[1]


@pytest.mark.parametrize(("uri", "words"), [
    ("glasses", "names no glasses"), ("tcp:nowhere", "write tcp:HOST:PORT"), ("sim:nobody", "write one of"),
    ("sim:?camera=none.png", "is not there"), ("sim:?loss=12", "is no pattern"), ("sim:?colour=red", "not colour"),
    ("serial:", "is no port"), ("serial:/dev/x?speed=3", "is no port"), ("pty:", "needs a path"), ("ble:", "needs the name"),
])  # fmt: skip
def test_a_uri_that_cannot_be_is_refused_in_a_sentence(uri: str, words: str) -> None:
    with pytest.raises(AddressError, match=words):
        Glasses(uri)
