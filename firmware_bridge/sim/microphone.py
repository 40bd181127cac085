"""The simulated glasses' microphone: messages of sound, none of which is skipped."""

from __future__ import annotations

from typing import Final

from firmware_bridge.device_session import DeviceSession
from firmware_bridge.messages import Cause, Codec, MicControl, MicData, MicState
from firmware_bridge.sim.clock import DeviceClock
from firmware_bridge.sim.profile import Profile
from firmware_bridge.sim.sound import Ear, Encode, encoder

_MS: Final = 1_000_000
_S: Final = 1_000_000_000


class Microphone:
    """On or off, from one start of the glasses to the next."""

    def __init__(self, profile: Profile, ear: Ear, session: DeviceSession, clock: DeviceClock) -> None:
        self._profile, self._ear, self._session, self._clock = profile, ear, session, clock
        self._asked: MicControl | None = None
        self._encode: Encode | None = None
        self._samples = 0
        self.start_ns = 0
        """host time of its first sample"""

    @property
    def is_on(self) -> bool:
        """Whether it listens."""
        return self._asked is not None

    @property
    def due_ns(self) -> int | None:
        """When the next message of sound is complete."""
        if self._asked is None:
            return None
        heard_ms = self._samples * 1000 // self._asked.rate_hz
        return self.start_ns + (heard_ms + self._asked.frame_ms) * _MS

    def asked(self, asked: MicControl, now_ns: int) -> None:
        """Starts or stops, or says that it cannot."""
        if not asked.on:
            self._asked = None
            self._session.push(MicState())
            return
        most_hz = self._profile.microphone_rate_hz
        is_known = asked.codec in self._profile.microphone_codecs and 0 < asked.rate_hz <= most_hz and asked.frame_ms
        self._encode = encoder(Codec(asked.codec), asked.rate_hz, asked.frame_ms) if is_known else None
        if self._encode is None:
            self._session.push(MicState(cause=Cause.UNSUPPORTED))
            return
        self._asked, self._samples, self.start_ns = asked, 0, now_ns
        self._session.push(MicState(1, asked.codec, asked.rate_hz))

    def stop(self, cause: Cause) -> None:
        """Stops by itself and says why."""
        if self._asked:
            self._asked = None
            self._session.push(MicState(cause=cause))

    def tick(self, now_ns: int) -> None:
        """Says what was heard; what is late is made up for."""
        while (due_ns := self.due_ns) is not None and now_ns >= due_ns:
            self._listen()

    def _listen(self) -> None:
        asked = self._asked
        assert asked is not None and self._encode is not None
        count = asked.rate_hz * asked.frame_ms // 1000
        samples = self._ear.take(self._samples, count, asked.rate_hz)
        sound = self._encode(samples)
        t_us = self._clock.us(self.start_ns + self._samples * _S // asked.rate_hz)
        self._session.push(MicData(t_us, self._samples, count, asked.codec, sound))
        self._samples += count
