"""The numbers of one tensor: read from the file as float32, quantized as llama.cpp's own quantizer does, and back."""

from __future__ import annotations

import ctypes
from concurrent.futures import ThreadPoolExecutor
from typing import Final

import numpy as np
from numpy.typing import NDArray

from quantize.errors import InputError
from quantize.gguf import llama
from quantize.gguf.header import Header, Tensor
from quantize.gguf.types import BY_NAME, FLOAT

Floats = NDArray[np.float32]
Bytes = NDArray[np.uint8]

_ROWS_AT_ONCE: Final = 256
"""of one piece of work of a thread; results do not depend on it, because rows are quantized one by one"""


def raw(header: Header, tensor: Tensor) -> Bytes:
    """The tensor's bytes as they lie in the file, read only, shape [bytes]."""
    return np.memmap(header.path, np.uint8, "r", tensor.offset, (tensor.bytes,))


def as_floats(header: Header, tensor: Tensor) -> Floats:
    """The tensor's numbers, float32, shape [rows, columns].

    Raises:
        InputError: the tensor is quantized, or has numbers that are not finite.
    """
    if tensor.type.name not in FLOAT:
        raise InputError(
            f"{header.path} is quantized already ({tensor.name} is {tensor.type.name}): give the float file it was made of"
        )
    found = raw(header, tensor)
    if tensor.type.name == "BF16":
        values = (found.view("<u2").astype(np.uint32) << 16).view(np.float32)
    else:
        values = found.view("<f4" if tensor.type.name == "F32" else "<f2").astype(np.float32)
    if not np.isfinite(values).all():
        raise InputError(f"{header.path}: the tensor {tensor.name} holds numbers that are not finite; export it again")
    return values.reshape(tensor.rows, tensor.columns)


def quantize(values: Floats, kind: str, importance: Floats | None = None, threads: int = 1) -> Bytes:
    """The bytes that llama_model_quantize would write.

    Args:
        values: float32, shape [rows, columns]; columns are whole blocks of the type.
        kind: name of the type.
        importance: weight of each column, float32, shape [columns] or, for stacked experts, [experts, columns].
        threads: rows are shared among so many; the bytes stay the same.
    """
    ggml, type_ = llama.library().ggml, BY_NAME[kind]
    rows, columns = values.shape
    out = np.empty((rows, type_.row_bytes(columns)), np.uint8)
    experts = 1 if importance is None or importance.ndim == 1 else len(importance)
    ggml.ggml_quantize_init(type_.id)

    def work(first: int, last: int, expert: int) -> None:
        weight = None if weights is None else weights[expert]
        source = np.ascontiguousarray(values[first:last])
        pointer = None if weight is None else weight.ctypes.data_as(ctypes.c_void_p)
        ggml.ggml_quantize_chunk(
            type_.id, source.ctypes.data, out[first:last].ctypes.data, 0, last - first, columns, pointer
        )

    each = rows // experts
    weights = None if importance is None else np.ascontiguousarray(importance, np.float32).reshape(experts, columns)
    pieces = [
        (expert * each + first, expert * each + min(first + _ROWS_AT_ONCE, each), expert)
        for expert in range(experts)
        for first in range(0, each, _ROWS_AT_ONCE)
    ]
    if threads == 1:
        for piece in pieces:
            work(*piece)
    else:
        with ThreadPoolExecutor(threads) as pool:
            list(pool.map(lambda piece: work(*piece), pieces))
    return out.reshape(-1)


def dequantize(data: Bytes, kind: str, rows: int, columns: int) -> Floats:
    """The numbers that the bytes stand for, float32, shape [rows, columns]."""
    type_ = BY_NAME[kind]
    if kind == "F32":
        return data.view("<f4").reshape(rows, columns)
    if kind == "F16":
        return data.view("<f2").astype(np.float32).reshape(rows, columns)
    out = np.empty((rows, columns), np.float32)
    llama.to_float(type_.id)(data.ctypes.data, out.ctypes.data, rows * columns)
    return out
