"""What a cloud model is asked and what comes back, in no provider's words: the nouns that the wire formats translate."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from edge.reasoning.tools import Tool

Role = Literal["system", "user", "assistant", "tool"]
Reason = Literal["stop", "length", "tools", "refused"]


@dataclass(frozen=True, slots=True)
class Picture:
    """An encoded picture."""

    data: bytes
    media_type: str = "image/jpeg"


@dataclass(frozen=True, slots=True)
class Call:
    """A tool call that a model made."""

    id: str
    name: str
    arguments: Mapping[str, Any]
    extra: Mapping[str, Any] = field(default_factory=dict)
    """what the provider wants back with it, unread (Gemini's thought signatures)"""


@dataclass(frozen=True, slots=True)
class Message:
    """One turn."""

    role: Role
    text: str
    pictures: tuple[Picture, ...] = ()
    calls: tuple[Call, ...] = ()
    """of an assistant's turn"""
    answers: str = ""
    """of a tool's turn: the id of the call"""


@dataclass(frozen=True, slots=True)
class Chat:
    """One question to a cloud model, with what stands before it."""

    messages: tuple[Message, ...]
    tools: tuple[Tool, ...] = ()
    max_tokens: int = 300


@dataclass(frozen=True, slots=True)
class Text:
    """The next words of the answer."""

    text: str


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens that the provider counted. A later one replaces an earlier one."""

    read: int
    made: int
    cached: int = 0
    """of those read, at a lower price"""


@dataclass(frozen=True, slots=True)
class Finished:
    """The answer is whole; nothing follows that changes it."""

    reason: Reason


Delta = Text | Call | Usage | Finished


@dataclass(frozen=True, slots=True)
class Request:
    """What goes over the wire."""

    url: str
    headers: Mapping[str, str]
    """the key is in here: never logged"""
    body: bytes
    """JSON in UTF-8"""
