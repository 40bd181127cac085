"""Mean average precision of boxes, as COCO counts it at one overlap."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from edge.types import Box

Predicted = list[tuple[str, float, Box]]
"""label, score, box of each thing in one picture"""
Truth = dict[str, list[Box]]
"""label → boxes of one picture"""


def mean_average_precision(predicted: Sequence[Predicted], truth: Sequence[Truth], *, min_iou: float = 0.5) -> float:
    """Mean over the labels that occur in the truth of the average precision at `min_iou`.

    A prediction, best score first, is right when it overlaps by at least `min_iou` with a box of its label in its
    picture that no better one took. Precision is made monotone and read at 101 recalls (COCOeval).
    """
    labels = sorted({label for picture in truth for label in picture})
    return float(np.mean([_average_precision(label, predicted, truth, min_iou) for label in labels]))


def _average_precision(label: str, predicted: Sequence[Predicted], truth: Sequence[Truth], min_iou: float) -> float:
    boxes = [np.array(picture.get(label, ())).reshape(-1, 4) for picture in truth]
    taken = [np.zeros(len(b), bool) for b in boxes]
    mine = [(score, i, box) for i, things in enumerate(predicted) for name, score, box in things if name == label]
    right = []
    for _, i, box in sorted(mine, key=lambda row: -row[0]):
        overlap = np.where(taken[i], 0.0, _iou(np.array(box), boxes[i]))
        best = int(overlap.argmax()) if len(overlap) else -1
        right.append(best >= 0 and overlap[best] >= min_iou)
        if right[-1]:
            taken[i][best] = True
    if not right:
        return 0.0
    hits = np.cumsum(right)
    recall, precision = hits / sum(len(b) for b in boxes), hits / np.arange(1, len(hits) + 1)
    precision = np.append(np.maximum.accumulate(precision[::-1])[::-1], 0.0)
    return float(precision[np.searchsorted(recall, np.linspace(0, 1, 101))].mean())


def _iou(box: NDArray[np.float64], boxes: NDArray[np.float64]) -> NDArray[np.float64]:
    sides = np.minimum(box[2:], boxes[:, 2:]) - np.maximum(box[:2], boxes[:, :2])
    common = np.prod(np.clip(sides, 0, None), axis=1)
    union = np.prod(box[2:] - box[:2]) + np.prod(boxes[:, 2:] - boxes[:, :2], axis=1) - common
    return np.asarray(common / np.maximum(union, 1e-12))
