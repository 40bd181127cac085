"""Which PP-OCR files are run: those of the rapidocr package, a named one, or ours in 8 bits.

Those in `edge/assets/ocr` are rapidocr's (Apache-2.0) after `quantize`; the manifest beside each says how it was made, and
a test makes it again. Both together take 41 ms a picture instead of 74 (AVX-512 VNNI, one thread), find as many of the 102
words (65) and misread no more (6). But they read print 4 pixels high at once and wrongly (an O as a 0) which the float ones
leave to the second look: so they are for the asking. On processors without 8-bit instructions (VNNI, ARM dotprod) float is
the faster and better one. Where rapidocr is missing ours are run: pip alone cannot install it beside opencv-python.
"""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Final, Literal

from edge.errors import ModelError

ASSETS: Final = Path(__file__).parent.parent / "assets" / "ocr"
EIGHT_BIT: Final = "8-bit"
PATTERNS: Final = {"detector": "*_det_*.onnx", "recogniser": "*_rec_*.onnx"}


def text_model(kind: Literal["detector", "recogniser"], named: str) -> Path:
    """The file to run: `named` is a path, `8-bit`, or empty for the one in the rapidocr package if it is installed."""
    if named and named != EIGHT_BIT:
        return Path(named)
    is_installed = importlib.util.find_spec("rapidocr") is not None
    return packaged_model(PATTERNS[kind]) if is_installed and not named else ASSETS / f"{kind}.onnx"


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
