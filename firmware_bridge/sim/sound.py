"""The simulated glasses' ear: a WAV file again and again, or a tone; and the codecs that they send it in."""

from __future__ import annotations

import wave
from collections.abc import Callable
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from firmware_bridge import g711
from firmware_bridge.errors import AddressError
from firmware_bridge.messages import Codec

TONE_HZ: Final = 440
Encode = Callable[[NDArray[np.int16]], bytes]


class Ear:
    """Samples at a rate, from a position on that only grows."""

    def __init__(self, source: str) -> None:
        """Reads the file; empty: a tone.

        Raises:
            AddressError: it is no WAV file of 16 bits.
        """
        self._samples: NDArray[np.int16] | None = None
        self._rate_hz = 0
        if source:
            try:
                with wave.open(str(Path(source))) as file:
                    if file.getsampwidth() != 2:
                        raise AddressError(f"microphone {source} has not 16 bits per sample: convert it")
                    raw = np.frombuffer(file.readframes(file.getnframes()), "<i2").reshape(-1, file.getnchannels())
                    self._samples, self._rate_hz = raw[:, 0].astype(np.int16), file.getframerate()
            except (OSError, EOFError, wave.Error) as error:
                raise AddressError(f"microphone {source} is no WAV file: {error}") from error
            if not len(self._samples):
                raise AddressError(f"microphone {source} is empty")

    def take(self, first: int, count: int, rate_hz: int) -> NDArray[np.int16]:
        """int16[count] from sample `first` on."""
        at = np.arange(first, first + count)
        if self._samples is None:
            return (8000 * np.sin(2 * np.pi * TONE_HZ * at / rate_hz)).astype(np.int16)
        index = (at * self._rate_hz // rate_hz) % len(self._samples)
        return self._samples[index]


def encoder(codec: Codec, rate_hz: int, frame_ms: int) -> Encode | None:
    """From the samples of one message to its bytes; None: not at this rate or length."""
    if codec is Codec.ULAW:
        return g711.encode
    if codec is Codec.PCM16:
        return lambda samples: samples.astype("<i2").tobytes()
    if codec is not Codec.OPUS:
        return None
    from firmware_bridge import opus  # FFmpeg only where it is asked for

    if rate_hz not in opus.RATES_HZ or frame_ms not in opus.FRAMES_MS:
        return None
    return opus.Encoder(rate_hz, frame_ms).encode
