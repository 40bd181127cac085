"""A prepared model as plans see it: its clusters, the ranges that they need, and which nodes a plan makes 8-bit."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from onnx import ModelProto

from quantize.onnx import weights
from quantize.onnx.graph import Graph
from quantize.onnx.plan import Plan
from quantize.onnx.units import CLIPS, LIGHT, SAME, clips, clusters, is_gelu, is_heavy


class Form:
    """A prepared float model that plans are done to; what many plans have in common is worked out once."""

    def __init__(self, prepared: ModelProto) -> None:
        self.graph = Graph(prepared)
        self.clusters = clusters(self.graph)
        self._kept: dict[tuple[str, int | None, str, int], tuple[NDArray[np.float32], NDArray[np.int8]]] = {}

    def steps(self, name: str, axis: int | None, clip: str, bits: int) -> tuple[NDArray[np.float32], NDArray[np.int8]]:
        """Scales and 8-bit steps of a constant."""
        key = (name, axis, clip, bits)
        if key not in self._kept:
            values = self.graph.array(name)
            assert values is not None
            scale = weights.scales_of(values, axis, clip, bits)
            self._kept[key] = scale, weights.to_int8(values, scale, axis, bits)
        return self._kept[key]


def tensors_of(form: Form) -> list[str]:
    """Activations whose ranges a plan may need: what the clusters' operators take and give."""
    graph = form.graph
    found: dict[str, None] = {}
    by_name = {node.name: node for node in graph.nodes}
    for cluster in form.clusters:
        for name in sorted(cluster.nodes):
            node = by_name[name]
            inputs = node.input[:1] if node.op_type in SAME | CLIPS or is_heavy(graph, node) else node.input
            found |= dict.fromkeys(t for t in (*inputs, *node.output) if t and t not in graph.constants)
    return list(found)


def eight_bit(form: Form, plan: Plan) -> tuple[set[str], set[str]]:
    """Names of the nodes that compute in 8 bits, and of those whose work goes into a range."""
    graph = form.graph
    wanted = plan.quantized()
    candidates = {name for cluster in form.clusters if cluster.name in wanted for name in cluster.nodes}
    inside: set[str] = set()
    absorbed: set[str] = set()

    def gives_8_bits(tensor: str) -> bool:
        maker = graph.maker.get(tensor)
        if maker is None or maker.op_type == "MatMul":
            return False
        return maker.name in inside or maker.name in absorbed

    for node in graph.nodes:
        if node.name not in candidates or not all(name in plan.ranges for name in node.output if name):
            continue
        moving = [name for name in node.input if name and name not in graph.constants]
        if is_heavy(graph, node):
            if node.input[0] in plan.ranges:
                inside.add(node.name)
        elif node.op_type in CLIPS:
            if gives_8_bits(node.input[0]) and clips(graph, node) is not None:
                absorbed.add(node.name)
        elif node.op_type in SAME or is_gelu(node):
            if gives_8_bits(node.input[0]) and (node.op_type in SAME or plan.gelu == "sigmoid"):
                inside.add(node.name)
        elif node.op_type in LIGHT:
            known = all(name in plan.ranges or graph.is_float(name) for name in node.input if name)
            if known and any(gives_8_bits(name) for name in moving):
                inside.add(node.name)
    return inside, absorbed
