"""The greeting that begins a connection: when hellos go, and what an answer means that is no yes. Pure."""

from __future__ import annotations

from typing import Final

from firmware_bridge import framing, packets, timing
from firmware_bridge.packets import Reason, Refuse, Welcome

_MS: Final = 1_000_000
_WHY: Final = {
    Reason.VERSION: "it speaks another version of the protocol: update its firmware",
    Reason.BUSY: "it talks to another host",
    Reason.POWER: "its battery is empty",
}


class Hellos:
    """The first eight follow each other quickly, the others do not."""

    def __init__(self) -> None:
        self.next_ns = self._count = 0

    def start(self, now_ns: int) -> None:
        """A greeting begins."""
        self.next_ns, self._count = now_ns, 0

    def is_due(self, now_ns: int) -> bool:
        """Whether one goes now; if so, the next one is set."""
        if now_ns < self.next_ns:
            return False
        wait_ms = timing.HELLO_EVERY_MS if self._count < timing.HELLO_FAST else timing.HELLO_SLOW_MS
        self._count += 1
        self.next_ns = now_ns + wait_ms * _MS
        return True


def refusal(refuse: Refuse) -> str:
    """Why the device does not want this connection, in a sentence."""
    why = _WHY.get(Reason(refuse.reason), "") if refuse.reason in set(Reason) else ""
    return f"the device refuses: {why or f'reason {refuse.reason}'}"


def objection(welcome: Welcome) -> str:
    """Why this host cannot talk to a device that said this, in a sentence; empty: it can."""
    if 1 <= welcome.version <= packets.PROTOCOL_VERSION and welcome.mtu >= framing.MIN_MTU:
        return ""
    return f"the device speaks version {welcome.version} of the protocol: update its firmware"
