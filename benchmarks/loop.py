"""The loop under 2× overload: 30 fps of 640×480 and 16 kHz sound, every stage twice as slow as its input, 10 minutes.

The queues are those of the runtime (`edge.graph`); the stages are stand-ins that sleep for twice the period of their
input at each call, whatever they are given, as a native call without the interpreter's lock would. Then the cost of one
hop (publish → thread → stage) beside pipecat's (push_frame → FrameProcessor) with the same 640×480 picture: rounds of
both sides alternate, each side sends one frame at a time through a chain and waits for it to come out.

Metrics: age = time from capture to the moment a stage takes the item. A frame at the model counts from its capture.
Memory slope = least squares over one reading a second after a quarter of the run.

pipecat is a peer, not a dependency: GLASSPATH_PIPECAT names a Python that has it (`pip install pipecat-ai`).
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.claims import Claim, main
from edge import graph
from edge.bus import Bus
from edge.clock import S, session_clock
from edge.mailbox import Policy
from edge.memory import resident_mb
from edge.perception.keyframe import KeyframeGate, Options
from edge.stage import Node
from edge.trace import Trace, percentile
from edge.types import AudioChunk, Frame, Keyframe, Looked, Utterance, Work
from edge.worker import Worker, run

FPS = 30
BLOCK = 1280
CHAIN = 8
ROUNDS = 7


class Slow:
    """Takes `cost_s` for each item and passes on what the next stage lives from."""

    def __init__(self, cost_s: float) -> None:
        self._cost_s = cost_s
        self.samples = 0
        self.items = 0

    def process(self, item: Any) -> Iterator[Any]:
        time.sleep(self._cost_s)
        self.items += 1
        yield Work("slow")
        match item:
            case AudioChunk():
                self.samples += len(item.samples)
                yield Utterance(0, item.end_ns, item.t_ns, item.samples, item.rate_hz, False)
            case Utterance():
                self.samples += len(item.samples)
            case Keyframe():
                yield Looked(item.t_ns, "slow", ())


def overload(seconds: float) -> list[Claim]:
    """Feed the graph in real time for `seconds`."""
    now_ns = session_clock()
    bus, trace = Bus(), Trace(live=True)
    sound, frame_period = BLOCK / 16_000, 1 / FPS
    stages = {"hear": Slow(2 * sound), "listen": Slow(2 * 2 * sound), "objects": Slow(2 * frame_period),
              "ocr": Slow(2 * frame_period), "fuse": Slow(2 * 2 * frame_period)}  # fmt: skip
    join = Policy(512, "join", max_age_ms=30_000)
    nodes = [
        Node("hear", stages["hear"], (AudioChunk,), join),
        Node("listen", stages["listen"], (Utterance,), join),
        Node("objects", stages["objects"], (Keyframe,), graph.NEWEST_FRAME),
        Node("ocr", stages["ocr"], (Keyframe,), graph.NEWEST_FRAME),
        Node("fuse", stages["fuse"], (Looked,), Policy(8, "oldest", max_age_ms=2_000)),
    ]
    workers = [Worker(node, bus, trace, now_ns) for node in nodes]
    gate = Node("gate", KeyframeGate(Options()), (Frame,), None)
    bus.connect((Frame,), lambda item: run(gate, (now_ns(), item), bus, trace, now_ns))
    for worker in workers:
        worker.start()
    # a scene that changes with every frame, so that the gate lets all through
    images = np.random.default_rng(0).integers(0, 255, (8, 12, 16, 3), np.uint8).repeat(40, 1).repeat(40, 2)
    images.flags.writeable = False
    silence = np.zeros(BLOCK, np.int16)
    memory: list[tuple[float, float]] = []
    sent_frames = sent_blocks = 0
    next_second = 0.0
    while (t := now_ns() / S) < seconds:
        if t >= next_second:
            memory.append((t, resident_mb()))
            next_second += 1
        if t >= sent_frames * frame_period:
            bus.publish(Frame(now_ns(), images[sent_frames % 8], sent_frames))
            sent_frames += 1
        if t >= (sent_blocks + 1) * sound:
            bus.publish(AudioChunk(sent_blocks * int(sound * S), silence, 16_000))
            sent_blocks += 1
        pause_s = min(sent_frames * frame_period, (sent_blocks + 1) * sound) - now_ns() / S
        if pause_s > 0:
            time.sleep(pause_s)
    deadline_s = time.monotonic() + 20
    while not all(w.mailbox.idle for w in workers) and time.monotonic() < deadline_s:
        time.sleep(0.05)
    for worker in workers:
        worker.close()
        worker.join(5)
    over = max(w.mailbox.counters.oldest_taken_ms / w.mailbox.policy.max_age_ms for w in workers)
    frame_ages = [*trace.age_ms["objects"], *trace.age_ms["ocr"]]
    lost = sum(w.mailbox.counters.lost for w in workers if w.node.name in ("hear", "listen"))
    lost += sent_blocks * BLOCK - stages["listen"].samples
    half = seconds / 4
    slope = float(np.polyfit(*zip(*[(t / 3600, mb) for t, mb in memory if t > half], strict=True), 1)[0])
    return [
        Claim(f"oldest item taken, share of its declared maximum age over {seconds:.0f} s at 2x", over, "ratio", "<= 1"),
        Claim("age of the frame at the model, p99", percentile(frame_ages, 99) / (1000 / FPS), "frame periods", "<= 1.5"),
        Claim("age of the frame at the model, worst", max(frame_ages) / (1000 / FPS), "frame periods", ""),
        Claim("sound lost", float(lost), "samples and chunks", "= 0"),
        Claim("memory slope after warm-up", slope, "MB/h", "<= 1"),
    ]  # fmt: skip


class Pass:
    """Passes an item on to the next of the chain."""

    def __init__(self, out: type) -> None:
        self._out = out

    def process(self, item: Any) -> Iterator[Any]:
        yield self._out(item.frame)


def our_hop(frames: int) -> tuple[float, float]:
    """µs of time and of processor time per hop."""
    now_ns = session_clock()
    bus, trace = Bus(), Trace()
    kinds = [
        type(f"Hop{i}", (), {"__init__": lambda self, frame: setattr(self, "frame", frame)}) for i in range(CHAIN + 1)
    ]
    workers = [
        Worker(Node(f"hop{i}", Pass(kinds[i + 1]), (kinds[i],), Policy(4, "oldest", 1_000)), bus, trace, now_ns)
        for i in range(CHAIN)
    ]
    out = threading.Semaphore(0)
    bus.connect((kinds[-1],), lambda item: out.release())
    for worker in workers:
        worker.start()
    frame = Frame(0, np.zeros((480, 640, 3), np.uint8), 0)

    def send(count: int) -> None:
        for _ in range(count):
            bus.publish(kinds[0](frame))
            out.acquire()

    send(50)
    wall, cpu = time.perf_counter(), time.process_time()
    send(frames)
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    for worker in workers:
        worker.close()
        worker.join(5)
    return wall / frames / CHAIN * 1e6, cpu / frames / CHAIN * 1e6


def hops(quick: bool) -> list[Claim]:
    """Interleaved rounds of both sides."""
    python = os.environ.get("GLASSPATH_PIPECAT")
    frames = 150 if quick else 600
    ours, theirs = [], []
    for _ in range(3 if quick else ROUNDS):
        ours.append(our_hop(frames))
        if python:
            script = Path(__file__).parent / "peer_pipecat.py"
            done = subprocess.run([python, str(script), str(CHAIN), str(frames)], capture_output=True, text=True)
            if done.returncode != 0:
                print(done.stderr[-2000:], file=sys.stderr)
                python = None
                continue
            theirs.append(tuple(json.loads(done.stdout.splitlines()[-1])))
    claims = []
    for i, what in enumerate(("time", "processor time")):
        mine = statistics.median(row[i] for row in ours)
        if theirs:
            peer = statistics.median(row[i] for row in theirs)
            claims.append(Claim(f"{what} of one hop, ours / pipecat's", mine / peer, "ratio", "<= 0.5",
                                f"pipecat {peer:.1f} µs, ours {mine:.1f} µs"))  # fmt: skip
        else:
            claims.append(Claim(f"{what} of one hop", mine, "µs", "", "pipecat not installed (GLASSPATH_PIPECAT)"))
    return claims


def measure(quick: bool) -> list[Claim]:
    return [*hops(quick), *overload(30 if quick else 600)]


if __name__ == "__main__":
    main("loop", __doc__, measure)
