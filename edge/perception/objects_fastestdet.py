"""Objects by a FastestDet model trained on COCO, with its author's pre- and post-processing.

Source: github.com/dog-qiuqiu/FastestDet, `example/onnx-runtime` and `utils/tool.py` (the whole picture squeezed to the
input, BGR in 0..1; one grid; centre = cell + tanh, size = sigmoid of the whole picture).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.perception.boxes import as_seen, keep_best
from edge.perception.coco import LABELS
from edge.session import Session, open_session
from edge.types import Keyframe, Looked, Work


@dataclass(frozen=True, slots=True)
class Options:
    """Defaults for live use, the score the author's; his evaluation takes min_score 0.001."""

    model: str
    """path of the ONNX file"""
    min_score: float = 0.65
    max_iou: float = 0.45
    """of two boxes of one class; above, the lesser is dropped"""
    threads: int = 1


def build(options: Options) -> FastestDet:
    """Raises `ModelError` when the file is not a FastestDet model of the 80 COCO classes."""
    session = open_session(options.model, threads=options.threads)
    what = "a FastestDet model of the COCO classes"
    session.expect(what, [(1, 3, None, None)], [(1, 5 + len(LABELS), None, None)])
    height, width = session.inputs[0].shape[2:]
    return FastestDet(session, options, (width or 352, height or 352))


class FastestDet:
    """One model, used by one worker."""

    name: Final = "objects"

    def __init__(self, session: Session, options: Options, size_px: tuple[int, int]) -> None:
        self._session, self._options, self._size_px = session, options, size_px

    def process(self, keyframe: Keyframe) -> Iterator[Work | Looked]:
        """Marks `objects_fastestdet` (1 per picture), then what was seen, best first."""
        image = keyframe.frame.image
        squeezed = cv2.resize(image, self._size_px, interpolation=cv2.INTER_AREA)
        out = self._session.run(cv2.dnn.blobFromImage(squeezed, 1 / 255))[0][0]
        xyxy, scores, classes = decode(out)
        kept = keep_best(xyxy, scores, classes, score=self._options.min_score, iou=self._options.max_iou)
        yield Work("objects_fastestdet")
        xyxy_px = xyxy * np.tile([image.shape[1], image.shape[0]], 2)
        seen = (as_seen(keyframe.frame, "object", LABELS[classes[i]], scores[i], xyxy_px[i]) for i in kept)
        yield Looked(keyframe.t_ns, self.name, tuple(seen))


def decode(out: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.intp]]:
    """Boxes float32[n, 4] as fractions xyxy, scores and classes, one of each per cell.

    `out` is the model's output float32[85, h, w]: objectness, x, y, width, height, classes.
    """
    _, height, width = out.shape
    rows, columns = np.mgrid[:height, :width]
    by_class = out[5:].reshape(len(LABELS), -1)
    classes = by_class.argmax(axis=0)
    # the exponents are those of the weights' own release; older weights took the plain product
    scores = out[0].ravel() ** 0.6 * by_class.max(axis=0) ** 0.4
    x, y = (columns + np.tanh(out[1])).ravel() / width, (rows + np.tanh(out[2])).ravel() / height
    half_w, half_h = (0.5 / (1 + np.exp(-out[i].ravel())) for i in (3, 4))
    return np.stack([x - half_w, y - half_h, x + half_w, y + half_h], axis=1), scores, classes
