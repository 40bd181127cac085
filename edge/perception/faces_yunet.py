"""Faces by a YuNet model (libfacedetection), decoded as OpenCV's FaceDetectorYN does.

Source: github.com/opencv/opencv, `modules/objdetect/src/face_detect.cpp` (BGR 0..255, sides padded to multiples of 32;
score = sqrt(class · objectness); centre = (cell + delta) · stride, size = exp(delta) · stride).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.perception.boxes import as_seen, keep_best
from edge.session import Session, open_session
from edge.types import Keyframe, Looked, Work

STRIDES: Final = (8, 16, 32)
PADDED: Final = 32
"""The input's sides are multiples of this."""


@dataclass(frozen=True, slots=True)
class Options:
    """Defaults for live use: a face of a tenth of the picture's width is found."""

    model: str
    """path of the ONNX file, with inputs of free size"""
    max_side_px: int = 320
    """the frame is reduced to this before it is looked at"""
    min_score: float = 0.7
    max_iou: float = 0.3
    threads: int = 1


def build(options: Options) -> YuNet:
    """Raises `ModelError` when the file is not a YuNet model with inputs of free size."""
    session = open_session(options.model, threads=options.threads)
    outputs = [(None, None, n) for n in (1, 1, 4, 10) for _ in STRIDES]
    session.expect("a YuNet model with inputs of free size", [(None, 3, None, None)], outputs)
    return YuNet(session, options)


class YuNet:
    """One model, used by one worker."""

    name: Final = "faces"

    def __init__(self, session: Session, options: Options) -> None:
        self._session, self._options = session, options

    def process(self, keyframe: Keyframe) -> Iterator[Work | Looked]:
        """Marks `faces_yunet` (1 per picture), then the faces, best first."""
        image = keyframe.frame.image
        scale = min(1.0, self._options.max_side_px / max(image.shape[:2]))
        size = max(1, round(image.shape[1] * scale)), max(1, round(image.shape[0] * scale))
        fitted = cv2.resize(image, size, interpolation=cv2.INTER_AREA) if scale < 1 else image
        fitted = cv2.copyMakeBorder(fitted, 0, -size[1] % PADDED, 0, -size[0] % PADDED, cv2.BORDER_CONSTANT)
        outputs = self._session.run(cv2.dnn.blobFromImage(fitted))
        xyxy, scores = decode([o[0] for o in outputs], fitted.shape[1])
        one_class = np.zeros(len(scores), np.int32)
        kept = keep_best(xyxy, scores, one_class, score=self._options.min_score, iou=self._options.max_iou)
        yield Work("faces_yunet")
        frame_px = np.tile([image.shape[1] / size[0], image.shape[0] / size[1]], 2)
        seen = (as_seen(keyframe.frame, "face", "face", scores[i], xyxy[i] * frame_px) for i in kept)
        yield Looked(keyframe.t_ns, self.name, tuple(seen))


def decode(outputs: list[NDArray[np.float32]], width_px: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Boxes float32[n, 4] xyxy in pixels of the input and scores float32[n], of the classes, objectness and boxes of
    the three strides, each float32[cells, ...]; `width_px` is the input's."""
    boxes, scores = [], []
    for i, stride in enumerate(STRIDES):
        classness, objectness, delta = outputs[i], outputs[i + 3], outputs[i + 6]
        row, column = np.divmod(np.arange(len(delta)), width_px // stride)
        centre = (delta[:, :2] + np.stack([column, row], axis=1)) * stride
        half = np.exp(delta[:, 2:4]) * stride / 2
        boxes.append(np.concatenate([centre - half, centre + half], axis=1))
        scores.append(np.sqrt(np.clip(classness, 0, 1) * np.clip(objectness, 0, 1)).ravel())
    return np.concatenate(boxes).astype(np.float32), np.concatenate(scores).astype(np.float32)
