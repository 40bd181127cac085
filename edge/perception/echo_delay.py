"""How much later the far end comes to the microphone than its stamps say: the peak of a whitened cross-correlation.

Generalised cross-correlation with phase transform (Knapp and Carter, IEEE TASSP 24, 1976), averaged over some stretches.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

RATE_HZ: Final = 16_000
EARLIEST: Final = -RATE_HZ // 20
LATEST: Final = RATE_HZ * 2 // 5
"""samples that the echo may be late: −50 to 400 ms"""
STRETCH: Final = RATE_HZ
"""samples of the microphone that are compared at once"""
SIZE: Final = 32_768
BAND_HZ: Final = (200, 4_000)
MEMORY: Final = 0.6
CONFIDENT: Final = 6.0
"""a true peak stands out by so many times the root mean square; the highest of noise by 4"""
AGREED: Final = RATE_HZ // 50
"""samples, 20 ms, that two measures may differ: in a room with much echo an early reflection may win"""


class EchoDelay:
    """Give it stretches of both sides; it says the delay once that is sure."""

    def __init__(self) -> None:
        self._cross = np.zeros(SIZE // 2 + 1, np.complex64)
        low, high = (hz * SIZE // RATE_HZ for hz in BAND_HZ)
        self._band = slice(low, high)
        self._before: int | None = None

    def measure(self, mic: NDArray[np.float32], far: NDArray[np.float32]) -> int | None:
        """The delay in samples, when two stretches agree on it.

        `mic` is float32[STRETCH]; `far` is float32[STRETCH + LATEST − EARLIEST], from LATEST before `mic` to −EARLIEST
        past its end.
        """
        cross = np.fft.rfft(mic, SIZE) * np.conj(np.fft.rfft(far, SIZE))
        white = np.zeros_like(self._cross)
        white[self._band] = cross[self._band] / (np.abs(cross[self._band]) + 1e-9)
        self._cross = MEMORY * self._cross + (1 - MEMORY) * white
        match = np.fft.irfft(self._cross, SIZE)
        lags = match[EARLIEST - LATEST :]  # an echo that is EARLIEST comes first
        peak = int(np.argmax(lags))
        delay = peak + EARLIEST
        found = lags[peak] > CONFIDENT * float(np.sqrt(np.mean(np.square(lags))))
        agreed = found and self._before is not None and abs(delay - self._before) < AGREED
        self._before = delay if found else None
        return delay if agreed else None
