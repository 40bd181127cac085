"""The device's side of the link as a state machine, as a firmware has it; docs/protocol.md has its table. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Final

from firmware_bridge import framing, layout, packets, timing
from firmware_bridge.channels import MAX_TO_DEVICE_BYTES, Channels, Limits
from firmware_bridge.endpoint import Endpoint
from firmware_bridge.errors import MessageError, ProtocolError, QueueFull
from firmware_bridge.layout import Message, Side
from firmware_bridge.messages import Cause, Refused
from firmware_bridge.packets import Bye, Hello, Packet, Ping, Pong, Reason, Refuse, Welcome

_MS: Final = 1_000_000
QUEUE_BYTES: Final = 8192
"""reliable messages that a device keeps for a host that is away"""


class DeviceState(Enum):
    """Where the session is; a pending hello stands beside it."""

    IDLE = "idle"
    OPEN = "open"
    PARKED = "parked"


@dataclass(frozen=True, slots=True)
class _Pending:
    """A hello that was answered and not yet confirmed."""

    hello: Hello
    seal: bytes
    next: int
    """what the welcome said"""
    until_ns: int


class DeviceSession:
    """One device answering hosts, one at a time."""

    def __init__(self, boot: int, limits: Limits | None = None) -> None:
        self.boot = boot
        self._mine = limits or Limits(window=16, credit=32, max_message_bytes=MAX_TO_DEVICE_BYTES)
        self.state = DeviceState.IDLE
        self.end = Endpoint()
        self.channels = Channels(self._mine, QUEUE_BYTES)
        self.is_new = False
        """a session began: the device must tell its state; whoever does it sets this back"""
        self._session = 0
        self._mtu = self._mine.mtu
        self._pending: _Pending | None = None
        self._answer: bytes | None = None
        """a welcome, a refusal or a farewell to send"""
        self._heard_ns = 0

    def opened(self, mtu: int) -> None:
        """The medium is there."""
        self._mtu = max(framing.MIN_MTU, min(mtu, self._mine.mtu))
        self.end.decoder.reset()

    def broke(self, now_ns: int) -> None:
        """The medium is gone."""
        self._pending = self._answer = None
        if self.state is DeviceState.OPEN:
            self.state, self._heard_ns = DeviceState.PARKED, now_ns

    def push(self, message: Message, *, channel: int | None = None) -> None:
        """Takes a message to send; without a session it is dropped, for a snapshot will come."""
        if self.state is DeviceState.IDLE:
            return
        shape = layout.layout(type(message))
        where = shape.channel if channel is None else channel
        if where != packets.RELIABLE and self.state is DeviceState.PARKED:
            return
        try:
            self.channels.push(where, layout.encode(message), bulk=shape.bulk)
        except QueueFull:
            self._drop()

    def has_room(self, message_bytes: int) -> bool:
        """Whether a message fits into the queue; a device gives large things to it in parts."""
        return self.channels.sender.waiting_bytes + message_bytes <= QUEUE_BYTES // 2

    def receive(self, data: bytes, now_ns: int, clock_us: int) -> list[Message]:
        """What the medium read at the device's time `clock_us`; returns the messages in it."""
        found: list[Message] = []
        seals = [self._pending.seal] if self._pending else []
        for packet, seal in self.end.feed(data, (self.end.seal, *seals)):
            if isinstance(packet, Hello):
                self._greeted(packet, now_ns)
                continue
            if self._pending and seal == self._pending.seal and seal != self.end.seal and not self._commit(now_ns):
                continue
            if self.state is DeviceState.IDLE:
                continue
            self._heard_ns, self.state = now_ns, DeviceState.OPEN
            try:
                found += self._packet(packet, now_ns, clock_us)
            except ProtocolError:
                self._answer = self.end.frame(Bye(Reason.PROTOCOL))
                self._drop()
        return found

    def frame(self, now_ns: int, clock_us: int) -> bytes | None:
        """The next frame to write, or None."""
        if self._answer is not None:
            frame, self._answer = self._answer, None
            return frame
        if self.state is not DeviceState.OPEN:
            return None
        packet = self.channels.packet(now_ns)
        if isinstance(packet, Pong):  # its last field is the time at which it leaves
            packet = Pong(packet.sent_us, packet.came_us, clock_us & 0xFFFFFFFF)
        return None if packet is None else self.end.frame(packet)

    def tick(self, now_ns: int) -> None:
        """Lets time do what it does."""
        if self._pending and now_ns >= self._pending.until_ns:
            self._pending = None
        silent_ns = now_ns - self._heard_ns
        if self.state is DeviceState.OPEN and silent_ns >= timing.LOST_MS * _MS:
            self.state = DeviceState.PARKED
        if self.state is DeviceState.PARKED and silent_ns >= timing.KEEP_S * 1000 * _MS:
            self._drop()

    def wake_ns(self) -> int | None:
        """When to call `frame` again if nothing else happens."""
        if self._answer:
            return 0
        return self.channels.wake_ns() if self.state is DeviceState.OPEN else None

    def end_session(self, reason: Reason) -> bytes | None:
        """Ends the session; the frame says so to the host if it can be written."""
        frame = self.end.frame(Bye(reason)) if self.state is DeviceState.OPEN else None
        self._drop()
        return frame

    def refuse(self, request: Message, cause: Cause, number: int = 0) -> None:
        """Answers a request that cannot be carried out."""
        self.push(Refused(layout.layout(type(request)).number, cause, number))

    def _greeted(self, hello: Hello, now_ns: int) -> None:
        known = self._session == hello.session and self.state is not DeviceState.IDLE
        if hello.version < packets.PROTOCOL_VERSION:
            self._refuse(hello, Reason.VERSION)
        elif hello.session == 0 or hello.mtu < framing.MIN_MTU or (hello.resumes and not known):
            self._refuse(hello, Reason.UNKNOWN_SESSION)
        else:
            seal = framing.tag(hello.session, hello.connection)
            expects = self.channels.receiver.next if known else 0
            if not (known and seal == self.end.seal):
                self._pending = _Pending(hello, seal, expects, now_ns + timing.PENDING_MS * _MS)
            welcome = Welcome(
                packets.PROTOCOL_VERSION, self.boot, expects & 0xFFFF, self._mine.window, self._mine.credit, self._mtu
            )
            self._answer = framing.encode(packets.encode(welcome), seal)

    def _refuse(self, hello: Hello, reason: Reason) -> None:
        refuse = Refuse(reason, hello.session, hello.connection, self.boot)
        self._answer = self.end.frame(refuse)

    def _commit(self, now_ns: int) -> bool:
        """The host confirmed the pending connection; False: it cannot be had any more."""
        pending = self._pending
        assert pending is not None
        self._pending = None
        known = self._session == pending.hello.session and self.state is not DeviceState.IDLE
        if known and pending.next != self.channels.receiver.next:
            return False  # something was taken after the welcome: the host says hello again
        hello = pending.hello
        if not known:
            self.channels = Channels(self._mine, QUEUE_BYTES)
            self._session, self.is_new = hello.session, True
        room = framing.packet_room(min(self._mtu, hello.mtu, framing.MAX_MTU))
        if not self.channels.start(hello.next, min(hello.window, packets.MAX_WINDOW), hello.credit, room):
            self._drop()
            return False
        self.end.seal, self.state, self._heard_ns = pending.seal, DeviceState.OPEN, now_ns
        return True

    def _packet(self, packet: Packet, now_ns: int, clock_us: int) -> list[Message]:
        if isinstance(packet, Ping):
            self.channels.control(Pong(packet.sent_us, clock_us & 0xFFFFFFFF, 0))
        elif isinstance(packet, Bye):
            self._drop()
        elif isinstance(packet, packets.Data | packets.Ack | packets.Credit):
            raw = [raw for _, raw in self.channels.receive(packet, now_ns)]
            return [message for one in raw if (message := self._message(one)) is not None]
        return []

    def _message(self, raw: bytes) -> Message | None:
        try:
            message = layout.decode(raw)
        except MessageError:
            self.end.counters.unreadable += 1
            self.push(Refused(raw[0], Cause.INVALID))
            return None
        if message is None or layout.layout(type(message)).sender is Side.DEVICE:
            self.end.counters.unknown += 1
            self.push(Refused(raw[0], Cause.UNKNOWN))
            return None
        return message

    def _drop(self) -> None:
        """No session any more: the next hello begins a new one."""
        self.state, self._session, self._pending = DeviceState.IDLE, 0, None
        self.end.seal = framing.NO_TAG
        self.channels = Channels(self._mine, QUEUE_BYTES)
