"""A model file is read only after it was looked at: size, structure, external data within its folder, sizes that add up.

protobuf reads hostile bytes safely; onnx's checker and onnxruntime are native code that a crafted model may crash or send
looking for more memory than there is. So a file is first opened in a process of its own (see `trial.py`).
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import onnx
from google.protobuf.message import DecodeError
from onnx import GraphProto, ModelProto, TensorProto

from quantize.errors import InputError
from quantize.onnx.graph import subgraphs

MODEL_BYTES: Final = 2_000_000_000
"""protobuf's limit for one message, a little less"""
NODES: Final = 200_000
DEPTH: Final = 8
"""of graphs within graphs"""
ITEM_BITS: Final[dict[int, int]] = {
    TensorProto.FLOAT: 32, TensorProto.UINT8: 8, TensorProto.INT8: 8, TensorProto.UINT16: 16, TensorProto.INT16: 16,
    TensorProto.INT32: 32, TensorProto.INT64: 64, TensorProto.BOOL: 8, TensorProto.FLOAT16: 16, TensorProto.DOUBLE: 64,
    TensorProto.UINT32: 32, TensorProto.UINT64: 64, TensorProto.BFLOAT16: 16, TensorProto.UINT4: 4, TensorProto.INT4: 4,
}  # fmt: skip


def load(path: Path) -> ModelProto:
    """The model with its external data inside, checked by our own rules.

    Raises:
        InputError: missing, too large, no ONNX model, or its data lie outside its folder.
    """
    try:
        size = path.stat().st_size
        if not path.is_file() or size > MODEL_BYTES:
            raise InputError(f"{path} is no file of at most {MODEL_BYTES >> 20} MiB: name the .onnx file")
        data = path.read_bytes()
    except OSError as error:
        raise InputError(f"{path} could not be read ({error.strerror or error}): check the path") from error
    model = ModelProto()
    try:
        model.ParseFromString(data)
    except (DecodeError, ValueError) as error:
        raise InputError(f"{path} ({size} bytes) is no ONNX model, or is cut short: get it again") from error
    if not model.graph.node or not model.opset_import:
        raise InputError(f"{path} ({size} bytes) is no ONNX model: it has no operators")
    _check(model.graph, path, path.parent.resolve(), size)
    return model


def _check(graph: GraphProto, path: Path, folder: Path, size: int) -> None:
    nodes, room = 0, MODEL_BYTES
    for part in _graphs(graph, path):
        nodes += len(part.node)
        if nodes > NODES:
            raise InputError(f"{path} has more than {NODES} operators: it is no model that fits glasses")
        for tensor in _tensors(part):
            if tensor.data_location == TensorProto.EXTERNAL:
                room -= _take_in(tensor, path, folder, room)
            _check_tensor(tensor, path)


def _graphs(graph: GraphProto, path: Path) -> Iterator[GraphProto]:
    waiting = [(graph, 0)]
    while waiting:
        part, depth = waiting.pop()
        if depth > DEPTH:
            raise InputError(f"{path} has more than {DEPTH} graphs within each other: export it again")
        yield part
        waiting += [(inner, depth + 1) for node in part.node for inner in subgraphs(node)]


def _tensors(graph: GraphProto) -> Iterator[TensorProto]:
    yield from graph.initializer
    for sparse in graph.sparse_initializer:
        yield from (sparse.values, sparse.indices)
    for node in graph.node:
        for attribute in node.attribute:
            if attribute.HasField("t"):
                yield attribute.t
            yield from attribute.tensors


def _check_tensor(tensor: TensorProto, path: Path) -> None:
    """Its data are as long as its shape says."""
    if any(size < 0 for size in tensor.dims):
        raise InputError(f"{path}: {tensor.name[:80]!r} has a negative size: the file is damaged")
    count = math.prod(tensor.dims)
    if tensor.HasField("raw_data"):
        bits = ITEM_BITS.get(tensor.data_type)
        if bits is None or len(tensor.raw_data) != (count * bits + 7) // 8:
            has = f"{len(tensor.raw_data)} bytes for {list(tensor.dims)[:8]} of type {tensor.data_type}"
            raise InputError(f"{path}: {tensor.name[:80]!r} has {has}: the file is damaged")
    elif count > MODEL_BYTES:
        raise InputError(f"{path}: {tensor.name[:80]!r} claims {count} numbers: the file is damaged")


def _take_in(tensor: TensorProto, path: Path, folder: Path, room: int) -> int:
    """Reads external data into the tensor; their length in bytes. Nothing outside the model's folder is opened."""
    entries = {entry.key: entry.value for entry in tensor.external_data}
    location = entries.get("location", "")
    place = (folder / location).resolve()  # follows symbolic links
    if not location or Path(location).is_absolute() or ".." in Path(location).parts or not place.is_relative_to(folder):
        text = f"{path}: {tensor.name[:80]!r} keeps its data in {location[:120]!r}, outside the model's folder"
        raise InputError(f"{text}: do not use this file")
    try:
        offset, length = int(entries.get("offset", 0)), int(entries.get("length", -1))
        whole = place.stat().st_size if place.is_file() else -1
        length = whole - offset if length < 0 else length
        if offset < 0 or length < 0 or offset + length > whole or length > room:
            has = f"asks for {length} bytes at {offset} of {location[:120]!r}, which has {max(whole, 0)}"
            raise InputError(f"{path}: {tensor.name[:80]!r} {has}: get the model with all its files")
        with place.open("rb") as file:
            file.seek(offset)
            tensor.raw_data = file.read(length)
    except (OSError, ValueError) as error:
        text = f"{path}: external data of {tensor.name[:80]!r} could not be read ({error})"
        raise InputError(f"{text}: get the model with all its files") from error
    del tensor.external_data[:]
    tensor.data_location = TensorProto.DEFAULT
    return length


def check(model: ModelProto, path: Path) -> None:
    """onnx's own checker, with inference of shapes. Native code: only for models that a trial has opened.

    Raises:
        InputError: it breaks a rule of ONNX.
    """
    try:
        onnx.checker.check_model(model, full_check=False)
    except (onnx.checker.ValidationError, ValueError, RuntimeError) as error:
        why = (str(error).strip().splitlines() or ["broken"])[0][:160]
        raise InputError(f"{path} breaks a rule of ONNX ({why}): export it again") from error
