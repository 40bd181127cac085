"""The actions that an answer may ask the device for, and how one is described to the model in a single line."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final


@dataclass(frozen=True, slots=True)
class Parameter:
    """One argument of a tool."""

    name: str
    kind: str = "text"
    """"text" (words of the question, or a reference to the scene), "integer", or choices parted by `|`"""
    is_optional: bool = False


@dataclass(frozen=True, slots=True)
class Tool:
    """One action: a name, what it does in a few words, and its arguments in order."""

    name: str
    description: str
    parameters: tuple[Parameter, ...] = ()

    @property
    def line(self) -> str:
        """The tool as the prompt shows it: `timer(minutes integer?, seconds integer?): count down`."""
        arguments = ", ".join(
            f"{p.name} {p.kind}{'?' if p.is_optional else ''}" if p.kind != "text" else f"{p.name}{'?' * p.is_optional}"
            for p in self.parameters
        )
        return f"{self.name}({arguments}): {self.description}"


def tool(name: str, description: str, parameters: Mapping[str, str] = MappingProxyType({})) -> Tool:
    """A tool from plain configuration: parameters map a name to its kind, with a final `?` where it is optional."""
    return Tool(
        name, description, tuple(Parameter(n, k.removesuffix("?"), k.endswith("?")) for n, k in parameters.items())
    )


TOOLS: Final = (
    tool("photo", "take a picture, photograph, snap"),
    tool("video", "record or film a clip", {"seconds": "integer?"}),
    tool("remember", "keep in mind, remind of", {"what": "text"}),
    tool("recall", "look up what was said before", {"what": "text"}),
    tool("timer", "count down, alert after", {"minutes": "integer?", "seconds": "integer?"}),
    tool("volume", "louder, quieter, sound", {"change": "up|down|mute?", "level": "integer?"}),
    tool("brightness", "brighter, darker, display", {"change": "up|down?", "level": "integer?"}),
    tool("navigate", "show the way, directions, lead to", {"place": "text"}),
    tool("call", "phone or dial someone", {"who": "text"}),
    tool("message", "send, text or tell someone words", {"who": "text", "text": "text"}),
    tool("translate", "say in a language", {"text": "text", "language": "text?"}),
    tool("note", "write or jot down", {"text": "text"}),
)
"""What the device can do when the configuration says nothing else."""
