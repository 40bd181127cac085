"""Objects by a YOLOX model trained on COCO, with Megvii's published pre- and post-processing.

Source: github.com/Megvii-BaseDetection/YOLOX, `yolox/data/data_augment.py` (letterbox to the top left on grey 114, BGR,
0..255, no normalisation) and `demo/ONNXRuntime` (grids of strides 8, 16, 32).
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

STRIDES: Final = (8, 16, 32)
"""pixels of the model's input from one cell of a grid to the next"""
FREE_SIDE_PX: Final = 416
"""input of a model that leaves its size free: what YOLOX-nano and -tiny were trained at"""
GREY: Final = 114
"""what the picture is padded with"""


@dataclass(frozen=True, slots=True)
class Options:
    """Defaults for live use; Megvii's evaluation takes min_score 0.01 and max_iou 0.65."""

    model: str
    """path of the ONNX file"""
    min_score: float = 0.4
    max_iou: float = 0.45
    """of two boxes of one class; above, the lesser is dropped"""
    threads: int = 1


def build(options: Options) -> Yolox:
    """Raises `ModelError` when the file is not a YOLOX model of the 80 COCO classes."""
    session = open_session(options.model, threads=options.threads)
    what = "a YOLOX model of the COCO classes"
    session.expect(what, [(1, 3, None, None)], [(1, None, 5 + len(LABELS))])
    height, width = (side or FREE_SIDE_PX for side in session.inputs[0].shape[2:])
    grid, stride = _grid(width, height)
    session.expect(what, [(1, 3, height, width)], [(1, len(grid), 5 + len(LABELS))])
    return Yolox(session, options, (width, height), grid, stride)


class Yolox:
    """One model, used by one worker."""

    name: Final = "objects"

    def __init__(
        self,
        session: Session,
        options: Options,
        size_px: tuple[int, int],
        grid: NDArray[np.float32],
        stride: NDArray[np.float32],
    ) -> None:
        self._session, self._options, self._size_px = session, options, size_px
        self._grid, self._stride = grid, stride

    def process(self, keyframe: Keyframe) -> Iterator[Work | Looked]:
        """Marks `objects_yolox` (1 per picture), then what was seen, best first."""
        blob, scale = letterbox(keyframe.frame.image, self._size_px)
        rows = self._session.run(blob)[0][0]
        centres = (rows[:, :2] + self._grid) * self._stride
        halves = np.exp(rows[:, 2:4]) * self._stride / 2
        xyxy_px = np.concatenate([centres - halves, centres + halves], axis=1) / scale
        by_class = rows[:, 5:] * rows[:, 4:5]
        classes = by_class.argmax(axis=1)
        scores = by_class[np.arange(len(classes)), classes]
        kept = keep_best(xyxy_px, scores, classes, score=self._options.min_score, iou=self._options.max_iou)
        yield Work("objects_yolox")
        seen = (as_seen(keyframe.frame, "object", LABELS[classes[i]], scores[i], xyxy_px[i]) for i in kept)
        yield Looked(keyframe.t_ns, self.name, tuple(seen))


def letterbox(image: NDArray[np.uint8], size_px: tuple[int, int]) -> tuple[NDArray[np.float32], float]:
    """float32[1, 3, h, w] in 0..255 with the picture in the top left corner, and its scale (model px per frame px)."""
    scale = min(size_px[0] / image.shape[1], size_px[1] / image.shape[0])
    fitted = max(1, int(image.shape[1] * scale)), max(1, int(image.shape[0] * scale))
    canvas = np.full((size_px[1], size_px[0], 3), GREY, np.uint8)
    canvas[: fitted[1], : fitted[0]] = cv2.resize(image, fitted, interpolation=cv2.INTER_LINEAR)
    return cv2.dnn.blobFromImage(canvas).astype(np.float32, copy=False), scale


def _grid(width_px: int, height_px: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Cell coordinates float32[n, 2] (x, y) and stride float32[n, 1] of every row of the model's output."""
    grids, strides = [], []
    for stride in STRIDES:
        rows, columns = np.mgrid[: height_px // stride, : width_px // stride]
        grids.append(np.stack([columns.ravel(), rows.ravel()], axis=1))
        strides.append(np.full((rows.size, 1), stride))
    return np.concatenate(grids).astype(np.float32), np.concatenate(strides).astype(np.float32)
