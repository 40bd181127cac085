"""The space bar of a terminal as the talk button. Terminals tell no key-up, so the button is up when the repeats stop."""

from __future__ import annotations

import os
import select
import termios
import threading
import tty
from collections.abc import Callable
from typing import Any, Final

from edge.clock import Now
from edge.types import Button

RELEASE_S: Final = 0.7
"""longer than the pause before a held key begins to repeat (0.5 s on most systems)"""
POLL_S: Final = 0.25
"""how soon a stop is noticed while no key is held"""


class Keyboard:
    """Source: Button."""

    name = "keyboard"

    def __init__(self, button: str, terminal: int, now_ns: Now, release_s: float = RELEASE_S) -> None:
        self._button, self._terminal, self._now_ns, self._release_s = button, terminal, now_ns, release_s

    def run(self, publish: Callable[[Any], None], stop: threading.Event) -> None:
        before = termios.tcgetattr(self._terminal)
        tty.setcbreak(self._terminal, termios.TCSADRAIN)  # keys come at once, none is lost; Ctrl-C still interrupts
        held = False
        try:
            while not stop.is_set():
                ready, _, _ = select.select([self._terminal], [], [], self._release_s if held else POLL_S)
                keys = os.read(self._terminal, 64) if ready else b""
                if ready and not keys:
                    return  # the terminal is gone
                pressed = b" " in keys or (held and bool(keys))
                if pressed != held:
                    held = pressed
                    publish(Button(self._now_ns(), self._button, held))
        finally:
            termios.tcsetattr(self._terminal, termios.TCSADRAIN, before)
