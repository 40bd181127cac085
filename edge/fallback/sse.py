"""Server-sent events out of a stream of bytes, however it is cut (html.spec.whatwg.org, server-sent events).

Bounded: an event longer than a megabyte is an error, so that a server cannot fill the memory.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from edge.errors import RemoteUnavailable

EVENT_MAX: Final = 1 << 20
"""bytes"""


@dataclass(frozen=True, slots=True)
class ServerEvent:
    """One event: its type ("message" when the server names none) and its data."""

    kind: str
    data: str


class Parser:
    """Bytes in, events out. Comments and unknown fields are skipped, an event cut off at the end is none."""

    def __init__(self) -> None:
        self._rest = b""
        self._data: list[str] = []
        self._kind = ""
        self._size = 0
        self._began = False

    def feed(self, chunk: bytes) -> Iterator[ServerEvent]:
        """The events that end in this chunk.

        Raises:
            RemoteUnavailable: a line or an event is longer than a megabyte.
        """
        self._rest += chunk
        if not self._began and len(self._rest) >= 3:
            self._rest, self._began = self._rest.removeprefix(b"\xef\xbb\xbf"), True
        # A carriage return at the very end may be the first half of a line end: it waits for the next chunk.
        held = b"\r" if self._rest.endswith(b"\r") else b""
        lines = self._rest.removesuffix(held).replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")
        self._rest = lines.pop() + held
        self._check(len(self._rest))
        for line in lines:
            event = self._line(line)
            if event is not None:
                yield event

    def _line(self, line: bytes) -> ServerEvent | None:
        if not line:
            event = ServerEvent(self._kind or "message", "\n".join(self._data)) if self._data else None
            self._data, self._kind, self._size = [], "", 0
            return event
        name, _, value = line.partition(b":")
        text = value.removeprefix(b" ").decode(errors="replace")
        if name == b"data":
            self._size += len(line)
            self._check(self._size)
            self._data.append(text)
        elif name == b"event":
            self._kind = text
        return None

    def _check(self, size: int) -> None:
        if size > EVENT_MAX:
            raise RemoteUnavailable(f"the server sent an event of over {EVENT_MAX >> 20} MB: it is no chat stream")
