"""The link over a simulated radio on a virtual clock: does it always come back, is nothing lost, what does it carry?

goodput      message bytes per second over what the loss leaves of the link: rate × (1 − loss) × payload / MTU.
reconnect    from the cut until the session is open again; opening the medium itself takes 20 ms of it.
shown        from a program's text to "shown" by the device; wire time: the bytes of both ways and one delay each way.
The peer sends one packet and waits for its acknowledgement, as the public Python clients of glasses do; it has our timers.
"""

from __future__ import annotations

import asyncio
import random

from benchmarks.claims import Claim, main
from firmware_bridge import framing
from firmware_bridge.channels import BestEffort
from firmware_bridge.glasses import Glasses
from firmware_bridge.messages import Button, DisplayShow, DisplayShown, DisplayText
from firmware_bridge.packets import RELIABLE
from firmware_bridge.status import State
from tests.firmware_bridge.fakes import MS, pair, run
from tests.firmware_bridge.two_sides import Link

MTUS = (20, 64, 185, 247, 512)
LOSS = 0.2
PACKETS_PER_S = 4 / 0.015
"""four packets in each connection interval of 15 ms, whatever their size: so BLE counts"""


def measure(quick: bool) -> list[Claim]:
    """All claims."""
    ours = min(goodput(mtu, 64, quick) for mtu in MTUS)
    theirs = min(goodput(mtu, 1, quick) for mtu in MTUS)
    back, slow_ms, wrong = disconnects(300 if quick else 10_000)
    text = f"{300 if quick else 10_000} cuts, {LOSS:.0%} loss, doubles and overtaking, MTU 20–512"
    return [
        Claim(
            f"goodput of what the loss leaves, worst MTU of {MTUS}",
            ours,
            "share",
            ">= 0.9",
            f"one at a time: {theirs:.3g}",
        ),
        Claim(f"links that came back: {text}", back, "share", "= 1"),
        Claim("reconnect and resume, p99", slow_ms, "ms", "<= 500"),
        Claim("reliable messages lost, doubled or out of order", wrong, "messages", "= 0"),
        Claim("text to shown beside sound, p99 over wire time", shown(50 if quick else 1000), "×", "<= 2"),
        Claim(
            "camera streams started and stopped that gave no picture", stuck(50 if quick else 1000), "streams", "= 0"
        ),
    ]


def goodput(mtu: int, window: int, quick: bool) -> float:
    """The share of what the loss leaves that messages get."""
    size = min((400 if quick else 1000) * mtu, 250_000) // 1000 * 1000
    rate = int(PACKETS_PER_S * mtu)
    left, right = pair(mtu, window=window, loss=LOSS, bytes_per_s=rate)
    for _ in range(size // 1000):
        left.channels.push(RELIABLE, bytes(1000), bulk=True)
    now_ns = run(left, right, 10_000_000 * MS, done=lambda: left.channels.sender.is_idle)
    payload = framing.packet_room(mtu) - 3
    return size / (now_ns / 1e9) / (rate * (1 - LOSS) * payload / mtu)


def disconnects(count: int) -> tuple[float, float, int]:
    """The share that came back, the p99 of how long that took (ms), and the reliable messages that were wrong."""
    draw = random.Random(1)
    times_ms: list[int] = []
    came, wrong = 0, 0
    per_link = 100
    for seed in range(count // per_link):
        link = Link(seed=seed, mtu=draw.choice(MTUS), loss=LOSS, overtaken=0.1)
        link.there.doubled = link.back.doubled = 0.1
        link.host.connect(0)
        link.until(State.OPEN)
        sent_there: list[DisplayText] = []
        sent_back: list[Button] = []
        for n in range(per_link):
            link.run(1000 + draw.randrange(300))
            for _ in range(2):
                sent_there.append(DisplayText(page=n, text="word " * draw.randrange(12)))
                link.host.push(sent_there[-1])
                sent_back.append(Button(t_us=len(sent_back)))
                link.device.push(sent_back[-1])
            link.run(draw.randrange(60))
            link.cut()
            try:
                times_ms.append(link.until(State.OPEN))
                came += 1
            except AssertionError:
                pass  # it did not come back within 20 s: the share says so
        for _ in range(60):
            if link.is_settled:
                break
            link.run(500)
        buttons = [message for message in link.host_got if isinstance(message, Button)]
        wrong += _wrong(link.device_got, sent_there) + _wrong(buttons, sent_back)
    times_ms.sort()
    return came / count, float(times_ms[int(len(times_ms) * 0.99)]), wrong


def _wrong(got: list[object], sent: list[object]) -> int:
    return abs(len(got) - len(sent)) + sum(one != other for one, other in zip(got, sent, strict=False))


def shown(count: int) -> float:
    """The p99 of the time from text to shown over the time that the wire needs, with a microphone on."""
    link = Link(seed=3)
    link.host.connect(0)
    link.until(State.OPEN)
    link.run(3000)
    ratios = []
    for page in range(count):
        bytes_before = link.there.carried_bytes
        start_ns, at = link.now_ns, len(link.host_got)
        link.host.push(DisplayText(page=page, text="turn left after the bakery, then straight on"))
        link.host.push(DisplayShow(page))
        asked = len(link.device_got) + 2
        done_ns = 0
        while not done_ns:
            link.step(link._next_ns())
            if (link.now_ns - start_ns) // (20 * MS) > (link.now_ns - start_ns - MS) // (20 * MS):
                link.device.channels.push(BestEffort.AUDIO, bytes(160))
            if asked and len(link.device_got) >= asked:
                link.device.push(DisplayShown(page, link.clock_us()))
                asked = 0
            if any(isinstance(message, DisplayShown) for message in link.host_got[at:]):
                done_ns = link.now_ns
        carried = link.there.carried_bytes - bytes_before + 20  # and the answer
        wire_ns = 2 * link.there.delay_ns + carried * 1_000_000_000 // link.there.bytes_per_s
        ratios.append((done_ns - start_ns) / wire_ns)
        link.run(50)
    return sorted(ratios)[int(len(ratios) * 0.99)]


def stuck(count: int) -> int:
    """Streams of simulated glasses in this process, in real time, that were started and gave no picture in 10 s."""

    async def run_all() -> int:
        wrong = 0
        async with Glasses("sim:") as glasses:
            await glasses.ready()
            for _ in range(count):
                try:
                    async with asyncio.timeout(10):
                        async for _picture in await glasses.camera.stream(width=160):
                            break
                        await glasses.camera.stop()
                except TimeoutError:
                    wrong += 1
        return wrong

    return asyncio.run(run_all())


if __name__ == "__main__":
    main("link_recovery", __doc__, measure)
