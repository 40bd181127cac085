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

from firmware_bridge import media, timing
from firmware_bridge.answers import Answers, said
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
    Feature,
    HostInfo,
    ImuControl,
    LightBeat,
    LightSet,
    LightState,
    MicControl,
    MicData,
    MicState,
    PhotoPart,
    Setting,
    SettingGet,
    SettingSet,
    SettingValue,
    SmpRequest,
    SmpResponse,
    SnapshotEnd,
)  # fmt: skip
from firmware_bridge.session import Session, State, Status
from firmware_bridge.sound import DECODED, SoundDecoder

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
        # The owner may say so in the URI of glasses that have no light; the glasses themselves never can.
        self.interlock = Interlock(needs_light=getattr(self._medium, "needs_light", True))
        self._driver = Driver(self.session, self._medium, self._came, self._changed)
        self._task: asyncio.Task[None] | None = None
        self._changes = asyncio.Condition()
        self._events: list[Feed[Event]] = []
        self._statuses: list[Feed[Status]] = []
        self._pictures: Feed[Picture] | None = None
        self._sounds: Feed[Sound] | None = None
        self._decoder = SoundDecoder()
        self._answers = Answers()
        self._wanted: dict[type[Any], Message] = {}
        """requests that hold until the next one of their kind: sent again when the device started anew"""
        self._numbers = self._rate_hz = self._sessions_lost = 0
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
        self._answers.lost("the program let go of the glasses")

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
        self._check_light()
        asked = CameraControl(self._number(), CameraMode.PHOTO, width, quality=quality)
        try:
            ended = await self._answers.ask(
                asked, self._push, lambda m: _ends_photo(m, asked.request), timeout_s, asked.request
            )
        finally:
            parts = self._parts.pop(asked.request, [])
        if isinstance(ended, CameraState):
            raise DeviceError(f"the glasses give no photo: {said(ended.cause)}")
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
        self._check_light()
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

    async def microphone(self, rate_hz: int = 16_000, codec: Codec | None = None) -> Feed[Sound]:
        """Starts the microphone; without `codec` with the first of DECODED that the glasses have.

        Raises:
            DeviceError: the device refused, or the codec cannot be decoded here.
        """
        codec = self._decodable(codec)
        self._sounds = Feed(512)
        asked = MicControl(1, codec, rate_hz)
        state = await self._ask(asked, MicState, _answers_microphone, REPLY_S)
        if not state.on:
            self._sounds = None
            raise DeviceError(f"the microphone stays off: {said(state.cause)}")
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

    async def smp(self, packet: bytes, timeout_s: float = REPLY_S) -> bytes:
        """Sends one packet of the Simple Management Protocol; returns the answer with its sequence number.

        Raises:
            DeviceError: these glasses do not speak it, or did not answer.
        """
        number = packet[6:7]
        found: SmpResponse = await self._ask(SmpRequest(packet), SmpResponse, lambda m: m.smp[6:7] == number, timeout_s)
        return found.smp

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

    def _decodable(self, codec: Codec | None) -> Codec:
        """What is asked for if it can be decoded; else the best that these glasses have."""
        has = self.session.capabilities.mic_codecs if self.session.capabilities else 1 << Codec.PCM16
        offered = [one for one in Codec if has >> one & 1]
        if codec is None:
            codec = next((one for one in DECODED if one in offered), offered[0] if offered else Codec.PCM16)
        if codec not in DECODED:
            raise DeviceError(
                f"{codec.name} is not decoded here; these glasses offer {', '.join(c.name for c in offered) or 'no sound'}"
            )
        return codec

    def _check_light(self) -> None:
        """Pictures that could not be released are not taken."""
        has = self.session.capabilities
        if self.interlock.needs_light and has and has.camera_width and not has.features & Feature.LIGHT:
            raise DeviceError(
                "these glasses have no recording light, so no picture is taken: to take them without one, which nobody "
                "around will see, add ?light=none to their URI (frame:NAME?light=none)"
            )

    async def _end_stream(self) -> bool:
        was = self._wanted.pop(CameraControl, None)
        if self._pictures is not None:
            self._pictures.close()
            self._pictures = None
        return was is not None

    async def _camera(self, asked: CameraControl, timeout_s: float) -> None:
        state = await self._ask(asked, CameraState, lambda m: m.request == asked.request, timeout_s, asked.request)
        if state.cause != Cause.OK:
            raise DeviceError(f"the camera does not start: {said(state.cause)}")

    async def _ask(
        self, request: Message, kind: type[Any], fits: Callable[[Any], bool], timeout_s: float, number: int = 0
    ) -> Any:
        return await self._answers.ask(
            request, self._push, lambda m: isinstance(m, kind) and fits(m), timeout_s, number
        )

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
                self._sounds.close(said(cause))
                self._wanted.pop(MicControl, None)
            case SnapshotEnd():
                self._introduce()
        self._answers.came(message)
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
                self._pictures.close(said(cause))

    def _picture(self, frame: CameraFrame, now_ns: int) -> None:
        wanted = self._wanted.get(CameraControl)
        if self._pictures is None or not isinstance(wanted, CameraControl) or frame.request != wanted.request:
            return  # of a stream that was stopped
        if self.interlock.allows(frame.t_us, now_ns):
            self._pictures.put(Picture(self.host_ns(frame.t_us, now_ns), frame.jpeg, frame.number))

    def _sound(self, data: MicData, now_ns: int) -> None:
        if self._sounds is None:
            return
        samples = self._decoder.samples(data, self._rate_hz)
        if samples is None:
            return  # a gap, which the counter shows
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
        if self.session.sessions_lost != self._sessions_lost:
            self._sessions_lost = self.session.sessions_lost
            self._parts.clear()
            self._answers.lost("the glasses started anew before they answered")


def _fields(drawing: Drawing) -> dict[str, Any]:
    return {name: getattr(drawing, name) for name in drawing.__dataclass_fields__}


def _answers_microphone(state: MicState) -> bool:
    """That it is on, or why not; that it went off with the link, before, is no answer."""
    return bool(state.on) or state.cause not in (Cause.OK, Cause.LINK_LOST)


def _ends_photo(m: Any, number: int) -> bool:
    """Its last part, or the word that it does not come."""
    if isinstance(m, CameraState):
        return m.request == number and m.mode == CameraMode.OFF and m.cause != Cause.OK
    return isinstance(m, PhotoPart) and m.request == number and m.offset + len(m.jpeg) >= m.total_bytes
