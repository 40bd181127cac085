"""The OpenAI chat-completions format, streamed: OpenAI, Gemini, Meta, OpenRouter, llama.cpp, vLLM, proxies.

https://platform.openai.com/docs/api-reference/chat. What servers do differently and what is done about it: a chunk without
choices carries usage; `[DONE]` may be missing after a finish reason; calls come in pieces by index, or (Gemini) whole and
with `extra_content` that must be sent back with the call; an error may come inside a stream that began with status 200.
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
from edge.reasoning.tools import Tool

_REASONS: Final[dict[str, Reason]] = {
    "stop": "stop", "length": "length", "tool_calls": "tools", "function_call": "tools", "content_filter": "refused",
}  # fmt: skip


def request(row: Row, key: str, chat: Chat) -> Request:
    """What to post."""
    body: dict[str, Any] = {
        "model": row.model,
        "messages": [_message(m) for m in chat.messages],
        "stream": True,
        row.max_tokens_field: chat.max_tokens,
    }
    if row.has_stream_usage:
        body["stream_options"] = {"include_usage": True}
    if chat.tools and row.has_tools:
        body["tools"] = [{"type": "function", "function": _tool(t)} for t in chat.tools]
    headers = {"content-type": "application/json", "accept": "text/event-stream"}
    if key:
        headers["authorization"] = f"Bearer {key}"
    text = json.dumps(body | dict(row.extra or {}), ensure_ascii=False, separators=(",", ":"))
    return Request(row.url.rstrip("/") + "/chat/completions", headers, text.encode())


class Reader:
    """The events of one stream in, deltas out."""

    def __init__(self) -> None:
        self._calls: dict[int, dict[str, Any]] = {}
        self._ending = Ending()

    @property
    def is_over(self) -> bool:
        return self._ending.is_over

    def read(self, data: str) -> Iterator[Delta]:
        """What the data of one server-sent event says.

        Raises:
            RemoteUnavailable: it is an error, or no JSON.
        """
        if data.strip() == "[DONE]":
            yield from self.end()
            return
        chunk = parsed(data)
        if (error := chunk.get("error")) is not None:
            raise RemoteUnavailable(f"the server stopped with an error: {said(error)}")
        for choice in _list(chunk, "choices")[:1]:
            delta = choice.get("delta") or choice.get("message") or {}
            text = delta.get("content")
            if isinstance(text, str) and text:
                yield Text(text)
            for n, piece in enumerate(_list(delta, "tool_calls")):
                self._piece(n, piece)
            if (reason := choice.get("finish_reason")) is not None:
                self._ending.reason = _REASONS.get(str(reason), "stop")
        usage = chunk.get("usage")
        if isinstance(usage, dict):
            cached = (usage.get("prompt_tokens_details") or {}).get("cached_tokens")
            yield Usage(count(usage.get("prompt_tokens")), count(usage.get("completion_tokens")), count(cached))

    def end(self) -> Iterator[Delta]:
        """What is known when the stream is over; nothing when it was cut off."""
        if self._ending.reason is None:
            return
        for _, call in sorted(self._calls.items()):
            yield Call(call["id"], call["name"], arguments(call["arguments"]), call["extra"])
        self._calls = {}
        yield from self._ending.finish()

    def _piece(self, n: int, piece: dict[str, Any]) -> None:
        index = piece.get("index")
        kept = self._calls.setdefault(
            index if isinstance(index, int) else n, {"id": "", "name": "", "arguments": "", "extra": {}}
        )
        function = piece.get("function") or {}
        kept["id"] = piece.get("id") or kept["id"]
        kept["name"] = function.get("name") or kept["name"]
        more = function.get("arguments")
        kept["arguments"] += more if isinstance(more, str) else json.dumps(more) if more is not None else ""
        if isinstance(extra := piece.get("extra_content"), dict):
            kept["extra"] = kept["extra"] | {"extra_content": extra}


def _message(message: Message) -> dict[str, Any]:
    if message.role == "tool":
        return {"role": "tool", "tool_call_id": message.answers, "content": message.text}
    out: dict[str, Any] = {"role": message.role, "content": message.text}
    if message.pictures:
        out["content"] = [{"type": "text", "text": message.text}] + [
            {
                "type": "image_url",
                "image_url": {"url": f"data:{p.media_type};base64,{base64.b64encode(p.data).decode()}"},
            }
            for p in message.pictures
        ]
    if message.calls:
        out["tool_calls"] = [
            {"id": c.id, "type": "function", "function": {"name": c.name, "arguments": json.dumps(dict(c.arguments))}}
            | dict(c.extra)
            for c in message.calls
        ]
    return out


def _tool(tool: Tool) -> dict[str, Any]:
    return {"name": tool.name, "description": tool.description, "parameters": schema(tool)}


def _list(of: dict[str, Any], key: str) -> list[dict[str, Any]]:
    found = of.get(key)
    return [item for item in found if isinstance(item, dict)] if isinstance(found, list) else []
