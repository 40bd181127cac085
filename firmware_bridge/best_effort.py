"""A best-effort channel: the newest wins, nothing is sent twice, a message with a missing fragment is forgotten. Pure."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import Final

from firmware_bridge.packets import HEADER_BYTES, Credit, Data, expand

PROBE_NS: Final = 50_000_000
"""without credit one packet may be sent this often, in case the grant was lost"""


@dataclass(slots=True)
class NewestSender:
    """Messages in, packets out; when `depth` messages wait, the oldest of them makes room."""

    channel: int
    room_bytes: int
    depth: int
    credit: int
    """packets that may be sent before the peer's first grant"""
    next: int = 0
    limit: int = 0
    dropped: int = 0
    """messages that newer ones replaced"""
    _rest: bytes = b""
    _waiting: deque[bytes] = field(default_factory=deque)
    _sent_ns: int = -PROBE_NS

    def __post_init__(self) -> None:
        self.limit = self.next + self.credit

    def push(self, message: bytes) -> None:
        """Takes a message; one that is being sent is finished first."""
        if len(self._waiting) >= self.depth:
            self._waiting.popleft()
            self.dropped += 1
        self._waiting.append(message)

    def can_send(self, now_ns: int) -> bool:
        """Whether `packet` would give one."""
        if not self._rest and not self._waiting:
            return False
        return self.next < self.limit or now_ns - self._sent_ns >= PROBE_NS

    def packet(self, now_ns: int) -> Data:
        """The next packet; ask `can_send` before."""
        first = not self._rest
        message = self._rest or self._waiting.popleft()
        room = self.room_bytes - HEADER_BYTES
        part, self._rest = message[:room], message[room:]
        data = Data(self.channel, self.next & 0xFFFF, first, not self._rest, part)
        self.next += 1
        self._sent_ns = now_ns
        return data

    def granted(self, credit: Credit) -> None:
        """The peer's grant; an old one that was overtaken changes nothing."""
        self.limit = max(self.limit, min(expand(credit.limit, self.limit), self.next + 0x7FFF))

    def resume(self, room_bytes: int, credit: int) -> None:
        """A new connection: what was half sent is gone, what waits may go."""
        self._rest = b""
        self.room_bytes, self.credit, self.limit = room_bytes, credit, self.next + credit

    def wake_ns(self) -> int | None:
        """When a packet may be sent without credit, if one waits for it."""
        waits = bool(self._rest or self._waiting) and self.next >= self.limit
        return self._sent_ns + PROBE_NS if waits else None


@dataclass(slots=True)
class NewestReceiver:
    """Packets in, whole messages out; what is older than the newest is dropped."""

    channel: int
    credit: int
    max_message_bytes: int
    next: int = 0
    missed: int = 0
    """packets that never came, or came too late"""
    broken: int = 0
    """messages of which a fragment is missing, or which are too long"""
    _granted: int = 0
    _parts: list[bytes] = field(default_factory=list)
    _parts_bytes: int = 0

    def __post_init__(self) -> None:
        self._granted = self.next + self.credit

    def add(self, data: Data) -> bytes | None:
        """The message that this packet completes, if it does."""
        seq = expand(data.seq, self.next)
        if seq < self.next:
            return None
        self.missed += seq - self.next
        gap, self.next = seq > self.next, seq + 1
        if self._parts and (gap or data.first):
            self._forget()
        if not data.first and not self._parts:
            return None  # the rest of a message that was given up
        self._parts.append(data.payload)
        self._parts_bytes += len(data.payload)
        if self._parts_bytes > self.max_message_bytes:
            self._forget()
            return None
        if not data.last:
            return None
        message = b"".join(self._parts)
        self._parts, self._parts_bytes = [], 0
        return message

    def grant(self) -> Credit | None:
        """What to tell the sender now: when half of its credit is used up."""
        if self._granted - self.next > self.credit // 2:
            return None
        self._granted = self.next + self.credit
        return Credit(self.channel, self._granted & 0xFFFF)

    def resume(self) -> None:
        """A new connection: the sender starts with fresh credit, and not in the middle of a message."""
        self._parts, self._parts_bytes = [], 0
        self._granted = self.next + self.credit

    def _forget(self) -> None:
        self._parts, self._parts_bytes = [], 0
        self.broken += 1
