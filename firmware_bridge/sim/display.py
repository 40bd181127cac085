"""The simulated glasses' display: does what the host draws, says when it is there, and knows how much of it is lit."""

from __future__ import annotations

from firmware_bridge.device_session import DeviceSession
from firmware_bridge.messages import (
    Cause,
    DisplayBitmap,
    DisplayClear,
    DisplayRect,
    DisplayShow,
    DisplayShown,
    DisplayText,
)  # fmt: skip
from firmware_bridge.sim.clock import DeviceClock
from firmware_bridge.sim.pictures import Panel
from firmware_bridge.sim.profile import Profile

Drawing = DisplayText | DisplayRect | DisplayBitmap | DisplayClear | DisplayShow


class Display:
    """What it shows outlives a restart, as on the panels that keep their picture."""

    def __init__(self, profile: Profile) -> None:
        self.panel = Panel(max(profile.display_width, 1), max(profile.display_height, 1), profile.display_bits)
        self.shown: list[int] = []
        """pages that were brought to the eye"""
        self.lit = 0.0
        """share of the light that the panel could give: 0 dark … 1 all of it at its brightest"""
        self._is_there = bool(profile.display_width)

    def asked(self, asked: Drawing, session: DeviceSession, clock: DeviceClock, now_ns: int) -> None:
        """Draws or shows, or says why not."""
        if not self._is_there:
            session.refuse(asked, Cause.UNSUPPORTED, asked.page)
            return
        self.panel.page(asked.page)
        match asked:
            case DisplayText():
                self.panel.text(asked)
            case DisplayRect():
                self.panel.rect(asked)
            case DisplayBitmap():
                if not self.panel.bitmap(asked):
                    session.refuse(asked, Cause.INVALID, asked.page)
            case DisplayClear():
                self.panel.clear()
            case DisplayShow(page=page):
                self.panel.show()
                self.lit = float(self.panel.shown.mean()) / 255
                self.shown.append(page)
                session.push(DisplayShown(page, clock.us(now_ns)))
