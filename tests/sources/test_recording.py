"""A recording reads back as what was recorded, up to where it ends; what is no recording is one sentence."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from edge.clock import MS, S
from edge.commands.replay import profile_of
from edge.config import load_config
from edge.errors import SourceError
from edge.results import results
from edge.runtime import replay_virtual
from edge.sources import recording
from edge.types import AudioChunk, Frame
from tests.sinks.recorded import BLOCK, RATE_HZ, picture, record, samples

ROOT = Path(__file__).parents[2]
RECORDS_UNTIL_KILLED = """
import sys, time
from pathlib import Path
from edge.bus import Bus
from edge.clock import session_clock
from edge.sinks.record import Options, Recorder
from edge.stage import Node
from edge.trace import Trace
from edge.types import AudioChunk, Frame
from edge.worker import Worker
from tests.sinks.recorded import BLOCK, RATE_HZ, picture, samples

now_ns, bus, trace = session_clock(), Bus(), Trace()
recorder = Recorder(Options(), now_ns, trace, path=Path(sys.argv[1]))
Worker(Node("record", recorder, Recorder.takes, Recorder.policy), bus, trace, now_ns).start()
for i in range(10_000):
    at_ns = i * BLOCK * 1_000_000_000 // RATE_HZ
    time.sleep(max(0, at_ns - now_ns()) / 1e9)
    bus.publish(AudioChunk(at_ns, samples(i), RATE_HZ))
    bus.publish(Frame(at_ns, picture(i), i))
    print(now_ns(), flush=True)
"""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four seconds of noise and pictures."""
    return record(tmp_path_factory.mktemp("recording") / "a.mcap", seconds=4.0)


def corrupt(path: Path, content: bytes) -> str:
    """The sentence about a file with this content."""
    path.write_bytes(content)
    with pytest.raises(SourceError) as error:
        list(recording.read(path))
    text = str(error.value)
    assert str(path) in text
    assert "\n" not in text
    return text


def test_sound_comes_back_sample_for_sample_and_pictures_but_for_what_jpeg_loses(made: Path) -> None:
    events = [event for _, event in recording.read(made)]
    chunks = [e for e in events if isinstance(e, AudioChunk)]
    recorded, tail = chunks[:50], chunks[50:]
    assert [c.t_ns for c in recorded] == [i * 80 * MS for i in range(50)]
    for i, chunk in enumerate(recorded):
        assert np.array_equal(chunk.samples, samples(i))
    assert all(a.joins(b) for a, b in pairwise(chunks))
    assert not any(c.samples.any() for c in tail), "behind the sound lies silence, so that the last utterance ends"
    frames = [e for e in events if isinstance(e, Frame)]
    assert [(f.t_ns, f.seq) for f in frames] == [(i * 80 * MS, i) for i in range(50)]
    for i, frame in enumerate(frames):
        assert np.abs(frame.image.astype(int) - picture(i)).mean() < 3


def test_events_come_in_the_order_in_which_they_were_there(made: Path) -> None:
    times = [t_ns for t_ns, _ in recording.read(made)]
    assert times == sorted(times)


def test_a_recording_replays_to_the_same_events_twice(made: Path) -> None:
    config = load_config(None, ["perception.text.kind=none", "reasoning.local.kind=none"])
    runs = [replay_virtual(config, recording.read(made), (True, True), profile_of("desktop")) for _ in range(2)]
    first, second = (results(run) for run in runs)
    assert first["events_sha256"] == second["events_sha256"]
    assert any('"event":"Keyframe"' in line for line in runs[0].log.lines), "there was something to hash"


def test_what_was_recorded_until_a_kill_can_be_read_but_for_the_last_second(tmp_path: Path) -> None:
    """A real process records in real time and is killed after three seconds."""
    path = tmp_path / "killed.mcap"
    command = [sys.executable, "-c", RECORDS_UNTIL_KILLED, str(path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if int(line) > 3 * S:
                break
        process.send_signal(signal.SIGKILL)
    events = [event for _, event in recording.read(path)]
    heard = [e for e in events if isinstance(e, AudioChunk) and e.samples.any()]
    assert heard[-1].end_ns > 2 * S
    for i, chunk in enumerate(heard):
        assert np.array_equal(chunk.samples, samples(i))
    assert max(e.t_ns for e in events if isinstance(e, Frame)) > 1.9 * S


@pytest.mark.parametrize("share", [i / 12 for i in range(1, 12)])
def test_a_recording_that_was_cut_off_is_read_up_to_there(made: Path, tmp_path: Path, share: float) -> None:
    whole = [event for _, event in recording.read(made)]
    path = tmp_path / "cut.mcap"
    path.write_bytes(made.read_bytes()[: int(made.stat().st_size * share)])
    heard = [e for _, e in recording.read(path) if isinstance(e, AudioChunk) and e.samples.any()]
    expected = [e for e in whole if isinstance(e, AudioChunk)][: len(heard)]
    assert len(heard) > 0
    assert all(np.array_equal(a.samples, b.samples) for a, b in zip(heard, expected, strict=True))


@pytest.mark.parametrize("seed", range(16))
def test_bytes_changed_in_the_middle_are_told_and_never_played(made: Path, tmp_path: Path, seed: int) -> None:
    """Checksums are compared: noise in a picture or a sound would otherwise go through unseen."""
    data = bytearray(made.read_bytes())
    at = int(len(data) * (0.05 + 0.7 * seed / 16))
    data[at : at + 40] = random.Random(seed).randbytes(40)
    assert "is corrupt" in corrupt(tmp_path / "bad.mcap", bytes(data))


@pytest.mark.parametrize(
    "content",
    [
        b"a text, not a recording\n" * 50,
        random.Random(1).randbytes(5_000),
        b"\x89MCAP0\r\n" + random.Random(2).randbytes(5_000),
        b"\x89MCAP0\r\n" + bytes(5_000),
    ],
    ids=["text", "noise", "magic and noise", "magic and zeros"],
)
def test_a_file_of_something_else_is_said(tmp_path: Path, content: bytes) -> None:
    corrupt(tmp_path / "bad.mcap", content)


def test_a_wrong_magic_is_said(made: Path, tmp_path: Path) -> None:
    text = corrupt(tmp_path / "bad.mcap", b"\x89MCAX0\r\n" + made.read_bytes()[8:])
    assert "is not an MCAP recording" in text


def test_a_file_that_is_missing_empty_or_without_picture_and_sound_is_said(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"nowhere\.mcap is not there: check the path"):
        list(recording.read(tmp_path / "nowhere.mcap"))
    assert "holds neither pictures nor sound" in corrupt(tmp_path / "empty.mcap", b"")
    with pytest.raises(SourceError, match="holds neither pictures nor sound: record with 'edge record'"):
        list(recording.read(record(tmp_path / "silent.mcap", seconds=0.0)))


def test_blocks_are_as_long_as_they_were(made: Path) -> None:
    chunks = [e for _, e in recording.read(made) if isinstance(e, AudioChunk)]
    assert {(len(c.samples), c.rate_hz) for c in chunks} == {(BLOCK, RATE_HZ)}
