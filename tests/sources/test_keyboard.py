"""The space bar as the talk button, on a real pseudo-terminal."""

from __future__ import annotations

import os
import pty
import queue
import termios
import threading

from edge.clock import session_clock
from edge.sources.keyboard import Keyboard
from edge.types import Button


def test_a_held_space_bar_is_one_press_and_one_release_and_the_terminal_is_given_back() -> None:
    keyboard_end, terminal = pty.openpty()
    before = termios.tcgetattr(terminal)
    events: queue.Queue[Button] = queue.Queue()
    stop = threading.Event()
    source = Keyboard("talk", terminal, session_clock(), release_s=0.2)
    thread = threading.Thread(target=source.run, args=(events.put, stop))
    thread.start()
    try:
        os.write(keyboard_end, b"x   ")  # another key is no button
        down, up = events.get(timeout=30), events.get(timeout=30)
        assert (down.name, down.pressed, up.pressed) == ("talk", True, False)
        assert up.t_ns > down.t_ns
        assert events.empty()
    finally:
        stop.set()
        thread.join(30)
        after = termios.tcgetattr(terminal)
        os.close(keyboard_end)
        os.close(terminal)
    assert not thread.is_alive()
    assert after == before
