"""The simulated glasses' camera and its recording light: nothing is captured without light."""

from __future__ import annotations

from collections import deque
from typing import Final

from firmware_bridge.device_session import DeviceSession
from firmware_bridge.messages import (
    CameraControl,
    CameraFrame,
    CameraMode,
    CameraState,
    Cause,
    LightBeat,
    LightState,
    PhotoPart,
)  # fmt: skip
from firmware_bridge.sim.clock import DeviceClock, Pace
from firmware_bridge.sim.pictures import Camera as Eye
from firmware_bridge.sim.profile import Profile
from firmware_bridge.timing import LIGHT_BEAT_MS

_MS: Final = 1_000_000
_S: Final = 1_000_000_000
PART_BYTES: Final = 960
"""of a photo in one message"""
LIGHT_AFTER_NS: Final = 300 * _MS
"""the light stays on after a photo, so that a person sees it"""
FASTEST_FPS_X10: Final = 150
"""where the profile names no rate"""


class RecordingLight:
    """On or off as measured; says so every 50 ms while it is on."""

    def __init__(self, session: DeviceSession, clock: DeviceClock, *, works: bool) -> None:
        self.works, self.on = works, False
        self._session, self._clock = session, clock
        self._pace = Pace(0, LIGHT_BEAT_MS * _MS)

    @property
    def due_ns(self) -> int | None:
        """When it says again that it is on."""
        return self._pace.due_ns if self.on else None

    def turn(self, *, on: bool, now_ns: int, request: int = 0) -> None:
        """Turns it on or off, if it works, and tells a change or answers a request."""
        on = on and self.works
        changed, self.on = on != self.on, on
        if changed or request:
            self._session.push(LightState(request, int(on), self._clock.us(now_ns)))
        if changed and on:
            self._pace.due_ns = now_ns

    def tick(self, now_ns: int) -> None:
        """Says that it is on, if it is time."""
        if self.on and self._pace.is_due(now_ns):
            self.beat(now_ns)

    def beat(self, now_ns: int) -> None:
        """What is measured now."""
        self._session.push(LightBeat(int(self.on), self._clock.us(now_ns)))


class CameraWithLight:
    """Photos and one stream at a time, from one start of the glasses to the next."""

    def __init__(
        self, profile: Profile, eye: Eye, light: RecordingLight, session: DeviceSession, clock: DeviceClock
    ) -> None:
        self.light = light
        self.stream: CameraControl | None = None
        """what was asked for, while the stream runs"""
        self.taken = 0
        """pictures since the battery was last asked, which sets this back"""
        self._profile, self._eye, self._session, self._clock = profile, eye, session, clock
        self._pace = Pace(0, 0)
        self._photo: deque[PhotoPart] = deque()
        self._number = self._light_until_ns = 0

    @property
    def is_on(self) -> bool:
        """It streams, or a photo was just taken."""
        return self.stream is not None or bool(self._light_until_ns)

    @property
    def due_ns(self) -> int | None:
        """When the next picture of the stream is taken."""
        return self._pace.due_ns if self.stream else None

    def asked(self, asked: CameraControl, forbidden: Cause, now_ns: int) -> None:
        """Does what was asked, or says why not; `forbidden` is OK where nothing speaks against a picture now."""
        if asked.mode == CameraMode.OFF:
            self.stop(Cause.OK, now_ns, asked.request)
            return
        can = self._profile.camera_width and asked.width <= self._profile.camera_width
        cause = forbidden if can and asked.mode <= CameraMode.STREAM else Cause.UNSUPPORTED
        if cause is Cause.OK:
            self.light.turn(on=True, now_ns=now_ns)
            cause = Cause.OK if self.light.on else Cause.LIGHT_FAILED
        if cause is not Cause.OK:
            self.stop(cause, now_ns, asked.request)
            return
        width, height = self._size(asked)
        fps_x10 = self._fps_x10(asked) if asked.mode == CameraMode.STREAM else 0
        self._session.push(CameraState(asked.request, asked.mode, Cause.OK, width, height, fps_x10))
        self.light.beat(now_ns)
        if fps_x10:
            self.stream, self._pace, self._number = asked, Pace(now_ns, 10 * _S // fps_x10), 0
            return
        jpeg, t_us = self._jpeg(asked), self._clock.us(now_ns)
        for at in range(0, len(jpeg), PART_BYTES):
            self._photo.append(PhotoPart(asked.request, t_us, len(jpeg), at, jpeg[at : at + PART_BYTES]))
        self._light_until_ns = now_ns + LIGHT_AFTER_NS

    def stop(self, cause: Cause, now_ns: int, request: int = 0) -> None:
        """Ends what runs and says why; a photo that was taken is still sent."""
        running = self.stream.request if self.stream else 0
        self.stream = None
        self._light_until_ns = 0
        self.light.turn(on=False, now_ns=now_ns)
        self._session.push(CameraState(request or running, CameraMode.OFF, cause))

    def tick(self, now_ns: int) -> None:
        """Lets time do what it does."""
        while self._photo and self._session.has_room(2 * PART_BYTES):
            self._session.push(self._photo.popleft())
        if self.stream and self._pace.is_due(now_ns):
            jpeg = self._jpeg(self.stream)
            self._number = (self._number + 1) & 0xFFFF
            self._session.push(CameraFrame(self.stream.request, self._number, self._clock.us(now_ns), jpeg))
        self.light.tick(now_ns)
        if self._light_until_ns and now_ns >= self._light_until_ns:
            self._light_until_ns = 0
            if not self.stream:
                self.light.turn(on=False, now_ns=now_ns)

    def _jpeg(self, asked: CameraControl) -> bytes:
        self.taken += 1
        return self._eye.jpeg(*self._size(asked), asked.quality)

    def _size(self, asked: CameraControl) -> tuple[int, int]:
        width = asked.width or self._profile.camera_width
        return width, asked.height or self._profile.camera_height * width // self._profile.camera_width

    def _fps_x10(self, asked: CameraControl) -> int:
        most = self._profile.camera_fps * 10 or FASTEST_FPS_X10
        return min(asked.fps_x10 or most, most)
