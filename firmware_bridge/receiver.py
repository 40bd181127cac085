"""The receiver of the reliable channel: packets in, whole messages out, each once and in order. Pure: the clock is given."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

from firmware_bridge.errors import ProtocolError
from firmware_bridge.packets import Ack, Data, expand
from firmware_bridge.reliable import ACK_DELAY_NS, ACK_EVERY


@dataclass(slots=True)
class Receiver:
    """One direction's packets, held until those before them came."""

    window: int = 32
    """packets held, those of messages that were not taken included"""
    max_message_bytes: int = 4096
    next: int = 0
    """the next sequence number expected; all before it came"""
    doubles: int = 0
    ack_at_ns: int | None = None
    """when an acknowledgement must leave; None: nothing new to say"""
    _held: dict[int, Data] = field(default_factory=dict)
    _parts: list[bytes] = field(default_factory=list)
    _parts_bytes: int = 0
    _inbox: deque[tuple[bytes, int]] = field(default_factory=deque)
    _inbox_packets: int = 0
    _packets: int = 0
    """packets of the message that is being put together"""
    _unsaid: int = 0

    def add(self, data: Data, now_ns: int) -> None:
        """Takes one packet.

        Raises:
            ProtocolError: fragments that do not fit together, or a message longer than allowed.
        """
        seq = expand(data.seq, self.next)
        if seq < self.next or seq in self._held:
            self.doubles += 1
            self.ack_at_ns = now_ns  # the peer does not know: the acknowledgement was lost
            return
        if seq >= self.next + self.credit:
            self.ack_at_ns = now_ns  # beyond what it may send: dropped, and told again what it may
            return
        self._held[seq] = data
        hole = seq != self.next or len(self._held) > 1
        while (ready := self._held.pop(self.next, None)) is not None:
            self.next += 1
            self._join(ready)
        self._unsaid += 1
        due_ns = now_ns if hole or self._unsaid >= ACK_EVERY else now_ns + ACK_DELAY_NS
        self.ack_at_ns = due_ns if self.ack_at_ns is None else min(self.ack_at_ns, due_ns)

    def take(self) -> list[bytes]:
        """The messages that are complete, in order; taking them gives their packets' credit back."""
        was = self.credit
        found = [message for message, _ in self._inbox]
        self._inbox.clear()
        self._inbox_packets = 0
        if found and was < self.window // 2 and self.ack_at_ns is None:
            self.ack_at_ns = 0  # the peer may be waiting for exactly this
        return found

    @property
    def credit(self) -> int:
        """Packets from `next` on that there is room for."""
        return max(0, self.window - self._inbox_packets)

    @property
    def has_hole(self) -> bool:
        """Whether packets after a missing one are held: only a full acknowledgement says so."""
        return bool(self._held)

    def ack(self) -> Ack:
        """What has come so far; call it when it is sent."""
        self.ack_at_ns, self._unsaid = None, 0
        bitmap = 0
        for seq in self._held:
            bitmap |= 1 << (seq - self.next - 1)
        return Ack(self.next & 0xFFFF, self.credit, bitmap)

    def resume(self) -> None:
        """A new connection: the peer sends again from `next` on, perhaps cut differently."""
        self._held.clear()
        self.ack_at_ns, self._unsaid = None, 0

    def _join(self, data: Data) -> None:
        if data.first != (not self._parts):
            raise ProtocolError("the peer mixes the fragments of two messages")
        self._parts.append(data.payload)
        self._parts_bytes += len(data.payload)
        self._packets += 1
        if self._parts_bytes > self.max_message_bytes:
            raise ProtocolError(f"the peer sends a message of more than {self.max_message_bytes} bytes")
        if data.last:
            self._inbox.append((b"".join(self._parts), self._packets))
            self._inbox_packets += self._packets
            self._parts, self._parts_bytes, self._packets = [], 0, 0
