"""A pair of glasses for programs: connect, listen, show, see and hear. Everything else of the link is behind it.

    async with Glasses("sim:") as glasses:
        await glasses.show("good morning")
        photo = await glasses.photo()

A request has an answer, a refusal with its reason, or a deadline. The link comes back by itself; what a program wants (a
stream, the microphone, the brightness) is asked for again whenever it did.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from firmware_bridge import g711, layout, media, timing
from firmware_bridge.clock_sync import ClockSync
from firmware_bridge.driver import Driver
from firmware_bridge.errors import DeviceError
from firmware_bridge.feed import Feed
from firmware_bridge.interlock import Interlock
from firmware_bridge.layout import Message
from firmware_bridge.media import Medium
from firmware_bridge.messages import (
    CameraControl,
    CameraFrame,
    CameraMode,
    CameraState,
    Capabilities,
    Cause,
    Codec,
    DisplayBitmap,
    DisplayBrightness,
    DisplayClear,
    DisplayRect,
    DisplayShow,
    DisplayShown,
    DisplayText,
    HostInfo,
    ImuControl,
    LightBeat,
    LightSet,
    LightState,
    MicControl,
    MicData,
    MicState,
    PhotoPart,
    Refused,
    Setting,
    SettingGet,
    SettingSet,
    SettingValue,
    SnapshotEnd,
)  # fmt: skip
from firmware_bridge.session import Session, State, Status

REPLY_S: Final = timing.REPLY_MS / 1000
PHOTO_S: Final = 30.0
"""a large photo over a slow radio"""
Drawing = DisplayText | DisplayRect | DisplayBitmap


@dataclass(frozen=True, slots=True)
class Event:
    """Something that the glasses told, and when it happened by the host's monotonic clock."""

    t_ns: int
    message: Message


@dataclass(frozen=True, slots=True)
class Picture:
    """A JPEG, captured at `t_ns` of the host's monotonic clock, with the recording light on."""

    t_ns: int
    jpeg: bytes
    number: int = 0


@dataclass(frozen=True, slots=True)
class Sound:
    """Samples of the microphone; `first` counts from its start, so that a gap shows."""

    t_ns: int
    first: int
    rate_hz: int
    samples: NDArray[np.int16]
    """int16[n]"""


