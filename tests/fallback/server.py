"""A scripted HTTP server on loopback: what it answers, in which pieces, and where it stalls, breaks off or is left."""

from __future__ import annotations

import asyncio
import ssl
import struct
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from socket import SO_LINGER, SOL_SOCKET
from typing import Any, Final, Self

from edge.fallback.rows import Row
from tests.fallback.rows import changed

STALL: Final = "stall"
"""sends nothing more and keeps the connection open"""
RESET: Final = "reset"
"""breaks the connection off"""
WORDS: Final = (
    b'data: {"choices":[{"delta":{"content":"The museum "}}]}\n\n',
    b'data: {"choices":[{"delta":{"content":"opens at nine."}}]}\n\n',
    b'data: {"choices":[{"delta":{},"finish_reason":"stop"}]}\n\n',
    b'data: {"choices":[],"usage":{"prompt_tokens":12,"completion_tokens":6}}\n\n',
    b"data: [DONE]\n\n",
)


@dataclass(frozen=True, slots=True)
class Script:
    """One answer."""

    pieces: Sequence[bytes | str] = WORDS
    """bytes that are sent, or STALL or RESET"""
    status: int = 200
    headers: Sequence[tuple[str, str]] = (("content-type", "text/event-stream"),)
    stays_open: bool = False
    """after the last piece"""


@dataclass(slots=True)
class Server:
    """Answers with its scripts in turn; the last one again and again."""

    scripts: Sequence[Script]
    asked: list[bytes] = field(default_factory=list)
    """the bodies that came"""
    left: int = 0
    """connections that the other side closed while an answer was under way"""
    port: int = 0
    tls: ssl.SSLContext | None = None
    """its certificate; None: it is not encrypted"""
    _server: asyncio.Server | None = None
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)

    @property
    def row(self) -> Row:
        scheme = "https" if self.tls else "http"
        return changed(url=f"{scheme}://127.0.0.1:{self.port}/v1", key="TEST_KEY")

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0, ssl=self.tls)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._server is not None
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            with suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
                while await self._answer(reader, writer):
                    pass
        finally:
            writer.close()
            self._tasks.discard(task)

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        """One request; whether the connection goes on."""
        head = await reader.readuntil(b"\r\n\r\n")
        lengths = [line.split(b":")[1] for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
        body = await reader.readexactly(int(lengths[0])) if lengths else b""
        if head.startswith(b"HEAD"):
            writer.write(b"HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n")
            await writer.drain()
            return True
        script = self.scripts[min(len(self.asked), len(self.scripts) - 1)]
        self.asked.append(body)
        lines = [
            f"HTTP/1.1 {script.status} Said",
            *(f"{k}: {v}" for k, v in script.headers),
            "connection: close",
            "",
            "",
        ]
        writer.write("\r\n".join(lines).encode())
        gone = asyncio.ensure_future(reader.read(1))
        gone.add_done_callback(lambda read: read.cancelled() or read.exception())  # a reset is news, not an error
        for piece in script.pieces:
            if piece == RESET:
                gone.cancel()
                await asyncio.sleep(0.05)  # what was sent arrives before the reset
                socket: Any = writer.get_extra_info("socket")
                socket.setsockopt(SOL_SOCKET, SO_LINGER, struct.pack("ii", 1, 0))
                writer.transport.abort()
                return False
            if piece == STALL:
                await gone
                self.left += 1
                return False
            assert isinstance(piece, bytes)
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(0)
            if gone.done():
                self.left += 1
                return False
        if script.stays_open:
            await gone
        gone.cancel()
        return False
