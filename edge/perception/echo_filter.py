"""Takes the far end out of the microphone: an adaptive filter of the echo's path, in blocks in the frequency domain.

A Kalman filter per partition and frequency follows the path (Kuech, Mabande, Enzner: "State-space architecture of the
partitioned-block-based acoustic echo controller", ICASSP 2014, after Enzner and Vary, "Frequency-domain adaptive Kalman
filter for acoustic echo control in hands-free telephones", Signal Processing 86, 2006). Its step is small where the
microphone holds more than the echo, so that speech of both sides at once does not spoil it.

What is left is attenuated per frequency by a Wiener gain, from the filter's own uncertainty and from a share of the
modelled echo that follows what is really left (Valin: "On adjusting the learning rate in frequency domain echo
cancellation with double-talk", IEEE TASLP 2007, section IV).
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

BLOCK: Final = 256
"""samples, 16 ms at 16 kHz"""
PARTITIONS: Final = 14
"""blocks the filter is long: 224 ms of echo"""
FORGET: Final = 0.9995
"""how steady the path is taken to be, per block"""
NOISE_MEMORY: Final = 0.9
"""per block, of the power of what is not echo"""
LEAK_MEMORY: Final = 0.97
TAIL: Final = 0.94
"""how the power of a late echo dies away, per block: 60 dB in 2 s"""
OVER: Final = 2.5
"""the echo that is left is taken for this much stronger than estimated"""
GATE: Final = 0.02
"""what is left with less than this share of the microphone's power, −17 dB, is echo and nothing else"""
FLOOR: Final = 0.02
"""least gain of a frequency, −34 dB"""


class EchoFilter:
    """One path from the speaker to the microphone. float32[BLOCK] of both in, float32[BLOCK] of near speech out."""

    def __init__(self) -> None:
        bins = BLOCK + 1
        self._far = np.zeros(2 * BLOCK, np.float32)
        self._spectra = np.zeros((PARTITIONS, bins), np.complex64)
        self._path = np.zeros((PARTITIONS, bins), np.complex64)
        decay = 0.1 * np.exp(-np.arange(PARTITIONS) / 4.0).astype(np.float32)
        self._first_doubt = np.repeat(decay[:, None], bins, 1)
        self._doubt = self._first_doubt.copy()
        """variance of the path, per partition and frequency"""
        self._noise: NDArray[np.floating] = np.full(bins, 0.1, np.float32)
        """power of what is not echo"""
        self._leak = np.full((2, bins), 0.3, np.float32)
        """share of the modelled echo, and of its tail, that is left"""
        self._error_echo = np.zeros((2, bins), np.float32)
        self._echo_echo = np.full((2, bins), 1e-6, np.float32)
        self._gain = np.ones(bins, np.float32)
        self._tail = np.zeros(bins, np.float32)
        """power of the modelled echo as it dies away, longer than the filter is"""
        self._last = np.zeros(BLOCK, np.float32)
        self._window = np.sqrt(np.hanning(2 * BLOCK + 1)[:-1]).astype(np.float32)
        self._overlap = np.zeros(BLOCK, np.float32)
        self._echo = np.zeros(BLOCK, np.float32)
        self._mic = np.zeros(BLOCK, np.float32)
        self._powers = np.zeros(2)
        """of what is let through, and of the microphone"""
        self.linear = np.zeros(BLOCK, np.float32)
        """what the adaptive filter alone left of the newest block"""

    def forget(self) -> None:
        """The path has changed (a new delay): learn it anew, from what is known as a start."""
        self._path[:] = 0
        self._doubt[:] = self._first_doubt

    def step(self, far: NDArray[np.float32], mic: NDArray[np.float32]) -> NDArray[np.float32]:
        """The microphone's block without the far end, one block later (the gains are applied in overlapping windows)."""
        self._far[:BLOCK] = self._far[BLOCK:]
        self._far[BLOCK:] = far
        self._spectra = np.roll(self._spectra, 1, axis=0)
        self._spectra[0] = np.fft.rfft(self._far)
        echo_spectrum = (self._path * self._spectra).sum(axis=0)
        echo = np.fft.irfft(echo_spectrum)[BLOCK:].astype(np.float32)
        error = mic - echo
        error_spectrum = np.fft.rfft(np.concatenate([np.zeros(BLOCK, np.float32), error])).astype(np.complex64)
        self._adapt(error_spectrum)
        self.linear = error
        clean = self._suppressed(error, echo)
        self._powers = 0.6 * self._powers + 0.4 * np.array([float(clean @ clean), float(self._mic @ self._mic)])
        self._mic = mic  # the gains come a block late
        return clean if self._powers[0] > GATE * self._powers[1] else np.zeros_like(clean)

    def _adapt(self, error: NDArray[np.complex64]) -> None:
        power = np.square(np.abs(self._spectra))
        uncertain = (self._doubt * power).sum(axis=0)
        self._noise = NOISE_MEMORY * self._noise + (1 - NOISE_MEMORY) * np.square(np.abs(error))
        gain = self._doubt / (0.5 * uncertain + self._noise + 1e-6)
        step = np.conj(self._spectra) * gain * error
        taps = np.fft.irfft(step, axis=1)
        taps[:, BLOCK:] = 0
        self._path = (self._path + np.fft.rfft(taps, axis=1)).astype(np.complex64)
        shrink = np.clip(1 - 0.5 * gain * power, 0, 1)
        steady = np.square(np.abs(self._path))
        self._doubt = (FORGET**2 * shrink * self._doubt + (1 - FORGET**2) * (steady + 1e-5)).astype(np.float32)

    def _suppressed(self, error: NDArray[np.float32], echo: NDArray[np.float32]) -> NDArray[np.float32]:
        """The error with what echo is left in it attenuated."""
        frame = np.concatenate([self._last, error]) * self._window
        self._last = error
        spectrum = np.fft.rfft(frame)
        echo_frame = np.concatenate([self._echo, echo]) * self._window
        self._echo = echo
        error_power = np.square(np.abs(spectrum)).astype(np.float32)
        echo_power = np.square(np.abs(np.fft.rfft(echo_frame))).astype(np.float32)
        self._tail = TAIL * self._tail + (1 - TAIL) * echo_power
        sources = np.stack([echo_power, self._tail])
        both = np.minimum(error_power, sources) * sources
        self._error_echo += (1 - LEAK_MEMORY) * (both - self._error_echo)
        self._echo_echo += (1 - LEAK_MEMORY) * (np.square(sources) - self._echo_echo)
        self._leak = np.clip(self._error_echo / (self._echo_echo + 1e-9), 0.001, 1.0)
        doubt = (self._doubt * np.square(np.abs(self._spectra))).sum(axis=0) * 0.5
        left = OVER * ((self._leak * sources).max(axis=0) + doubt)
        wanted = np.clip(1 - left / (error_power + 1e-9), FLOOR, 1.0)
        self._gain = np.where(wanted < self._gain, wanted, 0.5 * self._gain + 0.5 * wanted).astype(np.float32)
        out = np.fft.irfft(spectrum * self._gain) * self._window
        clean = (self._overlap + out[:BLOCK]).astype(np.float32)
        self._overlap = out[BLOCK:].astype(np.float32)
        return clean