class Glasses:
    """One device, by its URI or by a medium of one's own."""

    def __init__(self, device: str | Medium) -> None:
        """Nothing is opened yet.

        Raises:
            AddressError: the URI names no glasses.
        """
        self._medium = media.build(device) if isinstance(device, str) else device
        self.clock = ClockSync()
        self.session = Session(on_exchange=self.clock.add)
        self.interlock = Interlock()
        self._driver = Driver(self.session, self._medium, self._came, self._changed)
        self._task: asyncio.Task[None] | None = None
        self._changes = asyncio.Condition()
        self._events: list[Feed[Event]] = []
        self._statuses: list[Feed[Status]] = []
        self._pictures: Feed[Picture] | None = None
        self._sounds: Feed[Sound] | None = None
        self._waiting: list[tuple[Callable[[Message], bool], asyncio.Future[Message]]] = []
        self._wanted: dict[type[Any], Message] = {}
        """requests that hold until the next one of their kind: sent again when the device started anew"""
        self._numbers = self._rate_hz = 0
        self._page = 0
        self._parts: dict[int, list[PhotoPart]] = {}
        self._opened = asyncio.Event()

    async def __aenter__(self) -> Glasses:
        self._task = asyncio.create_task(self._driver.run(), name="glasses")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._task is not None
        self._task.cancel()
        await asyncio.wait((self._task,))
        for feed in (*self._events, *self._statuses, self._pictures, self._sounds):
            if feed is not None:
                feed.close()
        for _, future in self._waiting:
            future.cancel()

    # --- state

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

    @property
    def is_known(self) -> bool:
        """The device told what it has, now or before."""
        return self.session.capabilities is not None

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

    def host_ns(self, t_us: int, came_ns: int) -> int:
        """The host time of a device time, or when it came as long as the clock is not known."""
        found = self.clock.to_host_ns(t_us)
        return came_ns if found is None else found

    # --- display

    async def show(self, text: str, timeout_s: float = REPLY_S) -> int:
        """Shows a page of text; returns the host time (ns) at which it was on the display.

        Raises:
            DeviceError: the device refused, or did not show it in time.
        """
        return await self.draw([DisplayText(text=text)], timeout_s)

    async def draw(self, drawings: list[Drawing], timeout_s: float = REPLY_S) -> int:
        """Shows a page of texts, rectangles and bitmaps; `page` of each is filled in."""
        page = self._page = self._page % 0xFFFF + 1
        for drawing in drawings:
            self._push(type(drawing)(**_fields(drawing) | {"page": page}))
        shown = await self._ask(DisplayShow(page), DisplayShown, lambda m: m.page == page, timeout_s, page)
        return self.host_ns(shown.t_us, time.monotonic_ns())

    def clear(self) -> None:
        """Makes the display empty."""
        page = self._page = self._page % 0xFFFF + 1
        self._push(DisplayClear(page))
        self._push(DisplayShow(page))

    def brightness(self, percent: int) -> None:
        """0: off … 100; 255: by the light around."""
        self._want(DisplayBrightness(percent))

    # --- camera

    async def photo(self, width: int = 0, quality: int = 80, timeout_s: float = PHOTO_S) -> Picture:
        """Takes one photo.

        Raises:
            DeviceError: the device refused, the recording light was not on, or it took too long.
        """
        number = self._number()
        answer = self._wait(lambda m: isinstance(m, PhotoPart) and m.request == number and _is_last(m))
        try:
            async with asyncio.timeout(timeout_s):
                await self._camera(CameraControl(number, CameraMode.PHOTO, width, quality=quality), timeout_s)
                await answer
        except TimeoutError:
            raise DeviceError(f"the photo did not come within {timeout_s:g} s") from None
        finally:
            answer.cancel()
            parts = self._parts.pop(number, [])
        whole = b"".join(part.jpeg for part in parts)
        if not parts or len(whole) != parts[-1].total_bytes:
            raise DeviceError("a part of the photo is missing: the glasses started anew meanwhile")
        if not self.interlock.allows(parts[0].t_us):
            raise DeviceError("the photo is not released: the recording light was not confirmed")
        return Picture(self.host_ns(parts[0].t_us, time.monotonic_ns()), whole)

    async def stream(self, fps: float = 0, width: int = 0, quality: int = 60) -> Feed[Picture]:
        """Starts the camera; the newest picture wins. Each one was taken with the recording light on.

        Raises:
            DeviceError: the device refused.
        """
        await self._end_stream()
        self._pictures = Feed(1)
        asked = CameraControl(self._number(), CameraMode.STREAM, width, quality=quality, fps_x10=round(fps * 10))
        self._wanted[CameraControl] = asked
        try:
            await self._camera(asked, REPLY_S)
        except DeviceError:
            self._wanted.pop(CameraControl, None)
            raise
        return self._pictures

    async def stop_stream(self) -> None:
        """Stops the camera; returns when it is off."""
        if await self._end_stream():
            await self._camera(CameraControl(self._number(), CameraMode.OFF), REPLY_S)

    async def light(self, *, on: bool) -> None:
        """Turns the recording light on or off.

        Raises:
            DeviceError: it is not as asked, or nothing was answered.
        """
        number = self._number()
        state = await self._ask(LightSet(number, int(on)), LightState, lambda m: m.request == number, REPLY_S, number)
        if bool(state.on) != on:
            raise DeviceError(f"the recording light is {'on' if state.on else 'off'} although it was asked otherwise")

    # --- microphone and sensors

    async def microphone(self, rate_hz: int = 16_000, codec: Codec = Codec.PCM16) -> Feed[Sound]:
        """Starts the microphone.

        Raises:
            DeviceError: the device refused, or the codec cannot be decoded here.
        """
        if codec is Codec.OPUS:
            raise DeviceError("Opus is not decoded here: ask for PCM16 or ULAW")
        self._sounds = Feed(512)
        asked = MicControl(1, codec, rate_hz)
        state = await self._ask(asked, MicState, lambda m: True, REPLY_S)
        if not state.on:
            self._sounds = None
            raise DeviceError(f"the microphone stays off: {_cause(state.cause)}")
        self._wanted[MicControl] = asked
        self._rate_hz = state.rate_hz
        return self._sounds

    async def stop_microphone(self) -> None:
        """Stops the microphone; returns when it is off."""
        if self._wanted.pop(MicControl, None):
            await self._ask(MicControl(0), MicState, lambda m: not m.on, REPLY_S)
        if self._sounds is not None:
            self._sounds.close()
            self._sounds = None

    def imu(self, rate_hz: int, batch: int = 8) -> None:
        """Starts the inertial sensor (0: stops it); batches come as events."""
        self._want(ImuControl(rate_hz, batch))

    async def setting(self, key: Setting, value: int | None = None) -> int:
        """Reads a setting, or changes it.

        Raises:
            DeviceError: the device does not know it.
        """
        asked = SettingGet(key) if value is None else SettingSet(key, value)
        answer: SettingValue = await self._ask(asked, SettingValue, lambda m: m.key == key, REPLY_S)
        return answer.value

    # --- inside

    def _number(self) -> int:
        self._numbers = self._numbers % 0xFFFF + 1
        return self._numbers

    def _push(self, message: Message) -> None:
        self.session.push(message)
        self._driver.wake()

    def _want(self, message: Message) -> None:
        self._wanted[type(message)] = message
        self._push(message)

    async def _end_stream(self) -> bool:
        was = self._wanted.pop(CameraControl, None)
        if self._pictures is not None:
            self._pictures.close()
            self._pictures = None
        return was is not None

    async def _camera(self, asked: CameraControl, timeout_s: float) -> None:
        state = await self._ask(asked, CameraState, lambda m: m.request == asked.request, timeout_s, asked.request)
        if state.cause != Cause.OK:
            raise DeviceError(f"the camera does not start: {_cause(state.cause)}")

    def _wait(self, fits: Callable[[Any], bool]) -> asyncio.Future[Message]:
        future: asyncio.Future[Message] = asyncio.get_running_loop().create_future()
        self._waiting.append((fits, future))
        return future

    async def _ask(
        self, request: Message, kind: type[Any], fits: Callable[[Any], bool], timeout_s: float, number: int = 0
    ) -> Any:
        """Sends a request and waits for its answer, whatever the link does meanwhile."""
        mine = layout.layout(type(request)).number
        answer = self._wait(
            lambda m: (
                (isinstance(m, kind) and fits(m))
                or (isinstance(m, Refused) and m.message == mine and m.request in (0, number))
            )
        )
        self._push(request)
        name = type(request).__name__
        try:
            async with asyncio.timeout(timeout_s):
                found = await answer
        except TimeoutError:
            why = f": the link is {self.status.state.value} ({self.status.reason})" if self.status.reason else ""
            raise DeviceError(f"no answer to {name} within {timeout_s:g} s{why}") from None
        except asyncio.CancelledError:
            if answer.cancelled() and self.session.sessions_lost:
                raise DeviceError(f"the glasses started anew before they answered {name}") from None
            raise
        finally:
            answer.cancel()
        if isinstance(found, Refused):
            raise DeviceError(f"the glasses refuse {name}: {_cause(found.cause)}")
        return found

    def _came(self, message: Message, now_ns: int) -> None:
        """In the order of the link; nothing here waits."""
        match message:
            case LightBeat(on=on, t_us=t_us) | LightState(on=on, t_us=t_us):
                self.interlock.light(t_us, on=bool(on), now_ns=now_ns)
            case CameraFrame():
                self._picture(message, now_ns)
                return
            case PhotoPart():
                self._parts.setdefault(message.request, []).append(message)
            case MicData():
                self._sound(message, now_ns)
                return
            case CameraState(mode=CameraMode.OFF, cause=cause, request=request):
                self._camera_ended(cause, request)
            case MicState(on=0, cause=cause) if cause not in (Cause.OK, Cause.LINK_LOST) and self._sounds:
                self._sounds.close(_cause(cause))
                self._wanted.pop(MicControl, None)
            case SnapshotEnd():
                self._introduce()
        for fits, future in self._waiting:
            if not future.done() and fits(message):
                future.set_result(message)
                break
        self._waiting = [pair for pair in self._waiting if not pair[1].done()]
        when_us: int | None = getattr(message, "t_us", None)
        event = Event(now_ns if when_us is None else self.host_ns(when_us, now_ns), message)
        for feed in self._events:
            feed.put(event)

    def _camera_ended(self, cause: int, request: int) -> None:
        """The device stopped the stream by itself: the program's iteration ends, with the reason."""
        wanted = self._wanted.get(CameraControl)
        if isinstance(wanted, CameraControl) and wanted.request == request and cause not in (Cause.OK, Cause.LINK_LOST):
            del self._wanted[CameraControl]
            if self._pictures is not None:
                self._pictures.close(_cause(cause))

    def _picture(self, frame: CameraFrame, now_ns: int) -> None:
        wanted = self._wanted.get(CameraControl)
        if self._pictures is None or not isinstance(wanted, CameraControl) or frame.request != wanted.request:
            return  # of a stream that was stopped
        if self.interlock.allows(frame.t_us, now_ns):
            self._pictures.put(Picture(self.host_ns(frame.t_us, now_ns), frame.jpeg, frame.number))

    def _sound(self, data: MicData, now_ns: int) -> None:
        if self._sounds is None:
            return
        whole = data.sound[: len(data.sound) & ~1]
        samples = g711.decode(data.sound) if data.codec == Codec.ULAW else np.frombuffer(whole, "<i2").astype(np.int16)
        self._sounds.put(Sound(self.host_ns(data.t_us, now_ns), data.first_sample, self._rate_hz, samples))

    def _introduce(self) -> None:
        self._push(HostInfo(int(time.time()), time.localtime().tm_gmtoff // 60, "glasspath"))

    def _changed(self) -> None:
        while self.session.changes:
            status = self.session.changes.popleft()
            if status.state is State.OPEN:
                if not self._opened.is_set():  # devices stop everything when nobody listens
                    for message in self._wanted.values():
                        self._push(message)
                self._opened.set()
            else:
                self._opened.clear()
            for feed in self._statuses:
                feed.put(status)
        if self.session.last_lost:
            self.session.last_lost = []
            self._parts.clear()
            for _, future in self._waiting:
                future.cancel()  # what was asked may be lost: whoever waits is told now, not at the deadline


def _fields(drawing: Drawing) -> dict[str, Any]:
    return {name: getattr(drawing, name) for name in drawing.__dataclass_fields__}


def _is_last(part: PhotoPart) -> bool:
    return part.offset + len(part.jpeg) >= part.total_bytes


def _cause(cause: int) -> str:
    said = {Cause.UNKNOWN: "this firmware does not know it", Cause.UNSUPPORTED: "these glasses cannot do it",
            Cause.INVALID: "the request is not valid", Cause.BUSY: "it is in use", Cause.HOT: "the glasses are too hot",
            Cause.BATTERY_LOW: "the battery is too low", Cause.NOT_WORN: "the glasses are folded",
            Cause.LIGHT_FAILED: "the recording light does not work", Cause.NO_MEMORY: "the glasses have no memory for it",
            Cause.LINK_LOST: "the link broke"}  # fmt: skip
    return said.get(Cause(cause), "no reason was given") if cause in set(Cause) else f"reason {cause}"
