"""The simulated glasses' eye and light: what the camera sees, and what the display shows."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from firmware_bridge.errors import AddressError
from firmware_bridge.messages import DisplayBitmap, DisplayRect, DisplayText

_FONT: Final = cv2.FONT_HERSHEY_SIMPLEX
LINE_PX: Final = 24


class Camera:
    """Pictures of a file (a picture, a video from its start again and again), or a test card that counts."""

    def __init__(self, source: str) -> None:
        """Opens the file; empty: the test card.

        Raises:
            AddressError: it is neither a picture nor a video.
        """
        self._still: NDArray[np.uint8] | None = None
        self._video: cv2.VideoCapture | None = None
        self._number = 0
        if source:
            if not Path(source).is_file():
                raise AddressError(f"camera {source} is not there: give a picture or a video")
            still = cv2.imread(source)
            if still is not None:
                self._still = still.astype(np.uint8)
            else:
                self._video = cv2.VideoCapture(source)
                if not self._video.isOpened():
                    raise AddressError(f"camera {source} is neither a picture nor a video")

    def jpeg(self, width: int, height: int, quality: int) -> bytes:
        """The next picture."""
        picture = cv2.resize(self._next(width, height), (width, height))
        good, data = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, max(1, min(quality, 100))])
        assert good
        return bytes(data.tobytes())

    def _next(self, width: int, height: int) -> NDArray[np.uint8]:
        if self._still is not None:
            return self._still
        if self._video is not None:
            good, picture = self._video.read()
            if not good:
                self._video.set(cv2.CAP_PROP_POS_FRAMES, 0)
                good, picture = self._video.read()
            if good:
                return np.asarray(picture, np.uint8)
        self._number += 1
        card = np.full((height, width, 3), 40, np.uint8)
        card[:, :: max(width // 16, 1)] = 200
        cv2.putText(card, str(self._number), (width // 3, height // 2), _FONT, height / 120, (255, 255, 255), 3)
        return card


class Panel:
    """A display of 1 or 4 bits per pixel: pages are drawn unseen, and then shown."""

    def __init__(self, width: int, height: int, bits: int) -> None:
        self._bits = bits
        self.shown = np.zeros((height, width), np.uint8)
        """uint8[h, w], 0 black … 255 brightest: what the eye sees"""
        self._drawn = self.shown.copy()
        self._page = 0

    def page(self, number: int) -> None:
        """Drawing goes to this page; a new one is empty."""
        if number != self._page:
            self._page = number
            self._drawn[:] = 0

    def clear(self) -> None:
        """Makes the page empty."""
        self._drawn[:] = 0

    def show(self) -> None:
        """Brings the page to the eye, as bright as the panel's bits can."""
        steps = (1 << self._bits) - 1
        self.shown[:] = (self._drawn.astype(np.uint16) * steps + 127) // 255 * 255 // steps

    def text(self, item: DisplayText) -> None:
        """Lines of text from (x, y) down."""
        px = item.size or LINE_PX
        for row, line in enumerate(item.text.split("\n")):
            base = item.y + row * px + px * 3 // 4
            ascii_line = line.encode("ascii", "replace").decode()  # Hershey's fonts have nothing else
            cv2.putText(self._drawn, ascii_line, (item.x, base), _FONT, px / 36, item.level, 1)

    def rect(self, item: DisplayRect) -> None:
        """A rectangle, cut at the edges."""
        part = self._drawn[item.y : item.y + item.height, item.x : item.x + item.width]
        if item.filled:
            part[:] = item.level
        elif part.size:
            part[0], part[-1], part[:, 0], part[:, -1] = (item.level,) * 4

    def bitmap(self, item: DisplayBitmap) -> bool:
        """Rows of pixels, cut at the edges; False: the bytes are not whole rows."""
        row_bytes = -(-item.width * item.bits // 8)
        if item.bits not in (1, 4) or not row_bytes or len(item.pixels) % row_bytes:
            return False
        raw = np.frombuffer(item.pixels, np.uint8).reshape(-1, row_bytes)
        if item.bits == 1:
            levels = np.unpackbits(raw, axis=1)[:, : item.width] * np.uint8(255)
        else:
            levels = np.stack([raw >> 4, raw & 15], axis=2).reshape(len(raw), -1)[:, : item.width] * np.uint8(17)
        part = self._drawn[item.y : item.y + len(levels), item.x : item.x + item.width]
        part[:] = levels[: part.shape[0], : part.shape[1]]
        return True

    def save(self, path: Path) -> None:
        """Writes what the eye sees as PNG."""
        cv2.imwrite(str(path), self.shown)

    def terminal(self, columns: int = 72) -> str:
        """What the eye sees in half blocks, two pixels per character cell."""
        rows = max(2, self.shown.shape[0] * columns // max(self.shown.shape[1], 1) // 2 * 2)
        small = cv2.resize(self.shown, (columns, rows), interpolation=cv2.INTER_AREA) > 40
        cells = {(False, False): " ", (True, False): "▀", (False, True): "▄", (True, True): "█"}
        return "\n".join(
            "".join(cells[bool(a), bool(b)] for a, b in zip(small[y], small[y + 1], strict=True))
            for y in range(0, rows, 2)
        )
