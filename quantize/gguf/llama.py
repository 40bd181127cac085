"""The one file that imports llama_cpp: the pinned library, checked before anything relies on its memory layout.

`library()` hands out the module and ggml's own functions. The checks are a few microseconds: the version, the sizes of the
structs, their defaults, and a tensor made by ggml that is read back through our mirror of it. A library of another
version ends in one sentence instead of in a crash.
"""

from __future__ import annotations

import ctypes
import functools
import importlib
import importlib.metadata
import os
import sys
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from quantize.errors import ToolError
from quantize.gguf.tensor import OBJECT_BYTES, GgmlTensor, TensorPointer

# Threads that spin beside a busy neighbour made a pass seven times slower; libgomp reads this when it is loaded.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
os.environ.setdefault("GOMP_SPINCOUNT", "0")

PINNED: Final = "0.3.36"
"""of llama-cpp-python; its llama.cpp is 0c1e57098"""
_TYPE_COUNT: Final = 43
_OPERATIONS: Final = ("MUL_MAT", "MUL_MAT_ID", "GET_ROWS")
_REMEDY: Final = f"install llama-cpp-python=={PINNED}"

EvalCallback: Final = ctypes.CFUNCTYPE(ctypes.c_bool, TensorPointer, ctypes.c_bool, ctypes.c_void_p)
"""ggml_backend_sched_eval_callback"""
_ToFloat: Final = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int64)


class _TypeTraits(ctypes.Structure):
    _fields_ = (
        ("type_name", ctypes.c_char_p),
        ("blck_size", ctypes.c_int64),
        ("blck_size_interleave", ctypes.c_int64),
        ("type_size", ctypes.c_size_t),
        ("is_quantized", ctypes.c_bool),
        ("to_float", _ToFloat),
        ("from_float_ref", ctypes.c_void_p),
    )


class _InitParams(ctypes.Structure):
    _fields_ = (("mem_size", ctypes.c_size_t), ("mem_buffer", ctypes.c_void_p), ("no_alloc", ctypes.c_bool))


@dataclass(frozen=True, slots=True)
class Library:
    """The loaded library."""

    llama: Any
    """the module llama_cpp"""
    ggml: Any
    """libggml-base, the functions below with their types set"""
    operations: Mapping[str, int]
    """numbers of the operations that read weights"""
    said: deque[str]
    """the last lines that llama.cpp logged as warnings or errors"""

    def last_words(self) -> str:
        """What llama.cpp complained of last, in one line; empty when it said nothing."""
        lines = [line for line in (" ".join(text.split()) for text in self.said) if line]
        return lines[-1][:200] if lines else ""


@functools.cache
def library() -> Library:
    """The library, loaded and checked once.

    Raises:
        ToolError: it is missing, cannot be loaded, or is not the version that this was written for.
    """
    try:
        version = importlib.metadata.version("llama-cpp-python")
    except importlib.metadata.PackageNotFoundError as error:
        raise ToolError(f"llama-cpp-python is not installed: {_REMEDY}") from error
    if version != PINNED:
        raise ToolError(f"llama-cpp-python is version {version}, this works with {PINNED} only: {_REMEDY}")
    try:
        llama = importlib.import_module("llama_cpp")
        folder = Path(importlib.import_module("llama_cpp.llama_cpp")._base_path)
        ggml = ctypes.CDLL(str(folder / f"libggml-base.{'dylib' if sys.platform == 'darwin' else 'so'}"))
        _declare(ggml)
    except (RuntimeError, OSError, ImportError, AttributeError) as error:
        raise ToolError(f"llama-cpp-python could not be loaded ({error}): {_REMEDY} again") from error
    said: deque[str] = deque(maxlen=8)
    llama.llama_log_set(_listener(llama, said), ctypes.c_void_p(0))
    _choose_cpu_code(folder)
    _check_parameters(llama)
    _check_tensor(ggml)
    llama.llama_backend_init()
    return Library(llama, ggml, _operations(ggml), said)


def type_traits(type_id: int) -> tuple[str, int, int]:
    """Name, numbers in a block and bytes of a block, as the library has them."""
    traits = library().ggml.ggml_get_type_traits(type_id).contents
    return (traits.type_name or b"").decode(), traits.blck_size, traits.type_size


def to_float(type_id: int) -> Any:
    """The function (source, target, count) that turns numbers of this type into float32."""
    return library().ggml.ggml_get_type_traits(type_id).contents.to_float


def versions() -> dict[str, str]:
    """Of what makes the bytes of a file, for the manifest."""
    return {"llama-cpp-python": PINNED, "llama.cpp": library().llama.llama_version().decode()}


