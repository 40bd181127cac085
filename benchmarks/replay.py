"""Replays: one hash whatever the load, how much faster than real time, and what recording and tracing cost.

With stub models: the bundled recording, decoded each time, through the real sources, VAD, endpointing, gate, queues and
fusion; recognition, detectors and answers are stand-ins that yield at once and cost 30 ms on the virtual clock. A thread
that keeps a core busy runs beside every second replay, so that the machine's load differs.
With real models: a GRID clip (picture and sound in one file) through the default profile.

Recording: processor time of the recorder's stage over all events of the recording, as a share of one core in real time;
files go to a temporary folder. Tracing: spans of a second of the replay, times the measured cost of one
span, with the question for its processor time, as a share of the processor time that a second of the real run takes.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks.claims import DATA, Claim, main
from edge.bus import Bus
from edge.clock import S, VirtualClock
from edge.commands.profile import DEMO
from edge.commands.replay import profile_of
from edge.config import load_config
from edge.event_log import EventLog
from edge.fusion import Fusion
from edge.fusion import Options as FusionOptions
from edge.graph import NEWEST_FRAME
from edge.mailbox import Policy
from edge.measure import Usage
from edge.perception.hear import Hear
from edge.perception.hear import Options as HearOptions
from edge.perception.keyframe import KeyframeGate
from edge.perception.keyframe import Options as GateOptions
from edge.perception.vad_silero import SileroVad
from edge.profile import Profile
from edge.reasoning.router import Router
from edge.runtime import no_device, replay_virtual
from edge.simulation import Simulation
from edge.sinks.record import Options as RecordOptions
from edge.sinks.record import Recorder
from edge.sources import replay
from edge.stage import Node
from edge.trace import Trace
from edge.types import Answer, AudioChunk, Frame, Keyframe, Looked, Query, Seen, Transcript, Utterance, Work

JOIN = Policy(512, "join", 30_000)
CONTROL = Policy(256, "oldest", 60_000)


class StubRecogniser:
    def process(self, part: Utterance) -> Iterator[Transcript | Work]:
        yield Work("stub", len(part.samples) / part.rate_hz)
        if part.is_final:
            yield Transcript(part.t_ns, part.end_ns, "what does the sign say", 1.0, is_final=True)


class StubDetector:
    def process(self, keyframe: Keyframe) -> Iterator[Looked | Work]:
        yield Work("stub", 1)
        yield Looked(keyframe.t_ns, "stub", (Seen(keyframe.t_ns, "text", "EXIT", 1.0, (0.4, 0.4, 0.6, 0.6)),))


def feed() -> Iterator[replay.Timed]:
    return replay.files(str(DEMO), str(DEMO), width=640, height=480, block_ms=80)


def stubbed() -> tuple[str, float, int]:
    """Hash, seconds of recording, spans."""
    clock = VirtualClock()
    bus, trace, log = Bus(), Trace(), EventLog(clock)
    bus.tap(log)
    nodes = [
        Node("hear", Hear(HearOptions(), SileroVad()), (AudioChunk,), JOIN),
        Node("listen", StubRecogniser(), (Utterance,), JOIN),
        Node("gate", KeyframeGate(GateOptions()), (Frame,), None),
        Node(
            "fuse",
            Fusion(FusionOptions(), ("stub",), no_device, clock),
            (Keyframe, Looked, Transcript, Answer),
            CONTROL,
        ),
        Node("answer", Router(None), (Query,), CONTROL),
        Node("stub", StubDetector(), (Keyframe,), NEWEST_FRAME),
    ]
    simulation = Simulation(nodes, bus, trace, clock, Profile("stub", 2, {"stub": 30.0, "hear": 0.3}))
    simulation.run(feed())
    dropped = {name: box.counters.lost for name, box in simulation.mailboxes.items()}
    return log.sha256(dropped), clock() / S, len(trace.spans)


def stub_claims(count: int) -> list[Claim]:
    hashes, speeds = set(), []
    for i in range(count):
        busy = subprocess.Popen([sys.executable, "-c", "while True: pass"]) if i % 2 else None
        start_s = time.perf_counter()
        digest, seconds, _ = stubbed()
        if busy is None:
            speeds.append(seconds / (time.perf_counter() - start_s))
        else:
            busy.kill()
            busy.wait()
        hashes.add(digest)
    return [
        Claim(f"different hashes in {count} replays with stub models, half of them beside a busy process",
              float(len(hashes)), "hashes", "= 1"),
        Claim("speed with stub models, decoding included", statistics.median(speeds), "x real time", ">= 20"),
    ]  # fmt: skip


def real_claims(count: int) -> list[Claim]:
    clip = DATA / "video" / "grid" / "swiz3n.mpg"
    if not clip.is_file():
        return [Claim(f"replays with real models: {clip} is not there", None, "hashes", "")]
    hashes, speeds = set(), []
    for _ in range(count):
        start_s = time.perf_counter()
        events = replay.files(str(clip), str(clip), width=640, height=480, block_ms=80)
        session = replay_virtual(load_config(), events, (True, True), profile_of("desktop"))
        hashes.add(session.log.sha256(session.dropped()))
        speeds.append(session.duration_ns / S / (time.perf_counter() - start_s))
    return [
        Claim(f"different hashes in {count} replays with real models", float(len(hashes)), "hashes", "= 1"),
        Claim("speed with real models, loading included", statistics.median(speeds), "x real time", ""),
    ]


def recording_claims() -> list[Claim]:
    events = list(feed())
    seconds = events[-1][0] / S
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "bench.mcap"
        clock = VirtualClock()
        recorder = Recorder(RecordOptions(), clock, Trace(), path=path)
        start_s = time.process_time()
        for t_ns, event in events:
            clock.advance_to(max(t_ns, clock()))
            for _ in recorder.process(event):
                pass
        recorder.close()
        share = 100 * (time.process_time() - start_s) / seconds
        size_mb = path.stat().st_size / 1e6
    fps = RecordOptions().fps
    return [
        Claim(f"recording sound and {fps:g} pictures a second", share, "% of a core", "<= 2"),
        Claim("size of a minute of recording", size_mb * 60 / seconds, "MB", ""),
    ]


def tracing_claims() -> list[Claim]:
    _, seconds, spans = stubbed()
    trace = Trace()
    count = 200_000
    start_s = time.process_time()
    for i in range(count):
        trace.work("x", "y", i, i + 1, 1.0, time.thread_time_ns())
    each_s = (time.process_time() - start_s) / count
    clip = replay.files(str(DEMO), str(DEMO), width=640, height=480, block_ms=80)
    short: list[Any] = [event for event in clip if event[0] < 12 * S]
    with Usage() as usage:
        session = replay_virtual(load_config(), iter(short), (True, True), profile_of("desktop"))
    real_cpu = usage.cpu_s / (session.duration_ns / S)
    share = 100 * spans / seconds * each_s / real_cpu
    return [Claim("tracing, of the processor time of the session", share, "%", "<= 1", f"{each_s * 1e6:.2f} µs a span")]


def measure(quick: bool) -> list[Claim]:
    return [*stub_claims(6 if quick else 100), *real_claims(2 if quick else 5), *recording_claims(), *tracing_claims()]


if __name__ == "__main__":
    main("replay", __doc__, measure)
