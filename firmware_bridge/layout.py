"""Turns declared messages into bytes and back: fixed little-endian fields, then at most one tail of variable length.

A message with a tail has, as its first byte, the size of its fixed part (that byte included), so that fields can be added
before the tail later. A body that is longer than known is accepted and the unknown part ignored; one that ends before a
field gives that field its default; one that ends inside a field is refused.
"""

from __future__ import annotations

import dataclasses
import struct
from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum
from typing import Annotated, Any, ClassVar, Final, Protocol, TypeVar, get_type_hints

from firmware_bridge.errors import MessageError

U8 = Annotated[int, "B"]
U16 = Annotated[int, "H"]
U32 = Annotated[int, "I"]
I16 = Annotated[int, "h"]
I32 = Annotated[int, "i"]
Text16 = Annotated[str, "16s"]
"""16 bytes of UTF-8, filled up with zeros"""
Tail = Annotated[bytes, "tail"]
TextTail = Annotated[str, "text"]


class Side(IntEnum):
    """Who sends a message."""

    HOST = 0
    DEVICE = 1


@dataclass(frozen=True, slots=True)
class Field:
    """One fixed field on the wire."""

    name: str
    code: str
    """as in the struct module"""
    default: int | str

    @property
    def size_bytes(self) -> int:
        return struct.calcsize("<" + self.code)


@dataclass(frozen=True, slots=True)
class Layout:
    """A message's place in the protocol."""

    name: str
    number: int
    sender: Side
    channel: int
    bulk: bool
    fields: tuple[Field, ...]
    tail: str | None
    """the tail's field, if there is one"""
    tail_is_text: bool

    @property
    def fixed_bytes(self) -> int:
        """Bytes of the fixed part, its length byte included."""
        return sum(field.size_bytes for field in self.fields) + (self.tail is not None)


class Message(Protocol):
    """Any declared message."""

    __dataclass_fields__: ClassVar[dict[str, Any]]


M = TypeVar("M")
LAYOUTS: Final[dict[type[Any], Layout]] = {}
_BY_NUMBER: Final[dict[int, type[Any]]] = {}


def message(number: int, sender: Side, channel: int, *, bulk: bool = False) -> Callable[[type[M]], type[M]]:
    """Declares a dataclass as message `number`; every field is one of this file's types and has a default."""

    def declare(kind: type[M]) -> type[M]:
        if number in _BY_NUMBER:
            raise TypeError(f"message {number:#x} is declared twice")
        fields, tail, is_text = [], None, False
        for name, hint in get_type_hints(kind, include_extras=True).items():
            code = hint.__metadata__[0]
            default = kind.__dataclass_fields__[name].default  # type: ignore[attr-defined]  # a dataclass, by contract
            if code in ("tail", "text"):
                tail, is_text = name, code == "text"
            else:
                fields.append(Field(name, code, default))
        LAYOUTS[kind] = Layout(kind.__name__, number, sender, channel, bulk, tuple(fields), tail, is_text)
        _BY_NUMBER[number] = kind
        return kind

    return declare


def layout(kind: type[Message]) -> Layout:
    """The layout of a declared message."""
    return LAYOUTS[kind]


def encode(value: Message) -> bytes:
    """The bytes of a message: its number, then its body.

    Raises:
        MessageError: a value does not fit its field.
    """
    shape = LAYOUTS[type(value)]
    out = bytearray((shape.number,))
    if shape.tail is not None:
        out.append(shape.fixed_bytes)
    for field in shape.fields:
        given = getattr(value, field.name)
        raw = given.encode(errors="replace") if isinstance(given, str) else given
        if isinstance(raw, bytes) and len(raw) > field.size_bytes:
            raise MessageError(f"{shape.name}.{field.name} has room for {field.size_bytes} bytes, not for {given!r}")
        try:
            out += struct.pack("<" + field.code, raw)
        except struct.error as error:
            raise MessageError(f"{shape.name}.{field.name} cannot be {given!r}: {error}") from error
    if shape.tail is not None:
        tail = getattr(value, shape.tail)
        out += tail.encode(errors="replace") if shape.tail_is_text else tail
    return bytes(out)


def decode(data: bytes) -> Message | None:
    """The message in `data`; None if its number is not known (a newer peer's).

    Raises:
        MessageError: it ends inside a field, or its fixed part claims to be longer than it is.
    """
    if not data:
        raise MessageError("a message has at least one byte")
    kind = _BY_NUMBER.get(data[0])
    if kind is None:
        return None
    shape = LAYOUTS[kind]
    at, end = 1, len(data)
    values: dict[str, Any] = {}
    if shape.tail is not None:
        fixed = data[1] if len(data) > 1 else 0
        if not 1 <= fixed <= len(data) - 1:
            raise MessageError(f"{shape.name} claims {fixed} fixed bytes and has {len(data) - 1}")
        at, end = 2, 1 + fixed
        tail = data[end:]
        values[shape.tail] = tail.decode(errors="replace") if shape.tail_is_text else tail
    for field in shape.fields:
        if at == end:
            break  # an older peer: this field and the ones after it keep their defaults
        if at + field.size_bytes > end:
            raise MessageError(f"{shape.name} ends inside {field.name}")
        (given,) = struct.unpack_from("<" + field.code, data, at)
        values[field.name] = given.rstrip(b"\0").decode(errors="replace") if isinstance(given, bytes) else given
        at += field.size_bytes
    return kind(**values)  # type: ignore[no-any-return]  # the table holds declared messages only


def declared() -> list[Layout]:
    """All messages, by number."""
    return sorted(LAYOUTS.values(), key=lambda shape: shape.number)


def as_dict(value: Message) -> dict[str, Any]:
    """The fields of a message as JSON can hold them; bytes in hexadecimal."""
    found = {f.name: getattr(value, f.name) for f in dataclasses.fields(value)}
    return {name: v.hex() if isinstance(v, bytes) else v for name, v in found.items()}
