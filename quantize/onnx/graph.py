"""A model as its graph is asked about it: who makes a tensor, who uses it, which are constants."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import AttributeProto, ModelProto, NodeProto, numpy_helper

Array = NDArray[Any]


class Graph:
    """Look-ups over one model; made anew after the model is changed."""

    def __init__(self, model: ModelProto) -> None:
        self.model = model
        self.constants = {tensor.name: tensor for tensor in model.graph.initializer}
        self.inputs = [port.name for port in model.graph.input if port.name not in self.constants]
        self.outputs = [port.name for port in model.graph.output]
        self.maker: dict[str, NodeProto] = {}
        self.users: dict[str, list[NodeProto]] = {}
        for node in model.graph.node:
            for name in node.output:
                self.maker[name] = node
            for name in dict.fromkeys(used_by(node)):
                self.users.setdefault(name, []).append(node)

    @property
    def nodes(self) -> Sequence[NodeProto]:
        nodes: Sequence[NodeProto] = self.model.graph.node
        return nodes

    def array(self, name: str) -> Array | None:
        """The constant's values; None when the tensor is no constant."""
        tensor = self.constants.get(name)
        return None if tensor is None else numpy_helper.to_array(tensor)

    def is_float(self, name: str) -> bool:
        """A constant of float32."""
        tensor = self.constants.get(name)
        return tensor is not None and tensor.data_type == onnx.TensorProto.FLOAT

    def only_user(self, name: str) -> NodeProto | None:
        """The one node that takes the tensor; None when there are more, or when it is an output of the model."""
        users = self.users.get(name, [])
        return users[0] if len(users) == 1 and name not in self.outputs else None


def used_by(node: NodeProto) -> Iterator[str]:
    """Names that a node takes, those that its subgraphs take from outside included."""
    yield from (name for name in node.input if name)
    for inner in subgraphs(node):
        for part in inner.node:
            yield from used_by(part)


def subgraphs(node: NodeProto) -> Iterator[onnx.GraphProto]:
    """Bodies of If, Loop, Scan."""
    for attribute in node.attribute:
        if attribute.type == AttributeProto.GRAPH:
            yield attribute.g
        elif attribute.type == AttributeProto.GRAPHS:
            yield from attribute.graphs


def attribute(node: NodeProto, name: str, otherwise: Any = None) -> Any:
    """Value of a node's attribute."""
    for found in node.attribute:
        if found.name == name:
            return onnx.helper.get_attribute_value(found)
    return otherwise


def constant(name: str, values: Array) -> onnx.TensorProto:
    """A tensor to put among a model's constants."""
    return numpy_helper.from_array(np.asarray(values, order="C"), name)


def opset(model: ModelProto, domain: str = "") -> int:
    """Version of the operators of a domain; 0 when it is not used."""
    found = (
        entry.version for entry in model.opset_import if entry.domain in ((domain,) if domain else ("", "ai.onnx"))
    )
    return max(found, default=0)
