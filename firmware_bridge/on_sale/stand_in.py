"""Our firmware's place for glasses that have another one: a device session in this process, a translator behind it. Pure."""

from __future__ import annotations

from collections import deque
from dataclasses import replace
from typing import Final, cast

from firmware_bridge import messages as m
from firmware_bridge.channels import Limits
from firmware_bridge.device_session import DeviceSession, DeviceState
from firmware_bridge.framing import MAX_MTU
from firmware_bridge.messages import FromDevice, FromHost
from firmware_bridge.on_sale.translator import Translator, Write, t_us

LIMITS: Final = Limits(window=64, credit=64, mtu=MAX_MTU, max_message_bytes=1024)
PART_BYTES: Final = 960
"""of a photo in one message: a device's queue is small, and other messages go between the parts"""
LOOK_NS: Final = 500_000_000
"""a host that went silent is noticed this late at most"""
_SNAPSHOT: Final = (m.Capabilities, m.Battery, m.CameraState, m.MicState)


class StandIn:
    """Lives through every cut of the link to the host and of the links to the glasses, as a firmware does."""

    def __init__(self, translator: Translator, boot: int) -> None:
        """`boot`: random at each start."""
        self.session = DeviceSession(boot, LIMITS)
        self.is_ready = False
        """the glasses told what they are since the links are there"""
        self._translator = translator
        self._state: dict[type[FromDevice], FromDevice] = {}
        self._photo: deque[m.PhotoPart] = deque()
        self._was_open = False

    @property
    def is_recording(self) -> bool:
        """Microphone or camera are on."""
        return self._hears or self._sees

    @property
    def _hears(self) -> bool:
        state = self._state.get(m.MicState)
        return isinstance(state, m.MicState) and bool(state.on)

    @property
    def _sees(self) -> bool:
        state = self._state.get(m.CameraState)
        return isinstance(state, m.CameraState) and state.mode != m.CameraMode.OFF

    def begin(self, now_ns: int, room_bytes: int) -> None:
        """The links to the glasses are there, anew.

        Raises:
            MediumError: they take less than these glasses need.
        """
        self.is_ready = False
        self.session.opened(MAX_MTU)
        if self._hears:  # when a link broke; whoever wants the sound asks again
            self._tell([m.MicState(cause=m.Cause.LINK_LOST)], now_ns)
        self._tell(self._translator.begin(now_ns, room_bytes), now_ns)

    def broke(self, now_ns: int) -> None:
        """Host or glasses are gone."""
        self.session.broke(now_ns)
        self._was_open = False

    def heard(self, link: str, data: bytes, now_ns: int) -> None:
        """A packet of the glasses."""
        self._tell(self._translator.received(link, data, now_ns), now_ns)

    def receive(self, frame: bytes, now_ns: int) -> None:
        """A frame of the host."""
        for message in self.session.receive(frame, now_ns, t_us(now_ns)):
            self._tell(self._translator.ask(cast("FromHost", message), now_ns), now_ns)
        if self.session.is_new:
            self.session.is_new = False
            self._photo.clear()  # whoever asked for it is gone
            for kind in _SNAPSHOT:
                if kind in self._state:
                    self.session.push(self._state[kind])
            self.session.push(m.SnapshotEnd())

    def frame(self, now_ns: int) -> bytes | None:
        """The next frame for the host, or None."""
        return self.session.frame(now_ns, t_us(now_ns))

    def tick(self, now_ns: int) -> list[Write]:
        """Lets time do what it does; what is to be written to the glasses.

        Raises:
            MediumError: the glasses do not answer any more.
        """
        self.session.tick(now_ns)
        is_open = self.session.state is DeviceState.OPEN
        if self._was_open and not is_open:
            self.rest(now_ns)
        self._was_open = is_open
        writes, told = self._translator.poll(now_ns)
        self._tell(told, now_ns)
        while self._photo and self.session.has_room(2 * PART_BYTES):
            self.session.push(self._photo.popleft())
        return writes

    def rest(self, now_ns: int) -> None:
        """Nobody listens: nothing is recorded."""
        if self._hears:
            self._tell(self._translator.ask(m.MicControl(0), now_ns), now_ns)
        if self._sees:
            self._tell(self._translator.ask(m.CameraControl(), now_ns), now_ns)

    def wake_ns(self, now_ns: int) -> int:
        """When to call `tick` again at the latest."""
        times = (self.session.wake_ns(), self._translator.wake_ns())
        return min([now_ns + LOOK_NS, *(at for at in times if at is not None)])

    def _tell(self, told: list[FromDevice], now_ns: int) -> None:
        for message in told:
            if isinstance(message, m.SnapshotEnd):
                self.is_ready = True
                continue
            if isinstance(message, m.PhotoPart):
                self._photo += _parts(message)
                continue
            if isinstance(message, m.Capabilities):
                message = replace(message, boot=self.session.boot)
            elif isinstance(message, m.DisplayShown):  # the translator prepared it before it was true
                message = replace(message, t_us=t_us(now_ns))
            is_news = self.is_ready or self._state.get(type(message)) != message
            if isinstance(message, _SNAPSHOT):
                self._state[type(message)] = message
            if is_news:
                self.session.push(message)


def _parts(photo: m.PhotoPart) -> list[m.PhotoPart]:
    return [
        replace(photo, offset=photo.offset + at, jpeg=photo.jpeg[at : at + PART_BYTES])
        for at in range(0, len(photo.jpeg), PART_BYTES)
    ]
