"""What `firmware-bridge` does: one coroutine per command; lines for people, or JSON lines."""

from __future__ import annotations

import argparse
import asyncio
import json
import statistics
import time
import wave
from collections.abc import Callable, Coroutine
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

import numpy as np

from firmware_bridge import layout, media
from firmware_bridge.errors import AddressError, DeviceError, LinkError
from firmware_bridge.glasses import Glasses
from firmware_bridge.messages import Codec, LightBeat
from firmware_bridge.status import State

SCAN_S: Final = 5.0


def _say(given: argparse.Namespace, line: str, /, **values: Any) -> None:
    print(json.dumps(values, ensure_ascii=False) if given.json else line, flush=True)


async def scan(given: argparse.Namespace) -> int:
    """Serial ports and Bluetooth devices; what cannot be searched is said."""
    found: list[tuple[str, str]] = []
    for kind in ("serial", "ble"):
        try:
            module = __import__(f"firmware_bridge.media_{kind}", fromlist=["scan"])
            found += module.scan() if kind == "serial" else await module.scan(SCAN_S)
        except ImportError as error:
            _say(given, f"{kind}: needs {error.name}: pip install glasspath[glasses]", kind=kind, problem=str(error))
        except LinkError as error:
            _say(given, f"{kind}: {error}", kind=kind, problem=str(error))
    for uri, what in [*found, ("sim:", "simulated glasses, always there")]:
        _say(given, f"{uri:40} {what}", uri=uri, what=what)
    return 0


async def ping(given: argparse.Namespace) -> int:
    """Round trips and the clock."""
    async with Glasses(given.glasses) as glasses:
        has = await glasses.ready(given.wait)
        trips_ms: list[float] = []
        ends_s = time.monotonic() + given.seconds
        seen = glasses.clock.exchanges
        while time.monotonic() < ends_s:
            await asyncio.sleep(0.02)  # the pings go by themselves
            if glasses.clock.exchanges != seen:
                seen = glasses.clock.exchanges
                trips_ms.append(glasses.clock.last_trip_ns / 1e6)
        if not trips_ms:
            raise DeviceError("no ping was answered")
        trips_ms.sort()
        middle, worst = statistics.median(trips_ms), trips_ms[-1]
        rate_ppm = glasses.clock.rate * 1e6
        _say(given, f"{has.product}: {len(trips_ms)} pings, median {middle:.1f} ms, worst {worst:.1f} ms; "
             f"its clock runs {rate_ppm:+.1f} ppm against ours", product=has.product, pings=len(trips_ms),
             median_ms=middle, worst_ms=worst, rate_ppm=rate_ppm)  # fmt: skip
    return 0


async def monitor(given: argparse.Namespace) -> int:
    """Events and the link's changes as they come."""
    async with Glasses(given.glasses) as glasses:
        events, statuses = glasses.events(), glasses.statuses()
        start_ns = time.monotonic_ns()

        async def tell_events() -> None:
            async for event in events:
                if isinstance(event.message, LightBeat):
                    continue
                name, fields = type(event.message).__name__, layout.as_dict(event.message)
                t_s = (event.t_ns - start_ns) / 1e9
                words = " ".join(f"{key}={value}" for key, value in fields.items())
                _say(given, f"{t_s:9.3f} s  {name} {words}", t_s=round(t_s, 6), event=name, **fields)

        async def tell_statuses() -> None:
            async for status in statuses:
                reason = f" ({status.reason})" if status.reason else ""
                _say(given, f"link {status.state.value}, {status.quality.value}{reason}", link=status.state.value,
                     quality=status.quality.value, reason=status.reason)  # fmt: skip

        with suppress(TimeoutError):
            async with asyncio.timeout(given.seconds), asyncio.TaskGroup() as group:
                group.create_task(tell_events())
                group.create_task(tell_statuses())
    return 0


async def hud(given: argparse.Namespace) -> int:
    """Shows a text and says how long it took to be on the display."""
    medium = media.build(given.glasses)
    async with Glasses(medium) as glasses:
        await glasses.ready(given.wait)
        asked_ns = time.monotonic_ns()
        await glasses.display.show(given.text)
        took_ms = (time.monotonic_ns() - asked_ns) / 1e6
        if given.png is not None:
            simulated = getattr(medium, "glasses", None)
            if simulated is None:
                raise AddressError("--png is for sim: only; real glasses show it to your eye")
            simulated.display.panel.save(given.png)
        _say(given, f"shown after {took_ms:.1f} ms", shown_ms=took_ms)
    return 0


async def photo(given: argparse.Namespace) -> int:
    """Takes a picture with the recording light on."""
    async with Glasses(given.glasses) as glasses:
        await glasses.ready(given.wait)
        picture = await glasses.camera.photo(width=given.width)
        _write(given.out, picture.jpeg)
        size = len(picture.jpeg)
        _say(given, f"{given.out}: {size} bytes", file=str(given.out), bytes=size, t_ns=picture.t_ns)
    return 0


