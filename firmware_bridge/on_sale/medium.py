"""A medium whose other end is in this process: frames go to a stand-in, its writes to the BLE links of glasses on sale."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Mapping
from contextlib import suppress
from typing import Final

from firmware_bridge.errors import MediumError
from firmware_bridge.framing import MAX_MTU
from firmware_bridge.media import Medium
from firmware_bridge.on_sale.stand_in import StandIn
from firmware_bridge.on_sale.translator import Translator

FRAMES: Final = 16
"""for the host that wait to be read"""
REST_S: Final = 1.0
"""in which the glasses turn microphone and camera off before the links are closed"""


class OnSale:
    """The host's end; what stands in for the firmware lives as long as this object, through every cut."""

    mtu = MAX_MTU

    def __init__(
        self, uri: str, translator: Translator, links: Mapping[str, Medium], *, needs_light: bool = True
    ) -> None:
        """Args:
        uri: what a person calls them.
        links: by the translator's names; one read and one write of them is one packet.
        needs_light: False: the owner takes pictures without a recording light.
        """
        self.uri, self.needs_light = uri, needs_light
        self._links = {name: links[name] for name in translator.links}
        self._stand_in = StandIn(translator, random.randrange(1 << 32))
        self._task: asyncio.Task[None] | None = None
        self._begin_anew()

    async def open(self) -> None:
        await self.close()
        await self._open_links()
        self._begin_anew()
        self._stand_in.begin(time.monotonic_ns(), min(link.mtu for link in self._links.values()))
        self._task = asyncio.create_task(self._attend(), name=self.uri)
        await self._settled.wait()
        if self._why:
            raise MediumError(self._why)

    async def read(self) -> bytes:
        frame = await self._frames.get()
        if frame is None:
            raise MediumError(self._why)
        return frame

    async def write(self, frame: bytes) -> None:
        if self._why:
            raise MediumError(self._why)
        self._stand_in.receive(frame, time.monotonic_ns())
        self._wake.set()

    async def close(self) -> None:
        if self._task is not None:
            task, self._task = self._task, None
            try:
                await self._rest(task)
            finally:
                task.cancel()
                await asyncio.wait((task,))
                self._stand_in.broke(time.monotonic_ns())
            if not task.cancelled() and (error := task.exception()) is not None:
                raise error
        for link in self._links.values():
            await link.close()

    def _begin_anew(self) -> None:
        self._why = ""
        self._frames: asyncio.Queue[bytes | None] = asyncio.Queue(FRAMES)
        self._writes: dict[str, asyncio.Queue[bytes]] = {name: asyncio.Queue() for name in self._links}
        self._wake, self._settled = asyncio.Event(), asyncio.Event()

    async def _open_links(self) -> None:
        """One after the other: BlueZ makes one connection at a time."""
        missing: list[MediumError] = []
        for link in self._links.values():
            try:
                await link.open()
            except MediumError as error:
                missing.append(error)
        if not missing:
            return
        if len(missing) == len(self._links):
            raise missing[0]
        raise MediumError(f"only a part of {self.uri} is there: {missing[0]}") from missing[0]

    async def _attend(self) -> None:
        """Runs until a link breaks or it is cancelled."""
        try:
            async with asyncio.TaskGroup() as group:
                for name, link in self._links.items():
                    group.create_task(self._hear(name, link))
                    group.create_task(self._speak(name, link))
                group.create_task(self._work())
        except* MediumError as errors:
            self._why = str(errors.exceptions[0])
        finally:
            self._why = self._why or f"{self.uri} was closed"
            self._stand_in.broke(time.monotonic_ns())
            self._empty()
            self._frames.put_nowait(None)
            self._settled.set()

    async def _hear(self, name: str, link: Medium) -> None:
        while True:
            self._stand_in.heard(name, await link.read(), time.monotonic_ns())
            self._wake.set()

    async def _speak(self, name: str, link: Medium) -> None:
        """A slow link keeps neither the other one nor the host waiting."""
        while True:
            await link.write(await self._writes[name].get())

    async def _work(self) -> None:
        while True:
            self._wake.clear()
            now_ns = time.monotonic_ns()
            for write in self._stand_in.tick(now_ns):
                self._writes[write.link].put_nowait(write.data)
            if self._stand_in.is_ready:
                self._settled.set()
            while (frame := self._stand_in.frame(time.monotonic_ns())) is not None:
                await self._frames.put(frame)
            with suppress(TimeoutError):
                async with asyncio.timeout(max(0.0, (self._stand_in.wake_ns(now_ns) - time.monotonic_ns()) / 1e9)):
                    await self._wake.wait()

    def _empty(self) -> None:
        while not self._frames.empty():
            self._frames.get_nowait()

    async def _rest(self, task: asyncio.Task[None]) -> None:
        """Lets the glasses turn off what records, for a moment, if they are still there."""
        if task.done():
            return
        self._stand_in.broke(time.monotonic_ns())
        self._empty()  # nobody reads any more, and `_work` may wait for room
        self._stand_in.rest(time.monotonic_ns())
        self._wake.set()
        ends_s = time.monotonic() + REST_S
        while self._stand_in.is_recording and not task.done() and time.monotonic() < ends_s:
            await asyncio.sleep(0.01)  # a few round trips; nobody else wakes for it
