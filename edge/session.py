"""The one place onnxruntime is imported and configured: an ONNX file becomes a `Session`, or a `ModelError`."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edge.errors import ModelError

# From 1.31 on its wheels for Linux keep an id of the device and events to send to Microsoft, unless told not to.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"
import onnxruntime

Array = NDArray[Any]


@dataclass(frozen=True, slots=True)
class Port:
    """One input or output of a model."""

    name: str
    shape: tuple[int | None, ...]
    """None where the size is free"""


class Session:
    """A model that is ready to run. Not for two threads at once: one worker owns it."""

    def __init__(self, path: Path, native: onnxruntime.InferenceSession) -> None:
        self.path = path
        self._native = native
        self.inputs = tuple(_port(p) for p in native.get_inputs())
        self.outputs = tuple(_port(p) for p in native.get_outputs())
        self.metadata: dict[str, str] = dict(native.get_modelmeta().custom_metadata_map)

    def run(self, *inputs: Array) -> list[Array]:
        """All outputs for the inputs in the model's order. Raises `ModelError` when the model refuses them."""
        if len(inputs) != len(self.inputs):
            raise ModelError(f"{self.path} takes {len(self.inputs)} inputs, not {len(inputs)}; choose another model.")
        return self.run_named(dict(zip((p.name for p in self.inputs), inputs, strict=True)))

    def run_named(self, inputs: Mapping[str, Array]) -> list[Array]:
        """As `run`, with the inputs by name."""
        try:
            return [np.asarray(a) for a in self._native.run(None, dict(inputs))]
        except Exception as error:  # onnxruntime's exceptions share no root but Exception
            why = _first_line(error)
            raise ModelError(f"{self.path} failed on its input ({why}); choose another model.") from error

    def expect(
        self, what: str, inputs: Sequence[tuple[int | None, ...]], outputs: Sequence[tuple[int | None, ...]]
    ) -> None:
        """Raise `ModelError` unless the ports fit these shapes, in order; None fits any size, on either side."""
        for side, ports, shapes in (("inputs", self.inputs, inputs), ("outputs", self.outputs, outputs)):
            if len(ports) != len(shapes) or not all(_fits(p.shape, s) for p, s in zip(ports, shapes, strict=True)):
                found = ", ".join(f"{p.name}{_text(p.shape)}" for p in ports)
                wanted = ", ".join(_text(s) for s in shapes)
                raise ModelError(
                    f"{self.path} is not {what}: its {side} are {found} where {wanted} should be; "
                    "name another file or another kind."
                )


def open_session(path: str | Path, *, threads: int = 1) -> Session:
    """The model at `path`, on `threads` threads that sleep between the runs.

    Threads do not spin: spinning keeps cores at 100 % for a while after each run, which a battery pays for. An arena,
    but no pattern kept for each input shape, since lines of text come in every width. Measured on PP-OCRv6's detector at
    640×480 and its recogniser at 40 widths, one thread: the process's peak is 253 MB at 381 ms a detection; without the
    arena 293 MB at 416 ms (glibc keeps the holes that big tensors leave); with the pattern as well 336 MB.

    Raises `ModelError` when the file is missing, truncated or not ONNX.
    """
    path = Path(path)
    if not path.is_file():
        raise ModelError(f"{path} is not there; check the path, or get the model with `edge models pull`.")
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.enable_cpu_mem_arena = True
    options.enable_mem_pattern = False
    options.log_severity_level = 4  # errors come as exceptions; exporters' warnings help nobody here
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.add_session_config_entry("session.inter_op.allow_spinning", "0")
    try:
        native = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    except Exception as error:
        raise ModelError(
            f"{path} ({path.stat().st_size} bytes) is not an ONNX model that can be loaded "
            f"({_first_line(error)}); get it again, it may be truncated."
        ) from error
    return Session(path, native)


def _port(native: Any) -> Port:
    return Port(native.name, tuple(s if isinstance(s, int) else None for s in native.shape))


def _fits(found: tuple[int | None, ...], wanted: tuple[int | None, ...]) -> bool:
    if len(found) != len(wanted):
        return False
    return all(f is None or w is None or f == w for f, w in zip(found, wanted, strict=True))


def _text(shape: tuple[int | None, ...]) -> str:
    return "[" + ", ".join("?" if s is None else str(s) for s in shape) + "]"


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:160]
