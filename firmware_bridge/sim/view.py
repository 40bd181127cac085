"""Simulated glasses as a person sees them: a picture of what they show, and of how they are. Pure: state in, picture out."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from firmware_bridge.device_session import DeviceState
from firmware_bridge.messages import Battery, ChargeFlag, Heat, Thermal, Worn
from firmware_bridge.sim.device import SimGlasses
from firmware_bridge.sim.profile import COLOURS, Colour

KEYS: Final = (
    "[space] click   [d] double click   [t] tap   [w] put on   [o] take off   [f] fold   [p] plug in or out   [q] quit"
)
_FONT: Final = cv2.FONT_HERSHEY_SIMPLEX
_BACK: Final[Colour] = (38, 34, 32)
_EDGE: Final[Colour] = (90, 84, 80)
_TEXT: Final[Colour] = (225, 222, 220)
_QUIET: Final[Colour] = (140, 134, 130)
_RED: Final[Colour] = (60, 60, 245)
_ORANGE: Final[Colour] = (50, 160, 255)
_GREEN: Final[Colour] = (110, 210, 120)
_MARGIN: Final = 16
_WIDTH: Final = 960
"""at least, so that the words have room"""
_WORN: Final = {Worn.DONNED: "worn", Worn.DOFFED: "taken off", Worn.FOLDED: "folded"}
_HEAT: Final = {Heat.NORMAL: _GREEN, Heat.WARM: _ORANGE, Heat.HOT: _RED, Heat.CRITICAL: _RED}
_LINK: Final = {DeviceState.IDLE: "no host", DeviceState.OPEN: "connected", DeviceState.PARKED: "link lost, kept"}


@dataclass(frozen=True, slots=True)
class View:
    """What is drawn; equal views give equal pictures."""

    name: str
    colour: str
    pages: int
    """shown so far: another number, another display"""
    display: NDArray[np.uint8] | None = field(compare=False)
    """uint8[h, w], 0 black … 255 brightest; None: these glasses have none"""
    battery: Battery
    thermal: Thermal
    worn: Worn
    link: str
    is_light_on: bool
    is_microphone_on: bool


def look(glasses: SimGlasses) -> View:
    """The glasses as they are now; the temperature to a tenth of a degree."""
    body, thermal = glasses.body, glasses.body.thermal
    return View(
        glasses.profile.name, glasses.profile.display_colour, len(glasses.display.shown),
        glasses.display.panel.shown.copy() if glasses.profile.display_width else None, body.battery,
        Thermal(round(thermal.centi_c, -1), thermal.level), body.worn,
        "the battery is empty" if glasses.is_off else _LINK[glasses.session.state],
        glasses.camera.light.on, glasses.microphone.is_on,
    )  # fmt: skip


def draw(view: View) -> NDArray[np.uint8]:
    """uint8[h, w, 3], BGR."""
    display = _display(view)
    width = max(_WIDTH, display.shape[1] + 2 * _MARGIN)
    top = display.shape[0] + 2 * _MARGIN
    picture = np.full((top + 96, width, 3), _BACK, np.uint8)
    left = (width - display.shape[1]) // 2
    picture[_MARGIN : _MARGIN + display.shape[0], left : left + display.shape[1]] = display
    cv2.rectangle(picture, (left - 1, _MARGIN - 1), (left + display.shape[1], _MARGIN + display.shape[0]), _EDGE, 1)
    _state(picture, view, top + 18)
    _write(picture, KEYS, (_MARGIN, top + 80), _QUIET, 0.45)
    return picture


def _display(view: View) -> NDArray[np.uint8]:
    """Enlarged by whole pixels, in the colour of its light."""
    if view.display is None:
        empty = np.zeros((80, _WIDTH - 2 * _MARGIN, 3), np.uint8)
        _write(empty, "these glasses have no display", (_MARGIN, 46), _QUIET, 0.5)
        return empty
    height, width = view.display.shape
    times = max(1, min(round(1100 / width), 720 // height))
    light = np.asarray(COLOURS[view.colour], np.float32) / 255
    large = view.display.repeat(times, axis=0).repeat(times, axis=1)
    return np.asarray(large[:, :, None] * light, np.uint8)


def _state(picture: NDArray[np.uint8], view: View, y: int) -> None:
    """Two rows: light, wear, battery, temperature; name, microphone, link."""
    thickness = cv2.FILLED if view.is_light_on else 1
    cv2.circle(picture, (_MARGIN + 8, y), 8, _RED if view.is_light_on else _QUIET, thickness, cv2.LINE_AA)
    light = "recording light on" if view.is_light_on else "recording light off"
    _write(picture, light, (_MARGIN + 26, y + 5), _RED if view.is_light_on else _TEXT)
    _write(picture, _WORN[view.worn], (240, y + 5), _TEXT)
    _battery(picture, view.battery, (360, y))
    celsius = f"{view.thermal.centi_c / 100:.1f} C"
    level = Heat(view.thermal.level)
    _write(picture, f"{celsius} {level.name.lower()}", (680, y + 5), _HEAT[level])
    _write(picture, view.name, (_MARGIN + 26, y + 35), _QUIET)
    _write(picture, "microphone on" if view.is_microphone_on else "microphone off", (240, y + 35), _TEXT)
    _write(picture, view.link, (680, y + 35), _TEXT)


def _battery(picture: NDArray[np.uint8], battery: Battery, at: tuple[int, int]) -> None:
    x, y = at
    cv2.rectangle(picture, (x, y - 8), (x + 60, y + 8), _TEXT, 1)
    cv2.rectangle(picture, (x + 61, y - 3), (x + 64, y + 3), _TEXT, cv2.FILLED)
    if battery.percent > 100:
        _write(picture, "not known", (x + 76, y + 5), _QUIET)
        return
    colour = _RED if battery.flags & ChargeFlag.CRITICAL else _ORANGE if battery.flags & ChargeFlag.LOW else _GREEN
    if filled := round(56 * battery.percent / 100):
        cv2.rectangle(picture, (x + 2, y - 6), (x + 1 + filled, y + 6), colour, cv2.FILLED)
    words = {ChargeFlag.CHARGING: ", charging", ChargeFlag.FULL: ", full"}
    more = "".join(word for flag, word in words.items() if battery.flags & flag)
    _write(picture, f"{battery.percent} %{more or f', {battery.current_ma} mA'}", (x + 76, y + 5), _TEXT)


def _write(picture: NDArray[np.uint8], words: str, at: tuple[int, int], colour: Colour, size: float = 0.5) -> None:
    cv2.putText(picture, words, at, _FONT, size, colour, 1, cv2.LINE_AA)
