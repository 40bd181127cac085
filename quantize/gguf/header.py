"""Reads the head of a GGUF file within bounds, before any library sees the file.

Every count and length is held against the bytes that are left, strings are capped, offsets must follow one another as
llama.cpp writes them. What passes here is well formed; whether llama.cpp can run it is tried in a process of its own
(`trial.py`). Format: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md
"""

from __future__ import annotations

import math
import mmap
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from quantize.errors import InputError
from quantize.gguf.types import BY_ID, REFUSED, GgmlType

MAGIC: Final = b"GGUF"
_SCALARS: Final = {0: "<B", 1: "<b", 2: "<H", 3: "<h", 4: "<I", 5: "<i", 6: "<f", 7: "<?", 10: "<Q", 11: "<q", 12: "<d"}
_STRING: Final = 8
_ARRAY: Final = 9
_MAX_FIELDS: Final = 1 << 16
_MAX_TENSORS: Final = 1 << 16
_MAX_KEY_BYTES: Final = 1 << 16
_MAX_NAME_BYTES: Final = 63
"""GGML_MAX_NAME less its NUL"""
_MAX_TEXT_BYTES: Final = 1 << 24
_MAX_STRINGS: Final = 1 << 21
"""of all arrays together: the largest vocabularies have 262,144 tokens and twice as many merges"""
_MAX_ALIGNMENT: Final = 1 << 16
_MAX_DIMENSIONS: Final = 4


@dataclass(frozen=True, slots=True)
class Array:
    """Where an array of a field lies; its elements are read by `strings`, or not at all."""

    kind: int
    """number of the element type in gguf.h"""
    count: int
    start: int
    """offset in the file of the first element"""


Value = int | float | bool | str | Array


@dataclass(frozen=True, slots=True)
class Tensor:
    """One tensor as the head describes it."""

    name: str
    shape: tuple[int, ...]
    """ggml's order: the first is the length of a row"""
    type: GgmlType
    offset: int
    """in the file"""

    @property
    def columns(self) -> int:
        return self.shape[0]

    @property
    def rows(self) -> int:
        return math.prod(self.shape[1:])

    @property
    def weights(self) -> int:
        return math.prod(self.shape)

    @property
    def bytes(self) -> int:
        return self.type.row_bytes(self.columns) * self.rows


@dataclass(frozen=True, slots=True)
class Header:
    """All that stands before the weights."""

    path: Path
    version: int
    alignment: int
    fields: Mapping[str, Value]
    tensors: tuple[Tensor, ...]
    tensors_start: int
    """offset in the file of the first tensor's description"""
    described_bytes: int
    """up to the end of the last tensor's description"""
    data_start: int
    """offset in the file of the first weight"""
    file_bytes: int

    @property
    def architecture(self) -> str:
        return str(self.fields["general.architecture"])

    def number(self, key: str) -> int | None:
        """A whole number of the architecture: `number("block_count")` reads `llama.block_count`."""
        value = self.fields.get(f"{self.architecture}.{key}")
        return value if isinstance(value, int) and not isinstance(value, bool) else None


def read(path: Path) -> Header:
    """The head of a file, checked.

    Raises:
        InputError: the file cannot be read, is no GGUF, is cut short or says something that cannot be.
    """
    try:
        with path.open("rb") as file:
            size = file.seek(0, 2)
            if size < 24:
                raise InputError(f"{path} has {size} bytes, too few for a GGUF file: download or convert it again")
            with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as view:
                return _Reader(path, view, size).header()
    except (OSError, ValueError) as error:
        if isinstance(error, InputError):
            raise
        raise InputError(f"{path} could not be read ({error}): check the path") from error


def strings(header: Header, key: str) -> list[str]:
    """The texts of a field that is an array of strings; empty where the file has no such field."""
    found = header.fields.get(key)
    if not isinstance(found, Array) or found.kind != _STRING:
        return []
    with header.path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as view:
        reader = _Reader(header.path, view, header.file_bytes)
        reader.at = found.start
        return [reader.text(_MAX_TEXT_BYTES, "a text of " + key) for _ in range(found.count)]


