"""The one place of the package where onnxruntime is imported: bytes of a model become a `Session` that runs and is timed."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from quantize.errors import InputError

# From 1.31 on its wheels for Linux keep an id of the device and events to send to Microsoft, unless told not to.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"
import onnxruntime

Array = NDArray[Any]
VERSION: Final = str(onnxruntime.__version__)
LEVELS: Final = {
    "none": onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL,
    "basic": onnxruntime.GraphOptimizationLevel.ORT_ENABLE_BASIC,
    "all": onnxruntime.GraphOptimizationLevel.ORT_ENABLE_ALL,
}


@dataclass(frozen=True, slots=True)
class Port:
    """One input or output of a model."""

    name: str
    shape: tuple[int | None, ...]
    """None where the size is free"""
    dtype: str
    """numpy's name: float32, int64, …"""


class Session:
    """A model that is ready to run, on the calling thread where `threads` is 1."""

    def __init__(self, native: onnxruntime.InferenceSession, name: str) -> None:
        self._native, self._name = native, name
        self.inputs = tuple(_port(p) for p in native.get_inputs())
        self.outputs = tuple(_port(p) for p in native.get_outputs())

    def run(self, feeds: Mapping[str, Array], outputs: Sequence[str] | None = None) -> list[Array]:
        """The outputs in the model's order, or those asked for. Raises InputError when the model refuses its input."""
        try:
            return [np.asarray(a) for a in self._native.run(outputs, dict(feeds))]
        except Exception as error:  # onnxruntime's exceptions share no root but Exception
            text = f"{self._name} failed on its input ({_first_line(error)}): give calibration data of its own kind"
            raise InputError(text) from error

    def node_times(self) -> dict[str, tuple[str, float]]:
        """Ends profiling: node name → (operator, seconds in all). Only of a session opened with `profile`."""
        path = Path(self._native.end_profiling())
        times: dict[str, tuple[str, float]] = {}
        for event in json.loads(path.read_text()):
            if event.get("cat") == "Node" and event["name"].endswith("_kernel_time"):
                name = event["name"].removesuffix("_kernel_time")
                kind = str(event["args"].get("op_name", ""))
                times[name] = (kind, times.get(name, ("", 0.0))[1] + event["dur"] * 1e-6)
        path.unlink()
        return times


def open_session(
    model: bytes | Path, *, threads: int = 1, level: str = "all", profile: Path | None = None, name: str = "the model"
) -> Session:
    """A session as the runtime opens its own: threads that sleep between the runs, an arena, no pattern for each shape.

    Args:
        model: a path, or the bytes of a model without external data.
        threads: of one operator; operators run one after the other.
        level: of graph optimisation: none, basic or all.
        profile: where the times of the nodes are written; `Session.node_times` reads them.
        name: for errors.

    Raises:
        InputError: onnxruntime cannot load it.
    """
    options = _options(threads, level)
    if profile is not None:
        options.enable_profiling = True
        options.profile_file_prefix = str(profile)
    return Session(_load(model, options, name), name)


def optimised(model: bytes, out: Path) -> None:
    """Writes the model after onnxruntime's basic rewriting (constants folded, batch norms in their convolutions).

    Raises:
        InputError: onnxruntime cannot load it.
    """
    options = _options(1, "basic")
    options.optimized_model_filepath = str(out)
    _load(model, options, "the model")


def _options(threads: int, level: str) -> onnxruntime.SessionOptions:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.enable_cpu_mem_arena = True
    options.enable_mem_pattern = False
    options.log_severity_level = 4  # errors come as exceptions
    options.graph_optimization_level = LEVELS[level]
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.add_session_config_entry("session.inter_op.allow_spinning", "0")
    return options


def _load(model: bytes | Path, options: onnxruntime.SessionOptions, name: str) -> onnxruntime.InferenceSession:
    what = model if isinstance(model, bytes) else str(model)
    try:
        return onnxruntime.InferenceSession(what, options, providers=["CPUExecutionProvider"])
    except Exception as error:
        raise InputError(f"{name} cannot be loaded by onnxruntime ({_first_line(error)}): export it again") from error


def _port(native: Any) -> Port:
    kind = str(native.type).removeprefix("tensor(").removesuffix(")")
    dtype = {"float": "float32", "double": "float64"}.get(kind, kind)
    return Port(native.name, tuple(s if isinstance(s, int) and s > 0 else None for s in native.shape), dtype)


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:200]
