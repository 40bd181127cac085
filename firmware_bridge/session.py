"""The host's side of the link as a state machine: what the medium does and the time go in, frames and messages come out.

Pure: it opens nothing and sleeps nowhere. Whoever drives it opens the medium when `wants_medium`, feeds what it reads,
writes what `frame` gives, and calls `tick` at `wake_ns`. docs/protocol.md has the table of states and deadlines.
"""

from __future__ import annotations

import random
from collections import deque
from collections.abc import Callable
from dataclasses import replace
from typing import Final

from firmware_bridge import framing, layout, packets, timing
from firmware_bridge.channels import Channels, Limits
from firmware_bridge.endpoint import Endpoint
from firmware_bridge.errors import MessageError, ProtocolError
from firmware_bridge.greeting import Hellos, objection, refusal
from firmware_bridge.layout import Message
from firmware_bridge.messages import Capabilities, SnapshotEnd
from firmware_bridge.packets import Bye, Hello, Packet, Pong, Reason, Refuse, Welcome
from firmware_bridge.pings import Exchange, Pings
from firmware_bridge.status import Quality, State, Status

_MS: Final = 1_000_000


class Session:
    """One host talking to one device, over as many connections as it takes."""

    def __init__(
        self,
        limits: Limits | None = None,
        seed: int | None = None,
        on_exchange: Callable[[Exchange], None] | None = None,
    ) -> None:
        """`on_exchange` gets each answered ping; `seed` makes the waits and the session's number repeatable."""
        self._pings = Pings(on_exchange)
        self._mine = limits or Limits(window=packets.MAX_WINDOW)
        self._draw = random.Random(seed)
        self._status = Status()
        self.changes: deque[Status] = deque(maxlen=64)
        """states that were entered and not looked at yet"""
        self.capabilities: Capabilities | None = None
        self.sessions_lost = 0
        """sessions that ended with the device's state: a reboot, another device"""
        self.last_lost: list[bytes] = []
        """messages that a lost session had not delivered, or not for sure"""
        self.end = Endpoint()
        self.channels = Channels(self._mine)
        self._session = 0
        self._connection = 0
        self._boot = 0
        self._is_new = True
        """the device may not know this session yet"""
        self._had_snapshot = False
        self._mtu = 0
        self._due_ns = 0
        """the deadline of the state"""
        self._hellos = Hellos()
        self._open_ns = 0
        self.opening = 0
        """counts the times that the medium is to be opened: another number means close it and open it anew"""
        self.farewell: bytes | None = None
        """a frame to write before the medium is closed"""

    @property
    def status(self) -> Status:
        """Where the session is, and why."""
        return self._status

    @property
    def wants_medium(self) -> bool:
        """Whether the medium should be open."""
        return self._status.state not in (State.CLOSED, State.WAITING)

    def connect(self, now_ns: int) -> None:
        """Starts; every failure is tried again until `close`."""
        if self._status.state is State.CLOSED:
            self._enter(State.OPENING, "", now_ns, timing.OPENING_MS)

    def close(self, now_ns: int) -> bytes | None:
        """Ends the session; the frame says so to the device if it can be written."""
        farewell = self.end.frame(Bye(Reason.ASKED)) if self._status.state in (State.SNAPSHOT, State.OPEN) else None
        self._forget()
        self._enter(State.CLOSED, "closed by the program", now_ns, None)
        return farewell

    def opened(self, mtu: int, now_ns: int) -> None:
        """The medium is open, with frames of at most `mtu` bytes."""
        if self._status.state is not State.OPENING:
            return
        self._mtu = max(framing.MIN_MTU, min(mtu, framing.MAX_MTU))
        self.end.decoder.reset()
        if not self._session:
            self._begin()
        else:
            self._connection = (self._connection + 1) & 0xFF
        self._greet(now_ns)

    def broke(self, reason: str, now_ns: int) -> None:
        """The medium could not be opened, or is gone."""
        if self.wants_medium:
            self._fail(reason, now_ns)

    def push(self, message: Message, *, channel: int | None = None) -> None:
        """Takes a message to send; it waits for the link if it must.

        Raises:
            MessageError: a value does not fit, or the message is longer than the device takes.
            QueueFull: too much waits.
        """
        shape = layout.layout(type(message))
        raw = layout.encode(message)
        longest = self.capabilities.max_message_bytes if self.capabilities else 1024
        if len(raw) > longest:
            raise MessageError(f"{shape.name} has {len(raw)} bytes, the device takes {longest}: send it in parts")
        self.channels.push(shape.channel if channel is None else channel, raw, bulk=shape.bulk)

    def receive(self, data: bytes, now_ns: int) -> list[Message]:
        """What the medium read; returns the messages in it."""
        found: list[Message] = []
        for packet, _ in self.end.feed(data, (self.end.seal,)):
            if not self.wants_medium:
                break
            try:
                found += self._packet(packet, now_ns)
            except ProtocolError as error:
                self.farewell = self.end.frame(Bye(Reason.PROTOCOL))
                self._end(f"the device broke the protocol: {error}", now_ns)
        return found

    def frame(self, now_ns: int) -> bytes | None:
        """The next frame to write, or None."""
        state = self._status.state
        if state is State.GREETING:
            return self.end.frame(self._hello()) if self._hellos.is_due(now_ns) else None
        if state not in (State.SNAPSHOT, State.OPEN):
            return None
        ping = self._pings.ping(now_ns, self._status.quality)
        if ping is not None:
            return self.end.frame(ping)
        return self.end.next_frame(self.channels, now_ns)

    def tick(self, now_ns: int) -> None:
        """Lets time do what it does: deadlines, the grade of the link, the end of a wait."""
        state = self._status.state
        if state is State.WAITING and now_ns >= self._due_ns:
            self._enter(State.OPENING, self._status.reason, now_ns, timing.OPENING_MS)
        elif state is State.OPENING and now_ns >= self._due_ns:
            self._fail("the medium did not open in time", now_ns)
        elif state is State.GREETING and now_ns >= self._due_ns:
            self._fail("the device does not answer: is its firmware running?", now_ns)
        elif state is State.SNAPSHOT and now_ns >= self._due_ns:
            self._end("the device did not tell its state in time", now_ns)
        elif state in (State.OPEN, State.SNAPSHOT):
            self._grade(now_ns)

    def wake_ns(self) -> int | None:
        """When to call `tick` and `frame` again if nothing else happens; None: never."""
        state = self._status.state
        if state is State.CLOSED:
            return None
        if state in (State.OPENING, State.WAITING):
            return self._due_ns
        if state is State.GREETING:
            return min(self._due_ns, self._hellos.next_ns)
        times = [self._pings.wake_ns(self._status.quality), self.channels.wake_ns()]
        if state is State.SNAPSHOT:
            times.append(self._due_ns)
        return min(t for t in times if t is not None)

    # --- inside

    def _hello(self) -> Hello:
        return Hello(
            packets.PROTOCOL_VERSION, self._session, self._connection, self.channels.receiver.next & 0xFFFF,
            self._mine.window, self._mine.credit, min(self._mine.mtu, self._mtu), int(not self._is_new),
        )  # fmt: skip

    def _packet(self, packet: Packet, now_ns: int) -> list[Message]:
        state = self._status.state
        if state is State.GREETING:  # data before the welcome is dropped: it will be sent again
            if isinstance(packet, Welcome):
                self._welcomed(packet, now_ns)
            elif isinstance(packet, Refuse):
                self._refused(packet, now_ns)
        if state not in (State.SNAPSHOT, State.OPEN):
            return []
        self._is_new = False
        if isinstance(packet, Pong):
            if self._pings.pong(packet, now_ns):
                self._grade(now_ns)
        elif isinstance(packet, Bye):
            reason = Reason(packet.reason).name.lower() if packet.reason in set(Reason) else str(packet.reason)
            self._end(f"the device ended the session ({reason})", now_ns)
        elif isinstance(packet, packets.Data | packets.Ack | packets.Credit):
            return self._messages(packet, now_ns)
        return []

    def _messages(self, packet: packets.Data | packets.Ack | packets.Credit, now_ns: int) -> list[Message]:
        found = []
        for _, raw in self.channels.receive(packet, now_ns):
            message = self.end.message(raw)
            if message is None:
                continue
            if isinstance(message, Capabilities):
                if self.capabilities and message.serial != self.capabilities.serial:
                    self._note(replace(self._status, reason="another device answers now"))
                self.capabilities = message
            if isinstance(message, SnapshotEnd) and self._status.state is State.SNAPSHOT:
                self._enter(State.OPEN, "", now_ns, None)
            found.append(message)
        return found

    def _welcomed(self, welcome: Welcome, now_ns: int) -> None:
        if why := objection(welcome):
            self._fail(why, now_ns)
            return
        room = framing.packet_room(min(self._mtu, self._mine.mtu, welcome.mtu, framing.MAX_MTU))
        resumed = not self._is_new
        if (resumed and welcome.boot != self._boot) or not self.channels.start(
            welcome.next, min(welcome.window, packets.MAX_WINDOW), welcome.credit, room
        ):
            self._lose("the device lost the session")
            self._greet(now_ns)
            return
        self._boot = welcome.boot
        self._pings.start(self._boot, now_ns)
        self._note(replace(self._status, connections=self._status.connections + 1, quality=Quality.GOOD))
        done = resumed and self._had_snapshot
        self._enter(State.OPEN if done else State.SNAPSHOT, "", now_ns, None if done else timing.SNAPSHOT_MS)

    def _refused(self, refuse: Refuse, now_ns: int) -> None:
        if (refuse.session, refuse.connection) != (self._session, self._connection):
            return
        if refuse.reason == Reason.UNKNOWN_SESSION and not self._is_new:
            self._lose("the device started anew")
            self._greet(now_ns)
            return
        self._fail(refusal(refuse), now_ns)

    def _grade(self, now_ns: int) -> None:
        quality = self._pings.quality(now_ns)
        if quality is None:
            self._fail("the device stopped answering", now_ns)
        elif quality is not self._status.quality:
            self._pings.hurry(now_ns)
            self._note(replace(self._status, quality=quality))

    def _begin(self) -> None:
        """A new session: fresh channels; what an older one had not delivered is in `last_lost`."""
        self._session = self._draw.randrange(1, 1 << 32)
        self._connection = 1
        self._is_new, self._had_snapshot = True, False

    def _greet(self, now_ns: int) -> None:
        self.end.seal = framing.tag(self._session, self._connection)
        self._hellos.start(now_ns)
        self._enter(State.GREETING, self._status.reason, now_ns, timing.GREETING_MS)

    def _lose(self, reason: str) -> None:
        """The session is over on the device; a new one is prepared, with a new snapshot."""
        if not self._is_new:
            self.sessions_lost += 1
        self.last_lost = self.channels.sender.unfinished()
        self._forget()
        self._begin()
        self._note(replace(self._status, reason=reason))

    def _forget(self) -> None:
        self.channels = Channels(self._mine)
        self._session = 0

    def _end(self, reason: str, now_ns: int) -> None:
        """Session and connection are over."""
        self._lose(reason)
        self._fail(reason, now_ns)

    def _fail(self, reason: str, now_ns: int) -> None:
        """The connection is over; the next try comes at once after a good one, else later and later."""
        if self._status.state is State.OPEN and now_ns - self._open_ns >= timing.STEADY_MS * _MS:
            self._note(replace(self._status, failures=0))
        tries = self._status.failures
        wait_ms = min(timing.BACKOFF_FIRST_MS << min(tries - 1, 10), timing.BACKOFF_MAX_MS) if tries else 0
        self._note(replace(self._status, failures=tries + 1))
        self._enter(State.WAITING, reason, now_ns, wait_ms * self._draw.uniform(0.5, 1.5))

    def _enter(self, state: State, reason: str, now_ns: int, deadline_ms: float | None) -> None:
        self._due_ns = now_ns + int((deadline_ms or 0) * _MS)
        self.opening += state is State.OPENING
        if state is State.OPEN:
            self._had_snapshot, self._open_ns = True, now_ns
        self._note(replace(self._status, state=state, reason=reason))

    def _note(self, status: Status) -> None:
        if status != self._status:
            self._status = status
            self.changes.append(status)
