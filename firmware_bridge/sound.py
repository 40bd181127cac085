"""What a microphone sends, as samples: PCM, µ-law and Opus."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from firmware_bridge import g711
from firmware_bridge.messages import Codec, MicData

if TYPE_CHECKING:
    from firmware_bridge.opus import Decoder

DECODED: Final = (Codec.PCM16, Codec.OPUS, Codec.ULAW)
"""what a microphone may send, the best first"""


class SoundDecoder:
    """One microphone; Opus remembers what was before, until the counter begins anew."""

    def __init__(self) -> None:
        self._opus: Decoder | None = None
        self._newest = self._rate_hz = 0

    def samples(self, data: MicData, rate_hz: int) -> NDArray[np.int16] | None:
        """int16[n]; None: they cannot be had."""
        if data.codec == Codec.ULAW:
            return g711.decode(data.sound)
        if data.codec == Codec.PCM16:
            return np.frombuffer(data.sound[: len(data.sound) & ~1], "<i2").astype(np.int16)
        return self._decoder(data, rate_hz).decode(data.sound) if data.codec == Codec.OPUS else None

    def _decoder(self, data: MicData, rate_hz: int) -> Decoder:
        if self._opus is None or data.first_sample <= self._newest or rate_hz != self._rate_hz:
            from firmware_bridge.opus import Decoder  # FFmpeg only where it is asked for

            self._opus, self._rate_hz = Decoder(rate_hz), rate_hz
        self._newest = data.first_sample
        return self._opus
