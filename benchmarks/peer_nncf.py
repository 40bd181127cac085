"""NNCF with accuracy control on an ONNX model, in a Python of its own: `python peer_nncf.py MODEL SAMPLES_FOLDER OUT`.

Not run by hand: `quantize_onnx` starts it in an environment that is made once in the user's cache. The metric that may
drop by 0.01 is one less the noise-to-signal power of the outputs: the task metrics are not known to it.
"""

from __future__ import annotations

import importlib.metadata
import os
import shutil
import subprocess
import sys
import venv
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

import numpy as np

VERSION: Final = "3.4.0"


def python() -> Path | str:
    """The Python that has NNCF, installed at the first call (some minutes); or, in words, why there is none."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    place = cache / "glasspath" / f"nncf-{VERSION}"
    found = place / "bin" / "python"
    if found.is_file():
        return found
    same = [f"{name}=={importlib.metadata.version(name)}" for name in ("onnx", "onnxruntime", "numpy")]
    venv.create(place, with_pip=True)
    done = subprocess.run(
        [found, "-m", "pip", "install", "-q", f"nncf=={VERSION}", *same], capture_output=True, text=True
    )
    if done.returncode:
        shutil.rmtree(place)
        return f"NNCF {VERSION} could not be installed: {done.stderr.strip().splitlines()[-1][:160]}"
    return found


def main(model_path: str, folder: str, out: str) -> None:
    import nncf
    import onnx
    import onnxruntime

    samples = [dict(np.load(path)) for path in sorted(Path(folder).glob("*.npz"))]
    model = onnx.version_converter.convert_version(onnx.load(model_path), 17)
    model.ir_version = 8

    def session(given: Any) -> Any:
        return onnxruntime.InferenceSession(given.SerializeToString(), providers=["CPUExecutionProvider"])

    right = {id(sample): session(model).run(None, sample) for sample in samples}

    def validate(given: Any, data: Iterable[Any]) -> float:
        """1 − noise power / signal power, mean over outputs and samples."""
        runner, ratios = session(given), []
        for sample in data:
            for wanted, found in zip(right[id(sample)], runner.run(None, sample), strict=True):
                if wanted.dtype.kind == "f":
                    ratios.append(float(((found - wanted) ** 2).sum() / max(1e-20, float((wanted**2).sum()))))
        return 1 - float(np.mean(ratios))

    half = len(samples) // 2
    made = nncf.quantize_with_accuracy_control(
        model,
        calibration_dataset=nncf.Dataset(samples[:half]),
        validation_dataset=nncf.Dataset(samples[half:]),
        validation_fn=validate,
        max_drop=0.01,
    )
    onnx.save(made, out)


if __name__ == "__main__":
    main(*sys.argv[1:4])
