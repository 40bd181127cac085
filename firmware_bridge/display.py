"""The glasses' display for programs: pages of text, rectangles and bitmaps, and when they are really there."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Final

from firmware_bridge.clock_sync import ClockSync
from firmware_bridge.messages import (
    DisplayBitmap,
    DisplayBrightness,
    DisplayClear,
    DisplayRect,
    DisplayShow,
    DisplayShown,
    DisplayText,
)  # fmt: skip
from firmware_bridge.requests import Requests
from firmware_bridge.timing import REPLY_MS

REPLY_S: Final = REPLY_MS / 1000
Drawing = DisplayText | DisplayRect | DisplayBitmap


class Display:
    """Draws pages unseen and then shows them."""

    def __init__(self, requests: Requests, clock: ClockSync) -> None:
        self._requests, self._clock = requests, clock
        self._page = 0

    async def show(self, text: str, timeout_s: float = REPLY_S) -> int:
        """Shows a page of text; returns the host time (ns) at which it was on the display.

        Raises:
            DeviceError: the device refused, or did not show it in time.
        """
        return await self.draw([DisplayText(text=text)], timeout_s)

    async def draw(self, drawings: list[Drawing], timeout_s: float = REPLY_S) -> int:
        """Shows a page of texts, rectangles and bitmaps; `page` of each is filled in.

        Raises:
            DeviceError: the device refused, or did not show it in time.
        """
        page = self._next_page()
        for drawing in drawings:
            self._requests.push(replace(drawing, page=page))
        shown: DisplayShown = await self._requests.ask(
            DisplayShow(page), DisplayShown, lambda m: m.page == page, timeout_s, page
        )
        return self._clock.host_ns(shown.t_us, time.monotonic_ns())

    def clear(self) -> None:
        """Makes the display empty."""
        page = self._next_page()
        self._requests.push(DisplayClear(page))
        self._requests.push(DisplayShow(page))

    def brightness(self, percent: int) -> None:
        """0: off … 100; 255: by the light around."""
        asked = DisplayBrightness(percent)
        self._requests.hold(asked)
        self._requests.push(asked)

    def _next_page(self) -> int:
        self._page = self._page % 0xFFFF + 1
        return self._page
