"""A radio between two ends on a virtual clock: rate, delay, loss, doubles and overtaking as data."""

from __future__ import annotations

import heapq
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from firmware_bridge import framing, packets
from firmware_bridge.channels import Channels, Limits
from firmware_bridge.packets import Ack, Credit, Data

MS: Final = 1_000_000


@dataclass(slots=True)
class Air:
    """One direction. `outage` says at which times nothing gets through."""

    draw: random.Random
    bytes_per_s: int = 50_000
    delay_ns: int = 8 * MS
    loss: float = 0.0
    doubled: float = 0.0
    overtaken: float = 0.0
    outage: Callable[[int], bool] = lambda _: False
    free_ns: int = 0
    carried_bytes: int = 0
    on_wire: list[tuple[int, int, bytes]] = field(default_factory=list)
    _count: int = 0

    def send(self, frame: bytes, now_ns: int) -> None:
        """Takes a frame when it is free; it arrives, or does not."""
        self.free_ns = max(self.free_ns, now_ns) + len(frame) * 1_000_000_000 // self.bytes_per_s
        self.carried_bytes += len(frame)
        if self.outage(now_ns) or self.draw.random() < self.loss:
            return
        for _ in range(2 if self.draw.random() < self.doubled else 1):
            late_ns = self.draw.randrange(20 * MS) if self.draw.random() < self.overtaken else 0
            self._count += 1
            heapq.heappush(self.on_wire, (self.free_ns + self.delay_ns + late_ns, self._count, frame))

    def arrived(self, now_ns: int) -> list[bytes]:
        """The frames that are there by now."""
        found = []
        while self.on_wire and self.on_wire[0][0] <= now_ns:
            found.append(heapq.heappop(self.on_wire)[2])
        return found


@dataclass(slots=True)
class End:
    """One side: channels, and what they delivered."""

    channels: Channels
    air: Air
    got: list[tuple[int, bytes]] = field(default_factory=list)
    log: list[packets.Packet] = field(default_factory=list)


SEAL: Final = framing.tag(1, 1)


def pair(mtu: int = 247, window: int = 32, credit: int = 64, **air: float) -> tuple[End, End]:
    """Two ends that are connected."""
    ends = []
    for seed in (1, 2):
        channels = Channels(Limits(window, credit, mtu))
        assert channels.start(0, window, credit, framing.packet_room(mtu))
        ends.append(End(channels, Air(random.Random(seed), **air)))  # type: ignore[arg-type]  # numbers of its fields
    return ends[0], ends[1]


def run(left: End, right: End, until_ns: int, now_ns: int = 0, done: Callable[[], bool] = lambda: False) -> int:
    """Carries frames until a time or until `done`; returns the time reached."""
    while now_ns < until_ns:
        for sender, receiver in ((left, right), (right, left)):
            for frame in sender.air.arrived(now_ns):
                (body,) = framing.Decoder().feed(frame)
                raw = framing.opened(body, SEAL)
                assert raw is not None
                packet = packets.decode(raw)
                assert isinstance(packet, Data | Ack | Credit)
                receiver.got += receiver.channels.receive(packet, now_ns)
        for sender in (left, right):
            while sender.air.free_ns <= now_ns and (out := sender.channels.packet(now_ns)) is not None:
                sender.log.append(out)
                sender.air.send(framing.encode(packets.encode(out), SEAL), now_ns)
        if done():
            break
        now_ns = max(now_ns + 1, min(_next_ns(left, now_ns), _next_ns(right, now_ns), until_ns))
    return now_ns


def _next_ns(end: End, now_ns: int) -> int:
    times = [end.air.on_wire[0][0]] if end.air.on_wire else []
    if end.air.free_ns > now_ns:
        times.append(end.air.free_ns)
    if (wake_ns := end.channels.wake_ns()) is not None:
        times.append(max(wake_ns, end.air.free_ns))
    return min(times, default=now_ns + 1000 * MS)
