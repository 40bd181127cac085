"""A picture that may leave: small, without metadata, faces blurred and texts too where that is asked.

What is hidden is hidden by mixing whole cells into one colour: a blur that keeps the edges can be undone. A detector that
fails or is late means that there is no picture.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.errors import EdgeError, PrivacyRefused
from edge.fallback.chat import Picture
from edge.types import Box

SIDE: Final = 768
"""pixels of the longer side"""
QUALITY: Final = 80
GROW: Final = 0.25
"""a box is made larger by this share on each side: hair, chin and the edges of letters"""
CELLS: Final = 6
"""a hidden box is so many cells wide and high at most"""

Detect = Callable[[NDArray[np.uint8]], Sequence[Box]]
"""boxes, 0..1, of what must be hidden in a BGR picture"""


def safe(image: NDArray[np.uint8], hide: Sequence[Detect], now_s: Callable[[], float], limit_s: float) -> Picture:
    """The picture as it may leave.

    Args:
        image: uint8 [h, w, 3], BGR.
        hide: detectors of what must not be seen; each must have looked.
        now_s: a clock.
        limit_s: for all detectors together.

    Raises:
        PrivacyRefused: a detector failed or was late, or there is none.
    """
    if not hide:
        raise PrivacyRefused("no picture is sent: there is no face detector (perception.faces) to hide who is in it")
    end_s = now_s() + limit_s
    boxes: list[Box] = []
    for detect in hide:
        try:
            boxes += detect(image)
        except (EdgeError, cv2.error, ValueError, RuntimeError) as error:
            raise PrivacyRefused(f"no picture is sent: a detector failed ({error})") from error
        if now_s() > end_s:
            raise PrivacyRefused("no picture is sent: the detectors took too long")
    out = image.copy()
    height, width = image.shape[:2]
    for box in boxes:
        _hide(out, _grown(box), width, height)
    scale = min(1.0, SIDE / max(height, width))
    if scale < 1:
        size = (max(1, round(width * scale)), max(1, round(height * scale)))
        out = np.asarray(cv2.resize(out, size, interpolation=cv2.INTER_AREA), np.uint8)
    made, data = cv2.imencode(".jpg", out, [cv2.IMWRITE_JPEG_QUALITY, QUALITY])
    if not made:
        raise PrivacyRefused("no picture is sent: it could not be encoded")
    return Picture(data.tobytes())


def _grown(box: Box) -> Box:
    left, top, right, bottom = box
    dx, dy = (right - left) * GROW, (bottom - top) * GROW
    return max(0.0, left - dx), max(0.0, top - dy), min(1.0, right + dx), min(1.0, bottom + dy)


def _hide(image: NDArray[np.uint8], box: Box, width: int, height: int) -> None:
    """In place: the part becomes a few cells of their mean colours."""
    left, top = int(box[0] * width), int(box[1] * height)
    right, bottom = int(np.ceil(box[2] * width)), int(np.ceil(box[3] * height))
    part = image[top:bottom, left:right]
    if part.size == 0:
        return
    cells = (min(CELLS, part.shape[1]), min(CELLS, part.shape[0]))
    small = cv2.resize(part, cells, interpolation=cv2.INTER_AREA)
    part[:] = cv2.resize(small, (part.shape[1], part.shape[0]), interpolation=cv2.INTER_NEAREST)
