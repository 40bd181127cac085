"""A firmware update of 200 KB on the C firmware: the power cut all over it, and how much of the channel it uses.

Power: `firmware/boards/native/power_cuts.c` runs the device's update code over a flash model in which a power cut
tears the byte that is being written or erased. The whole update (upload, test mark, start, keep, start) is cut after
every 256 bytes of change to the flash, at the marks after every byte; after each cut the board must start one of the
two images, whole, byte by byte. Then the host goes on, is cut a second time at another place, and finishes.

Rate: the image over a simulated radio of 50 kB/s, 8 ms each way, to the same firmware through the session, the
reliable channel and MCUmgr's protocol. `channel's rate`: bytes of the image per second of what the radio carries. The
client keeps as many requests under way as the device says that it holds (`buf_count`); one at a time, as MCUmgr's
clients commonly do, is beside it.

    python -m benchmarks.link_update [--quick]
"""

from __future__ import annotations

import json
import random
import subprocess
from hashlib import sha256

from benchmarks.claims import Claim, main
from firmware_bridge.messages import SmpRequest, SmpResponse
from tests.firmware_bridge import smp_by_hand as smp
from tests.firmware_bridge.c_device import KEY, CLink, make

CHUNK_BYTES = 960
"""of the 1022 that the device takes, less header, offset and names"""


def chunk(whole: bytes, at: int) -> SmpRequest:
    """The request that carries the bytes from `at` on."""
    body: dict[str, object] = {"off": at, "data": whole[at : at + (CHUNK_BYTES if at else CHUNK_BYTES - 64)]}
    if at == 0:
        body |= {"len": len(whole), "sha": sha256(whole).digest()}
    return SmpRequest(smp.request(smp.WRITE, smp.IMAGE, smp.UPLOAD, body))


def share_of_channel(whole: bytes, under_way: int, loss: float) -> float:
    """Bytes of the image per byte that the radio could have carried meanwhile."""
    link = CLink(step_ns=200_000, loss=loss, seed=1).open()
    link.run(10_000)  # the hurried pings of a new connection are over
    offsets = [0, *range(CHUNK_BYTES - 64, len(whole), CHUNK_BYTES)]
    link.got.clear()
    sent, begin_ns = 0, link.now_ns

    def is_done() -> bool:
        nonlocal sent
        answered = sum(isinstance(m, SmpResponse) for m in link.got)
        while sent < len(offsets) and sent - answered < under_way:
            link.host.push(chunk(whole, offsets[sent]))
            sent += 1
        return answered == len(offsets)

    link.until(is_done, 5_000_000)
    last = [m for m in link.got if isinstance(m, SmpResponse)][-1]
    if smp.decoded(last.smp[8:]) != {"off": len(whole), "match": True}:
        raise AssertionError(f"the upload did not end well: {smp.decoded(last.smp[8:])}")
    return len(whole) / ((link.now_ns - begin_ns) * 1e-9 * link.bytes_per_s)


def measure(quick: bool) -> list[Claim]:
    """Power cuts, then rates."""
    size, step = (20_000, 1024) if quick else (200_000, 256)
    program = make("native") / "power_cuts"
    done = subprocess.run([str(program), str(size), str(step)], capture_output=True, text=True, timeout=3600)
    cuts, wanted = json.loads(done.stdout), "" if quick else ">= 1600"
    whole = smp.image((2, 0, 0), random.Random(1).randbytes((20_000 if quick else 200_000) - 64), KEY)
    many, one, lossy = share_of_channel(whole, 4, 0), share_of_channel(whole, 1, 0), share_of_channel(whole, 4, 0.1)
    return [
        Claim(f"power cuts in an update of {size} bytes, every {step} bytes of change", cuts["cuts"], "cuts", wanted),
        Claim("starts of neither the old nor the new image", cuts["started_neither"], "starts", "= 0"),
        Claim("starts of the old image", cuts["started_old"], "starts", ""),
        Claim("starts of the new image", cuts["started_new"], "starts", ""),
        Claim("updates that did not go on to their end", cuts["update_not_finished"], "updates", "= 0"),
        Claim("uploads that went on where the power was cut", cuts["uploads_resumed"], "uploads", ""),
        Claim("share of the channel's rate, without loss", many, "of 1", ">= 0.85", f"one request at a time: {one:.2f}"),
        Claim("share of the channel's rate, 10 % of all frames lost", lossy, "of 1", "", "what the loss leaves: 0.90"),
    ]  # fmt: skip


if __name__ == "__main__":
    main("link_update", __doc__, measure)
