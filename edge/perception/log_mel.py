"""Log-mel features as Whisper's encoder takes them (Radford et al. 2022, section 2.2): 80 bands, 25 ms windows, 10 ms apart.

The mel scale and its area-normalised triangles are Slaney's (Auditory Toolbox, 1998): linear below 1 kHz, logarithmic above.
"""

from __future__ import annotations

import functools

import numpy as np
from numpy.typing import NDArray

RATE_HZ = 16_000
WINDOW = 400
HOP = 160
BANDS = 80
_KNEE_HZ, _KNEE_MEL, _LOG_STEP = 1000.0, 15.0, 27.0 / np.log(6.4)


def log_mel(samples: NDArray[np.float32]) -> NDArray[np.float32]:
    """float32[BANDS, len(samples) / HOP], about -1..1, of float32[n] at 16 kHz, n a multiple of HOP and above WINDOW."""
    padded = np.pad(samples, WINDOW // 2, mode="reflect")
    windows = np.lib.stride_tricks.sliding_window_view(padded, WINDOW)[::HOP][: len(samples) // HOP]
    power = np.abs(np.fft.rfft(windows * np.hanning(WINDOW + 1)[:-1])) ** 2
    scaled = np.log10(np.maximum(power @ _triangles(), 1e-10)).T
    # What is 80 dB below the loudest is silence.
    return np.asarray((np.maximum(scaled, scaled.max() - 8.0) + 4.0) / 4.0, np.float32)


@functools.cache
def _triangles() -> NDArray[np.float64]:
    """float64[WINDOW / 2 + 1, BANDS]: how much of each frequency a band takes."""
    corners = _hz(np.linspace(0.0, _mel(RATE_HZ / 2), BANDS + 2))
    bins = np.linspace(0, RATE_HZ / 2, WINDOW // 2 + 1)[:, None]
    rising = (bins - corners[:-2]) / np.diff(corners)[:-1]
    falling = (corners[2:] - bins) / np.diff(corners)[1:]
    return np.asarray(np.maximum(0.0, np.minimum(rising, falling)) * 2.0 / (corners[2:] - corners[:-2]))


def _mel(hz: float) -> float:
    return 3.0 * hz / 200.0 if hz < _KNEE_HZ else _KNEE_MEL + float(np.log(hz / _KNEE_HZ)) * _LOG_STEP


def _hz(mel: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.where(mel < _KNEE_MEL, 200.0 * mel / 3.0, _KNEE_HZ * np.exp((mel - _KNEE_MEL) / _LOG_STEP))
