"""A firmware update over the link: upload, test, start anew, confirm. Goes on where it was after a cut or a reboot.

Several parts are under way at once: MCUmgr's server takes them in the order of the reliable channel, and says with each
answer how far it is, so that a part that it did not take whole is sent again from there.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from firmware_bridge import smp_messages as smp
from firmware_bridge.errors import DeviceError, UpdateError
from firmware_bridge.glasses import Glasses
from firmware_bridge.image import unpack
from firmware_bridge.messages import Feature

UNDER_WAY: Final = 8
TRIES: Final = 5
"""reboots, or answers without progress, in the middle of one upload"""
REPLY_S: Final = 20.0
"""a device that erases its flash first"""
READY_S: Final = 30.0


@dataclass(frozen=True, slots=True)
class Slot:
    """What a slot holds."""

    number: int
    version: str
    digest: bytes
    active: bool
    confirmed: bool
    pending: bool


class Updater:
    """Updates one pair of glasses."""

    def __init__(self, glasses: Glasses, under_way: int = UNDER_WAY) -> None:
        """`under_way`: parts that are sent before the first of them is answered."""
        self._glasses, self._under_way = glasses, under_way
        self._sequence = 0

    async def slots(self) -> list[Slot]:
        """What is in the slots.

        Raises:
            DeviceError: no answer, or no updates by this link.
            UpdateError: the answer cannot be read.
        """
        found = await self._ask(smp.read_states(self._next()))
        return [_slot(row) for row in found.get("images", []) if isinstance(row, dict)]

    async def upload(self, file: bytes, progress: Callable[[int, int], None] = lambda done, total: None) -> None:
        """Sends an image to the second slot; `progress` gets the bytes that are there and all of them.

        Raises:
            UpdateError: it is no image, or the glasses do not take it.
            DeviceError: the link was away for too long.
        """
        unpack(file)
        for tries in range(TRIES):
            try:
                await self._upload(file, progress)
            except DeviceError:
                if tries == TRIES - 1:
                    raise
                await self._glasses.ready(READY_S)  # they started anew: they know how far they were
            else:
                return

    async def update(self, file: bytes, progress: Callable[[int, int], None] = lambda done, total: None) -> str:
        """Uploads, tests and confirms; returns the version that runs then.

        Raises:
            UpdateError: the image was not taken, or did not start and the old one runs again.
            DeviceError: no answer.
        """
        if not self._glasses.capabilities.features & Feature.UPDATE:
            raise DeviceError("these glasses take no update by this link")
        image = unpack(file)
        await self.upload(file, progress)
        await self._ask(smp.write_state(image.digest, self._next(), confirm=False))
        boot = self._glasses.capabilities.boot
        await self._ask(smp.reset(self._next()))
        async with asyncio.timeout(READY_S):
            while self._glasses.capabilities.boot == boot or not self._glasses.is_open:
                await asyncio.sleep(0.05)  # the session comes back by itself
        active = next((slot for slot in await self.slots() if slot.active), None)
        if active is None or active.digest != image.digest:
            raise UpdateError("the new firmware did not start: the old one runs again")
        await self._ask(smp.write_state(None, self._next(), confirm=True))
        return active.version

    async def _upload(self, file: bytes, progress: Callable[[int, int], None]) -> None:
        longest = self._glasses.capabilities.max_message_bytes
        first = file[: longest - smp.FIRST_OVERHEAD_BYTES]
        sha = hashlib.sha256(file).digest()
        there = _offset(await self._ask(smp.upload(0, first, self._next(), len(file), sha)), file)
        under_way: deque[tuple[int, asyncio.Task[dict[str, Any]]]] = deque()
        sent, stalls = there, 0
        try:
            while there < len(file):
                while sent < len(file) and len(under_way) < self._under_way:
                    part = file[sent : sent + longest - smp.UPLOAD_OVERHEAD_BYTES]
                    request = smp.upload(sent, part, self._next())
                    sent += len(part)
                    under_way.append((sent, asyncio.create_task(self._ask(request))))
                due, task = under_way.popleft()
                now = _offset(await task, file)
                stalls = 0 if now > there else stalls + 1
                if stalls > TRIES * self._under_way:
                    raise UpdateError(f"the glasses stay at {now} of {len(file)} bytes")
                there = now
                progress(there, len(file))
                if there != due:  # it was not taken whole, and what is under way does not follow on it
                    for _, other in under_way:
                        there = max(there, _offset(await other, file))
                    under_way.clear()
                    sent = there
        finally:
            for _, task in under_way:
                task.cancel()
            if under_way:
                await asyncio.wait([task for _, task in under_way])

    async def _ask(self, packet: bytes) -> dict[str, Any]:
        return smp.answer(await self._glasses.smp(packet, REPLY_S))

    def _next(self) -> int:
        self._sequence = (self._sequence + 1) % 256
        return self._sequence


def _offset(found: dict[str, Any], file: bytes) -> int:
    off = found.get("off")
    if not isinstance(off, int) or not 0 <= off <= len(file):
        raise UpdateError(f"the glasses say that they have {off!r} of {len(file)} bytes")
    return off


def _slot(row: dict[str, Any]) -> Slot:
    flags = {name: bool(row.get(name)) for name in ("active", "confirmed", "pending")}
    return Slot(int(row.get("slot", 0)), str(row.get("version", "")), bytes(row.get("hash", b"")), **flags)
