"""QR codes and barcodes (EAN, UPC) by OpenCV; the label is what the code says."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.perception.boxes import as_seen
from edge.types import Keyframe, Looked, Seen, Work


@dataclass(frozen=True, slots=True)
class Options:
    """Which families of codes are looked for: each costs its time on every keyframe."""

    qr: bool = True
    barcodes: bool = True


def build(options: Options) -> Codes:
    """Needs no model."""
    return Codes(options)


class Codes:
    """One reader, used by one worker."""

    name: Final = "codes"

    def __init__(self, options: Options) -> None:
        self._qr = cv2.QRCodeDetector() if options.qr else None
        self._bars = cv2.barcode.BarcodeDetector() if options.barcodes else None

    def process(self, keyframe: Keyframe) -> Iterator[Work | Looked]:
        """Marks `codes_qr` and `codes_bars` (1 per picture each), then the codes that could be read."""
        grey = cv2.cvtColor(keyframe.frame.image, cv2.COLOR_BGR2GRAY)
        seen: list[Seen] = []
        if self._qr is not None:
            seen += _seen(keyframe, self._qr, grey)
            yield Work("codes_qr")
        if self._bars is not None:
            seen += _seen(keyframe, self._bars, grey)
            yield Work("codes_bars")
        yield Looked(keyframe.t_ns, self.name, tuple(seen))


def _seen(keyframe: Keyframe, reader: Any, grey: NDArray[np.uint8]) -> Iterator[Seen]:
    try:
        _, texts, corners, *_ = reader.detectAndDecodeMulti(grey)
    except cv2.error:  # OpenCV's readers assert on some pictures (too small, degenerate quadrangles): no code there
        return
    # a code that was found but not read has no text, and nothing to say
    for text, points in zip(texts or (), np.asarray(corners if texts else ()).reshape(-1, 4, 2), strict=False):
        if text:
            box = np.concatenate([points.min(axis=0), points.max(axis=0)])
            yield as_seen(keyframe.frame, "code", text, 1.0, box)
