"""Small ONNX models for the tests, with the patterns that are quantized."""

from __future__ import annotations

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper


def tiny(opset: int = 17) -> onnx.ModelProto:
    """Conv, Relu, depthwise Conv, SiLU, Conv, mean, Gemm: float32[n, 3, 16, 16] → float32[n, 5]."""
    dice = np.random.default_rng(1)
    weights = {
        "w1": dice.normal(0, 0.3, (8, 3, 3, 3)),
        "b1": dice.normal(0, 0.1, 8),
        "w2": dice.normal(0, 0.4, (8, 1, 3, 3)),
        "w3": dice.normal(0, 0.3, (12, 8, 1, 1)),
        "b3": dice.normal(0, 0.1, 12),
        "w4": dice.normal(0, 0.4, (12, 5)),
        "b4": dice.normal(0, 0.1, 5),
    }
    nodes = [
        helper.make_node("Conv", ["x", "w1", "b1"], ["c1"], pads=[1, 1, 1, 1]),
        helper.make_node("Relu", ["c1"], ["r1"]),
        helper.make_node("Conv", ["r1", "w2"], ["c2"], pads=[1, 1, 1, 1], group=8),
        helper.make_node("Sigmoid", ["c2"], ["s2"]),
        helper.make_node("Mul", ["c2", "s2"], ["m2"]),
        helper.make_node("Add", ["m2", "r1"], ["a2"]),
        helper.make_node("Conv", ["a2", "w3", "b3"], ["c3"]),
        helper.make_node("GlobalAveragePool", ["c3"], ["p3"]),
        helper.make_node("Flatten", ["p3"], ["f3"]),
        helper.make_node("Gemm", ["f3", "w4", "b4"], ["y"]),
    ]
    return model(nodes, {"x": [1, 3, 16, 16]}, {"y": [1, 5]}, weights, opset)


def model(
    nodes: list[onnx.NodeProto],
    inputs: dict[str, list[int | str]],
    outputs: dict[str, list[int | str]],
    weights: dict[str, np.ndarray],
    opset: int = 17,
) -> onnx.ModelProto:
    """A checked model of float32."""
    graph = helper.make_graph(
        nodes,
        "test",
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name, shape in inputs.items()],
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name, shape in outputs.items()],
        [numpy_helper.from_array(values.astype(np.float32), name) for name, values in weights.items()],
    )
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)])
    made.ir_version = 7
    onnx.checker.check_model(made)
    return made


def samples(count: int = 12) -> np.ndarray:
    """float32[count, 1, 3, 16, 16]"""
    return np.random.default_rng(2).normal(0, 1, (count, 1, 3, 16, 16)).astype(np.float32)
