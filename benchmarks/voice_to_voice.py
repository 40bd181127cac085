"""From the end of the speech to the first sound of the answer: the default profile, spoken by espeak-ng, in real time.

The bundled recording (camera and microphone: all detectors are at work) and real clips (microphone alone), each played in
real time through the live scheduler. End of speech: where the voice activity detector's last speech window ended. First
sound: the first sample of the answer that is not silent, as the player gives it out; a device's own buffer comes on top.

Not model arithmetic: what is left of the way from the end of the speech to the first word when the pause that shows that
the question is over and the models' work (recognition, detectors that are waited for, prefill, decode) are taken out.

Beside pipecat (`peer_voice.py`, where GLASSPATH_PIPECAT names a Python with pipecat-ai[openai,silero], pocketsphinx and
llama-cpp-python[server]): the same clips in turn, the same recogniser, voice and model (a random-weight Llama of 135M's
shape, eight tokens: Glance takes no chat), no scene. Only clips that our side hears as one utterance; an answer that begins
before the end of the speech cuts in, is counted, and is no latency.

The turn of median length is drawn: `--picture FILE.svg`.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from benchmarks.claims import Claim, main
from benchmarks.random_llama import make
from benchmarks.speech_accuracy import transcribed
from edge import report
from edge.clock import MS, S
from edge.commands.profile import DEMO
from edge.config import cache_folder, load_config
from edge.event_log import TurnRecord
from edge.measure import turn_spans
from edge.runtime import Live, Session, paced
from edge.sinks.clocked import ClockedOutput
from edge.sources import replay
from edge.trace import covered_ns, percentile
from edge.types import Event, Played

QUIET: Final = 100
"""samples below this are silence: espeak-ng begins each sentence with a little"""
MODELS: Final = frozenset(("pause", "asr", "asr_final", "join", "prefill", "decode"))
RUNS: Final = 2
TOKENS: Final = 8
"""of an answer, on both sides"""


@dataclass(frozen=True, slots=True)
class Turn:
    """One question, in milliseconds from the end of the speech."""

    session: Session
    record: TurnRecord
    first_word_ms: float
    first_sound_ms: float
    overhead_ms: float


class Sounds:
    """Tap: when the answers begin to sound."""

    def __init__(self) -> None:
        self.starts_ns: list[int] = []
        self._sounded_ns = -(10**18)

    def __call__(self, event: Event) -> None:
        if not isinstance(event, Played):
            return
        loud = np.flatnonzero(np.abs(event.samples.astype(np.int32)) > QUIET)
        if not len(loud):
            return
        at_ns = event.t_ns + int(loud[0]) * S // 16_000
        if at_ns - self._sounded_ns > S // 2:
            self.starts_ns.append(at_ns)
        self._sounded_ns = event.t_ns + int(loud[-1]) * S // 16_000


def turns_of(camera: str | None, microphone: str, settings: Sequence[str] = ()) -> Iterator[Turn]:
    """One recording in real time, spoken answers included."""
    off = ["camera.source=none"] if camera is None else []
    config = load_config(None, [*off, "sinks.voice.kind=espeak", "sinks.speaker=clock", *settings])
    events = replay.files(
        camera, microphone, width=config.camera.width, height=config.camera.height, block_ms=config.microphone.block_ms
    )
    sounds = Sounds()
    inputs = (camera is not None, True)
    session = Live(config, paced(events), inputs, taps=[sounds], retry=False, make_output=ClockedOutput).run()
    for turn in session.log.turns:
        if turn.first_token_ns is None:
            continue
        sound_ns = next((t for t in sounds.starts_ns if t >= turn.first_token_ns), None)
        if sound_ns is None:
            continue
        low, high = turn.query.t_ns, turn.first_token_ns
        worked_ns = covered_ns([s for s in turn_spans(session, turn) if s.name in MODELS], low, high)
        yield Turn(session, turn, (high - low) / MS, (sound_ns - low) / MS, (high - low - worked_ns) / MS)


def claims_of(name: str, turns: Sequence[Turn]) -> list[Claim]:
    """The figures of one kind of recording."""
    if not turns:
        return [Claim(f"{name}: nobody was answered", None, "", "")]
    sounds = [t.first_sound_ms for t in turns]
    rest = [t.overhead_ms for t in turns]
    n = f"{name}, {len(turns)} turns"
    return [
        Claim(f"end of speech to first sound, p50: {n}", percentile(sounds, 50), "ms", "<= 500"),
        Claim("p95", percentile(sounds, 95), "ms", "<= 800"),
        Claim("to the first word, p50", percentile([t.first_word_ms for t in turns], 50), "ms", ""),
        Claim("first word to first sound, p50",
              statistics.median(t.first_sound_ms - t.first_word_ms for t in turns), "ms", ""),
        Claim("of the way to the first word, not model arithmetic, p50", percentile(rest, 50), "ms", ""),
        Claim("p99", percentile(rest, 99), "ms", "<= 5"),
    ]  # fmt: skip


class Pipecat:
    """The peer in its own process, which plays a clip and tells when the answer sounds."""

    def __init__(self, python: str, model: Path) -> None:
        command = [
            python,
            "-W",
            "ignore",
            str(Path(__file__).parent / "peer_voice.py"),
            str(model),
            "2048",
            "2",
            str(TOKENS),
        ]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        if self._line() != "ready":
            raise SystemExit(f"pipecat did not start: check GLASSPATH_PIPECAT={python}")

    def sound_s(self, path: Path) -> float | None:
        """Seconds from the first sample of the clip to the first audible one of the answer; None without an answer."""
        assert self._process.stdin is not None
        self._process.stdin.write(f"{path}\n")
        self._process.stdin.flush()
        found = json.loads(self._line())
        return None if found is None else float(found)

    def close(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(20)

    def _line(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline().strip()


def beside_pipecat(clips: Sequence[Path], python: str) -> list[Claim]:
    """Both sides hear the same clips in turn."""
    model = make(cache_folder(load_config()) / "benchmarks" / "random-135m.q8_0.gguf")
    local = {"model": str(model), "prompt": "chat", "threads": "2", "max_tokens": str(TOKENS)}
    settings = [f"reasoning.local.{name}={value}" for name, value in local.items()]
    peer = Pipecat(python, model)
    ours: list[float] = []
    theirs: list[float] = []
    cut_in = unanswered = 0
    for path in clips:
        turns = list(turns_of(None, str(path), settings))
        if len(turns) != 1:
            continue
        sound_s = peer.sound_s(path)
        if sound_s is None:
            unanswered += 1
        elif sound_s * 1000 <= turns[0].record.query.t_ns / MS:
            cut_in += 1
        else:
            ours.append(turns[0].first_sound_ms)
            theirs.append(sound_s * 1000 - turns[0].record.query.t_ns / MS)
    peer.close()
    if not ours:
        return [Claim("beside pipecat: no clip was answered by both", None, "", "")]
    ratio = statistics.median(t / o for o, t in zip(ours, theirs, strict=True))
    beside = f"pipecat p50 {percentile(theirs, 50):.0f} ms, p95 {percentile(theirs, 95):.0f} ms"
    return [
        Claim(f"with the same recogniser, 135M model and voice as pipecat, {len(ours)} clips, p50",
              percentile(ours, 50), "ms", "", beside),
        Claim("times sooner than pipecat, median of pairs", ratio, "x", "",
              f"pipecat cut in on {cut_in} more, left {unanswered} unanswered"),
    ]  # fmt: skip


def measure(quick: bool, picture: Path | None = None) -> list[Claim]:
    """Both kinds of recording; `picture` gets the turn of median length."""
    walked = [t for _ in range(1 if quick else RUNS) for t in turns_of(str(DEMO), str(DEMO))]
    claims = claims_of("the bundled recording, seen and heard", walked)
    if picture is not None and walked:
        middle = sorted(walked, key=lambda t: t.first_word_ms)[len(walked) // 2]
        picture.write_text(report.waterfall_picture(middle.session, middle.record))
    clips = [path for path, _ in transcribed()][: 2 if quick else None]
    if not clips:
        return [*claims, Claim("real clips: not measured, there is no speech (GLASSPATH_DATA)", None, "", "")]
    heard = [t for path in clips for t in turns_of(None, str(path))]
    claims += claims_of("real clips, heard", heard)
    if python := os.environ.get("GLASSPATH_PIPECAT"):
        return [*claims, *beside_pipecat(clips, python)]
    return [*claims, Claim("beside pipecat: not measured (GLASSPATH_PIPECAT)", None, "", "")]


if __name__ == "__main__":
    options = argparse.ArgumentParser(add_help=False)
    options.add_argument("--picture", type=Path)
    given, sys.argv[1:] = options.parse_known_args()
    main("voice_to_voice", __doc__, lambda quick: measure(quick, given.picture))
