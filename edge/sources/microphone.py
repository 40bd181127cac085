"""A microphone: PortAudio's blocks, stamped when they arrive and set straight by the count of samples."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from edge import portaudio
from edge.clock import Now
from edge.sample_clock import SampleClock
from edge.types import AudioChunk, Failure

RATE_HZ: Final = 16_000


class Microphone:
    """Source: AudioChunk."""

    def __init__(self, device: str, block_ms: int, now_ns: Now) -> None:
        self.name = f"microphone {device or '(default)'}"
        self._device, self._block, self._now_ns = device, RATE_HZ * block_ms // 1000, now_ns
        self._tried = False

    def run(self, publish: Callable[[Any], None], stop: threading.Event) -> None:
        if self._tried:
            portaudio.rescan()
        self._tried = True
        clock = SampleClock(RATE_HZ)

        def on_block(samples: NDArray[np.int16]) -> None:
            publish(AudioChunk(clock.stamp(len(samples), self._now_ns()), samples, RATE_HZ))

        def on_overflow(times: int) -> None:
            text = f"sound was lost {times} times before it could be read: the system is too busy, turn something off"
            publish(Failure(self._now_ns(), self.name, text))

        portaudio.capture(self._device, RATE_HZ, self._block, on_block, on_overflow, stop)
