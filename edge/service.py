"""What the service manager is told: ready, still well, stopping (sd_notify(3)); silent where none started this process."""

from __future__ import annotations

import contextlib
import os
import socket
import threading
from collections.abc import Callable, Mapping

ADDRESS, PERIOD, OWNER = "NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"


class ServiceManager:
    """systemd, or anything that speaks its datagrams."""

    def __init__(self, environment: Mapping[str, str] = os.environ) -> None:
        name = environment.get(ADDRESS, "")
        self._address = "\0" + name[1:] if name.startswith("@") else name
        owner = environment.get(OWNER, "")
        is_ours = not owner or owner == str(os.getpid())
        period = environment.get(PERIOD, "") if is_ours else ""
        self.watchdog_s = int(period) / 1e6 if period.isdecimal() and self._address else 0.0
        """how long it may hear nothing before it starts the process anew; 0: it does not watch"""

    def say(self, state: str) -> None:
        """One datagram such as `READY=1`; a manager that is gone is no trouble of ours."""
        if not self._address:
            return
        with (
            contextlib.suppress(OSError),
            socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as out,
        ):
            out.sendto(state.encode(), self._address)

    def watch(self, stuck_s: Callable[[], float], stop: threading.Event) -> threading.Thread | None:
        """Says that all is well as long as it is: no stage is at one piece of work for longer than the watchdog's time.

        `stuck_s` gives the longest that a stage is at its present work, in seconds. None: nobody watches.
        """
        if not self.watchdog_s:
            return None

        def beat() -> None:
            while not stop.wait(self.watchdog_s / 3):
                if stuck_s() < self.watchdog_s:
                    self.say("WATCHDOG=1")

        thread = threading.Thread(target=beat, name="watchdog", daemon=True)
        thread.start()
        return thread
