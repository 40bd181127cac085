"""`inspect` for ONNX: what is in a file, without running it."""

from __future__ import annotations

import collections
import math
from pathlib import Path
from typing import Any

from onnx import TensorProto, ValueInfoProto

from quantize.onnx import guard
from quantize.onnx.graph import Graph


def inspect(path: Path) -> dict[str, Any]:
    """Inputs, outputs, operators, opsets, numbers of weights by type, bytes. Raises InputError."""
    model = guard.load(path)
    graph = Graph(model)
    operators = collections.Counter(node.op_type for node in graph.nodes)
    numbers: collections.Counter[str] = collections.Counter()
    for tensor in graph.constants.values():
        numbers[_type(tensor.data_type)] += math.prod(tensor.dims)
    return {
        "file": str(path),
        "bytes": path.stat().st_size,
        "producer": model.producer_name,
        "opset": {entry.domain or "ai.onnx": entry.version for entry in model.opset_import},
        "inputs": [_port(port) for port in model.graph.input if port.name not in graph.constants],
        "outputs": [_port(port) for port in model.graph.output],
        "operators": dict(operators.most_common()),
        "weights": dict(numbers.most_common()),
        "metadata": {entry.key: entry.value[:200] for entry in model.metadata_props},
    }


def _port(port: ValueInfoProto) -> dict[str, Any]:
    kind = port.type.tensor_type
    shape = [size.dim_value if size.HasField("dim_value") else size.dim_param or None for size in kind.shape.dim]
    return {"name": port.name, "type": _type(kind.elem_type), "shape": shape}


def _type(number: int) -> str:
    return TensorProto.DataType.Name(number).lower() if number in TensorProto.DataType.values() else f"type {number}"
