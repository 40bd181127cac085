"""How long a cut takes on a real sound path: PortAudio, ALSA, a PulseAudio null sink, and its monitor as the microphone."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parent.parent
ASOUND = """
pcm.!default { type pulse }
ctl.!default { type pulse }
pcm.monitor { type pulse device "speaker.monitor" hint { show on description "what the speaker plays" } }
"""
PLAYS = """
import json, os, sys, threading, time
import numpy as np
from edge import portaudio
from edge.clock import session_clock
from edge.sinks.playout import Playout
from edge.types import Mark, Speech

now_ns, stop, begun, heard = session_clock(), threading.Event(), threading.Event(), []
on_block = lambda samples: (begun.set(), heard.append((now_ns(), int(np.abs(samples).max()))))
capture = threading.Thread(
    target=portaudio.capture, args=("monitor", 16_000, 160, on_block, lambda times: None, stop), daemon=True
)
capture.start()
assert begun.wait(10), "no sound came from the monitor"
playout, output = Playout(), portaudio.OutputStream("default", 16_000, now_ns)
output.start(playout.block)
tone = (8_000 * np.sin(np.arange(16_000 * 10) / 5)).astype(np.int16)
found = []
for i in range(int(sys.argv[1])):
    playout.add(Speech(i, "a", tone, (Mark(1, len(tone)),), False))
    time.sleep(0.6 + 0.01 * (i % 7))
    cut_ns = now_ns()
    playout.cut(i, cut_ns)
    output.flush()
    output.start(playout.block)
    time.sleep(0.5)
    loud = [t for t, level in heard if level > 500 and t >= cut_ns]
    if any(level > 500 for t, level in heard if t < cut_ns):  # otherwise the path was too busy to sound at all
        found.append((max(loud) - cut_ns) / 1e6 if loud else 0.0)
    heard.clear()
print(json.dumps(found), flush=True)
os._exit(0)  # closing two streams of ALSA's PulseAudio plug-in at once hangs now and then
"""


def aborts_ms(times: int) -> tuple[list[float], str]:
    """For each cut, the time from the call to the last loud block that came out of the monitor; or none, and why."""
    if shutil.which("pulseaudio") is None:
        return [], "pulseaudio is not installed"
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        home.chmod(0o700)
        (home / "asound.conf").write_text(ASOUND)
        kept = {k: v for k, v in os.environ.items() if k in ("PATH", "LANG", "LD_LIBRARY_PATH", "PYTHONPATH")}
        environment = kept | {
            "HOME": folder, "XDG_RUNTIME_DIR": folder, "XDG_CONFIG_HOME": folder, "PULSE_SERVER": f"unix:{home / 'p'}",
            "ALSA_CONFIG_PATH": str(home / "asound.conf"),
        }  # fmt: skip
        command = [
            "pulseaudio", "-n", "--system=no", "--daemonize=no", "--exit-idle-time=-1", "--realtime=no",
            "--high-priority=no", "--use-pid-file=no", "--log-target=stderr", "--log-level=info",
            "-L", "module-null-sink sink_name=speaker",
            "-L", f"module-native-protocol-unix socket={home / 'p'} auth-anonymous=1",
        ]  # fmt: skip
        with subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True) as daemon:
            assert daemon.stderr is not None
            if not any("startup complete" in line for line in daemon.stderr):
                return [], "pulseaudio does not start here"
            try:
                done = subprocess.run(
                    [sys.executable, "-c", PLAYS, str(times)],
                    env=environment, cwd=ROOT, capture_output=True, text=True, timeout=60 + 2 * times,
                )  # fmt: skip
            except subprocess.TimeoutExpired:
                return [], "the sound path hangs here"
            finally:
                daemon.terminate()
        if done.returncode != 0:
            return [], (done.stderr.strip()[-2500:].splitlines() or ["it failed"])[-1]
        found = json.loads(done.stdout.splitlines()[-1])
        return found, "" if found else "nothing that was played came out of the monitor"
