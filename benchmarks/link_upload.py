"""A firmware update over a paced link, in real time: how much of the channel it uses, and which images run.

rate      bytes of the image per second of the upload, over what the link carries: packets per second × payload.
The peer is the same upload with one part under way at a time, as most SMP clients send it.
Power cuts at every offset of the flash are the C firmware's own benchmark: the slots of the simulator do not tear.
"""

from __future__ import annotations

import asyncio
import random
import time

from benchmarks.claims import Claim, main
from firmware_bridge import framing, media_sim
from firmware_bridge.errors import UpdateError
from firmware_bridge.glasses import Glasses
from firmware_bridge.image import DEVELOPMENT_KEY, pack
from firmware_bridge.media_memory import MemoryEnd
from firmware_bridge.update import UNDER_WAY, Updater

MTU = 247
PACKETS_PER_S = 4 / 0.015
"""four packets in each connection interval of 15 ms"""
DELAY_S = 0.008
QUEUED = 3
"""frames that the radio takes before it is written to no more"""


class Paced(media_sim.Sim):
    """Simulated glasses behind a radio with a rate and a delay, both ways."""

    async def open(self) -> None:
        await super().open()
        assert self._end is not None and self._end.other is not None
        for end in (self._end, self._end.other):
            _pace(end)


def _pace(end: MemoryEnd) -> None:
    """Frames leave at the radio's rate and arrive after its delay."""
    free_s = 0.0
    put = end.write
    air: set[asyncio.Task[None]] = set()

    async def arrive(frame: bytes, at_s: float) -> None:
        await asyncio.sleep(at_s - time.monotonic())  # the delay of the radio that is modelled
        await put(frame)

    async def write(frame: bytes) -> None:
        nonlocal free_s
        free_s = max(free_s, time.monotonic()) + 1 / PACKETS_PER_S * len(frame) / MTU
        task = asyncio.create_task(arrive(frame, free_s + DELAY_S))
        air.add(task)
        task.add_done_callback(air.discard)
        wait_s = free_s - time.monotonic() - QUEUED / PACKETS_PER_S
        if wait_s > 0:
            await asyncio.sleep(wait_s)  # the radio takes no more until it has sent one

    end.write = write  # type: ignore[method-assign]  # the radio stands between the two ends


def measure(quick: bool) -> list[Claim]:
    """All claims."""
    size = 50_000 if quick else 200_000
    image = pack(random.Random(1).randbytes(size), (2, 0, 0), DEVELOPMENT_KEY)
    ours, theirs = asyncio.run(rate(image, UNDER_WAY)), asyncio.run(rate(image, 1))
    wrong, tampered = asyncio.run(tampering(20 if quick else 200))
    peer = f"one part at a time: {theirs:.3g}"
    return [
        Claim(f"upload of {size // 1000} KB, share of the channel's rate", ours, "share", ">= 0.85", peer),
        Claim(f"images with a flipped bit that ran, of {tampered}", wrong, "images", "= 0"),
    ]


async def rate(image: bytes, under_way: int) -> float:
    """The share of the channel that one upload got."""
    medium = Paced(media_sim.glasses(""), ())
    async with Glasses(medium) as glasses:
        await glasses.ready()
        start_s = time.monotonic()
        await Updater(glasses, under_way).upload(image)
        took_s = time.monotonic() - start_s
    return len(image) / took_s / (PACKETS_PER_S * (framing.packet_room(MTU) - 3))


async def tampering(count: int) -> tuple[int, int]:
    """Images with one flipped bit anywhere: how many were taken for a test, and how many were tried."""
    draw = random.Random(2)
    taken = 0
    good = pack(draw.randbytes(2000), (3, 0, 0), DEVELOPMENT_KEY)
    async with Glasses("sim:") as glasses:
        await glasses.ready()
        for _ in range(count):
            bit = draw.randrange(len(good) * 8)
            wrong = bytearray(good)
            wrong[bit // 8] ^= 1 << bit % 8
            try:
                await Updater(glasses).update(bytes(wrong))
                taken += 1
            except UpdateError:
                continue
    return taken, count


if __name__ == "__main__":
    main("link_upload", __doc__, measure)
