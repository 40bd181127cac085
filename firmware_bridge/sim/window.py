"""Simulated glasses in a window of this desktop, and the keys that do to them what a person does."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time
from typing import Final, Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from firmware_bridge.errors import AddressError
from firmware_bridge.sim.device import SimGlasses
from firmware_bridge.sim.script import Step
from firmware_bridge.sim.view import draw, look

EVERY_S: Final = 0.05
"""between two looks: the eye is not faster, and the link has the time in between"""
QUIT: Final = (ord("q"), 27)
"""q and Escape"""
_DOES: Final = {" ": "click", "d": "double", "t": "tap", "w": "don", "o": "doff", "f": "fold"}


class Screen(Protocol):
    """Where a picture is shown and keys come from; neither may wait."""

    def show(self, picture: NDArray[np.uint8]) -> None: ...
    def key(self) -> int | None: ...  # its character's number
    @property
    def is_open(self) -> bool: ...


class Window:
    """A window of OpenCV. Only one thread may use it."""

    def __init__(self, title: str) -> None:
        """Opens it.

        Raises:
            AddressError: there is no desktop, or this OpenCV has no windows.
        """
        _try()
        self._title = title
        cv2.namedWindow(title, cv2.WINDOW_AUTOSIZE | cv2.WINDOW_GUI_NORMAL)

    def show(self, picture: NDArray[np.uint8]) -> None:
        """Brings a picture (BGR) to the screen."""
        cv2.imshow(self._title, picture)

    def key(self) -> int | None:
        """The key that was pressed, if one was; lets the window live."""
        found = cv2.pollKey()
        return None if found < 0 else found & 0xFF

    @property
    def is_open(self) -> bool:
        """The person has not closed it."""
        return cv2.getWindowProperty(self._title, cv2.WND_PROP_VISIBLE) > 0

    def close(self) -> None:
        """Takes it away."""
        cv2.destroyAllWindows()


def _try() -> None:
    """Opens a window in another process first: where there is none, Qt ends the process instead of raising an error."""
    done = subprocess.run(
        [sys.executable, "-c", "import cv2; cv2.namedWindow('try'); cv2.pollKey()"], capture_output=True, text=True
    )
    if done.returncode:
        raise AddressError(
            "--window finds no desktop to open a window on (no display, or OpenCV without windows): run it in a desktop "
            "session, or use --png FILE or --display to see the glasses' display"
        )


async def watch(glasses: SimGlasses, screen: Screen) -> None:
    """Shows the glasses, and does what keys say, until the person quits or closes the window."""
    seen = None
    while True:
        glasses.tick(time.monotonic_ns())  # they live without a host, too
        view = look(glasses)
        if view != seen:
            screen.show(draw(view))
            seen = view
        key = screen.key()
        if key in QUIT or not screen.is_open:
            return
        if key is not None and (step := step_of(key, glasses)) is not None:
            glasses.happens(step, time.monotonic_ns())
        await asyncio.sleep(EVERY_S)  # a window has no event for asyncio: it is asked


def step_of(key: int, glasses: SimGlasses) -> Step | None:
    """What a key does to the glasses; None: nothing."""
    character = chr(key).lower()
    if character == "p":
        return Step(0, "unplug" if glasses.body.power.is_plugged else "plug")
    does = _DOES.get(character)
    return None if does is None else Step(0, does)