async def mic(given: argparse.Namespace) -> int:
    """Records sound to a WAV file; says how much was lost on the way."""
    async with Glasses(given.glasses) as glasses:
        has = await glasses.ready(given.wait)
        sounds = await glasses.microphone.start(has.mic_rate_hz or 16_000, Codec[given.codec.upper()])
        parts, lost, due = [], 0, 0
        with suppress(TimeoutError):
            async with asyncio.timeout(given.seconds):
                async for sound in sounds:
                    lost += sound.first - due
                    parts.append(np.zeros(sound.first - due, np.int16))  # a gap stays a gap, so that times are right
                    parts.append(sound.samples)
                    due = sound.first + len(sound.samples)
        if not parts:
            raise DeviceError(f"no sound came in {given.seconds:g} s")
        await glasses.microphone.stop()
        try:
            with wave.open(str(given.out), "wb") as file:
                file.setparams((1, 2, sound.rate_hz, 0, "NONE", ""))
                file.writeframes(np.concatenate(parts).astype("<i2").tobytes())
        except OSError as error:
            raise AddressError(f"{given.out} cannot be written: {error.strerror}") from error
        heard_s = due / sound.rate_hz
        _say(given, f"{given.out}: {heard_s:.2f} s, {lost} samples lost", file=str(given.out), s=heard_s, lost=lost)
    return 0


async def sim(given: argparse.Namespace) -> int:
    """Serves simulated glasses."""
    from firmware_bridge import media_sim
    from firmware_bridge.sim.serve import serve_tcp

    glasses = media_sim.glasses(given.profile)

    def started(port: int) -> None:
        uri = f"tcp:localhost:{port}"
        _say(given, f"{glasses.profile.name} at {uri}: try  firmware-bridge hud 'hello' --glasses {uri}", uri=uri)

    async def draw() -> None:
        drawn = 0
        while True:
            await asyncio.sleep(0.1)  # the eye is not faster
            if len(glasses.display.shown) == drawn:
                continue
            drawn = len(glasses.display.shown)
            if given.display:
                print(glasses.display.panel.terminal(), flush=True)
            if given.png is not None:
                glasses.display.panel.save(given.png)

    if not given.window:
        await _first(serve_tcp(glasses, given.port, started), draw())
        return 0
    from firmware_bridge.sim.window import Window, watch  # a desktop only for this

    window = Window(f"{glasses.profile.name} (simulated)")
    try:
        await _first(serve_tcp(glasses, given.port, started), draw(), watch(glasses, window))
    finally:
        window.close()
    return 0


async def _first(*coroutines: Coroutine[Any, Any, None]) -> None:
    """Runs all until one ends, and ends the others; an error is raised as it is, not in a group."""
    tasks = [asyncio.create_task(one) for one in coroutines]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)


async def update(given: argparse.Namespace) -> int:
    """Uploads an image, tests it and confirms it."""
    from firmware_bridge.update import Updater  # pydantic and CBOR only for this

    try:
        file = given.image.read_bytes()
    except OSError as error:
        raise AddressError(f"{given.image} cannot be read: {error.strerror}") from error
    async with Glasses(given.glasses) as glasses:
        await glasses.ready(given.wait)
        start_s = time.monotonic()
        version = await Updater(glasses).update(file)
        took_s = time.monotonic() - start_s
        _say(given, f"firmware {version} runs and is confirmed, after {took_s:.1f} s", version=version, s=took_s)
    return 0


async def soak(given: argparse.Namespace) -> int:
    """Uses everything again and again; 1 if anything was stuck."""
    wrong: list[str] = []
    rounds = pictures = 0
    async with Glasses(given.glasses) as glasses:
        has = await glasses.ready(given.wait)
        ends_s = time.monotonic() + given.seconds
        while time.monotonic() < ends_s:
            rounds += 1
            try:
                if has.display_width:
                    await glasses.display.show(f"round {rounds}")
                if has.camera_width:
                    async with asyncio.timeout(10):
                        async for _ in await glasses.camera.stream(width=min(has.camera_width, 320)):
                            pictures += 1
                            break
                    await glasses.camera.stop()
            except (DeviceError, TimeoutError) as error:
                wrong.append(str(error) or "a stream gave no picture within 10 s")
                if glasses.status.state is not State.OPEN:
                    await glasses.ready(given.wait)
        status, counters = glasses.status, glasses.session.end.counters
    _say(given, f"{rounds} rounds, {pictures} pictures, {status.connections} connections, {counters.wrong_crc} damaged "
         f"frames; wrong: {len(wrong)} {'; '.join(sorted(set(wrong)))}", rounds=rounds, pictures=pictures,
         connections=status.connections, damaged_frames=counters.wrong_crc, wrong=wrong)  # fmt: skip
    return 1 if wrong else 0


def _write(path: Path, data: bytes) -> None:
    try:
        path.write_bytes(data)
    except OSError as error:
        raise AddressError(f"{path} cannot be written: {error.strerror}") from error


COMMANDS: Final[dict[str, Callable[[argparse.Namespace], Coroutine[Any, Any, int]]]] = {
    "scan": scan, "ping": ping, "monitor": monitor, "hud": hud, "photo": photo, "mic": mic, "update": update, "sim": sim,
    "soak": soak,
}  # fmt: skip
