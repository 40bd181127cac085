"""The C firmware as a library in this process, and the host's session against it over a bad radio on a virtual clock."""

from __future__ import annotations

import ctypes
import random
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from firmware_bridge.channels import Limits
from firmware_bridge.layout import Message
from firmware_bridge.session import Session
from firmware_bridge.status import State
from tests.firmware_bridge.fakes import MS, Air

FIRMWARE = Path(__file__).parent.parent.parent / "firmware_bridge/firmware"
KEY = b"glasspath development key 000000"
PANEL_BYTES = 256 // 8 * 64
SLOT_BYTES = 64 * 4096
needs_compiler = pytest.mark.skipif(
    shutil.which("cc") is None or shutil.which("make") is None,
    reason="needs cc and make (sudo apt-get install gcc make)",
)


def make(*targets: str) -> Path:
    """The folder with what was built; quick when nothing changed."""
    done = subprocess.run(["make", "-s", "-C", str(FIRMWARE), *targets], capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr
    return FIRMWARE / "build"


@cache
def library() -> Any:
    """libglasses.so, with the types of what returns more than an int."""
    loaded = ctypes.CDLL(str(make("build/libglasses.so") / "libglasses.so"))
    for name in ("device_flash", "device_panel"):
        getattr(loaded, name).restype = ctypes.c_void_p
    for name in ("device_wants_boot", "device_command", "device_is_cut", "device_light"):
        getattr(loaded, name).restype = ctypes.c_bool
    for name in ("device_frame", "judge_stream", "judge_verdict", "judge_message", "judge_fragments", "gp_cobs_encode"):
        getattr(loaded, name).restype = ctypes.c_size_t
    loaded.gp_crc32.restype = ctypes.c_uint32
    loaded.gp_packet_room.restype = ctypes.c_uint16
    return loaded


def call(name: str, data: bytes, room: int = 8192) -> bytes:
    """Calls `size_t name(data, bytes, out)`; what it wrote."""
    out = ctypes.create_string_buffer(room)
    size = getattr(library(), name)(data, ctypes.c_size_t(len(data)), out)
    return out.raw[:size]


class Device:
    """The one device of this process; a new one is made by the factory."""

    def __init__(self, seed: int = 1, mtu: int = 512, now_us: int = 0) -> None:
        self._c, self._out, self._mtu, self._seed = library(), ctypes.create_string_buffer(512), mtu, seed
        self._c.device_factory()
        self.starts = 0
        self.boot(now_us)

    def boot(self, now_us: int) -> int:
        """Starts the firmware with the flash as it is; the slot that runs, -1 for none."""
        self._c.device_cut_after(0xFFFFFFFF)
        self.starts += 1
        return int(self._c.device_boot(self._seed * 1000 + self.starts, self._mtu, now_us & 0xFFFFFFFF))

    def opened(self, mtu: int) -> None:
        self._mtu = mtu
        self._c.device_opened(mtu)

    def closed(self, now_us: int) -> None:
        self._c.device_closed(now_us & 0xFFFFFFFF)

    def feed(self, data: bytes, now_us: int) -> None:
        self._c.device_feed(data, ctypes.c_size_t(len(data)), now_us & 0xFFFFFFFF)

    def frame(self, now_us: int) -> bytes | None:
        size = self._c.device_frame(now_us & 0xFFFFFFFF, self._out)
        return self._out.raw[:size] if size else None

    def poll(self, now_us: int) -> None:
        self._c.device_poll(now_us & 0xFFFFFFFF)
        if self._c.device_wants_boot():
            self.boot(now_us)

    def command(self, line: str, now_us: int) -> None:
        assert self._c.device_command(line.encode(), now_us & 0xFFFFFFFF), line

    def cut_after(self, changed_bytes: int) -> None:
        self._c.device_cut_after(changed_bytes)

    @property
    def is_cut(self) -> bool:
        return bool(self._c.device_is_cut())

    @property
    def is_light_on(self) -> bool:
        return bool(self._c.device_light())

    @property
    def state(self) -> str:
        return ("idle", "open", "parked")[self._c.device_state()]

    @property
    def panel(self) -> list[str]:
        """Rows of "#" and "."."""
        raw = ctypes.string_at(self._c.device_panel(), PANEL_BYTES)
        bits = "".join(f"{byte:08b}" for byte in raw).replace("0", ".").replace("1", "#")
        return [bits[at : at + 256] for at in range(0, len(bits), 256)]

    def flash(self) -> bytes:
        return ctypes.string_at(self._c.device_flash(), 2 * SLOT_BYTES)


@dataclass(slots=True)
class CLink:
    """A host session, a radio and the C device; time goes by steps, of a millisecond unless said otherwise."""

    seed: int = 0
    mtu: int = 247
    loss: float = 0.0
    overtaken: float = 0.0
    now_ns: int = 0
    step_ns: int = MS
    bytes_per_s: int = 50_000
    clock_us: int = 0
    """what the device's clock adds, so that it wraps when a test wants it"""
    host: Session = field(init=False)
    device: Device = field(init=False)
    there: Air = field(init=False)
    back: Air = field(init=False)
    got: list[Message] = field(default_factory=list)
    came_ns: list[int] = field(default_factory=list)
    _opens_ns: int | None = None
    _is_open: bool = False

    def __post_init__(self) -> None:
        kind: dict[str, Any] = {"loss": self.loss, "overtaken": self.overtaken, "bytes_per_s": self.bytes_per_s}
        self.there, self.back = Air(random.Random(self.seed + 1), **kind), Air(random.Random(self.seed + 2), **kind)
        self.host = Session(Limits(window=64), seed=self.seed)
        self.device = Device(self.seed + 1, self.mtu, self.us())
        self.host.connect(0)

    def us(self) -> int:
        return self.now_ns // 1000 + self.clock_us

    def step(self) -> None:
        """One step of time."""
        self.now_ns += self.step_ns
        self.host.tick(self.now_ns)
        if not self.host.wants_medium:
            self._is_open, self._opens_ns = False, None
        elif not self._is_open:
            self._opens_ns = self._opens_ns or self.now_ns + 20 * MS
            if self.now_ns >= self._opens_ns:
                self._is_open, self._opens_ns = True, None
                self.host.opened(self.mtu, self.now_ns)
                self.device.opened(self.mtu)
        if self._is_open:
            self._carry()
        self.device.poll(self.us())

    def _carry(self) -> None:
        for frame in self.there.arrived(self.now_ns):
            self.device.feed(frame, self.us())
        for frame in self.back.arrived(self.now_ns):
            found = self.host.receive(frame, self.now_ns)
            self.got += found
            self.came_ns += [self.now_ns] * len(found)
        while self.there.free_ns <= self.now_ns and (out := self.host.frame(self.now_ns)) is not None:
            self.there.send(out, self.now_ns)
        while self.back.free_ns <= self.now_ns and (out := self.device.frame(self.us())) is not None:
            self.back.send(out, self.now_ns)

    def run(self, ms: int) -> None:
        """`ms` steps."""
        for _ in range(ms):
            self.step()

    def until(self, done: Callable[[], bool], ms: int = 20_000) -> int:
        """Runs until something holds; how many ms it took."""
        for passed in range(ms):
            if done():
                return passed
            self.step()
        raise AssertionError(f"not after {ms} ms; the host is {self.host.status}, the device {self.device.state}")

    def open(self) -> CLink:
        self.until(lambda: self.host.status.state is State.OPEN)
        return self

    def ask(self, *messages: Message, ms: int = 2000) -> list[Message]:
        """Sends, waits until all is answered and quiet, returns what came meanwhile."""
        self.got.clear()
        for message in messages:
            self.host.push(message)
        quiet = 0
        for _ in range(ms):
            before = len(self.got)
            self.step()
            quiet = quiet + 1 if len(self.got) == before and self.host.channels.sender.is_idle else 0
            if quiet > 60:
                break
        return list(self.got)

    def cut(self) -> None:
        """The cable is pulled; what is on the way is gone."""
        for air in (self.there, self.back):
            air.on_wire.clear()
            air.free_ns = self.now_ns
        self._is_open, self._opens_ns = False, None
        self.host.broke("the cable was pulled", self.now_ns)
        self.device.closed(self.us())
