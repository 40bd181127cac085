"""Synthetic sound and pictures, by number, and a recording of them."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from edge.clock import MS, VirtualClock
from edge.sinks.record import Options, Recorder
from edge.trace import Trace
from edge.types import AudioChunk, Frame, Tick

RATE_HZ = 16_000
BLOCK = 1_280
"""80 ms"""


def samples(i: int) -> np.ndarray:
    """Noise that no two blocks share."""
    return np.random.default_rng(i).integers(-30_000, 30_000, BLOCK).astype(np.int16)


def picture(i: int) -> np.ndarray:
    """A smooth ramp that moves with each picture."""
    ramp = (np.linspace(0, 120, 160) + 5 * i) % 256
    return np.broadcast_to(ramp[None, :, None], (120, 160, 3)).astype(np.uint8)


def record(path: Path, seconds: float, options: Options | None = None) -> Path:
    """A recording of one picture and one block of sound each 80 ms, made on a virtual clock."""
    clock = VirtualClock()
    recorder = Recorder(options or Options(fps=1_000), clock, Trace(), path=path)
    for i in range(round(seconds * RATE_HZ / BLOCK)):
        clock.advance_to(i * 80 * MS)
        for event in (AudioChunk(clock(), samples(i), RATE_HZ), Frame(clock(), picture(i), i), Tick(clock())):
            list(recorder.process(event))
    recorder.close()
    return path