_KEPT: Final[list[Any]] = []
"""Callbacks that C holds as long as the process lives."""


def _listener(llama: Any, said: deque[str]) -> Any:
    warning = 3

    def listen(level: int, text: bytes, _: object) -> None:
        if level >= warning:
            said.append(text.decode(errors="replace"))

    callback = llama.llama_log_callback(listen)
    _KEPT.append(callback)
    return callback


def _choose_cpu_code(folder: Path) -> None:
    """Lets ggml load what fits this processor, where a wheel has its CPU code for several and nobody did yet."""
    if not any(folder.glob("libggml-cpu-*.so")):
        return
    registry = ctypes.CDLL(str(folder / "libggml.so"))
    if not registry.ggml_backend_reg_count():
        registry.ggml_backend_load_all_from_path(os.fsencode(folder))


def _declare(ggml: Any) -> None:
    """Types of the arguments and results that are used."""
    size, number, pointer = ctypes.c_size_t, ctypes.c_int, ctypes.c_void_p
    signatures: dict[str, tuple[Any, list[Any]]] = {
        "ggml_get_type_traits": (ctypes.POINTER(_TypeTraits), [number]),
        "ggml_quantize_chunk": (
            size,
            [number, pointer, pointer, ctypes.c_int64, ctypes.c_int64, ctypes.c_int64, pointer],
        ),
        "ggml_quantize_init": (None, [number]),
        "ggml_validate_row_data": (ctypes.c_bool, [number, pointer, size]),
        "ggml_backend_tensor_set": (None, [TensorPointer, pointer, size, size]),
        "ggml_backend_tensor_get": (None, [TensorPointer, pointer, size, size]),
        "ggml_backend_buffer_is_host": (ctypes.c_bool, [pointer]),
        "ggml_tensor_overhead": (size, []),
        "ggml_op_name": (ctypes.c_char_p, [number]),
        "ggml_init": (pointer, [_InitParams]),
        "ggml_free": (None, [pointer]),
        "ggml_new_tensor_2d": (TensorPointer, [pointer, number, ctypes.c_int64, ctypes.c_int64]),
        "ggml_set_name": (TensorPointer, [TensorPointer, ctypes.c_char_p]),
    }
    for name, (result, arguments) in signatures.items():
        function = getattr(ggml, name)
        function.restype, function.argtypes = result, arguments


def _check_parameters(llama: Any) -> None:
    """The defaults that the header promises stand where our structs look for them."""
    model, context = llama.llama_model_default_params(), llama.llama_context_default_params()
    quantizing = llama.llama_model_quantize_default_params()
    facts = (
        (model.use_extra_bufts, True), (model.vocab_only, False), (model.no_alloc, False),
        (context.n_ctx, 512), (context.n_ubatch, 512), (context.type_k, 1), (context.type_v, 1), (context.n_samplers, 0),
        (context.flash_attn_type, -1), (bool(context.cb_eval), False),
        (quantizing.output_tensor_type, _TYPE_COUNT), (quantizing.token_embedding_type, _TYPE_COUNT),
        (quantizing.quantize_output_tensor, True), (quantizing.dry_run, False), (bool(quantizing.tt_overrides), False),
    )  # fmt: skip
    if any(found != expected for found, expected in facts):
        raise ToolError(f"this build of llama-cpp-python {PINNED} lays out its parameters differently: {_REMEDY}")


def _check_tensor(ggml: Any) -> None:
    """A tensor that ggml made is read through the mirror: type, sizes, steps and name must be what was asked."""
    right = ggml.ggml_tensor_overhead() == OBJECT_BYTES + ctypes.sizeof(GgmlTensor)
    if right:
        context = ggml.ggml_init(_InitParams(4096, None, True))
        tensor = ggml.ggml_set_name(ggml.ggml_new_tensor_2d(context, 8, 64, 3), b"a name").contents
        shape, steps = tuple(tensor.ne), tuple(tensor.nb)
        right = (tensor.type, shape, steps, tensor.name) == (8, (64, 3, 1, 1), (34, 68, 204, 204), b"a name")
        right = right and not tensor.data and not tensor.view_src and not tensor.extra
        ggml.ggml_free(context)
    if not right:
        raise ToolError(f"this build of llama-cpp-python {PINNED} lays out its tensors differently: {_REMEDY}")


def _operations(ggml: Any) -> dict[str, int]:
    names = {(ggml.ggml_op_name(n) or b"").decode(): n for n in range(64)}
    return {name: names[name] for name in _OPERATIONS}
