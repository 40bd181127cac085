"""The host's session on a real socket to a firmware in another process, in real time, with a deadline on everything."""

from __future__ import annotations

import contextlib
import select
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from firmware_bridge.channels import Limits
from firmware_bridge.layout import Message
from firmware_bridge.session import Session

DEADLINE_S = 30.0
"""of each wait: long, because a busy machine is no error"""


@contextlib.contextmanager
def process(command: list[str]) -> Iterator[subprocess.Popen[bytes]]:
    """A program that is gone afterwards, whatever happens; its standard input is a pipe."""
    running = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert running.stdin and running.stdout
    try:
        yield running
    finally:
        running.stdin.close()
        try:
            running.wait(5)
        except subprocess.TimeoutExpired:
            running.kill()
            running.wait(5)
        running.stdout.close()


@dataclass
class SocketHost:
    """Opens the medium whenever the session wants it."""

    dial: Callable[[], socket.socket]
    session: Session = field(default_factory=lambda: Session(Limits(window=64), seed=1))
    got: list[Message] = field(default_factory=list)
    _link: socket.socket | None = None

    def until(self, done: Callable[[], bool], what: str = "") -> None:
        """Runs until something holds."""
        end_s = time.monotonic() + DEADLINE_S
        while not done():
            assert time.monotonic() < end_s, f"not in time: {what} {self.session.status}"
            self.step()

    def step(self) -> None:
        """Waits for bytes for some milliseconds at most, then lets the session work."""
        session = self.session
        session.tick(time.monotonic_ns())
        if not session.wants_medium:
            self.hang_up()
        elif self._link is None:
            self._open()
        if self._link is None:
            select.select([], [], [], 0.005)  # nothing to wait for but the time of the next try
            return
        try:
            while (frame := session.frame(time.monotonic_ns())) is not None:
                self._link.sendall(frame)
            if select.select([self._link], [], [], 0.002)[0]:
                data = self._link.recv(65536)
                if not data:
                    raise ConnectionError("closed")
                self.got += session.receive(data, time.monotonic_ns())
        except OSError as error:
            self.hang_up()
            session.broke(str(error), time.monotonic_ns())

    def _open(self) -> None:
        try:
            self._link = self.dial()
            self._link.settimeout(5)
            self._link.sendall(b"\0")
        except OSError as error:
            self.session.broke(str(error), time.monotonic_ns())
        else:
            self.session.opened(512, time.monotonic_ns())

    def hang_up(self) -> None:
        """Closes the socket, as a pulled cable would."""
        if self._link is not None:
            self._link.close()
            self._link = None

    def pull(self) -> None:
        """The cable is pulled, and the session knows."""
        self.hang_up()
        self.session.broke("pulled", time.monotonic_ns())
