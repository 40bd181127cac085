"""`compare` for ONNX: noise, speed and size of files beside a reference, in one run and in turns."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from quantize.errors import InputError
from quantize.onnx.inputs import samples_of
from quantize.onnx.measure import Reference, compared
from quantize.onnx.preprocessing import Preprocessing
from quantize.onnx.session import open_session
from quantize.onnx.trial import Trial

SAMPLES: Final = 24
SECONDS: Final = 2.0


def compare(
    reference: Path, others: Sequence[Path], inputs: Path, preprocessing: Preprocessing, threads: int = 1
) -> dict[str, Any]:
    """One object for `--json`: {models: [{file, bytes, sqnr_db, speed_vs_ref, speed_low, speed_high, max_abs_err}]}.

    Raises:
        InputError: a file cannot be used, or does not take the reference's inputs.
    """
    with Trial() as trial:
        for path in (reference, *others):
            trial.open(path)
    session = open_session(reference, threads=threads, name=str(reference))
    samples = samples_of(inputs, session.inputs, preprocessing).part(lambda i: True, SAMPLES)
    right = Reference(session, samples)
    rows = []
    for path in others:
        other = open_session(path, threads=threads, name=str(path))
        if [p.name for p in other.inputs] != [p.name for p in session.inputs] or len(other.outputs) != len(
            session.outputs
        ):
            raise InputError(f"{path} has other inputs or outputs than {reference}: compare models of one kind")
        noise = right.noise(other)
        speed = compared(session, other, right.samples, SECONDS, threads)
        rows.append(
            {
                "file": str(path),
                "bytes": path.stat().st_size,
                "sqnr_db": noise.sqnr_db,
                "speed_vs_ref": speed.ratio,
                "speed_low": speed.low,
                "speed_high": speed.high,
                "max_abs_err": noise.max_abs,
            }
        )
    return {"models": rows}
