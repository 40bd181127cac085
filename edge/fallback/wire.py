"""What both wire formats share: how a stream ends, and reading what a server sent without trusting it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, Final

from edge.errors import RemoteUnavailable
from edge.fallback.chat import Call, Finished, Reason
from edge.reasoning.tools import Tool

_TYPES: Final[dict[str, dict[str, Any]]] = {"integer": {"type": "integer"}, "text": {"type": "string"}}


class Ending:
    """How far the end of one stream has come."""

    def __init__(self) -> None:
        self.reason: Reason | None = None
        """why the server stopped, until that was passed on"""
        self._is_finished = False

    @property
    def is_over(self) -> bool:
        """Whether the server said why it stopped: only counts may follow."""
        return self.reason is not None or self._is_finished

    def finish(self) -> Iterator[Finished]:
        """The end, once; nothing when the stream was cut off."""
        if self.reason is not None:
            reason, self.reason, self._is_finished = self.reason, None, True
            yield Finished(reason)


def schema(tool: Tool) -> dict[str, Any]:
    """The JSON schema of a tool's arguments."""
    properties = {p.name: _TYPES.get(p.kind) or {"type": "string", "enum": p.kind.split("|")} for p in tool.parameters}
    required = [p.name for p in tool.parameters if not p.is_optional]
    return {"type": "object", "properties": properties, "required": required}


def is_offered(call: Call, tools: tuple[Tool, ...]) -> bool:
    """Whether a model asks for an action that it was told of, with arguments that the action has: what it read in the scene
    may have asked it for others.
    """
    parameters = next(([*tool.parameters] for tool in tools if tool.name == call.name), None)
    if parameters is None or not set(call.arguments) <= {p.name for p in parameters}:
        return False
    given = [(p, call.arguments.get(p.name)) for p in parameters]
    return all(_fits(p.kind, value) if value is not None else p.is_optional for p, value in given)


def _fits(kind: str, value: object) -> bool:
    if kind == "integer":
        return type(value) is int or (isinstance(value, float) and value.is_integer())
    return isinstance(value, str) and (kind == "text" or value in kind.split("|"))


def parsed(data: str) -> dict[str, Any]:
    """The object of an event. Raises RemoteUnavailable when it is none."""
    try:
        chunk = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise RemoteUnavailable("the server's stream is no JSON: check the row's url and wire") from error
    if not isinstance(chunk, dict):
        raise RemoteUnavailable("the server's stream is no chat: check the row's url and wire")
    return chunk


def arguments(text: str) -> dict[str, Any]:
    """A call's arguments; what is no JSON object is none, and the call will be refused for what is missing."""
    try:
        found = json.loads(text or "{}")
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def said(error: Any) -> str:
    """An error's own words, shortened."""
    text = error.get("message", error) if isinstance(error, dict) else error
    return " ".join(str(text).split())[:200]


def count(value: Any) -> int:
    """A number of tokens; 0 where the server tells none."""
    return value if type(value) is int and value >= 0 else 0
