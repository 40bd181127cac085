"""What the bundled recording would do on boards that nobody measured for us: `python -m benchmarks.predictions`.

Per device profile: the real path on a virtual clock that spends the profile's costs (docs/profiles.md), and what the local
model's file would do by `quantize`'s profile of the same device. Every row but the measured one is a prediction.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
from collections.abc import Sequence
from typing import Any, Final

from benchmarks.claims import Claim, main
from edge.commands.replay import PROFILES
from edge.profile import load_profile

DEVICES: Final = ("desktop", "pi5", "ar1", "pi4", "zero2w")
STAGES: Final = ("hear", "asr_final", "ocr_detect", "codes_qr", "objects_yolox", "prefill", "decode")


def measure(quick: bool) -> Sequence[Claim]:
    """The claims; `quick` runs the desktop and the Pi 5."""
    rows = {device: row(device) for device in (DEVICES[:2] if quick else DEVICES)}
    heads = ("device", "figures", "turns", "end of question to answer, median ms", "pictures read for text",
             *(f"{stage} ms" for stage in STAGES))  # fmt: skip
    print("\n".join(f"| {' | '.join(cells)} |" for cells in (heads, ("---",) * len(heads), *rows.values())))
    return [Claim(f"{device}: median answer", float(cells[3]), "ms", "", cells[1]) for device, cells in rows.items()]


def row(device: str) -> tuple[str, ...]:
    """One line of the table."""
    profile = load_profile(PROFILES / f"{device}.toml")
    result = replayed(device)
    waits = [turn["glass_to_answer_ms"] for turn in result["turns"]]
    costs = (f"{profile.cost_ms[stage]:.4g}" for stage in STAGES)
    read = result["stages"]["ocr_detect"]["n"]
    return (device, profile.source, f"{len(waits)} of 8", f"{statistics.median(waits):.0f}", str(read), *costs)


def replayed(device: str) -> dict[str, Any]:
    """The results of the demo at this device's costs."""
    command = [sys.executable, "-m", "edge", "demo", "--speed", "max", "--as", device, "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    result: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return result


if __name__ == "__main__":
    main("predictions", __doc__, measure)
