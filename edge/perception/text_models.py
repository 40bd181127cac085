"""Which PP-OCR files are run: ours in 8 bits where the processor is made for them, else those of the rapidocr package.

The files in `edge/assets/ocr` are rapidocr's (Apache-2.0), quantized by `quantize fit`; the manifest beside each says from
what and how, and `quantize replay` makes it again. Kernels of 8 bits add products exactly and fast where the processor has
an instruction for it (VNNI); on others sums of pairs are cut off, and the float model is the faster and better one. On ARM
it was not measured yet: name the files as `detector` and `recogniser` to try them.
"""

from __future__ import annotations

import functools
import importlib.util
from pathlib import Path
from typing import Final, Literal

from edge.errors import ModelError

ASSETS: Final = Path(__file__).parent.parent / "assets" / "ocr"
EXACT: Final = frozenset({"avx512_vnni", "avx_vnni"})
"""names of the instructions in /proc/cpuinfo"""
PATTERNS: Final = {"detector": "*_det_*.onnx", "recogniser": "*_rec_*.onnx"}


def default_model(kind: Literal["detector", "recogniser"], features: frozenset[str] | None = None) -> Path:
    """The file to run where none is named; `features` are the processor's, this one's when left out.

    Raises `ModelError` when the rapidocr package is needed and not there.
    """
    ours = ASSETS / f"{kind}.onnx"
    if ours.is_file() and EXACT & (processor_features() if features is None else features):
        return ours
    return packaged_model(PATTERNS[kind])


def packaged_model(pattern: str) -> Path:
    """Path of a model in the rapidocr package, which is not imported: that would ask for the headless twin of OpenCV.

    Raises `ModelError` when it is not there.
    """
    spec = importlib.util.find_spec("rapidocr")
    models = Path(spec.origin).parent / "models" if spec is not None and spec.origin else Path("rapidocr/models")
    found = sorted(models.glob(pattern))
    if not found:
        raise ModelError(f"{models}/{pattern} is not there; install rapidocr, or name detector and recogniser files.")
    return found[-1]


@functools.cache
def processor_features() -> frozenset[str]:
    """What Linux calls the processor's flags; none on other systems."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return frozenset()
    flags = (line.partition(":")[2].split() for line in lines if line.startswith("flags"))
    return frozenset(next(flags, []))
