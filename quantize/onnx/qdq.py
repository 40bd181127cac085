"""Writes a plan into a model: QuantizeLinear and DequantizeLinear where onnxruntime fuses them into 8-bit kernels.

An operator in 8 bits takes dequantized inputs and its output is quantized at once, which is the pattern that onnxruntime
replaces by one kernel (onnxruntime.ai/docs/performance/model-optimizations/quantization.html, "QDQ"). A MatMul's output
stays float: it becomes one kernel with the bias. A Relu or Clip goes into the range of the quantization after it.
"""

from __future__ import annotations

import math
from typing import Any, Final

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import ModelProto, NodeProto, TensorProto, helper

from quantize.onnx import weights
from quantize.onnx.form import Form, eight_bit
from quantize.onnx.graph import attribute, constant
from quantize.onnx.plan import CHANNEL, HALF, NIBBLES, STORED, Plan
from quantize.onnx.prepare import CONTRIB, helper_copy
from quantize.onnx.units import SAME, clips, is_gelu, is_heavy

GELU: Final = 1.702
LARGEST_BIAS: Final = 2.0**30
"""steps; the scale of a channel is widened where its bias would have more"""


def with_plan(form: Form, plan: Plan) -> ModelProto:
    """A new model."""
    return _Writer(form, plan).written()


