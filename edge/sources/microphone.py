"""A microphone: PortAudio's blocks, stamped when they arrive and set straight by the count of samples."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from edge import portaudio
from edge.clock import Now, S
from edge.types import AudioChunk, Failure

RATE_HZ: Final = 16_000
DRIFT_NS: Final = 50_000_000
"""the sample count and the clock may differ by this much before the count is set anew"""
PATIENCE_NS: Final = 500_000_000
"""blocks may come late for so long on a busy machine, or early when a driver's latency changes, and nothing was lost"""


@dataclass(slots=True)
class SampleClock:
    """Capture times by counting samples: blocks arrive with jitter, samples do not.

    The device's clock drifts, so the count is pulled gently to the arrival times. A block that is late, or early, is
    nothing but that; when clock and count stay apart, or are far apart, sound was lost and the count is set anew.
    """

    rate_hz: int
    gain: float = 0.01
    _next_ns: int | None = None
    _apart_since_ns: int | None = None
    gaps: int = 0

    def stamp(self, samples: int, now_ns: int) -> int:
        """Capture time of the first of `samples` that arrive at `now_ns`."""
        length_ns = samples * S // self.rate_hz
        by_arrival_ns = now_ns - length_ns
        if self._next_ns is None or self._is_wrong(by_arrival_ns - self._next_ns, now_ns):
            self.gaps += self._next_ns is not None
            self._next_ns, self._apart_since_ns = by_arrival_ns, None
        start_ns = self._next_ns
        step_ns = int(self.gain * (by_arrival_ns - start_ns))
        self._next_ns = start_ns + length_ns + max(-400_000, min(400_000, step_ns))
        return start_ns

    def _is_wrong(self, apart_ns: int, now_ns: int) -> bool:
        """Whether the count is to be set anew, when clock and count are so far apart."""
        if abs(apart_ns) <= DRIFT_NS:
            self._apart_since_ns = None
            return False
        if self._apart_since_ns is None:
            self._apart_since_ns = now_ns
        return abs(apart_ns) > PATIENCE_NS or now_ns - self._apart_since_ns > PATIENCE_NS


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
