"""Doubles for the tests: stages, devices and clocks that do as they are told; faults are data."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from edge.clock import MS, S
from edge.errors import SourceError
from edge.sinks.marks import estimated
from edge.types import AudioChunk, Frame, Keyframe, Looked, Mark, Seen, Transcript, Work


def frame(t_ms: float, value: int = 0, seq: int = 0) -> Frame:
    """A small grey picture."""
    return Frame(int(t_ms * MS), np.full((48, 64, 3), value, np.uint8), seq)


def keyframe(t_ms: float, *, refresh: bool = False) -> Keyframe:
    return Keyframe(int(t_ms * MS), frame(t_ms), 1.0, refresh)


def chunk(t_ms: float, samples: int = 1280, value: int = 0) -> AudioChunk:
    return AudioChunk(int(t_ms * MS), np.full(samples, value, np.int16), 16_000)


def seen(label: str, t_ms: float = 0, kind: Any = "text", box: Any = (0.4, 0.4, 0.6, 0.6), score: float = 0.95) -> Seen:
    return Seen(int(t_ms * MS), kind, label, score, box)


def looked(t_ms: float, *things: Seen, detector: str = "ocr") -> Looked:
    return Looked(int(t_ms * MS), detector, things)


def said(text: str, end_ms: float, *, final: bool = True) -> Transcript:
    return Transcript(int(max(0, end_ms - 1000) * MS), int(end_ms * MS), text, 0.9, final)


class Echo:
    """Yields what it is told for each item, with a work mark before."""

    def __init__(self, make: Callable[[Any], Any] = lambda item: None, work: str = "echo", units: float = 1.0) -> None:
        self._make, self._work, self._units = make, work, units
        self.items: list[Any] = []

    def process(self, item: Any) -> Iterator[Any]:
        self.items.append(item)
        yield Work(self._work, self._units)
        out = self._make(item)
        if out is not None:
            yield out


class FlakySource:
    """Fails as often as it is told, then delivers its events."""

    name = "flaky"

    def __init__(self, events: list[Any], failures: int) -> None:
        self._events, self._failures = events, failures

    def run(self, publish: Callable[[Any], None], stop: threading.Event) -> None:
        if self._failures > 0:
            self._failures -= 1
            raise SourceError("the flaky device is unplugged: plug it in")
        for event in self._events:
            publish(event)


class ScriptedVad:
    """Speech in the given stretches of time (s), counted in windows of 512 samples."""

    def __init__(self, *stretches: tuple[float, float]) -> None:
        self._stretches = stretches
        self._window = 0

    def probability(self, window: Any) -> float:
        t_s = self._window * 512 / 16_000
        self._window += 1
        return 0.95 if any(a <= t_s < b for a, b in self._stretches) else 0.02

    def reset(self) -> None:
        pass


def sound(seconds: float, block: int = 1280) -> Iterator[AudioChunk]:
    """Silence in blocks."""
    for i in range(int(seconds * 16_000 / block)):
        yield AudioChunk(i * block * S // 16_000, np.zeros(block, np.int16), 16_000)


class FakeVoice:
    """A tone of 50 ms for each character, at 16 kHz; the texts in `fails` raise instead."""

    rate_hz = 16_000

    def __init__(self, *fails: str) -> None:
        self._fails = fails
        self.said: list[str] = []

    def say(self, text: str) -> tuple[Any, tuple[Mark, ...]]:
        self.said.append(text)
        if text in self._fails:
            raise SourceError("the fake voice is hoarse: let it rest")
        samples = np.full(len(text) * 800, 8_000, np.int16)
        return samples, estimated(text, len(samples))


class BrokenOutput:
    """A speaker that is not there, or that takes no sound."""

    name, keep_ns = "speaker 7", 0

    def __init__(self, error: str = "") -> None:
        self._error = error

    def start(self, fill: Any) -> None:
        if self._error:
            raise SourceError(self._error)

    def advance(self) -> None: ...
    def flush(self) -> None: ...
    def stop(self) -> None: ...
    def close(self) -> None: ...
