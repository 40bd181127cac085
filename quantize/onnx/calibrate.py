"""Runs the float model over samples, one at a time, and keeps histograms: memory does not grow with their number."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from onnx import ModelProto, TensorProto, helper

from quantize.onnx.inputs import Sample
from quantize.onnx.ranges import Histogram
from quantize.onnx.session import Session, open_session


def watched(model: ModelProto, tensors: Sequence[str], threads: int) -> Session:
    """A session that gives the tensors (not the model's own outputs); they are left as the graph has them."""
    watching = ModelProto()
    watching.CopyFrom(model)
    del watching.graph.output[:]
    inputs = {port.name for port in watching.graph.input}
    for name in tensors:
        if name not in inputs:
            watching.graph.output.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, None))
    return open_session(watching.SerializeToString(), threads=threads, level="none")


def calibrate(
    model: ModelProto,
    tensors: Sequence[str],
    samples: Iterable[Sample],
    threads: int = 1,
    *,
    into: dict[str, Histogram] | None = None,
) -> dict[str, Histogram]:
    """Histogram of each tensor, in memory of one sample and 4096 counts a tensor; counted into `into` if it is given.

    Raises:
        InputError: the model refuses a sample.
    """
    found = {name: Histogram() for name in tensors} if into is None else into
    session = watched(model, tensors, threads)
    names = [port.name for port in session.outputs]
    for sample in samples:
        for name, values in sample.items():
            if name in found and np.asarray(values).dtype.kind == "f":
                found[name].add(values)
        for name, values in zip(names, session.run(sample), strict=True):
            found[name].add(values)
    return found
