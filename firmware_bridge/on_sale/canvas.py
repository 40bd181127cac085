"""What was drawn on a page, for glasses that take a page whole: one bit a pixel, and the texts for their own font."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from firmware_bridge.messages import DisplayBitmap, DisplayClear, DisplayRect, DisplayText

PAGES: Final = 4
"""that are remembered; the one that was not touched for longest goes"""
LIT: Final = 128
"""levels from here on are lit"""


@dataclass(slots=True)
class Canvas:
    """One page."""

    pixels: NDArray[np.bool_]
    """lit, bool [height, width]"""
    texts: list[DisplayText] = field(default_factory=list)
    has_picture: bool = False

    def text(self) -> str:
        """The texts from top to bottom."""
        return "\n".join(t.text for t in sorted(self.texts, key=lambda t: (t.y, t.x)))


class Canvases:
    """The pages of one display."""

    def __init__(self, width: int, height: int) -> None:
        self._size = (height, width)
        self._pages: OrderedDict[int, Canvas] = OrderedDict()

    def __getitem__(self, page: int) -> Canvas:
        if page not in self._pages:
            self._pages[page] = Canvas(np.zeros(self._size, np.bool_))
            while len(self._pages) > PAGES:
                self._pages.popitem(last=False)
        self._pages.move_to_end(page)
        return self._pages[page]

    def draw(self, message: DisplayText | DisplayRect | DisplayBitmap | DisplayClear) -> bool:
        """Draws; what lies outside is cut off. False: the bitmap is none."""
        canvas = self[message.page]
        if isinstance(message, DisplayClear):
            del self._pages[message.page]
        elif isinstance(message, DisplayText):
            canvas.texts.append(message)
        elif isinstance(message, DisplayRect):
            canvas.has_picture = True
            _rectangle(canvas.pixels, message)
        else:
            return _bitmap(canvas, message)
        return True


def _rectangle(pixels: NDArray[np.bool_], r: DisplayRect) -> None:
    rows, columns = slice(r.y, r.y + r.height), slice(r.x, r.x + r.width)
    inside = pixels[rows, columns].copy()
    pixels[rows, columns] = r.level >= LIT
    if not r.filled:
        pixels[r.y + 1 : r.y + r.height - 1, r.x + 1 : r.x + r.width - 1] = inside[1 : r.height - 1, 1 : r.width - 1]


def _bitmap(canvas: Canvas, b: DisplayBitmap) -> bool:
    row_bytes = (b.width * b.bits + 7) // 8
    if b.bits not in (1, 4) or not row_bytes or len(b.pixels) % row_bytes:
        return False
    rows = np.frombuffer(b.pixels, np.uint8).reshape(-1, row_bytes)
    if b.bits == 1:
        lit = np.unpackbits(rows, axis=1)[:, : b.width].astype(np.bool_)
    else:
        lit = np.stack((rows >> 4, rows & 15), axis=2).reshape(len(rows), -1)[:, : b.width] >= 8
    place = canvas.pixels[b.y : b.y + len(lit), b.x : b.x + b.width]
    place[:] = lit[: place.shape[0], : place.shape[1]]
    canvas.has_picture = True
    return True
