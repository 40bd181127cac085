"""Recorded pictures and sound as a stream of events in the order in which they would have been there."""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from typing import Final

import numpy as np

from edge import media
from edge.clock import S
from edge.sources.ahead import ahead
from edge.types import AudioChunk, Event

RATE_HZ: Final = 16_000
TAIL_NS: Final = 3 * S
"""silence after the last sound: a microphone does not end with the speech"""

Timed = tuple[int, Event]
"""when an event is there, and the event: a chunk of sound is there when its last sample is"""


def files(camera: str | None, microphone: str | None, *, width: int, height: int, block_ms: int) -> Iterator[Timed]:
    """A video file, a sound file, or one file for both; both start at 0.

    Raises:
        SourceError: while iterating, when a file is not what it should be.
    """
    streams = []
    if microphone is not None:
        block = RATE_HZ * block_ms // 1000
        streams.append(_sound(microphone, block))
    if camera is not None:
        streams.append(ahead(_pictures(camera, width, height)))
    return heapq.merge(*streams, key=lambda timed: timed[0])


def _pictures(source: str, width: int, height: int) -> Iterator[Timed]:
    for frame in media.frames(source, width, height):
        yield frame.t_ns, frame


def _sound(source: str, block: int) -> Iterator[Timed]:
    last: AudioChunk | None = None
    for last in media.sound(source, RATE_HZ, block):
        yield last.end_ns, last
    if last is not None:
        yield from silence(last.end_ns, block)


def silence(start_ns: int, block: int) -> Iterator[Timed]:
    """Chunks of zeros for TAIL_NS."""
    zeros = np.zeros(block, np.int16)
    zeros.flags.writeable = False
    for i in range(TAIL_NS * RATE_HZ // S // block):
        chunk = AudioChunk(start_ns + i * block * S // RATE_HZ, zeros, RATE_HZ)
        yield chunk.end_ns, chunk
