"""Prints the tables of docs/protocol.md from the declarations: constants, control packets, enumerations, every message."""

from __future__ import annotations

import ast
import dataclasses
import inspect
import itertools
from collections.abc import Iterator
from types import ModuleType

from firmware_bridge import channels, layout, messages, packets, timing
from firmware_bridge.layout import Layout, Side

_WIRE = {"B": "u8", "H": "u16", "I": "u32", "h": "i16", "i": "i32", "16s": "16 bytes of text"}


def text() -> str:
    """Markdown, from the heading of the constants to the last message."""
    return "\n".join([*_timing(), *_controls(), *_enums(), *_messages()]) + "\n"


def _notes(module: ModuleType) -> dict[str, dict[str, str]]:
    """The one-line strings under the fields of each class of a module, and under its constants (class name "")."""
    found: dict[str, dict[str, str]] = {}
    tree = ast.parse(inspect.getsource(module))
    bodies = {"": tree.body} | {node.name: node.body for node in tree.body if isinstance(node, ast.ClassDef)}
    for owner, body in bodies.items():
        notes = found.setdefault(owner, {})
        for node, after in itertools.pairwise(body):
            if (
                isinstance(node, ast.AnnAssign)
                and isinstance(node.target, ast.Name)
                and isinstance(after, ast.Expr)
                and isinstance(after.value, ast.Constant)
            ):
                notes[node.target.id] = str(after.value.value)
    return found


def _timing() -> Iterator[str]:
    notes = _notes(timing)[""]
    yield "## Times\n\n| name | value | |\n|---|---|---|"
    for name, value in vars(timing).items():
        if name.isupper():
            yield f"| `{name}` | {value} | {notes.get(name, '')} |"
    yield ""


def _controls() -> Iterator[str]:
    yield "## Control packets\n"
    for kind in packets.CONTROLS:
        yield f"### {kind.__name__} (first byte 0x{kind.CODE:02x})\n{kind.__doc__}\n\n| at | field | type |\n|---|---|---|"
        at = 1
        codes = kind.LAYOUT.format.removeprefix("<")
        for field, code in zip(dataclasses.fields(kind), codes, strict=True):
            yield f"| {at} | {field.name} | {_WIRE[code]} |"
            at += layout.Field(field.name, code, 0).size_bytes
        yield ""


def _enums() -> Iterator[str]:
    yield "## Values\n"
    for kind in (packets.Reason, channels.BestEffort, *messages.ENUMS):
        members = " · ".join(f"{int(member)} {member.name}" for member in kind)
        yield f"**{kind.__name__}** ({(kind.__doc__ or '').splitlines()[0].rstrip('.')}): {members}\n"


def _messages() -> Iterator[str]:
    notes = _notes(messages)
    yield "## Messages\n\nOffsets count from the message's number, which is at 0.\n"
    for shape in layout.declared():
        yield from _message(shape, notes[shape.name])


def _message(shape: Layout, notes: dict[str, str]) -> Iterator[str]:
    way = "host → device" if shape.sender is Side.HOST else "device → host"
    where = "reliable" if shape.channel == 0 else f"best-effort {channels.BestEffort(shape.channel).name}"
    yield f"### 0x{shape.number:02x} {shape.name}\n{way}, {where}{', bulk' if shape.bulk else ''}. "
    yield f"{getattr(messages, shape.name).__doc__}\n"
    if not shape.fields and not shape.tail:
        yield "No fields.\n"
        return
    yield "| at | field | type | default | |\n|---|---|---|---|---|"
    at = 1
    if shape.tail:
        yield f"| 1 | (fixed bytes) | u8 | {shape.fixed_bytes} | where the tail starts, counted from here |"
        at = 2
    for field in shape.fields:
        default = field.default if field.default != "" else "empty"
        yield f"| {at} | {field.name} | {_WIRE[field.code]} | {default} | {notes.get(field.name, '')} |"
        at += field.size_bytes
    if shape.tail:
        what = "UTF-8" if shape.tail_is_text else "bytes"
        yield f"| {at} | {shape.tail} | {what} to the end | empty | {notes.get(shape.tail, '')} |"
    yield ""