class _Writer:
    """One rewriting of one model."""

    def __init__(self, form: Form, plan: Plan) -> None:
        self._form, self._graph, self._plan = form, form.graph, plan
        self._inside, self._absorbed = eight_bit(form, plan)
        self._nodes: list[NodeProto] = []
        self._constants: dict[str, TensorProto] = {}
        self._dequantized: dict[str, str] = {}
        """tensor → its name after dequantization, for users in 8 bits"""
        self._scales: dict[str, tuple[np.float32, int]] = {}
        """tensor → scale, zero point"""
        self._contrib = False

    def written(self) -> ModelProto:
        for node in self._graph.nodes:
            if node.name in self._absorbed:
                continue
            if node.name in self._inside:
                self._eight_bit(node)
            else:
                self._other(node)
        source = self._graph.model
        model = ModelProto(ir_version=source.ir_version, opset_import=source.opset_import)
        model.graph.name = source.graph.name
        model.graph.input.extend(source.graph.input)
        model.graph.output.extend(source.graph.output)
        model.graph.node.extend(self._nodes)
        used = {name for node in self._nodes for name in _all_inputs(node)} | set(self._graph.outputs)
        kept = [tensor for name, tensor in self._graph.constants.items() if name in used]
        model.graph.initializer.extend([*kept, *self._constants.values()])
        model.metadata_props.extend(self._graph.model.metadata_props)
        if self._contrib and not any(o.domain == CONTRIB for o in model.opset_import):
            model.opset_import.append(helper.make_opsetid(CONTRIB, 1))
        model.producer_name = "glasspath quantize"
        return model

    def _eight_bit(self, node: NodeProto) -> None:
        made = helper_copy(node)
        if is_gelu(node):
            self._gelu(node)
            return
        if is_heavy(self._graph, node):
            made.input[0] = self._to_8_bits(node.input[0])
            self._weights(node, made)
        elif node.op_type in SAME:
            made.input[0] = self._to_8_bits(node.input[0])
        else:
            for index, name in enumerate(node.input):
                if name:
                    made.input[index] = self._to_8_bits(name)
        self._nodes.append(made)
        for index, name in enumerate(node.output):
            if not name or node.op_type == "MatMul" or (node.op_type == "Gemm" and not self._all_inside(name)):
                continue
            last, low, high = self._after_clips(name)
            made.output[index] = last + "/float"
            if node.op_type in SAME:
                scale, zero = self._scales[node.input[0]]
            elif node.op_type == "Sigmoid":
                scale, zero = self._steps(0.0, 1.0)
            else:
                covered = self._plan.ranges[last]
                scale, zero = self._steps(max(covered[0], low), min(covered[1], high))
            self._pair(last + "/float", last, scale, zero, last)

    def _after_clips(self, name: str) -> tuple[str, float, float]:
        """The tensor behind the Relu or Clip whose work the range does, and what they let through."""
        low, high = -math.inf, math.inf
        while (user := self._graph.only_user(name)) is not None and user.name in self._absorbed:
            bounds = clips(self._graph, user)
            assert bounds is not None
            low, high, name = max(low, bounds[0]), min(high, bounds[1]), user.output[0]
        return name, low, high

    def _all_inside(self, tensor: str) -> bool:
        last, _, _ = self._after_clips(tensor)
        users = self._graph.users.get(last, [])
        return bool(users) and last not in self._graph.outputs and all(user.name in self._inside for user in users)

    def _steps(self, low: float, high: float) -> tuple[np.float32, int]:
        """Scale and zero point of 8 bits over a range that has zero in it."""
        low, high = min(low, 0.0), max(high, 0.0)
        scale = np.float32((high - low) / 255 if high > low else 1.0)
        zero = min(255, max(0, round(-low / float(scale))))
        return scale, zero - (128 if self._plan.activations == "s8" else 0)

    def _pair(self, source: str, target: str, scale: np.float32, zero: int, tensor: str) -> None:
        """QuantizeLinear and DequantizeLinear from one name to another."""
        steps = [self._constant(f"{tensor}/scale", np.asarray(scale, np.float32))]
        steps.append(self._constant(f"{tensor}/zero", np.asarray(zero, self._type())))
        name = f"{tensor}/8bit"
        self._nodes.append(helper.make_node("QuantizeLinear", [source, *steps], [name], name=f"{tensor}/quantize"))
        self._nodes.append(helper.make_node("DequantizeLinear", [name, *steps], [target], name=f"{tensor}/dequantize"))
        self._scales[tensor] = scale, zero
        self._dequantized[tensor] = target

    def _type(self) -> type[np.generic]:
        return np.int8 if self._plan.activations == "s8" else np.uint8

    def _to_8_bits(self, name: str) -> str:
        """The dequantized twin of a tensor; made where it is not there yet."""
        if name in self._dequantized:
            return self._dequantized[name]
        values = self._graph.array(name)
        if values is None:
            scale, zero = self._steps(*self._plan.ranges[name])
            self._pair(name, f"{name}/near", scale, zero, name)
            return self._dequantized[name]
        scale, zero = self._steps(float(values.min()), float(values.max()))
        limits = np.iinfo(np.int8 if self._plan.activations == "s8" else np.uint8)
        steps = np.clip(np.round(values / scale) + zero, limits.min, limits.max).astype(self._type())
        made = f"{name}/near"
        self._dequantize(self._constant(f"{name}/8bit", steps), made, np.asarray(scale), None, zero)
        self._dequantized[name] = made
        return made

    def _dequantize(self, name: str, out: str, scale: NDArray[Any], axis: int | None, zero: int = 0) -> None:
        kind = onnx.numpy_helper.to_array(self._constants[name]).dtype
        names = [name, self._constant(f"{out}/scale", scale.astype(np.float32))]
        names.append(self._constant(f"{out}/zero", np.full(scale.shape, zero, kind)))
        self._nodes.append(helper.make_node("DequantizeLinear", names, [out], name=f"{out}/dequantize", axis=axis))

    def _weights(self, node: NodeProto, made: NodeProto) -> None:
        """Weights in 8 bits and bias in 32."""
        values = self._graph.array(node.input[1])
        assert values is not None
        by_channel = self._plan.choices[self._cluster(node)] == CHANNEL
        channels = 0 if node.op_type == "Conv" or attribute(node, "transB", 0) else 1
        axis = channels if by_channel else None
        scale, steps = self._form.steps(node.input[1], axis, self._plan.weight_clip, self._plan.weight_bits)
        bias = self._graph.array(node.input[2]) if len(node.input) > 2 and node.input[2] else None
        taken = self._scales[node.input[0]][0]
        if bias is not None:
            bias = np.broadcast_to(bias.ravel(), (values.shape[channels],))
            least = np.abs(bias) / LARGEST_BIAS / float(taken)
            wider = np.maximum(scale, least if by_channel else least.max()).astype(np.float32)
            if (wider > scale).any():
                scale, steps = wider, weights.to_int8(values, wider, axis, self._plan.weight_bits)
        made.input[1] = f"{node.name}/weights"
        given = scale if by_channel else scale[0]
        self._dequantize(self._constant(f"{node.name}/weights8", steps), made.input[1], np.asarray(given), axis)
        if bias is not None:
            product = (taken * scale).astype(np.float32)
            name = self._constant(f"{node.name}/bias32", weights.bias_steps(bias, product))
            if len(made.input) < 3:
                made.input.append("")
            made.input[2] = f"{node.name}/bias"
            self._dequantize(name, made.input[2], product if by_channel else product[0], 0 if by_channel else None)

    def _cluster(self, node: NodeProto) -> str:
        return node.name  # a cluster has the name of its operator with weights

    def _gelu(self, node: NodeProto) -> None:
        """x · σ(1.702 x): the same 8 bits of x are read once more with a scale that is 1.702 times as wide."""
        x, out = node.input[0], node.output[0]
        taken = self._to_8_bits(x)
        scale = self._scales[x][0]
        names = [f"{x}/8bit", self._constant(f"{out}/wide", np.asarray(scale * np.float32(GELU), np.float32))]
        names.append(f"{x}/zero")
        self._nodes.append(helper.make_node("DequantizeLinear", names, [f"{out}/x"], name=f"{out}/x"))
        self._nodes.append(helper.make_node("Sigmoid", [f"{out}/x"], [f"{out}/sigmoid/float"], name=f"{out}/sigmoid"))
        self._pair(f"{out}/sigmoid/float", f"{out}/gate", *self._steps(0.0, 1.0), f"{out}/sigmoid")
        self._nodes.append(helper.make_node("Mul", [taken, f"{out}/gate"], [f"{out}/float"], name=f"{out}/product"))
        self._pair(f"{out}/float", out, *self._steps(*self._plan.ranges[out]), out)

    def _other(self, node: NodeProto) -> None:
        """A node that stays float; its weights may be kept smaller."""
        made = helper_copy(node)
        choice = self._plan.choices.get(node.name, "float")
        if choice == NIBBLES and node.op_type == "MatMul":
            self._nibbles(node)
            return
        if choice in (HALF, STORED) and is_heavy(self._graph, node):
            made.input[1] = self._kept(node, choice)
        self._nodes.append(made)

    def _nibbles(self, node: NodeProto) -> None:
        values = self._graph.array(node.input[1])
        assert values is not None
        packed, scale = weights.to_nibbles(values)
        names = [node.input[0], self._constant(f"{node.name}/weights4", packed)]
        names.append(self._constant(f"{node.name}/scale", scale))
        sizes: dict[str, Any] = {"K": values.shape[0], "N": values.shape[1], "bits": 4, "block_size": weights.BLOCK}
        self._contrib = True
        self._nodes.append(
            helper.make_node(
                "MatMulNBits", names, node.output, name=node.name, domain=CONTRIB, accuracy_level=4, **sizes
            )
        )

    def _kept(self, node: NodeProto, choice: str) -> str:
        """Weights in fewer bytes, made float once when the model is loaded: nodes of constants are folded."""
        values = self._graph.array(node.input[1])
        assert values is not None
        out = f"{node.name}/weights"
        if choice == HALF:
            small = np.clip(values, -65504, 65504).astype(np.float16)
            name = self._constant(f"{node.name}/weights16", small)
            self._nodes.append(helper.make_node("Cast", [name], [out], name=out, to=TensorProto.FLOAT))
            return out
        axis = 0 if node.op_type == "Conv" or attribute(node, "transB", 0) else 1
        scale = weights.scales_of(values, axis, self._plan.weight_clip, 8)
        name = self._constant(f"{node.name}/weights8", weights.to_int8(values, scale, axis, 8))
        shape = [1] * values.ndim
        shape[axis] = -1
        factor = self._constant(f"{node.name}/scale", scale.reshape(shape))
        self._nodes.append(
            helper.make_node("Cast", [name], [f"{out}/steps"], name=f"{out}/steps", to=TensorProto.FLOAT)
        )
        self._nodes.append(helper.make_node("Mul", [f"{out}/steps", factor], [out], name=out))
        return out

    def _constant(self, name: str, values: NDArray[Any]) -> str:
        if name not in self._constants:
            self._constants[name] = constant(name, values)
        return name


def _all_inputs(node: NodeProto) -> list[str]:
    from quantize.onnx.graph import used_by

    return list(used_by(node))
