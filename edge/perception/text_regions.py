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
