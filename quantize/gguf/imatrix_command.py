"""`quantize imatrix`: gathers an importance matrix, saves it, and says what the text reached."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from quantize import progress
from quantize.errors import InputError
from quantize.gguf import imatrix, llama, request, texts, trial
from quantize.gguf.network import Network


def run(model: Path, calibration: Sequence[Path], out: Path, tokens: int, threads: int) -> dict[str, Any]:
    """Writes `out` and returns what `--json` prints.

    Raises:
        QuantizeError: see its kinds.
    """
    llama.library()
    head = request.read_float(model)
    trial.run(model)
    with Network(model) as network:
        found = texts.spread([p for path in calibration for p in texts.passages(network, path)], tokens)
        if not found:
            raise InputError(f"{', '.join(map(str, calibration))}: no text to calibrate with: give some thousand words")
        with progress.bar("importance", len(found)) as bar:
            gathered = imatrix.collect(network, found, threads, bar)
    imatrix.save(out, gathered, [p.name for p in calibration], texts.WINDOW, len(found))
    covered = imatrix.coverage(head, gathered, sum(len(p) for p in found))
    return {
        "out": str(out),
        "says": f"{out}: {covered.sentence()}",
        "covered": covered.covered,
        "uncovered": list(covered.uncovered),
        "partly": dict(covered.partly),
        "tokens": covered.tokens,
    }
