"""Boxes: pixels to fractions of the frame, and non-maximum suppression. Pure arithmetic on arrays of many boxes."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.types import Box, Frame, Kind, Seen

Floats = NDArray[np.floating[Any]]


def keep_best(
    xyxy: Floats, scores: Floats, classes: NDArray[np.integer[Any]], *, score: float, iou: float
) -> list[int]:
    """Rows of float[n, 4] that score above `score` and are no lesser double of one of the same class, best first.

    A double overlaps by more than `iou` (intersection over union). The boxes may be in any unit.
    """
    sizes = np.concatenate([xyxy[:, :2], xyxy[:, 2:] - xyxy[:, :2]], axis=1)
    # its stubs know sequences only; arrays go without a copy
    arrays: Any = sizes.astype(np.float64), scores.astype(np.float32), classes.astype(np.int32)
    kept = cv2.dnn.NMSBoxesBatched(arrays[0], arrays[1], arrays[2], score, iou)
    return [int(i) for i in np.asarray(kept, np.int64).reshape(-1)]


def as_seen(frame: Frame, kind: Kind, label: str, score: float, xyxy_px: Floats) -> Seen:
    """One thing at `xyxy_px`, float[4] in pixels of the frame, cut at the frame's border."""
    height, width = frame.image.shape[:2]
    return Seen(frame.t_ns, kind, label, min(1.0, max(0.0, float(score))), as_fractions(xyxy_px, width, height))


def as_fractions(xyxy_px: Floats, width_px: int, height_px: int) -> Box:
    """The box as fractions 0..1 of the picture."""
    x0, y0, x1, y1 = np.clip(xyxy_px / np.array([width_px, height_px, width_px, height_px]), 0.0, 1.0).tolist()
    return x0, y0, x1, y1
