"""The Anthropic messages format, streamed (https://docs.anthropic.com/en/api/messages-streaming).

The system's words stand apart from the turns, turns must alternate, pictures and results of tools are blocks. An
`overloaded_error` may come inside a stream that began with status 200.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from typing import Any, Final

from edge.errors import RemoteUnavailable
from edge.fallback.chat import Call, Chat, Delta, Message, Reason, Request, Text, Usage
from edge.fallback.rows import Row
from edge.fallback.wire import Ending, arguments, count, parsed, said, schema

VERSION: Final = "2023-06-01"
_REASONS: Final[dict[str, Reason]] = {
    "end_turn": "stop", "stop_sequence": "stop", "max_tokens": "length", "tool_use": "tools", "refusal": "refused",
}  # fmt: skip


def request(row: Row, key: str, chat: Chat) -> Request:
    """What to post."""
    system = "\n\n".join(m.text for m in chat.messages if m.role == "system")
    body: dict[str, Any] = {
        "model": row.model,
        "messages": _turns([m for m in chat.messages if m.role != "system"]),
        "max_tokens": chat.max_tokens,
        "stream": True,
    }
    if system:
        body["system"] = system
    if chat.tools and row.has_tools:
        body["tools"] = [{"name": t.name, "description": t.description, "input_schema": schema(t)} for t in chat.tools]
    headers = {"content-type": "application/json", "accept": "text/event-stream", "anthropic-version": VERSION}
    if key:
        headers["x-api-key"] = key
    text = json.dumps(body | dict(row.extra or {}), ensure_ascii=False, separators=(",", ":"))
    return Request(row.url.rstrip("/") + "/messages", headers, text.encode())


class Reader:
    """The events of one stream in, deltas out."""

    def __init__(self) -> None:
        self._call: dict[str, str] | None = None
        self._usage = Usage(0, 0)
        self._ending = Ending()

    @property
    def is_over(self) -> bool:
        return self._ending.is_over

    def read(self, data: str) -> Iterator[Delta]:
        """What the data of one server-sent event says.

        Raises:
            RemoteUnavailable: it is an error, or no JSON.
        """
        chunk = parsed(data)
        match chunk.get("type"):
            case "error":
                raise RemoteUnavailable(f"the server stopped with an error: {said(chunk.get('error'))}")
            case "message_start":
                yield self._counted(_object(_object(chunk, "message"), "usage"))
            case "content_block_start":
                block = _object(chunk, "content_block")
                if block.get("type") == "tool_use":
                    self._call = {"id": str(block.get("id", "")), "name": str(block.get("name", "")), "arguments": ""}
            case "content_block_delta":
                delta = _object(chunk, "delta")
                if delta.get("type") == "text_delta" and isinstance(text := delta.get("text"), str) and text:
                    yield Text(text)
                elif delta.get("type") == "input_json_delta" and self._call is not None:
                    self._call["arguments"] += str(delta.get("partial_json", ""))
            case "content_block_stop":
                if self._call is not None:
                    yield Call(self._call["id"], self._call["name"], arguments(self._call["arguments"]))
                    self._call = None
            case "message_delta":
                yield self._counted(_object(chunk, "usage"))
                if (reason := _object(chunk, "delta").get("stop_reason")) is not None:
                    self._ending.reason = _REASONS.get(str(reason), "stop")
            case "message_stop":
                yield from self.end()

    def end(self) -> Iterator[Delta]:
        """What is known when the stream is over; nothing when it was cut off."""
        yield from self._ending.finish()

    def _counted(self, usage: dict[str, Any]) -> Usage:
        """The newest counts; the format tells those of the input once, those of the output again and again."""
        cached = count(usage.get("cache_read_input_tokens"))
        read = count(usage.get("input_tokens")) + cached + count(usage.get("cache_creation_input_tokens"))
        old = self._usage
        self._usage = Usage(read or old.read, count(usage.get("output_tokens")) or old.made, cached or old.cached)
        return self._usage


def _turns(messages: list[Message]) -> list[dict[str, Any]]:
    """Turns that alternate: what follows a turn of the same side is joined to it."""
    turns: list[dict[str, Any]] = []
    for message in messages:
        role = "assistant" if message.role == "assistant" else "user"
        blocks = list(_blocks(message))
        if turns and turns[-1]["role"] == role:
            turns[-1]["content"] += blocks
        elif blocks:
            turns.append({"role": role, "content": blocks})
    return turns


def _blocks(message: Message) -> Iterator[dict[str, Any]]:
    if message.role == "tool":
        yield {"type": "tool_result", "tool_use_id": message.answers, "content": message.text}
        return
    for picture in message.pictures:
        data = base64.b64encode(picture.data).decode()
        yield {"type": "image", "source": {"type": "base64", "media_type": picture.media_type, "data": data}}
    if message.text:
        yield {"type": "text", "text": message.text}
    for call in message.calls:
        yield {"type": "tool_use", "id": call.id, "name": call.name, "input": dict(call.arguments)}


def _object(of: dict[str, Any], key: str) -> dict[str, Any]:
    found = of.get(key)
    return found if isinstance(found, dict) else {}
