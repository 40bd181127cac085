"""A fit that is killed again and again: it goes on where it was, and the file is the same to the bit."""

from __future__ import annotations

import os
import random
import shutil
import signal
import statistics
import subprocess
import sys
import time
from pathlib import Path

from benchmarks.claims import Claim


def claims(model: Path, text: Path, folder: Path, kills: int) -> list[Claim]:
    """SIGKILL at random points of the measuring, then to the end; held against a run that was left alone."""
    alone, whole_s = _undisturbed(model, text, folder / "alone")
    out, rng = folder / "killed", random.Random(6)
    lost: list[float] = []
    for _ in range(kills):
        run = _start(model, text, out)
        # Points are spread over the measuring: each run gets a share of what was counted in the undisturbed one.
        share = rng.uniform(0.3, 1.7) * alone.count / (kills + 1)
        aim, begun = _lines(out) + max(int(share), 1), time.monotonic()
        while run.poll() is None and _lines(out) < aim and time.monotonic() - begun < 120:
            time.sleep(0.002)  # another process is waited for
        time.sleep(rng.uniform(0, 0.05))  # the kill comes at any moment of the work
        run.send_signal(signal.SIGKILL)
        run.wait()
        journal = next(iter(out.glob("journal-*.jsonl")), None)
        if journal is not None:
            lost.append(max(time.time() - journal.stat().st_mtime, 0.0))
    _start(model, text, out).wait()
    made = next(iter(out.glob("*MB.gguf")), None)
    same = made is not None and made.read_bytes() == alone.file.read_bytes()
    pieces = _pieces_twice(out)
    shutil.rmtree(folder, ignore_errors=True)
    return [
        Claim(f"{kills} SIGKILLs at random points, resumed: same file to the bit", float(same), "", "= 1"),
        Claim(
            "time since the last measurement that was kept, at all kills, of a whole run", 100 * sum(lost) / whole_s, "%",
            "<= 5", f"{alone.count} measurements in {whole_s:.0f} s; {statistics.median(lost or [0.0]):.2f} s at each kill",
        ),
        Claim("kept measurements that were made again", pieces, "", "= 0"),
    ]  # fmt: skip


class _Alone:
    def __init__(self, file: Path, count: int) -> None:
        self.file, self.count = file, count


def _undisturbed(model: Path, text: Path, out: Path) -> tuple[_Alone, float]:
    begun = time.monotonic()
    _start(model, text, out).wait()
    taken = time.monotonic() - begun
    return _Alone(next(out.glob("*MB.gguf")), _lines(out)), taken


def _start(model: Path, text: Path, out: Path) -> subprocess.Popen[bytes]:
    size = f"{0.2 * model.stat().st_size / 1e6:.3f}MB"
    words = [sys.executable, "-m", "quantize", "fit", str(model), "--size", size, "--no-report"]
    words += ["--calibration", str(text), "--out", str(out)]
    return subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=os.environ)


def _lines(out: Path) -> int:
    journal = next(iter(out.glob("journal-*.jsonl")), None)
    return 0 if journal is None else journal.read_bytes().count(b"\n")


def _pieces_twice(out: Path) -> int:
    """Keys that stand in the journal more than once: none, unless a kept measurement was made again."""
    journal = next(out.glob("journal-*.jsonl"))
    keys = [line[9:].split(b",", 1)[0] for line in journal.read_bytes().splitlines()]
    return len(keys) - len(set(keys))
