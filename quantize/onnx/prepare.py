"""Before anything is measured: one opset, constants folded, batch norms gone, patterns that hide an operator named again."""

from __future__ import annotations

import math
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np
import onnx
from onnx import ModelProto, NodeProto, helper, shape_inference, version_converter

from quantize.errors import InputError
from quantize.onnx.graph import Graph, attribute, constant, opset
from quantize.onnx.session import optimised

OPSET: Final = 17
"""per-channel scales need 13"""
IR: Final = 8
CONTRIB: Final = "com.microsoft"


def prepare(model: ModelProto, path: Path) -> ModelProto:
    """The same function in the form that can be quantized. Deterministic for one version of onnx and onnxruntime.

    Raises:
        InputError: a library refuses the model.
    """
    kept = list(model.metadata_props)  # a recogniser's characters, a detector's labels
    model = _upgraded(model, path)
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "basic.onnx"
        optimised(model.SerializeToString(), out)
        model = onnx.load(out)
    del model.metadata_props[:]
    model.metadata_props.extend(kept)
    _name_nodes(model)
    _fuse_gelu(model)
    _pool_means(model)
    _prune(model)
    return shape_inference.infer_shapes(model)


def _upgraded(model: ModelProto, path: Path) -> ModelProto:
    """At the opset that is needed; constants are no inputs any more, so that they can be folded."""
    made = ModelProto()
    made.CopyFrom(model)
    constants = {tensor.name for tensor in made.graph.initializer}
    kept = [port for port in made.graph.input if port.name not in constants]
    del made.graph.input[:]
    made.graph.input.extend(kept)
    made.ir_version = max(made.ir_version, 4)
    if opset(made) < OPSET:
        try:
            made = version_converter.convert_version(made, OPSET)
        except Exception as error:  # onnx's converter raises what it likes
            why = (str(error).strip().splitlines() or ["unknown"])[-1][:160]
            raise InputError(f"{path} cannot be brought to opset {OPSET} ({why}): export it at {OPSET}") from error
    made.ir_version = max(made.ir_version, IR)
    return made


def _name_nodes(model: ModelProto) -> None:
    """A name of its own for each: after its first output."""
    for node in model.graph.node:
        node.name = node.output[0] or node.name


def _fuse_gelu(model: ModelProto) -> None:
    """x / √2 → Erf → + 1 → · x → · ½ in any of the usual orders becomes one Gelu (Hendrycks, Gimpel 2016)."""
    graph = Graph(model)
    gone: set[str] = set()
    made: dict[str, NodeProto] = {}
    for erf in [node for node in graph.nodes if node.op_type == "Erf"]:
        root = graph.maker.get(erf.input[0])
        if root is None or root.op_type not in ("Div", "Mul"):
            continue
        factor = _scalar(graph, root.input[1])
        factor = 1 / factor if factor and root.op_type == "Div" else factor
        plus = graph.only_user(erf.output[0])
        if factor is None or not math.isclose(factor, math.sqrt(0.5), rel_tol=1e-4) or plus is None:
            continue
        chain = [root, erf, plus]
        last, x = plus, root.input[0]
        wanted = {"x", "half"}
        while wanted and (after := graph.only_user(last.output[0])) is not None and after.op_type == "Mul":
            other = after.input[1] if after.input[0] == last.output[0] else after.input[0]
            if other == x and "x" in wanted:
                wanted.discard("x")
            elif "half" in wanted and _is(_scalar(graph, other), 0.5):
                wanted.discard("half")
            elif wanted == {"x", "half"} and _is_half_of(graph, other, x):
                wanted.clear()
                chain.append(graph.maker[other])
            else:
                break
            chain.append(after)
            last = after
        one = plus.input[1] if plus.input[0] == erf.output[0] else plus.input[0]
        if wanted or plus.op_type != "Add" or not _is(_scalar(graph, one), 1.0):
            continue
        gone |= {node.name for node in chain}
        made[last.name] = helper.make_node("Gelu", [x], [last.output[0]], name=last.name, domain=CONTRIB)
    _replace(model, gone, made)


def _is_half_of(graph: Graph, name: str, x: str) -> bool:
    node = graph.maker.get(name)
    if node is None or node.op_type != "Mul" or x not in node.input or graph.only_user(name) is None:
        return False
    return _is(_scalar(graph, node.input[1] if node.input[0] == x else node.input[0]), 0.5)


def _pool_means(model: ModelProto) -> None:
    """A mean over height and width is a GlobalAveragePool, which has an 8-bit kernel."""
    graph = Graph(model)
    made: dict[str, NodeProto] = {}
    for node in graph.nodes:
        keeps = attribute(node, "keepdims", 1)
        flat = node.op_type == "ReduceMean" and keeps and list(attribute(node, "axes", ())) in ([2, 3], [-2, -1])
        if flat and _comes_from_conv(graph, node.input[0]):
            made[node.name] = helper.make_node("GlobalAveragePool", node.input, node.output, name=node.name)
    _replace(model, set(made), made)


def _comes_from_conv(graph: Graph, name: str) -> bool:
    """Its four axes are certain."""
    for _ in range(4):
        node = graph.maker.get(name)
        if node is None:
            return False
        if node.op_type == "Conv":
            return len(graph.constants[node.input[1]].dims) == 4 if node.input[1] in graph.constants else False
        name = node.input[0] if node.input else ""
    return False


def _replace(model: ModelProto, gone: set[str], made: dict[str, NodeProto]) -> None:
    nodes: list[NodeProto] = []
    for node in model.graph.node:
        if node.name in made:
            nodes.append(made[node.name])
        elif node.name not in gone:
            nodes.append(node)
    copies = [helper_copy(node) for node in nodes]
    del model.graph.node[:]
    model.graph.node.extend(copies)


def helper_copy(node: NodeProto) -> NodeProto:
    """A copy that outlives the list that it was in."""
    copied = NodeProto()
    copied.CopyFrom(node)
    return copied


def _prune(model: ModelProto) -> None:
    """Constants that nobody uses go, and domains that no node is of."""
    graph = Graph(model)
    kept = [tensor for tensor in model.graph.initializer if tensor.name in graph.users or tensor.name in graph.outputs]
    copies = [constant(tensor.name, onnx.numpy_helper.to_array(tensor)) for tensor in kept]
    del model.graph.initializer[:]
    model.graph.initializer.extend(copies)
    del model.graph.value_info[:]
    used = {node.domain for node in _all_nodes(model.graph.node)} | {""}
    opsets = [helper.make_opsetid(o.domain, o.version) for o in model.opset_import if o.domain in used]
    if CONTRIB in used and not any(o.domain == CONTRIB for o in opsets):
        opsets.append(helper.make_opsetid(CONTRIB, 1))
    del model.opset_import[:]
    model.opset_import.extend(opsets)


def _all_nodes(nodes: Sequence[NodeProto]) -> list[NodeProto]:
    from quantize.onnx.graph import subgraphs

    found: list[NodeProto] = []
    for node in nodes:
        found.append(node)
        for inner in subgraphs(node):
            found += _all_nodes(inner.node)
    return found


def _scalar(graph: Graph, name: str) -> float | None:
    values = graph.array(name)
    return float(values.ravel()[0]) if values is not None and values.size == 1 else None


def _is(value: float | None, wanted: float) -> bool:
    return value is not None and bool(np.isclose(value, wanted, rtol=1e-4))
