"""Real sound through real PortAudio: a PulseAudio daemon of our own plays into a sink, and its monitor is captured."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from edge import media, portaudio
from edge.clock import MS, S
from edge.errors import SourceError
from edge.perception import vad_silero
from edge.perception.hear import Hear, Options
from edge.sample_clock import PATIENCE_NS, SampleClock
from edge.types import AudioChunk, SpeechStarted
from tests.shared_data import ROOT as SHARED
from tests.test_media import RATE_HZ, tone, write_wav

ROOT = Path(__file__).parents[1]
PLAYED_S = 4.0
CAPTURES = """
import subprocess, sys, threading
import numpy as np
from edge.clock import session_clock
from edge.sources.microphone import Microphone

device, sound, out = sys.argv[1:]
chunks, arrived_ns, now_ns = [], [], session_clock()
begun, stop = threading.Event(), threading.Event()

def publish(chunk):
    chunks.append(chunk)
    arrived_ns.append(now_ns())
    begun.set()

microphone = Microphone(device, 80, now_ns)
thread = threading.Thread(target=microphone.run, args=(publish, stop))
thread.start()
assert begun.wait(10), "no block came"
subprocess.run(["paplay", sound], check=True, timeout=30)
stop.set()
thread.join(10)
np.savez(out, t_ns=[c.t_ns for c in chunks], end_ns=[c.end_ns for c in chunks], arrived_ns=arrived_ns,
         samples=np.stack([c.samples for c in chunks]),
         writeable=any(c.samples.flags.writeable for c in chunks))
"""
ASOUND = """
pcm.!default { type pulse }
ctl.!default { type pulse }
pcm.monitor { type pulse device "speaker.monitor" hint { show on description "what the speaker plays" } }
"""
Captured = tuple[np.ndarray, dict[str, np.ndarray]]
"""what was played, -1..1, and what came of it"""
needs_sound = pytest.mark.skipif(
    not (shutil.which("pulseaudio") and shutil.which("paplay")),
    reason="pulseaudio and paplay are not installed: sudo apt-get install -y pulseaudio pulseaudio-utils "
    "libasound2-plugins",
)


@pytest.fixture(scope="module")
def pulse(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """The environment in which a daemon with one silent speaker is the only sound there is."""
    if not list(Path("/usr/lib").glob("*/alsa-lib/libasound_module_pcm_pulse.so")):
        pytest.skip("ALSA has no PulseAudio plug-in: sudo apt-get install -y libasound2-plugins")
    home = tmp_path_factory.mktemp("pulse")
    home.chmod(0o700)
    socket = home / "p"
    (home / "asound.conf").write_text(ASOUND)
    kept = {k: v for k, v in os.environ.items() if k in ("PATH", "LANG", "LD_LIBRARY_PATH")}
    environment = kept | {
        "HOME": str(home), "XDG_RUNTIME_DIR": str(home), "XDG_CONFIG_HOME": str(home), "PULSE_SERVER": f"unix:{socket}",
        "ALSA_CONFIG_PATH": str(home / "asound.conf"),
    }  # fmt: skip
    command = [
        "pulseaudio", "-n", "--system=no", "--daemonize=no", "--exit-idle-time=-1", "--realtime=no",
        "--high-priority=no", "--use-pid-file=no", "--log-target=stderr", "--log-level=info",
        "-L", "module-null-sink sink_name=speaker",
        "-L", f"module-native-protocol-unix socket={socket} auth-anonymous=1",
    ]  # fmt: skip
    with subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True) as daemon:
        assert daemon.stderr is not None
        said = []
        for line in daemon.stderr:
            said.append(line)
            if "startup complete" in line:
                break
        else:
            pytest.skip(f"pulseaudio does not start here: {''.join(said)[-400:]}")
        yield environment
        daemon.terminate()


@pytest.fixture(scope="module")
def captured(pulse: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Captured:
    """What was played (speech where it is at hand, a tone otherwise) and what the microphone gave."""
    folder = tmp_path_factory.mktemp("capture")
    speech = SHARED / "audio" / "jfk.wav"
    if speech.exists():
        blocks = [c.samples for c in media.sound(str(speech), RATE_HZ, RATE_HZ)]
        played = np.concatenate(blocks)[: int(PLAYED_S * RATE_HZ)] / 32768
    else:
        played = tone(PLAYED_S, RATE_HZ)
    path = write_wav(folder / "played.wav", played, RATE_HZ)
    command = [sys.executable, "-c", CAPTURES, "monitor", str(path), str(folder / "out.npz")]
    done = subprocess.run(command, env=pulse, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    with np.load(folder / "out.npz") as found:
        return played, dict(found)


@needs_sound
def test_blocks_follow_each_other_on_the_capture_clock(captured: Captured) -> None:
    """By the count of samples: each begins where the one before ends, and none is from the future."""
    _, found = captured
    assert found["samples"].shape[1] == RATE_HZ * 80 // 1000
    assert found["samples"].dtype == np.int16
    t_ns, end_ns, arrived_ns = (found[k].astype(np.int64) for k in ("t_ns", "end_ns", "arrived_ns"))
    assert all(b > a for a, b in pairwise(t_ns.tolist()))
    joined = np.abs(t_ns[1:] - end_ns[:-1]) <= 500_000
    assert joined.mean() >= 0.9, "PulseAudio itself skips when the machine is very busy"
    assert (end_ns <= arrived_ns + PATIENCE_NS).all()
    assert t_ns[-1] - t_ns[0] == pytest.approx(len(t_ns) * 80 * MS, rel=0.1)
    assert not bool(found["writeable"])


@needs_sound
def test_what_was_played_is_what_was_heard(captured: Captured) -> None:
    """Found by correlation; PulseAudio resamples twice on the way."""
    played, found = captured
    heard = found["samples"].reshape(-1) / 32768
    size = 1 << (len(heard) + len(played)).bit_length()
    match = np.fft.irfft(np.fft.rfft(heard, size) * np.conj(np.fft.rfft(played, size)), size)
    lag = int(np.argmax(match[: len(heard)]))
    piece = heard[lag : lag + len(played)]
    original = played[: len(piece)]
    assert len(piece) > 0.8 * len(played)
    assert float(piece @ original / np.sqrt((piece @ piece) * (original @ original))) > 0.9


@needs_sound
def test_speech_that_was_captured_is_noticed(captured: Captured) -> None:
    if not (SHARED / "audio" / "jfk.wav").exists():
        pytest.skip(f"{SHARED}/audio/jfk.wav is not there (set GLASSPATH_DATA to the shared data)")
    hear = Hear(Options(), vad_silero.build(vad_silero.Options()))
    events = [
        event
        for t_ns, samples in zip(captured[1]["t_ns"], captured[1]["samples"], strict=True)
        for event in hear.process(AudioChunk(int(t_ns), samples, RATE_HZ))
    ]
    assert any(isinstance(e, SpeechStarted) for e in events)


def in_daemon(pulse: dict[str, str], *argv: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, *argv]
    return subprocess.run(command, env=pulse, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)


@needs_sound
def test_a_microphone_that_does_not_exist_is_one_sentence_that_lists_what_there_is(pulse: dict[str, str]) -> None:
    script = """