class _Reader:
    """Walks over the head once; `at` never passes the end of the file."""

    def __init__(self, path: Path, view: mmap.mmap, size: int) -> None:
        self.path = path
        self.view = view
        self.size = size
        self.at = 0
        self.strings = 0

    def wrong(self, what: str) -> InputError:
        return InputError(
            f"{self.path} is no sound GGUF file: {what} (at byte {self.at}); download or convert it again"
        )

    def number(self, kind: str, what: str) -> int | float | bool:
        length = struct.calcsize(kind)
        if self.size - self.at < length:
            raise self.wrong(f"it ends within {what}")
        (value,) = struct.unpack_from(kind, self.view, self.at)
        self.at += length
        return value  # type: ignore[no-any-return]  # the file says the type

    def count(self, kind: str, most: int, what: str) -> int:
        value = int(self.number(kind, what))
        if not 0 <= value <= most:
            raise self.wrong(f"{what} is {value}, more than {most}")
        return value

    def text(self, most: int, what: str) -> str:
        length = self.count("<Q", min(most, max(self.size - self.at - 8, 0)), f"the length of {what}")
        raw = self.view[self.at : self.at + length]
        self.at += length
        return raw.decode("utf-8", errors="replace")

    def header(self) -> Header:
        if self.view[:4] != MAGIC:
            raise InputError(f"{self.path} is no GGUF file: it does not begin with the letters GGUF")
        self.at = 4
        version = int(self.number("<I", "the version"))
        if version not in (2, 3):
            raise self.wrong(f"its version is {version}; versions 2 and 3, little-endian, can be read")
        tensors = self.count("<Q", min(_MAX_TENSORS, self.size // 24), "the number of tensors")
        fields = self.count("<Q", min(_MAX_FIELDS, self.size // 12), "the number of fields")
        values = self.read_fields(fields)
        alignment = self.alignment(values)
        tensors_start = self.at
        tensors_found = [self.read_tensor() for _ in range(tensors)]
        described = self.at
        start = -(-described // alignment) * alignment
        placed = self.place(tensors_found, start, alignment)
        if values.get("general.type") != "imatrix" and not isinstance(values.get("general.architecture"), str):
            raise self.wrong("it does not say its architecture")
        return Header(self.path, version, alignment, values, placed, tensors_start, described, start, self.size)

    def read_fields(self, count: int) -> dict[str, Value]:
        values: dict[str, Value] = {}
        for _ in range(count):
            key = self.text(_MAX_KEY_BYTES, "a field's name")
            if not key or key in values:
                raise self.wrong(f"the field {key!r:.80} stands twice or has no name")
            values[key] = self.value(int(self.number("<I", "a field's type")), key)
        return values

    def value(self, kind: int, key: str) -> Value:
        if kind in _SCALARS:
            return self.number(_SCALARS[kind], key[:80])
        if kind == _STRING:
            return self.text(_MAX_TEXT_BYTES, f"the field {key[:80]}")
        if kind != _ARRAY:
            raise self.wrong(f"the field {key!r:.80} has the unknown type {kind}")
        inner = int(self.number("<I", "an array's type"))
        left = self.size - self.at - 8
        if inner in _SCALARS:
            width = struct.calcsize(_SCALARS[inner])
            found = self.count("<Q", max(left // width, 0), f"the length of the array {key[:80]}")
            array = Array(inner, found, self.at)
            self.at += found * width
            return array
        if inner != _STRING:
            raise self.wrong(f"the array {key!r:.80} has elements of the unknown type {inner}")
        most = min(max(left // 8, 0), _MAX_STRINGS - self.strings)
        found = self.count("<Q", most, f"the length of the array {key[:80]}")
        self.strings += found
        array = Array(inner, found, self.at)
        self.skip_strings(found, key)
        return array

    def skip_strings(self, count: int, key: str) -> None:
        at, view, size, unpack = self.at, self.view, self.size, struct.Struct("<Q").unpack_from
        for _ in range(count):
            if size - at < 8:
                raise self.wrong(f"it ends within the array {key[:80]}")
            (length,) = unpack(view, at)
            if length > size - at - 8:
                raise self.wrong(f"a text of the array {key[:80]} is longer than the file")
            at += 8 + length
        self.at = at

    def alignment(self, values: Mapping[str, Value]) -> int:
        found = values.get("general.alignment", 32)
        if not isinstance(found, int) or not 8 <= found <= _MAX_ALIGNMENT or found & (found - 1):
            raise self.wrong(f"its alignment is {found}; a power of two from 8 to {_MAX_ALIGNMENT} can be")
        return found

    def read_tensor(self) -> Tensor:
        name = self.text(_MAX_NAME_BYTES, "a tensor's name")
        count = self.count("<I", _MAX_DIMENSIONS, f"the number of dimensions of {name}")
        shape = tuple(self.count("<Q", 1 << 40, f"a dimension of {name}") for _ in range(count)) or (1,)
        kind = int(self.number("<I", f"the type of {name}"))
        if kind in REFUSED:
            raise self.wrong(f"the tensor {name} has the type {REFUSED[kind]}, which llama.cpp cannot run")
        if kind not in BY_ID:
            raise self.wrong(f"the tensor {name} has the unknown type {kind}")
        if not name or min(shape) < 1:
            raise self.wrong(f"the tensor {name!r} has no name or an empty dimension")
        if shape[0] % BY_ID[kind].block:
            raise self.wrong(f"the rows of {name} are no whole blocks of {BY_ID[kind].name}")
        return Tensor(name, shape, BY_ID[kind], self.count("<Q", self.size, f"the offset of {name}"))

    def place(self, tensors: list[Tensor], start: int, alignment: int) -> tuple[Tensor, ...]:
        """The tensors with offsets in the file; each must begin where the one before it ends."""
        placed, names, expected = [], set(), 0
        for tensor in tensors:
            if tensor.name in names:
                raise self.wrong(f"the tensor {tensor.name} stands twice")
            names.add(tensor.name)
            if tensor.offset != expected:
                raise self.wrong(f"the weights of {tensor.name} overlap others or leave a gap")
            if start + expected + tensor.bytes > self.size:
                raise self.wrong(f"the weights of {tensor.name} reach past the end of the file")
            placed.append(Tensor(tensor.name, tensor.shape, tensor.type, start + expected))
            expected += -(-tensor.bytes // alignment) * alignment
        return tuple(placed)
