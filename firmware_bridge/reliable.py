"""The sender of the reliable channel: selective repeat in a sliding window. Pure: the clock is given.

A lost packet is found by what came after it (RFC 8985's order of transmission, in packets instead of time) and sent again at
once; a timer (RFC 6298) is left for the end of a burst. Sequence numbers count on without wrapping inside; the wire has 16
bits of them.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import Final

from firmware_bridge.errors import ProtocolError, QueueFull
from firmware_bridge.packets import ACK_BYTES, HEADER_BYTES, MAX_WINDOW, RELIABLE, Ack, Data, expand

_MS: Final = 1_000_000
REORDERED: Final = 3
"""a packet is lost when one sent this many transmissions after it was acknowledged (RFC 5681 has three duplicate ACKs)"""
FIRST_TIMEOUT_NS: Final = 200 * _MS
MIN_TIMEOUT_NS: Final = 30 * _MS
MAX_TIMEOUT_NS: Final = 1000 * _MS
ACK_DELAY_NS: Final = 10 * _MS
ACK_EVERY: Final = 2
"""packets in order that one acknowledgement may answer"""


@dataclass(slots=True)
class _Sent:
    """A packet that was sent and is not known to have come."""

    data: Data
    bulk: bool
    sent_ns: int = 0
    order: int = 0
    tries: int = 0
    came: bool = False


@dataclass(slots=True)
class _Waiting:
    """A message, or what is left of one, that has no packets yet."""

    message: bytes
    bulk: bool
    begun: bool = False


@dataclass(slots=True)
class RoundTrip:
    """How long an acknowledgement takes (RFC 6298)."""

    smooth_ns: float = 0.0
    spread_ns: float = 0.0
    least_ns: int = 0

    def add(self, took_ns: int) -> None:
        """One measured round trip of a packet that was sent once."""
        self.least_ns = min(self.least_ns or took_ns, took_ns)
        if self.smooth_ns == 0:
            self.smooth_ns, self.spread_ns = took_ns, took_ns / 2
        else:
            self.spread_ns += (abs(took_ns - self.smooth_ns) - self.spread_ns) / 4
            self.smooth_ns += (took_ns - self.smooth_ns) / 8

    @property
    def timeout_ns(self) -> int:
        """When to send again without any sign."""
        if self.smooth_ns == 0:
            return FIRST_TIMEOUT_NS
        raw = int(self.smooth_ns + 4 * self.spread_ns) + ACK_DELAY_NS
        return max(MIN_TIMEOUT_NS, min(raw, MAX_TIMEOUT_NS))


@dataclass(slots=True)
class Sender:
    """Messages in, packets out, until they are acknowledged. `capacity_bytes` bounds what waits."""

    room_bytes: int
    """the longest packet"""
    capacity_bytes: int = 1 << 18
    credit: int = MAX_WINDOW
    """packets from `base` on that the peer can take"""
    base: int = 0
    """the oldest packet that is not acknowledged"""
    next: int = 0
    """the next sequence number"""
    resent: int = 0
    waiting_bytes: int = 0
    trip: RoundTrip = field(default_factory=RoundTrip)
    _sent: dict[int, _Sent] = field(default_factory=dict)
    _prompt: deque[_Waiting] = field(default_factory=deque)
    _bulk: deque[_Waiting] = field(default_factory=deque)
    _lost: set[int] = field(default_factory=set)
    _order: int = 0
    _newest_order: int = 0
    """the latest transmission that is known to have come"""
    _timeouts: int = 0

    def push(self, message: bytes, *, bulk: bool = False) -> None:
        """Takes a message; a bulk one lets every other message that waits go before it.

        Raises:
            QueueFull: `capacity_bytes` wait already.
        """
        if self.waiting_bytes + len(message) > self.capacity_bytes:
            raise QueueFull(
                f"{self.waiting_bytes} bytes wait for the glasses already: send less, or wait until they are taken"
            )
        self.waiting_bytes += len(message)
        (self._bulk if bulk else self._prompt).append(_Waiting(message, bulk))

    @property
    def is_idle(self) -> bool:
        """Everything was acknowledged."""
        return not self._sent and not self._prompt and not self._bulk

    @property
    def next_is_bulk(self) -> bool:
        """Whether the packet that `packet` would give belongs to a bulk message."""
        if self._lost:
            return self._sent[min(self._lost)].bulk
        waiting = self._source()
        return bool(waiting and waiting[0].bulk)

    def can_send(self, now_ns: int) -> bool:
        """Whether `packet` would give one."""
        wake_ns = self.wake_ns()
        if wake_ns is not None and now_ns >= wake_ns:
            self._timeouts += now_ns >= self._sent[self.base].sent_ns + self._patience_ns()
            self._lost.add(self.base)
        return bool(self._lost) or (self._source() is not None and self.next - self.base < self._window())

    def packet(self, now_ns: int, ack: Ack | None = None) -> Data | None:
        """The packet to send now, if there is one; `ack` rides along if the packet has room for it."""
        if not self.can_send(now_ns):
            return None
        if self._lost:
            seq = min(self._lost)
            self._lost.remove(seq)
            sent = self._sent[seq]
            self.resent += 1
        else:
            sent = self._sent[self.next] = self._cut()
            self.next += 1
        self._order += 1
        sent.sent_ns, sent.order = now_ns, self._order
        sent.tries += 1
        data = sent.data
        if ack is not None and HEADER_BYTES + ACK_BYTES + len(data.payload) <= self.room_bytes:
            return Data(RELIABLE, data.seq, data.first, data.last, data.payload, ack.next, ack.credit)
        return data

    def acknowledged(self, ack: Ack, now_ns: int) -> None:
        """What the peer says that it has.

        Raises:
            ProtocolError: it has what was never sent.
        """
        base = expand(ack.next, self.base)
        if base > self.next:
            raise ProtocolError(f"the peer acknowledges packet {base}, only {self.next} were sent")
        if base < self.base:
            return  # an old one that was overtaken
        self.credit = ack.credit
        progress = base > self.base
        for seq in range(self.base, base):
            self._came(seq, now_ns)
            self.waiting_bytes -= len(self._sent.pop(seq).data.payload)
        self.base = base
        for bit in range(ack.bitmap.bit_length()):
            if ack.bitmap >> bit & 1 and (held := self._sent.get(base + 1 + bit)) and not held.came:
                progress = True
                self._came(base + 1 + bit, now_ns)
        if progress:
            self._timeouts = 0
        for seq, sent in self._sent.items():
            if not sent.came and sent.order + REORDERED <= self._newest_order:
                self._lost.add(seq)

    def resume(self, next_wire: int, room_bytes: int, credit: int) -> bool:
        """Starts again on a new connection, at the packet that the peer expects; what is left is cut anew for `room_bytes`.

        False: the peer's number is none of ours; the session cannot go on.
        """
        base = expand(next_wire, self.base)
        if not self.base <= base <= self.next:
            return False
        for seq in range(self.base, base):
            self.waiting_bytes -= len(self._sent.pop(seq).data.payload)
        self.base, self.credit = base, credit
        for waiting in reversed(self._joined()):
            (self._bulk if waiting.bulk else self._prompt).appendleft(waiting)
        self._sent.clear()
        self._lost.clear()
        self.next, self.room_bytes = self.base, room_bytes
        self._newest_order, self._timeouts = self._order, 0
        return True

    def unfinished(self) -> list[bytes]:
        """The messages that are not acknowledged in full, oldest first; of the first only what is left."""
        joined = self._joined()
        return [waiting.message for waiting in (*joined, *self._prompt, *self._bulk)]

    def wake_ns(self) -> int | None:
        """When time alone will give something to send; None: it will not."""
        oldest = self._sent.get(self.base)
        if oldest is None or self.base in self._lost:
            return None
        patience_ns = self._patience_ns()
        if oldest.tries > 1 and self.credit and self.next - self.base >= self._window() and self._source():
            patience_ns = min(patience_ns, int(self.trip.smooth_ns / 2) or patience_ns)  # the link would stand idle
        return oldest.sent_ns + patience_ns

    def _window(self) -> int:
        """One packet may always be under way: without credit it is dropped, and its answer says when there is some again."""
        return max(1, min(self.credit, MAX_WINDOW))

    def _patience_ns(self) -> int:
        return int(min(self.trip.timeout_ns << min(self._timeouts, 6), MAX_TIMEOUT_NS))

    def _source(self) -> deque[_Waiting] | None:
        """A message that has begun is finished first: fragments of two messages do not mix."""
        if self._bulk and self._bulk[0].begun:
            return self._bulk
        return self._prompt or self._bulk or None

    def _cut(self) -> _Sent:
        queue = self._source()
        assert queue is not None
        waiting = queue[0]
        room = self.room_bytes - HEADER_BYTES
        part, rest = waiting.message[:room], waiting.message[room:]
        data = Data(RELIABLE, self.next & 0xFFFF, not waiting.begun, not rest, part)
        if rest:
            queue[0] = _Waiting(rest, waiting.bulk, begun=True)
        else:
            queue.popleft()
        return _Sent(data, waiting.bulk)

    def _came(self, seq: int, now_ns: int) -> None:
        sent = self._sent[seq]
        if sent.came:
            return
        sent.came = True
        self._lost.discard(seq)
        took_ns = now_ns - sent.sent_ns
        if sent.tries == 1:
            self.trip.add(max(took_ns, 1))
        if sent.tries == 1 or took_ns >= self.trip.least_ns:  # else the acknowledgement is for an earlier try
            self._newest_order = max(self._newest_order, sent.order)

    def _joined(self) -> list[_Waiting]:
        """What was sent and not acknowledged, taken out as messages again; the first may lack its beginning."""
        found: list[_Waiting] = []
        for sent in self._sent.values():
            if sent.data.first or not found:
                found.append(_Waiting(b"", sent.bulk, begun=not sent.data.first))
            found[-1].message += sent.data.payload
            last = sent.data.last
        if found and not last:
            found[-1].message += (self._bulk if found[-1].bulk else self._prompt).popleft().message
        return found