import threading
from edge.errors import SourceError
from edge.sources.microphone import Microphone
try:
    Microphone("glasses", 80, lambda: 0).run(print, threading.Event())
except SourceError as error:
    print(error)
"""
    done = in_daemon(pulse, "-c", script)
    assert done.stdout.startswith("there is no microphone 'glasses': there are ")
    assert "monitor" in done.stdout
    assert "default" in done.stdout
    assert done.stdout.count("\n") == 1


@needs_sound
def test_a_microphone_is_listed_by_name(pulse: dict[str, str]) -> None:
    done = in_daemon(pulse, "-m", "edge", "run", "--list", "--json")
    found = json.loads(done.stdout.splitlines()[-1])
    assert "monitor" in [row["name"] for row in found["microphones"]]


def test_without_any_microphone_the_sentence_says_what_to_set() -> None:
    try:
        if any(d.inputs for d in portaudio.devices()):
            pytest.skip("there is a microphone on this machine")
    except SourceError as error:
        pytest.skip(f"PortAudio is not installed: {error}")
    with pytest.raises(SourceError, match=r"there is no microphone: plug one in, or set microphone\.device=none"):
        portaudio.capture("", RATE_HZ, 1_280, lambda samples: None, lambda times: None, threading.Event())


def test_the_sample_clock_is_steady_under_jitter_and_follows_drift() -> None:
    """Blocks arrive up to 20 ms late, and the device runs 100 ppm fast."""
    clock, rng = SampleClock(RATE_HZ), np.random.default_rng(0)
    length_ns = int(80 * MS * (1 - 100e-6))
    stamps = [clock.stamp(1_280, (i + 1) * length_ns + int(rng.integers(0, 20 * MS))) for i in range(5_000)]
    steps = np.diff(stamps)
    assert np.abs(steps - 80 * MS).max() <= 400_000
    assert clock.gaps == 0
    assert abs(stamps[-1] - 4_999 * length_ns) < 20 * MS


def test_a_block_that_comes_late_is_not_taken_for_lost_sound() -> None:
    """On a busy machine one callback waits and the next come at once: the samples follow each other all the same."""
    clock = SampleClock(RATE_HZ)
    arrivals_ms = [80, 160, 240, 320 + 180, 505, 510, 560, 640, 720]
    stamps = [clock.stamp(1_280, t_ms * MS) for t_ms in arrivals_ms]
    assert np.abs(np.diff(stamps) - 80 * MS).max() <= 400_000
    assert clock.gaps == 0


def test_sound_that_was_lost_is_a_gap_in_the_stamps() -> None:
    """Much of it at once; a little when the clock stays ahead for half a second."""
    clock = SampleClock(RATE_HZ)
    before = [clock.stamp(1_280, (i + 1) * 80 * MS) for i in range(5)]
    after = clock.stamp(1_280, 2 * S)
    assert before == [i * 80 * MS for i in range(5)]
    assert after == 2 * S - 80 * MS
    later = [clock.stamp(1_280, 2 * S + (i + 1) * 80 * MS + 100 * MS) for i in range(10)]
    assert later[-1] == pytest.approx(2 * S + 9 * 80 * MS + 100 * MS, abs=5 * MS)
    assert clock.gaps == 2


def test_a_first_block_that_was_late_is_set_right_within_a_second() -> None:
    """No sound is from the future."""
    clock = SampleClock(RATE_HZ)
    assert clock.stamp(1_280, 300 * MS) == 220 * MS
    stamps = [clock.stamp(1_280, 80 * MS + (i + 1) * 80 * MS) for i in range(12)]
    assert stamps[-1] == pytest.approx(80 * MS + 11 * 80 * MS, abs=5 * MS)
    assert clock.gaps == 1
