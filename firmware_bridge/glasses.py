"""A pair of glasses for programs: connect, listen, show, see and hear. Everything else of the link is behind it.

    async with Glasses("sim:") as glasses:
        await glasses.display.show("good morning")
        photo = await glasses.camera.photo()
        sounds = await glasses.microphone.start()

A request has an answer, a refusal with its reason, or a deadline. The link comes back by itself; what a program wants (a
stream, the microphone, the brightness) is asked for again whenever it did.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from types import TracebackType
from typing import Final

from firmware_bridge import media, timing
from firmware_bridge.camera import Camera
from firmware_bridge.clock_sync import ClockSync
from firmware_bridge.display import Display
from firmware_bridge.driver import Driver
from firmware_bridge.errors import DeviceError
from firmware_bridge.feed import Feed
from firmware_bridge.layout import Message
from firmware_bridge.media import Medium
from firmware_bridge.messages import (
    CameraFrame,
    Capabilities,
    HostInfo,
    ImuControl,
    MicData,
    MicState,
    Setting,
    SettingGet,
    SettingSet,
    SettingValue,
    SmpRequest,
    SmpResponse,
    SnapshotEnd,
)  # fmt: skip
from firmware_bridge.microphone import Microphone
from firmware_bridge.requests import Requests
from firmware_bridge.session import Session
from firmware_bridge.status import State, Status

REPLY_S: Final = timing.REPLY_MS / 1000


@dataclass(frozen=True, slots=True)
class Event:
    """Something that the glasses told, and when it happened by the host's monotonic clock."""

    t_ns: int
    message: Message


class Glasses:
    """One device, by its URI or by a medium of one's own."""

    def __init__(self, device: str | Medium) -> None:
        """Nothing is opened yet.

        Raises:
            AddressError: the URI names no glasses.
        """
        medium = media.build(device) if isinstance(device, str) else device
        # The owner may say so in the URI of glasses that have no light; the glasses themselves never can.
        needs_light = getattr(medium, "needs_light", True)
        self.clock = ClockSync()
        self.session = Session(on_exchange=self.clock.add)
        self._driver = Driver(self.session, medium, self._came, self._changed)
        self._requests = Requests(self._push)
        self.display = Display(self._requests, self.clock)
        self.camera = Camera(self._requests, self.clock, self._known, needs_light=needs_light)
        self.microphone = Microphone(self._requests, self.clock, self._known)
        self._task: asyncio.Task[None] | None = None
        self._events: list[Feed[Event]] = []
        self._statuses: list[Feed[Status]] = []
        self._opened = asyncio.Event()
        self._sessions_lost = 0

    async def __aenter__(self) -> Glasses:
        self._task = asyncio.create_task(self._driver.run(), name="glasses")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._task is not None
        self._task.cancel()
        await asyncio.wait((self._task,))
        for events in self._events:
            events.close()
        for statuses in self._statuses:
            statuses.close()
        self.camera.close()
        self.microphone.close()
        self._requests.answers.lost("the program let go of the glasses")

    # --- the link

    @property
    def status(self) -> Status:
        """How the link is, and why."""
        return self.session.status

    @property
    def capabilities(self) -> Capabilities:
        """What the device has.

        Raises:
            DeviceError: it was not connected yet.
        """
        if self.session.capabilities is None:
            raise DeviceError("the glasses have not told what they have: wait until they are ready")
        return self.session.capabilities

    def _known(self) -> Capabilities | None:
        return self.session.capabilities

    @property
    def is_known(self) -> bool:
        """The device told what it has, now or before."""
        return self.session.capabilities is not None

    @property
    def is_open(self) -> bool:
        """The session is there, its state told in full."""
        return self.session.status.state is State.OPEN

    async def ready(self, timeout_s: float = 15.0) -> Capabilities:
        """Waits until the device told its state.

        Raises:
            DeviceError: not in time; the text has the reason of the last failure.
        """
        try:
            async with asyncio.timeout(timeout_s):
                await self._opened.wait()
        except TimeoutError:
            reason = self.status.reason or f"it is {self.status.state.value}"
            raise DeviceError(f"the glasses were not ready in {timeout_s:g} s: {reason}") from None
        return self.capabilities

    def events(self) -> Feed[Event]:
        """Battery, wear, buttons and all else that is no picture or sound, from now on."""
        feed: Feed[Event] = Feed(256)
        self._events.append(feed)
        return feed

    def statuses(self) -> Feed[Status]:
        """Each change of the link, from now on."""
        feed: Feed[Status] = Feed(64)
        self._statuses.append(feed)
        return feed

    # --- sensors, settings, management

    def imu(self, rate_hz: int, batch: int = 8) -> None:
        """Starts the inertial sensor (0: stops it); batches come as events."""
        asked = ImuControl(rate_hz, batch)
        self._requests.hold(asked)
        self._push(asked)

    async def setting(self, key: Setting, value: int | None = None) -> int:
        """Reads a setting, or changes it.

        Raises:
            DeviceError: the device does not know it.
        """
        asked = SettingGet(key) if value is None else SettingSet(key, value)
        answer: SettingValue = await self._requests.ask(asked, SettingValue, lambda m: m.key == key, REPLY_S)
        return answer.value

    async def smp(self, packet: bytes, timeout_s: float = REPLY_S) -> bytes:
        """Sends one packet of the Simple Management Protocol; returns the answer with its sequence number.

        Raises:
            DeviceError: these glasses do not speak it, or did not answer.
        """
        number = packet[6:7]
        found: SmpResponse = await self._requests.ask(
            SmpRequest(packet), SmpResponse, lambda m: m.smp[6:7] == number, timeout_s
        )
        return found.smp

    # --- what comes

    def _push(self, message: Message) -> None:
        self.session.push(message)
        self._driver.wake()

    def _came(self, message: Message, now_ns: int) -> None:
        """In the order of the link; nothing here waits."""
        match message:
            case CameraFrame():
                self.camera.frame(message, now_ns)
                return
            case MicData():
                self.microphone.data(message, now_ns)
                return
            case MicState():
                self.microphone.came(message)
            case SnapshotEnd():
                self._push(HostInfo(int(time.time()), time.localtime().tm_gmtoff // 60, "glasspath"))
            case _:
                self.camera.came(message, now_ns)
        self._requests.answers.came(message)
        when_us: int | None = getattr(message, "t_us", None)
        event = Event(now_ns if when_us is None else self.clock.host_ns(when_us, now_ns), message)
        for feed in self._events:
            feed.put(event)

    def _changed(self) -> None:
        while self.session.changes:
            status = self.session.changes.popleft()
            if status.state is State.OPEN:
                if not self._opened.is_set():
                    self._requests.again()
                self._opened.set()
            else:
                self._opened.clear()
            for feed in self._statuses:
                feed.put(status)
        if self.session.sessions_lost != self._sessions_lost:
            self._sessions_lost = self.session.sessions_lost
            self.camera.forget()
            self._requests.answers.lost("the glasses started anew before they answered")
