"""The glasses' microphone for programs: sound as samples with the host's time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from firmware_bridge.answers import said
from firmware_bridge.clock_sync import ClockSync
from firmware_bridge.errors import DeviceError
from firmware_bridge.feed import Feed
from firmware_bridge.messages import Capabilities, Cause, Codec, MicControl, MicData, MicState
from firmware_bridge.requests import Requests
from firmware_bridge.sound import DECODED, SoundDecoder
from firmware_bridge.timing import REPLY_MS

REPLY_S: Final = REPLY_MS / 1000


@dataclass(frozen=True, slots=True)
class Sound:
    """Samples of the microphone; `first` counts from its start, so that a gap shows."""

    t_ns: int
    first: int
    rate_hz: int
    samples: NDArray[np.int16]
    """int16[n]"""


class Microphone:
    """On or off."""

    def __init__(self, requests: Requests, clock: ClockSync, known: Callable[[], Capabilities | None]) -> None:
        """`known`: what the device has, once it told."""
        self._requests, self._clock, self._known = requests, clock, known
        self._decoder = SoundDecoder()
        self._sounds: Feed[Sound] | None = None
        self._rate_hz = 0

    async def start(self, rate_hz: int = 16_000, codec: Codec | None = None) -> Feed[Sound]:
        """Starts the microphone; without `codec` with the first of DECODED that the glasses have.

        Raises:
            DeviceError: the device refused, or the codec cannot be decoded here.
        """
        codec = self._decodable(codec)
        sounds = self._sounds = Feed(512)
        asked = MicControl(1, codec, rate_hz)
        state: MicState = await self._requests.ask(asked, MicState, _is_answer, REPLY_S)
        if not state.on:
            self._sounds = None
            raise DeviceError(f"the microphone stays off: {said(state.cause)}")
        self._requests.hold(asked)
        return sounds

    async def stop(self) -> None:
        """Stops the microphone; returns when it is off.

        Raises:
            DeviceError: the device did not answer.
        """
        if self._requests.drop(MicControl):
            await self._requests.ask(MicControl(0), MicState, lambda m: not m.on, REPLY_S)
        self.close()
        self._sounds = None

    def came(self, state: MicState) -> None:
        """Takes what the device tells: if it stopped by itself the program's iteration ends, with the reason."""
        if state.on:
            self._rate_hz = state.rate_hz  # here, for sound may follow before the one who asked runs again
        elif state.cause not in (Cause.OK, Cause.LINK_LOST) and self._sounds is not None:
            self._requests.drop(MicControl)
            self.close(said(state.cause))

    def data(self, data: MicData, now_ns: int) -> None:
        """Takes sound."""
        if self._sounds is None:
            return
        samples = self._decoder.samples(data, self._rate_hz)
        if samples is None:
            return  # a gap, which the counter shows
        self._sounds.put(Sound(self._clock.host_ns(data.t_us, now_ns), data.first_sample, self._rate_hz, samples))

    def close(self, reason: str = "") -> None:
        """No more sound will come."""
        if self._sounds is not None:
            self._sounds.close(reason)

    def _decodable(self, codec: Codec | None) -> Codec:
        """What is asked for if it can be decoded; else the best that these glasses have."""
        known = self._known()
        has = known.mic_codecs if known else 1 << Codec.PCM16
        offered = [one for one in Codec if has >> one & 1]
        if codec is None:
            codec = next((one for one in DECODED if one in offered), offered[0] if offered else Codec.PCM16)
        if codec not in DECODED:
            names = ", ".join(one.name for one in offered) or "no sound"
            raise DeviceError(f"{codec.name} is not decoded here; these glasses offer {names}")
        return codec


def _is_answer(state: MicState) -> bool:
    """That it is on, or why not; that it went off with the link, before, is no answer."""
    return bool(state.on) or state.cause not in (Cause.OK, Cause.LINK_LOST)
