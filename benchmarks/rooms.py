"""Synthetic rooms: seeded impulse responses, and a loudspeaker that a microphone hears through one of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

RATE_HZ = 16_000


@dataclass(frozen=True, slots=True)
class Room:
    """Polack's model: a direct sound, then noise that dies away by 60 dB in `rt60_s` (J.-D. Polack, thesis, 1988)."""

    name: str
    rt60_s: float
    direct_to_reverberant_db: float
    distance_ms: float
    """from the speaker to the microphone, what the devices add included"""

    def response(self, seed: int) -> NDArray[np.float32]:
        """float32[n], of unit energy."""
        rng = np.random.default_rng(seed)
        count = int(self.rt60_s * RATE_HZ)
        late = rng.normal(0, 1, count) * 10 ** (-3 * np.arange(count) / count)
        late[: RATE_HZ // 500] = 0  # 2 ms before the first wall
        late *= 10 ** (-self.direct_to_reverberant_db / 20) / np.sqrt(np.sum(np.square(late)))
        whole = np.concatenate([np.zeros(int(self.distance_ms * RATE_HZ / 1000)), late])
        whole[int(self.distance_ms * RATE_HZ / 1000)] += 1.0
        return np.asarray(whole / np.sqrt(np.sum(np.square(whole))), np.float32)


ROOMS = (
    Room("glasses, small room", 0.2, 6.0, 2.0),
    Room("kitchen", 0.4, 0.0, 25.0),
    Room("living room", 0.6, -3.0, 40.0),
    Room("station hall", 1.0, -3.0, 60.0),
    Room("Bluetooth speaker", 0.4, 0.0, 180.0),
    Room("bare room", 0.8, -6.0, 10.0),
)


class Echo:
    """What the microphone hears of what is played, stretch by stretch."""

    def __init__(self, response: NDArray[np.float32], gain: float) -> None:
        self._response = response * np.float32(gain)
        self._tail = np.zeros(len(response), np.float32)

    def hear(self, played: NDArray[np.float32]) -> NDArray[np.float32]:
        """float32[n] of echo for float32[n] of loudspeaker."""
        size = 1 << (len(played) + len(self._response)).bit_length()
        whole = np.fft.irfft(np.fft.rfft(played, size) * np.fft.rfft(self._response, size), size)
        whole = whole[: len(played) + len(self._response)].astype(np.float32)
        whole[: len(self._tail)] += self._tail[: len(whole)]
        self._tail = whole[len(played) :]
        return whole[: len(played)]
