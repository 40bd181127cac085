"""Activation clusters: an operator with weights and the light ones that follow it, quantized together or not at all."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

from onnx import NodeProto

from quantize.onnx.graph import Graph, attribute
from quantize.onnx.prepare import CONTRIB
from quantize.onnx.ranges import GELU, SILU

LIGHT: Final = frozenset({"Add", "Mul", "Sigmoid", "LeakyRelu", "GlobalAveragePool", "AveragePool", "Concat"})
"""onnxruntime has 8-bit kernels of them"""
SAME: Final = frozenset(
    {"MaxPool", "Resize", "Reshape", "Transpose", "Squeeze", "Unsqueeze", "Flatten", "Slice", "Split", "Gather", "Pad"}
    | {"DepthToSpace"}
)
"""they move 8-bit numbers without looking at the scale"""
CLIPS: Final = frozenset({"Relu", "Clip"})
"""the range of what follows does their work"""
SOFT: Final = frozenset({"Gelu"})
"""can be had from 8-bit kernels, nearly"""


@dataclass(frozen=True, slots=True)
class Cluster:
    """One thing that is decided on."""

    name: str
    """of the operator with weights"""
    kind: str
    """its operator"""
    nodes: frozenset[str]
    weights: int
    """numbers in its constants"""


def clusters(graph: Graph) -> list[Cluster]:
    """All of them in the graph's order. What comes after the last operator with weights belongs to none and stays float."""
    feeds_weights = _before_weights(graph)
    owner: dict[str, int] = {}
    members: list[list[NodeProto]] = []
    for node in graph.nodes:
        if is_heavy(graph, node):
            owner[node.name] = len(members)
            members.append([node])
            continue
        if node.op_type not in LIGHT | SAME | CLIPS | SOFT:
            continue
        makers = [graph.maker[name].name for name in node.input if name in graph.maker]
        owned = [owner[name] for name in makers if name in owner]
        is_clip = node.op_type in CLIPS and clips(graph, node) is not None
        if owned and (node.name in feeds_weights or is_clip):
            owner[node.name] = max(owned)
            members[max(owned)].append(node)
    return [
        Cluster(part[0].name, part[0].op_type, frozenset(n.name for n in part), _size(graph, part[0]))
        for part in members
    ]


def is_heavy(graph: Graph, node: NodeProto) -> bool:
    """An operator with constant weights that has an 8-bit kernel."""
    if node.domain not in ("", "ai.onnx") or node.op_type not in ("Conv", "MatMul", "Gemm"):
        return False
    if len(node.input) < 2 or not graph.is_float(node.input[1]) or node.input[0] in graph.constants:
        return False
    sizes = len(graph.constants[node.input[1]].dims)
    if node.op_type == "Conv":
        return 3 <= sizes <= 5 and (len(node.input) < 3 or not node.input[2] or graph.is_float(node.input[2]))
    if node.op_type == "Gemm":
        plain = attribute(node, "alpha", 1.0) == 1.0 and attribute(node, "beta", 1.0) == 1.0
        return plain and not attribute(node, "transA", 0) and (len(node.input) < 3 or graph.is_float(node.input[2]))
    return sizes == 2


def clips(graph: Graph, node: NodeProto) -> tuple[float, float] | None:
    """What a Relu or Clip lets through, if its producer's only user it is, so that a range can do its work."""
    if graph.only_user(node.input[0]) is not node and graph.only_user(node.input[0]) != node:
        return None
    if node.op_type == "Relu":
        return 0.0, math.inf
    bounds = [-math.inf, math.inf]
    for index, name in enumerate(node.input[1:3]):
        if not name:
            continue
        values = graph.array(name)
        if values is None or values.size != 1:
            return None
        bounds[index] = float(values.ravel()[0])
    return (bounds[0], bounds[1]) if bounds[0] <= 0 <= bounds[1] else None


def is_gelu(node: NodeProto) -> bool:
    return node.op_type == "Gelu" and node.domain == CONTRIB


def tail_of(graph: Graph, tensor: str) -> tuple[tuple[float, float], ...]:
    """Where what follows is flat, if all that follows is one SiLU or Gelu."""
    users = graph.users.get(tensor, [])
    if tensor in graph.outputs:
        return ()
    if len(users) == 1 and is_gelu(users[0]):
        return GELU
    kinds = {user.op_type: user for user in users}
    is_silu = len(users) == 2 and set(kinds) == {"Sigmoid", "Mul"} and kinds["Sigmoid"].output[0] in kinds["Mul"].input
    return SILU if is_silu else ()


def _before_weights(graph: Graph) -> set[str]:
    """Nodes from which an operator with weights can still be reached."""
    found: set[str] = set()
    for node in reversed(graph.nodes):
        users = [user for name in node.output for user in graph.users.get(name, [])]
        if any(is_heavy(graph, user) or user.name in found for user in users):
            found.add(node.name)
    return found


def _size(graph: Graph, node: NodeProto) -> int:
    return sum(math.prod(graph.constants[name].dims) for name in node.input[1:] if name in graph.constants)
