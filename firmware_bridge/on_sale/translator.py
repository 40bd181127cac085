"""The contract of glasses with a protocol of their own: our messages on one side, their packets on the other. No I/O.

The packets go to named links (the G1 has one for each arm). Times given to programs are the host's: such glasses have no
clock that they tell.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from firmware_bridge.layout import layout
from firmware_bridge.messages import Cause, FromDevice, FromHost, Refused


@dataclass(frozen=True, slots=True)
class Write:
    """One packet for one link."""

    link: str
    data: bytes


class Translator(Protocol):
    """One pair of glasses, through all its connections."""

    links: Sequence[str]
    """the BLE connections it needs, by the names that `Write` uses"""

    def begin(self, now_ns: int, room_bytes: int) -> list[FromDevice]:
        """All links are there, anew: capabilities and the state as far as it is known, `SnapshotEnd` last (now or from
        `received`). What was under way when the links broke is refused first; drawings that were not shown are kept.

        Args:
            now_ns: the host's monotonic clock.
            room_bytes: of the longest write that each link takes.

        Raises:
            MediumError: the links take less than these glasses need.
        """

    def ask(self, message: FromHost, now_ns: int) -> list[FromDevice]:
        """Takes a request; what can be answered at once is answered."""

    def received(self, link: str, data: bytes, now_ns: int) -> list[FromDevice]:
        """A packet of the glasses. One that makes no sense is counted in `dropped` and otherwise nothing."""

    def poll(self, now_ns: int) -> tuple[list[Write], list[FromDevice]]:
        """What is to be written now, and what became of requests whose time is over.

        Raises:
            MediumError: the glasses do not answer any more: connect again.
        """

    def wake_ns(self) -> int | None:
        """When `poll` has something to do if nothing is received before; None: never."""


def t_us(now_ns: int) -> int:
    """The host's time as messages carry it: the low 32 bits of its microseconds."""
    return now_ns // 1000 & 0xFFFFFFFF


def refused(message: FromHost, cause: Cause, request: int = 0) -> Refused:
    """The answer to a request that these glasses cannot carry out."""
    return Refused(layout(type(message)).number, cause, request)
