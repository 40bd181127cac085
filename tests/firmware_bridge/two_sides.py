"""A host session and a device session with a bad radio between them, on a virtual clock."""

from __future__ import annotations

import random
from dataclasses import dataclass, field

from firmware_bridge.channels import Limits
from firmware_bridge.device_session import DeviceSession, DeviceState
from firmware_bridge.layout import Message
from firmware_bridge.messages import Battery, Capabilities, SnapshotEnd
from firmware_bridge.session import Session
from firmware_bridge.status import State
from tests.firmware_bridge.fakes import MS, Air


@dataclass(slots=True)
class Link:
    """Both sides and the radio; `cut` takes the medium away, and it opens again after `open_ms`."""

    seed: int = 0
    mtu: int = 247
    loss: float = 0.0
    overtaken: float = 0.0
    open_ms: int = 20
    now_ns: int = 0
    skew: float = 0.0
    host: Session = field(init=False)
    device: DeviceSession = field(init=False)
    there: Air = field(init=False)
    back: Air = field(init=False)
    host_got: list[Message] = field(default_factory=list)
    device_got: list[Message] = field(default_factory=list)
    device_start_ns: int = 0
    mute: bool = False
    """the device is switched off"""
    _opens_ns: int | None = None
    _is_open: bool = False
    _opening: int = 0

    def __post_init__(self) -> None:
        draw = random.Random(self.seed)
        self.host = Session(Limits(window=64), seed=self.seed)
        self.device = DeviceSession(boot=draw.randrange(1 << 32))
        kind = {"loss": self.loss, "overtaken": self.overtaken}
        self.there, self.back = Air(random.Random(self.seed + 1), **kind), Air(random.Random(self.seed + 2), **kind)

    def clock_us(self) -> int:
        """The device's clock."""
        return int((self.now_ns - self.device_start_ns) * (1 + self.skew)) // 1000

    def run(self, ms: int) -> None:
        """Lets this much time pass."""
        end_ns = self.now_ns + ms * MS
        while self.now_ns < end_ns:
            self.step(min(self._next_ns(), end_ns))

    def until(self, state: State, ms: int = 20_000) -> int:
        """Runs until the host is in a state; returns how many ms it took."""
        start_ns = self.now_ns
        while self.now_ns < start_ns + ms * MS:
            if self.host.status.state is state:
                return (self.now_ns - start_ns) // MS
            self.step(self._next_ns())
        raise AssertionError(f"not {state} after {ms} ms but {self.host.status}")

    def _next_ns(self) -> int:
        """When something happens next: at least a tenth of a millisecond from now, at most 20 ms."""
        times = [self.now_ns + 20 * MS]
        for channels, air in ((self.host.channels, self.there), (self.device.channels, self.back)):
            if channels.sender.can_send(self.now_ns):
                times.append(air.free_ns)
        for wake_ns, air in ((self.host.wake_ns(), self.there), (self.device.wake_ns(), self.back)):
            if wake_ns is not None:
                times.append(max(wake_ns, air.free_ns))
            if air.on_wire:
                times.append(air.on_wire[0][0])
            if air.free_ns > self.now_ns:
                times.append(air.free_ns)
        if self._opens_ns is not None:
            times.append(self._opens_ns)
        return max(self.now_ns + MS // 10, min(times))

    def step(self, to_ns: int | None = None) -> None:
        """One step, of a millisecond if not said otherwise."""
        now_ns = self.now_ns = to_ns or self.now_ns + MS
        self.host.tick(now_ns)
        if not self.host.wants_medium or self.host.opening != self._opening:
            self._is_open, self._opens_ns, self._opening = False, None, self.host.opening
        if self.host.wants_medium and not self._is_open:
            self._opens_ns = self._opens_ns or now_ns + self.open_ms * MS
            if now_ns >= self._opens_ns:
                self._is_open, self._opens_ns = True, None
                self.host.opened(self.mtu, now_ns)
                self.device.opened(self.mtu)
        if not self._is_open:
            return
        for frame in self.there.arrived(now_ns):
            if not self.mute:
                self.device_got += self.device.receive(frame, now_ns, self.clock_us())
        if self.device.is_new:
            self.device.is_new = False
            for message in (Capabilities(serial=7, boot=self.device.boot), Battery(percent=80), SnapshotEnd()):
                self.device.push(message)
        self.device.tick(now_ns)
        for frame in self.back.arrived(now_ns):
            self.host_got += self.host.receive(frame, now_ns)
        while self.there.free_ns <= now_ns and (out := self.host.frame(now_ns)) is not None:
            self.there.send(out, now_ns)
        while (
            not self.mute
            and self.back.free_ns <= now_ns
            and (out := self.device.frame(now_ns, self.clock_us())) is not None
        ):
            self.back.send(out, now_ns)

    def cut(self) -> None:
        """The cable is pulled; what is on the way is gone."""
        self.there.on_wire.clear()
        self.back.on_wire.clear()
        self.there.free_ns = self.back.free_ns = self.now_ns
        self._is_open, self._opens_ns = False, None
        self.host.broke("the cable was pulled", self.now_ns)
        self.device.broke(self.now_ns)

    def reboot(self) -> None:
        """The device starts anew and knows nothing."""
        self.device = DeviceSession(boot=(self.device.boot + 1) & 0xFFFFFFFF)
        self.device.opened(self.mtu)
        self.device_start_ns = self.now_ns

    @property
    def is_settled(self) -> bool:
        """Both sides are open and nothing reliable waits."""
        idle = self.host.channels.sender.is_idle and self.device.channels.sender.is_idle
        return self.host.status.state is State.OPEN and self.device.state is DeviceState.OPEN and idle
