"""Silence and a still scene: what waiting costs, beside the bare sum of VAD and gate on the same input.

The whole default profile is loaded (recogniser, OCR, codes, local model). Input is given in real time from memory, so the
camera's decoding is not in it: 30 pictures a second of one scene with sensor noise, and sound with a noise floor.
Wake-ups = voluntary context switches of the process per second. The bare sum runs the same VAD windows and the same
gate steps in a plain loop, without clock, threads or queues.
"""

from __future__ import annotations

import time
from collections.abc import Iterator

import numpy as np

from benchmarks.claims import Claim, main
from edge.clock import S
from edge.config import load_config
from edge.measure import Usage
from edge.memory import resident_mb
from edge.perception.hear import WINDOW
from edge.perception.keyframe import KeyframeGate, Options
from edge.perception.vad_silero import SileroVad
from edge.runtime import Live, paced
from edge.sources.replay import Timed
from edge.types import AudioChunk, Event, Frame

FPS = 30
BLOCK = 1280
PICTURES = 8


def events(seconds: float, start_s: float = 0.0) -> Iterator[Timed]:
    """Pictures and sound of a room in which nothing happens."""
    rng = np.random.default_rng(0)
    scene = rng.integers(40, 200, (12, 16, 3), np.uint8).repeat(40, 0).repeat(40, 1)
    pictures = [scene + rng.integers(0, 8, scene.shape, np.uint8) for _ in range(PICTURES)]
    sound = [rng.normal(0, 20, BLOCK).astype(np.int16) for _ in range(PICTURES)]
    for array in (*pictures, *sound):
        array.flags.writeable = False
    due: list[tuple[int, Event]] = []
    for i in range(int(seconds * FPS)):
        due.append((i * S // FPS, Frame(i * S // FPS, pictures[i % PICTURES], i)))
    for i in range(int(seconds * 16_000 / BLOCK)):
        chunk = AudioChunk(i * BLOCK * S // 16_000, sound[i % PICTURES], 16_000)
        due.append((chunk.end_ns, chunk))
    yield from sorted(due, key=lambda pair: pair[0])


def bare(seconds: float) -> float:
    """Processor seconds of VAD and gate alone."""
    vad, gate = SileroVad(), KeyframeGate(Options())
    feed = [event for _, event in events(seconds)]
    start = time.process_time()
    for event in feed:
        if isinstance(event, Frame):
            list(gate.process(event))
        elif isinstance(event, AudioChunk):
            for at in range(0, BLOCK - WINDOW + 1, WINDOW):
                vad.probability(event.samples[at : at + WINDOW])
    return time.process_time() - start


def measure(quick: bool) -> list[Claim]:
    seconds, warm_s = (25, 10) if quick else (120, 20)
    feed = list(events(seconds + warm_s))
    started_s = time.monotonic()
    listening_s = 0.0
    usage = Usage()

    def watched() -> Iterator[Timed]:
        for t_ns, event in feed:
            if not hasattr(usage, "cores") and t_ns >= warm_s * S:
                usage.__enter__()
            yield t_ns, event
        usage.__exit__(None, None, None)

    def on_listening() -> None:
        nonlocal listening_s
        listening_s = time.monotonic() - started_s

    session = Live(load_config(), paced(watched()), (True, True)).run(on_listening)
    core = 100 * usage.cpu_s / usage.wall_s
    sum_core = 100 * bare(seconds) / seconds
    looks = len(session.log.looks)
    return [
        Claim("processor, of one core", core, "%", "<= 5", f"bare VAD + gate {sum_core:.2f} %"),
        Claim("processor, idle runtime / bare VAD + gate", core / sum_core, "ratio", ""),
        Claim("wake-ups", usage.wakeups / usage.wall_s, "1/s", "<= 60"),
        Claim("from start to listening", listening_s, "s", "<= 2"),
        Claim("memory, default profile, peak", usage.peak_memory_mb, "MB", "<= 400"),
        Claim("memory, default profile, at the end", resident_mb(), "MB", ""),
        Claim("looks of detectors at the still scene", float(looks), "looks", ""),
    ]


if __name__ == "__main__":
    main("idle", __doc__, measure)
