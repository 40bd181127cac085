"""All channels of one link: which packet goes next, and what the packets that came say. Pure: the clock is given.

Order of sending: control; an acknowledgement that is due; reliable; best-effort in the order of `BestEffort`. So a
best-effort packet delays a reliable one only while it is on the wire. Bulk messages (photos, updates) are reliable too, but
let best-effort packets through one for one, so that sound does not stop while a photo comes.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from firmware_bridge.best_effort import NewestReceiver, NewestSender
from firmware_bridge.packets import RELIABLE, Ack, Control, Credit, Data, Packet
from firmware_bridge.receiver import Receiver
from firmware_bridge.reliable import Sender

MAX_TO_DEVICE_BYTES: Final = 1024
"""the longest message to the device unless its capabilities say another"""
MAX_TO_HOST_BYTES: Final = 65535
"""the longest message to the host: a picture of a stream"""


class BestEffort(IntEnum):
    """The best-effort channels, the most urgent first; the value is the number on the wire."""

    AUDIO = 1
    SENSOR = 2
    VIDEO = 3
    LOG = 4


DEPTH: Final = {BestEffort.AUDIO: 16, BestEffort.SENSOR: 8, BestEffort.VIDEO: 1, BestEffort.LOG: 16}
"""messages that wait on a channel before the oldest makes room"""


@dataclass(frozen=True, slots=True)
class Limits:
    """What one side can take; it says so in its hello or welcome."""

    window: int = 32
    """packets of the reliable channel"""
    credit: int = 64
    """packets of each best-effort channel beyond what was granted"""
    mtu: int = 512
    """bytes of one frame"""
    max_message_bytes: int = MAX_TO_HOST_BYTES


class Channels:
    """One side's channels of one session."""

    def __init__(self, mine: Limits, capacity_bytes: int = 1 << 18) -> None:
        self.mine = mine
        self.sender = Sender(room_bytes=0, capacity_bytes=capacity_bytes)
        self.receiver = Receiver(window=mine.window, max_message_bytes=mine.max_message_bytes)
        self.newest = {c: NewestSender(c, 0, DEPTH[c], 0) for c in BestEffort}
        self._incoming = {c: NewestReceiver(c, mine.credit, mine.max_message_bytes) for c in BestEffort}
        self._control: deque[Control] = deque(maxlen=8)
        self._grants: dict[int, Credit] = {}
        self._went_best_effort = False
        self.unknown_channel = 0
        """packets on a channel that this version does not know"""

    def start(self, next_wire: int, window: int, credit: int, room_bytes: int) -> bool:
        """A connection is there: the peer expects reliable packet `next_wire` and can take so much.

        False: its number does not fit; the session cannot go on.
        """
        if not self.sender.resume(next_wire, room_bytes, window):
            return False
        self.receiver.resume()
        for channel in BestEffort:
            self.newest[channel].resume(room_bytes, credit)
            self._incoming[channel].resume()
        self._control.clear()
        self._grants.clear()
        return True

    def push(self, channel: int, message: bytes, *, bulk: bool = False) -> None:
        """Takes a message to send.

        Raises:
            QueueFull: too much waits on the reliable channel.
        """
        if channel == RELIABLE:
            self.sender.push(message, bulk=bulk)
        else:
            self.newest[BestEffort(channel)].push(message)

    def control(self, packet: Control) -> None:
        """A control packet to send before everything else; of more than eight the oldest is dropped."""
        self._control.append(packet)

    def receive(self, packet: Data | Ack | Credit, now_ns: int) -> list[tuple[int, bytes]]:
        """The messages (channel, bytes) that this packet completes.

        Raises:
            ProtocolError: the peer breaks the rules of the reliable channel.
        """
        if isinstance(packet, Ack):
            self.sender.acknowledged(packet, now_ns)
            return []
        if packet.channel == RELIABLE and isinstance(packet, Data):
            if packet.next is not None:
                self.sender.acknowledged(Ack(packet.next, packet.credit), now_ns)
            self.receiver.add(packet, now_ns)
            return [(RELIABLE, message) for message in self.receiver.take()]
        if packet.channel not in DEPTH:
            self.unknown_channel += 1
            return []
        channel = BestEffort(packet.channel)
        if isinstance(packet, Credit):
            self.newest[channel].granted(packet)
            return []
        message = self._incoming[channel].add(packet)
        if (grant := self._incoming[channel].grant()) is not None:
            self._grants[channel] = grant
        return [] if message is None else [(channel, message)]

    def packet(self, now_ns: int) -> Packet | None:
        """The next packet to put on the wire, or None."""
        if self._control:
            return self._control.popleft()
        ack_at_ns = self.receiver.ack_at_ns
        if ack_at_ns is not None and now_ns >= ack_at_ns:
            return self.receiver.ack()
        if self._grants:
            return self._grants.pop(next(iter(self._grants)))
        newest = next((sender for sender in self.newest.values() if sender.can_send(now_ns)), None)
        if self.sender.can_send(now_ns):
            yields = newest is not None and self.sender.next_is_bulk and not self._went_best_effort
            if newest is None or not yields:
                self._went_best_effort = False
                return self._reliable(now_ns)
        if newest is None:
            return None
        self._went_best_effort = True
        return newest.packet(now_ns)

    def wake_ns(self) -> int | None:
        """When time alone will give something to send, if nothing else happens; None: never."""
        times = [self.receiver.ack_at_ns, self.sender.wake_ns(), *(n.wake_ns() for n in self.newest.values())]
        return min((t for t in times if t is not None), default=None)

    def _reliable(self, now_ns: int) -> Data | None:
        """An acknowledgement that waits rides along if it says all and there is room."""
        if self.receiver.ack_at_ns is None or self.receiver.has_hole:
            return self.sender.packet(now_ns)
        due_ns = self.receiver.ack_at_ns
        ack = self.receiver.ack()
        data = self.sender.packet(now_ns, ack)
        if data is not None and data.next is None:
            self.receiver.ack_at_ns = due_ns  # there was no room
        return data
