"""What a measurement was made on: the board, its clock and heat, the system, the versions. Nothing about its owner."""

from __future__ import annotations

import importlib.metadata
import os
import platform
from pathlib import Path
from typing import Final

PACKAGES: Final = ("glasspath", "numpy", "onnxruntime", "opencv-python", "llama-cpp-python", "pocketsphinx")


def facts(root: Path = Path("/")) -> dict[str, str]:
    """By name; what cannot be known is left out. `root` is where /proc and /sys are."""
    found = {
        "board": _text(root / "proc/device-tree/model") or _processor(root),
        "machine": platform.machine(),
        "cores": str(os.cpu_count() or 1),
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        "clock_mhz": _thousandth(root / "sys/devices/system/cpu/cpu0/cpufreq/cpuinfo_max_freq"),
        "governor": _text(root / "sys/devices/system/cpu/cpu0/cpufreq/scaling_governor"),
        "celsius": _thousandth(root / "sys/class/thermal/thermal_zone0/temp"),
    }
    for name in PACKAGES:
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    return {name: value for name, value in found.items() if value}


def _text(path: Path) -> str:
    """The first line of a file of the kernel; empty where there is none."""
    try:
        return path.read_bytes().partition(b"\n")[0].strip(b"\0 ").decode(errors="replace")
    except OSError:
        return ""


def _thousandth(path: Path) -> str:
    text = _text(path)
    return str(int(text) // 1000) if text.isdecimal() else ""


def _processor(root: Path) -> str:
    try:
        lines = (root / "proc/cpuinfo").read_text(errors="replace").splitlines()
    except OSError:
        return ""
    names = [line.partition(":")[2].strip() for line in lines if line.startswith(("model name", "Model"))]
    return names[0] if names else ""
