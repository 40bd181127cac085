"""A file of a model's shape in one type throughout, to be timed: a few rows of each tensor, repeated.

How long a token takes does not depend on the numbers, so nothing but the repeated rows is quantized: the small types take
minutes for a large model, this takes the time to write the file.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import numpy as np

from quantize.files import written
from quantize.gguf import plan
from quantize.gguf.header import Header, Tensor
from quantize.gguf.types import BY_NAME, stand_in
from quantize.gguf.weights import Bytes, as_floats, quantize, raw

_ROWS: Final = 8


@contextmanager
def made(header: Header, kind: str, out: Path) -> Iterator[Path]:
    """The file while it is needed; the model's own where it has that type anyway. Raises OutputError."""
    if kind == plan.quantizable(header)[0].type.name:
        yield header.path
        return
    try:
        write(header, kind, out)
        yield out
    finally:
        out.unlink(missing_ok=True)


def write(header: Header, kind: str, out: Path) -> None:
    """Writes the file; tensors whose rows cannot have the type get what llama.cpp would put in its place.

    Raises:
        OutputError: it cannot be written.
    """
    kinds = {t.name: stand_in(kind, t.columns) for t in plan.quantizable(header)}
    with written(out) as part, header.path.open("rb") as source, part.open("wb") as target:
        target.write(source.read(header.tensors_start))
        place = 0
        for tensor in header.tensors:
            chosen = kinds.get(tensor.name, tensor.type.name)
            target.write(_described(tensor, chosen, place))
            place += _padded(plan.stored_bytes(tensor, chosen), header.alignment)
        target.write(bytes(-target.tell() % header.alignment))
        for tensor in header.tensors:
            data = _repeated(header, tensor, kinds[tensor.name]) if tensor.name in kinds else raw(header, tensor)
            target.write(data.tobytes())
            target.write(bytes(-data.nbytes % header.alignment))


def _described(tensor: Tensor, kind: str, place: int) -> bytes:
    name = tensor.name.encode()
    shape = struct.pack(f"<I{len(tensor.shape)}Q", len(tensor.shape), *tensor.shape)
    return struct.pack("<Q", len(name)) + name + shape + struct.pack("<IQ", BY_NAME[kind].id, place)


def _repeated(header: Header, tensor: Tensor, kind: str) -> Bytes:
    some = as_floats(header, tensor)[:_ROWS]
    rows = quantize(some, kind, np.ones(tensor.columns, np.float32)).reshape(len(some), -1)
    return np.tile(rows, (-(-tensor.rows // len(some)), 1))[: tensor.rows].reshape(-1)


def _padded(count: int, alignment: int) -> int:
    return -(-count // alignment) * alignment
