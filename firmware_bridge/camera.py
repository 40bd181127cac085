"""The glasses' camera for programs: photos, a stream, and the recording light without which neither is released."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from firmware_bridge.answers import said
from firmware_bridge.clock_sync import ClockSync
from firmware_bridge.errors import DeviceError
from firmware_bridge.feed import Feed
from firmware_bridge.interlock import Interlock
from firmware_bridge.layout import Message
from firmware_bridge.messages import (
    CameraControl,
    CameraFrame,
    CameraMode,
    CameraState,
    Capabilities,
    Cause,
    Feature,
    LightBeat,
    LightSet,
    LightState,
    PhotoPart,
)  # fmt: skip
from firmware_bridge.requests import Requests
from firmware_bridge.timing import REPLY_MS

REPLY_S: Final = REPLY_MS / 1000
PHOTO_S: Final = 30.0
"""a large photo over a slow radio"""


@dataclass(frozen=True, slots=True)
class Picture:
    """A JPEG, captured at `t_ns` of the host's monotonic clock, with the recording light on."""

    t_ns: int
    jpeg: bytes
    number: int = 0


class Camera:
    """One photo at a time, and one stream."""

    def __init__(
        self,
        requests: Requests,
        clock: ClockSync,
        known: Callable[[], Capabilities | None],
        *,
        needs_light: bool = True,
    ) -> None:
        """`known`: what the device has, once it told; `needs_light`: pictures are released with its recording light only."""
        self.interlock = Interlock(needs_light=needs_light)
        self._requests, self._clock, self._known = requests, clock, known
        self._pictures: Feed[Picture] | None = None
        self._parts: dict[int, list[PhotoPart]] = {}

    async def photo(self, width: int = 0, quality: int = 80, timeout_s: float = PHOTO_S) -> Picture:
        """Takes one photo.

        Raises:
            DeviceError: the device refused, the recording light was not on, or it took too long.
        """
        self._check_light()
        number = self._requests.number()
        asked = CameraControl(number, CameraMode.PHOTO, width, quality=quality)
        try:
            end = await self._requests.ask(
                asked, CameraState | PhotoPart, lambda m: m.request == number and _is_end(m), timeout_s, number
            )
        finally:
            parts = self._parts.pop(number, [])
        if isinstance(end, CameraState):
            raise DeviceError(f"the camera takes no photo: {said(end.cause)}")
        whole = b"".join(part.jpeg for part in parts)
        if len(whole) != end.total_bytes:
            raise DeviceError("a part of the photo is missing: the glasses started anew meanwhile")
        if not self.interlock.allows(end.t_us):
            raise DeviceError("the photo is not released: the recording light was not confirmed")
        return Picture(self._clock.host_ns(end.t_us, time.monotonic_ns()), whole)

    async def stream(self, fps: float = 0, width: int = 0, quality: int = 60) -> Feed[Picture]:
        """Starts the camera; the newest picture wins. Each one was taken with the recording light on.

        Raises:
            DeviceError: the device refused.
        """
        self._check_light()
        self._end_stream()
        number = self._requests.number()
        asked = CameraControl(number, CameraMode.STREAM, width, quality=quality, fps_x10=round(fps * 10))
        pictures = self._pictures = Feed(1)
        self._requests.hold(asked)
        try:
            state = await self._requests.ask(asked, CameraState, lambda m: m.request == number, REPLY_S, number)
            if state.cause != Cause.OK:
                raise DeviceError(f"the camera does not start: {said(state.cause)}")
        except DeviceError:
            self._requests.drop(CameraControl)
            raise
        return pictures

    async def stop(self) -> None:
        """Stops the stream; returns when the camera is off.

        Raises:
            DeviceError: the device did not answer.
        """
        if self._end_stream():
            number = self._requests.number()
            asked = CameraControl(number, CameraMode.OFF)
            await self._requests.ask(asked, CameraState, lambda m: m.request == number, REPLY_S, number)

    async def light(self, *, on: bool) -> None:
        """Turns the recording light on or off.

        Raises:
            DeviceError: it is not as asked, or nothing was answered.
        """
        number = self._requests.number()
        state: LightState = await self._requests.ask(
            LightSet(number, int(on)), LightState, lambda m: m.request == number, REPLY_S, number
        )
        if bool(state.on) != on:
            raise DeviceError(f"the recording light is {'on' if state.on else 'off'} although it was asked otherwise")

    def came(self, message: Message, now_ns: int) -> None:
        """Takes what the device tells of light, photos and the end of a stream."""
        match message:
            case LightBeat(on=on, t_us=t_us) | LightState(on=on, t_us=t_us):
                self.interlock.light(t_us, on=bool(on), now_ns=now_ns)
            case PhotoPart(request=request):
                self._parts.setdefault(request, []).append(message)
            case CameraState(mode=CameraMode.OFF, cause=cause, request=request):
                if self._is_wanted(request) and cause not in (Cause.OK, Cause.LINK_LOST):
                    self.close(said(cause))  # the program's iteration ends, with the reason

    def frame(self, frame: CameraFrame, now_ns: int) -> None:
        """Takes a picture of the stream, and releases it if the light was on."""
        if self._pictures is None or not self._is_wanted(frame.request):
            return  # of a stream that was stopped
        if self.interlock.allows(frame.t_us, now_ns):
            self._pictures.put(Picture(self._clock.host_ns(frame.t_us, now_ns), frame.jpeg, frame.number))

    def forget(self) -> None:
        """The device started anew: of a photo that was under way no more will come."""
        self._parts.clear()

    def close(self, reason: str = "") -> None:
        """No more pictures will come."""
        self._requests.drop(CameraControl)
        if self._pictures is not None:
            self._pictures.close(reason)

    def _check_light(self) -> None:
        """Pictures that could not be released are not taken."""
        has = self._known()
        if self.interlock.needs_light and has and has.camera_width and not has.features & Feature.LIGHT:
            raise DeviceError(
                "these glasses have no recording light, so no picture is taken: to take them without one, which nobody "
                "around will see, add ?light=none to their URI (frame:NAME?light=none)"
            )

    def _is_wanted(self, request: int) -> bool:
        wanted: CameraControl | None = self._requests.held(CameraControl)
        return wanted is not None and wanted.request == request

    def _end_stream(self) -> bool:
        was = self._requests.held(CameraControl) is not None
        self.close()
        self._pictures = None
        return was


def _is_end(message: CameraState | PhotoPart) -> bool:
    """The last part of a photo, or that none will come."""
    if isinstance(message, CameraState):
        return message.cause != Cause.OK
    return message.offset + len(message.jpeg) >= message.total_bytes
