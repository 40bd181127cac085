"""Where the lines of text are: the post-processing of a DB (differentiable binarisation) text detector.

Source: Liao et al., "Real-time Scene Text Detection with Differentiable Binarization" (2019), and PaddleOCR's
`ppocr/postprocess/db_postprocess.py`. Where PaddleOCR grows a region by offsetting its polygon and boxing the result,
here the box is grown: for a rectangle the two are the same.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

Quad = NDArray[np.float32]
"""float32[4, 2]: the corners of a line of text in pixels, from the start of its upper edge on, clockwise"""
Boxes = NDArray[np.float32]
"""float32[n, 4]: x0, y0, x1, y1 in pixels"""


def find_regions(
    probability: NDArray[np.float32], *, threshold: float, min_score: float, growth: float, limit: int
) -> list[Quad]:
    """Lines of text in the detector's map float32[h, w], in its pixels, in reading order.

    threshold: a pixel above it is text. min_score: of a region's mean probability. growth: a region is grown by
    area · growth / perimeter on each side, since the map shows text shrunk. limit: the largest regions are kept.
    """
    text = cv2.dilate((probability > threshold).astype(np.uint8), np.ones((2, 2), np.uint8))
    outlines, _ = cv2.findContours(text, cv2.RETR_LIST, cv2.CHAIN_APPROX_SIMPLE)
    quads = []
    for outline in sorted(outlines, key=len, reverse=True)[:limit]:
        centre, (width, height), angle = cv2.minAreaRect(outline)
        if (
            min(width, height) < 3
            or _mean_inside(probability, cv2.boxPoints((centre, (width, height), angle))) < min_score
        ):
            continue
        margin = width * height * growth / (2 * (width + height))
        grown = width + 2 * margin, height + 2 * margin
        if min(grown) >= 5:
            quads.append(_clockwise(cv2.boxPoints((centre, grown, angle))))
    return _reading_order(quads)


def faint_regions(probability: NDArray[np.float32], *, threshold: float, margin_px: float) -> Boxes:
    """Wherever the detector's map float32[h, w] rises above `threshold`, each grown by a margin.

    Far below the threshold of a region the map still tells small print from what is no text: it is too small to read in
    this picture, and to be looked for in a larger one.
    """
    *_, stats, _ = cv2.connectedComponentsWithStats((probability > threshold).astype(np.uint8))
    x, y, width, height = stats[1:, :4].T
    boxes = np.stack([x - margin_px, y - margin_px, x + width + margin_px, y + height + margin_px], axis=1)
    bottom_right = probability.shape[1], probability.shape[0]
    return np.asarray(np.clip(boxes, 0, (*bottom_right, *bottom_right)), np.float32)


def tiles(boxes: Boxes) -> Boxes:
    """The boxes, those that overlap made one, the smallest first: most small print for the time."""
    found: list[NDArray[np.float32]] = []
    for box in boxes:
        while touching := [other for other in found if _overlap(box, other)]:
            found = [other for other in found if not _overlap(box, other)]
            joined = np.stack([box, *touching])
            box = np.concatenate([joined[:, :2].min(axis=0), joined[:, 2:].max(axis=0)])
        found.append(box)
    return np.array(sorted(found, key=_area), np.float32).reshape(-1, 4)


def is_cut(quad: Quad, tile: NDArray[np.float32], width: int, height: int) -> bool:
    """Whether the line runs out of the tile, float32[4], where the picture goes on: half a line is none.

    A line that ends at the tile's side was grown beyond it by a third of its height or more.
    """
    slack = 0.2 * height_of(quad)
    (x0, y0), (x1, y1) = quad.min(axis=0) + slack, quad.max(axis=0) - slack
    inside = x0 > tile[0], y0 > tile[1], x1 < tile[2], y1 < tile[3]
    at_border = tile[0] <= 0, tile[1] <= 0, tile[2] >= width, tile[3] >= height
    return not all(a or b for a, b in zip(inside, at_border, strict=True))


def height_of(quad: Quad) -> float:
    """Of the line in pixels, be it level or upright."""
    return float(min(np.linalg.norm(quad[3] - quad[0]), np.linalg.norm(quad[1] - quad[0])))


def _area(box: NDArray[np.float32]) -> float:
    return float((box[2] - box[0]) * (box[3] - box[1]))


def _overlap(a: NDArray[np.float32], b: NDArray[np.float32]) -> bool:
    return bool(a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3])


def cut_out(image: NDArray[np.uint8], quad: Quad, line_height_px: int) -> NDArray[np.uint8]:
    """The picture inside the quad, straightened and scaled to the height of a line: uint8[line_height_px, w, 3]."""
    across = max(float(np.linalg.norm(quad[1] - quad[0])), float(np.linalg.norm(quad[2] - quad[3])), 1.0)
    down = max(float(np.linalg.norm(quad[3] - quad[0])), float(np.linalg.norm(quad[2] - quad[1])), 1.0)
    width, height = max(1, round(across)), max(1, round(down))
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    matrix = cv2.getPerspectiveTransform(quad.astype(np.float32), corners)
    line = cv2.warpPerspective(image, matrix, (width, height), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return scale_to_line(np.asarray(line, np.uint8), line_height_px)


def scale_to_line(image: NDArray[np.uint8], line_height_px: int) -> NDArray[np.uint8]:
    """The picture at the height of a line; by area, since the recogniser reads small print best so (13 of 14 words of
    the shared samples beside 11 by linear interpolation)."""
    size = max(8, round(image.shape[1] / image.shape[0] * line_height_px)), line_height_px
    return np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), np.uint8)


def is_upright(quad: Quad) -> bool:
    """Whether the quad is at least 1.5 times as tall as wide: text that is turned, or a lone letter."""
    return bool(np.linalg.norm(quad[3] - quad[0]) >= 1.5 * np.linalg.norm(quad[1] - quad[0]))


def _mean_inside(probability: NDArray[np.float32], quad: NDArray[np.float32]) -> float:
    x, y, width, height = cv2.boundingRect(quad.astype(np.int32))
    x0, y0 = max(0, x), max(0, y)
    part = probability[y0 : y + height, x0 : x + width]
    inside = np.zeros(part.shape, np.uint8)
    cv2.fillPoly(inside, [(quad - [x0, y0]).astype(np.int32)], 1)
    return float(cv2.mean(part, inside)[0])


def _clockwise(quad: NDArray[np.float32]) -> Quad:
    """From the corner where a reader of nearly level text starts: the left two by x, the upper one of them."""
    by_x = quad[np.argsort(quad[:, 0], kind="stable")]
    (top_left, bottom_left), (top_right, bottom_right) = (side[np.argsort(side[:, 1])] for side in (by_x[:2], by_x[2:]))
    return np.stack([top_left, top_right, bottom_right, bottom_left]).astype(np.float32)


def _reading_order(quads: list[Quad]) -> list[Quad]:
    """Top to bottom; regions whose centres differ by less than half their height are one line, left to right."""
    lines: list[list[Quad]] = []
    for quad in sorted(quads, key=lambda q: float(q[:, 1].mean())):
        last = lines[-1][0] if lines else None
        if last is not None and quad[:, 1].mean() - last[:, 1].mean() < 0.5 * min(
            np.ptp(quad[:, 1]), np.ptp(last[:, 1])
        ):
            lines[-1].append(quad)
        else:
            lines.append([quad])
    return [quad for line in lines for quad in sorted(line, key=lambda q: float(q[:, 0].mean()))]
