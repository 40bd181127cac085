"""Simulated glasses in this process. `sim:`, `sim:frame`, `sim:?camera=walk.mp4&microphone=talk.wav&script=day.toml`."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from urllib.parse import parse_qsl

from firmware_bridge.errors import AddressError
from firmware_bridge.media_memory import MemoryEnd, pair
from firmware_bridge.sim import profile, script
from firmware_bridge.sim.device import SimGlasses
from firmware_bridge.sim.pictures import Camera
from firmware_bridge.sim.serve import attend
from firmware_bridge.sim.sound import Ear


class Sim:
    """The host's end; the glasses live as long as this object, through every cut of the link."""

    def __init__(self, glasses: SimGlasses, loss: tuple[int, ...]) -> None:
        self.glasses = glasses
        self.mtu = glasses.profile.mtu
        self._loss = loss
        self._end: MemoryEnd | None = None
        self._task: asyncio.Task[None] | None = None

    async def open(self) -> None:
        await self.close()
        self._end, theirs = pair(self.mtu, self._loss)
        await self._end.open()
        await theirs.open()
        self._task = asyncio.create_task(attend(self.glasses, theirs, theirs.cut), name="simulated glasses")

    async def read(self) -> bytes:
        assert self._end is not None
        return await self._end.read()

    async def write(self, frame: bytes) -> None:
        assert self._end is not None
        await self._end.write(frame)

    async def close(self) -> None:
        if self._end is not None:
            self._end.cut()
            self._end = None
        if self._task is not None:
            task, self._task = self._task, None
            task.cancel()
            await asyncio.wait((task,))


def glasses(address: str) -> SimGlasses:
    """Simulated glasses of `PROFILE?camera=FILE&microphone=FILE&script=FILE`.

    Raises:
        AddressError: a file or an option cannot be.
    """
    name, _, query = address.partition("?")
    options = dict(parse_qsl(query))
    unknown = set(options) - {"camera", "microphone", "script", "loss"}
    if unknown:
        raise AddressError(f"sim: knows camera, microphone, script and loss, not {', '.join(sorted(unknown))}")
    steps = script.load(Path(options["script"])) if "script" in options else []
    camera, ear = Camera(options.get("camera", "")), Ear(options.get("microphone", ""))
    return SimGlasses(profile.load(name), time.monotonic_ns(), camera=camera, ear=ear, script=steps)


def build(address: str) -> Sim:
    """The medium of simulated glasses.

    Raises:
        AddressError: a file or an option cannot be.
    """
    loss = dict(parse_qsl(address.partition("?")[2])).get("loss", "")
    if loss.strip("01"):
        raise AddressError(f"sim: loss={loss} is no pattern: write 0 for a frame that comes and 1 for one that is lost")
    return Sim(glasses(address), tuple(int(one) for one in loss))
