"""What host and device sessions have in common: frames in and out under a seal, and their counters. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from firmware_bridge import framing, layout, packets
from firmware_bridge.channels import Channels
from firmware_bridge.errors import MessageError
from firmware_bridge.framing import Decoder
from firmware_bridge.layout import Message
from firmware_bridge.packets import Packet


@dataclass(slots=True)
class Counters:
    """What was dropped, and what went by."""

    frames_in: int = 0
    frames_out: int = 0
    bytes_in: int = 0
    bytes_out: int = 0
    wrong_crc: int = 0
    """damaged, or of another session or connection"""
    malformed: int = 0
    unreadable: int = 0
    """messages that could not be read"""
    unknown: int = 0
    """messages of a newer version"""


@dataclass(slots=True)
class Endpoint:
    """Frames to packets and back. `seals` are tried in order; a packet comes with the seal that opened it."""

    seal: bytes = framing.NO_TAG
    """of the packets that leave"""
    decoder: Decoder = field(default_factory=Decoder)
    counters: Counters = field(default_factory=Counters)

    def feed(self, data: bytes, seals: Iterable[bytes]) -> list[tuple[Packet, bytes]]:
        """The valid packets in `data`, and the seal of each."""
        self.counters.bytes_in += len(data)
        found = []
        for body in self.decoder.feed(data):
            self.counters.frames_in += 1
            for seal in (framing.NO_TAG,) if packets.is_untagged(body) else seals:
                raw = framing.opened(body, seal)
                if raw is not None:
                    packet = packets.decode(raw)
                    if packet is None:
                        self.counters.malformed += 1
                    else:
                        found.append((packet, seal))
                    break
            else:
                self.counters.wrong_crc += 1
        return found

    def message(self, raw: bytes) -> Message | None:
        """The message in these bytes; None: it cannot be read, or is of a newer version, and is counted."""
        try:
            message = layout.decode(raw)
        except MessageError:
            self.counters.unreadable += 1
            return None
        self.counters.unknown += message is None
        return message

    def frame(self, packet: Packet) -> bytes:
        """The frame of a packet that leaves now."""
        plain = isinstance(packet, packets.Hello | packets.Refuse)
        frame = framing.encode(packets.encode(packet), framing.NO_TAG if plain else self.seal)
        self.counters.frames_out += 1
        self.counters.bytes_out += len(frame)
        return frame

    def next_frame(self, channels: Channels, now_ns: int) -> bytes | None:
        """The frame of what the channels want to send next."""
        packet = channels.packet(now_ns)
        return None if packet is None else self.frame(packet)
