"""Packets that are answered one at a time on each link, with deadlines and tries: what G1 and Frame have in common."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

from firmware_bridge.errors import MediumError
from firmware_bridge.messages import FromDevice
from firmware_bridge.on_sale.translator import Write

TRIES: Final = 3
_MS: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class Packet:
    """One write and the answer it waits for."""

    data: bytes
    answer: Callable[[bytes], bool | None] | None = None
    """of a received packet: True that is it, False it says no, None another one; None: nothing answers"""
    timeout_ms: int = 1000


@dataclass(frozen=True, slots=True)
class Request:
    """Packets for one or more links; a link begins when the one before it has finished, or all begin at once."""

    packets: Sequence[Packet]
    links: Sequence[str]
    done: Sequence[FromDevice]
    """what the program is told when all is answered"""
    failed: Sequence[FromDevice]
    """and when it is not"""
    one_by_one: bool = True
    is_vital: bool = False
    """when it fails the connection is dead"""


@dataclass(slots=True)
class _Place:
    """How far one link is with the request in work."""

    at: int = 0
    tries: int = 1
    sent_ns: int | None = None


@dataclass(slots=True)
class Exchange:
    """Works on one request at a time; `capacity` more may wait."""

    capacity: int = 32
    _waiting: deque[Request] = field(default_factory=deque)
    _now: Request | None = None
    _places: dict[str, _Place] = field(default_factory=dict)

    @property
    def is_idle(self) -> bool:
        return self._now is None and not self._waiting

    def push(self, request: Request) -> bool:
        """Takes a request; False: too many wait."""
        if len(self._waiting) >= self.capacity:
            return False
        self._waiting.append(request)
        return True

    def abandon(self) -> list[FromDevice]:
        """The links are gone: what the programs of everything unfinished are told."""
        unfinished = [self._now] if self._now is not None else []
        unfinished += self._waiting
        self._now = None
        self._waiting.clear()
        return [told for request in unfinished for told in request.failed]

    def received(self, link: str, data: bytes) -> list[FromDevice]:
        """Passes a packet to the request in work; what the program is to be told."""
        place = self._places.get(link)
        if self._now is None or place is None or place.sent_ns is None:
            return []
        packet = self._now.packets[place.at]
        said = packet.answer(data) if packet.answer is not None else None
        if said is None:
            return []
        if not said:
            return self._again(place)
        place.at, place.tries, place.sent_ns = place.at + 1, 1, None
        return self._finished()

    def poll(self, now_ns: int) -> tuple[list[Write], list[FromDevice]]:
        """Packets to write now, and the outcome of what timed out.

        Raises:
            MediumError: a vital request was not answered.
        """
        writes: list[Write] = []
        told: list[FromDevice] = []
        while True:
            if self._now is None:
                if not self._waiting:
                    return writes, told
                self._now = self._waiting.popleft()
                self._places = {link: _Place() for link in self._now.links}
            before = len(writes)
            for link in self._active():
                if self._now is None:
                    break
                place = self._places[link]
                if place.sent_ns is not None and now_ns >= place.sent_ns + self._timeout_ns(place):
                    told += self._again(place)
                if self._now is not None and place.sent_ns is None:
                    writes += self._write(link, place, now_ns)
            told += self._finished()
            if self._now is not None and len(writes) == before:
                return writes, told

    def wake_ns(self) -> int | None:
        """When the next deadline is."""
        if self._now is None:
            return 0 if self._waiting else None
        places = [self._places[link] for link in self._active()]
        return min((0 if p.sent_ns is None else p.sent_ns + self._timeout_ns(p) for p in places), default=0)

    def _active(self) -> list[str]:
        assert self._now is not None
        unfinished = [link for link in self._now.links if self._places[link].at < len(self._now.packets)]
        return unfinished[:1] if self._now.one_by_one else unfinished

    def _timeout_ns(self, place: _Place) -> int:
        assert self._now is not None
        return self._now.packets[place.at].timeout_ms * _MS

    def _write(self, link: str, place: _Place, now_ns: int) -> list[Write]:
        """Up to and including the next packet that is answered."""
        assert self._now is not None
        writes = []
        while place.at < len(self._now.packets):
            packet = self._now.packets[place.at]
            writes.append(Write(link, packet.data))
            if packet.answer is not None:
                place.sent_ns = now_ns
                break
            place.at += 1
        return writes

    def _again(self, place: _Place) -> list[FromDevice]:
        """From the first packet once more, or given up."""
        assert self._now is not None
        if place.tries < TRIES:
            place.at, place.sent_ns = 0, None
            place.tries += 1
            return []
        request, self._now = self._now, None
        if request.is_vital:
            raise MediumError(f"the glasses did not answer {TRIES} times: the connection is given up")
        return list(request.failed)

    def _finished(self) -> list[FromDevice]:
        if self._now is None or any(p.at < len(self._now.packets) for p in self._places.values()):
            return []
        request, self._now = self._now, None
        return list(request.done)
