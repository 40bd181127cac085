"""Writes a quantized file with llama.cpp's own quantizer, each tensor in the type that was chosen for it."""

from __future__ import annotations

import ctypes
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from quantize.errors import OutputError, ToolError
from quantize.files import written
from quantize.gguf import header as heads
from quantize.gguf import llama, plan
from quantize.gguf.types import BY_NAME
from quantize.gguf.weights import Floats


def write(
    header: heads.Header, choice: plan.Choice, importance: Mapping[str, Floats], out: Path, threads: int = 1
) -> None:
    """Writes `out`; it is whole, of the computed size and with the chosen types, or not there.

    Args:
        header: of the float file.
        choice: type of each tensor that changes.
        importance: mean squares of the inputs of each weight, float32 [columns] or [experts, columns].
        out: the file to write.
        threads: to quantize with; the bytes do not depend on it.

    Raises:
        OutputError: it could not be written whole.
        ToolError: llama.cpp wrote another file than was computed.
    """
    with written(out) as part:
        _run(header, choice, importance, part, threads, dry=False)
        expected = plan.file_bytes(header, choice)
        if not part.is_file() or part.stat().st_size != expected:
            found = part.stat().st_size if part.is_file() else 0
            raise OutputError(f"{out}: {found} of {expected} bytes were written: free or choose a disk")
        made = {t.name: t.type.name for t in heads.read(part).tensors}
        for tensor in header.tensors:
            wanted = choice.get(tensor.name, tensor.type.name)
            if made.get(tensor.name) != wanted:
                raise ToolError(f"llama.cpp wrote {tensor.name} as {made.get(tensor.name)}, not as {wanted}")


def rehearse(header: heads.Header, choice: plan.Choice, importance: Mapping[str, Floats]) -> None:
    """llama.cpp's dry run: checks everything, writes nothing.

    Raises:
        ToolError: llama.cpp would refuse.
    """
    _run(header, choice, importance, Path("/nonexistent"), 1, dry=True)


def _run(
    header: heads.Header, choice: plan.Choice, importance: Mapping[str, Floats], out: Path, threads: int, *, dry: bool
) -> None:
    library = llama.library().llama
    params = library.llama_model_quantize_default_params()
    params.ftype = plan.file_type(header, choice)
    params.nthread = threads
    params.dry_run = dry
    # Every tensor is named: what is not overridden would get the mixture's own idea of a type.
    named = [(t.name, choice.get(t.name, t.type.name)) for t in plan.quantizable(header)]
    overrides = (library.llama_model_tensor_override * (len(named) + 1))()
    for slot, (name, kind) in zip(overrides, named, strict=False):
        slot.pattern, slot.type = f"^{re.escape(name)}$".encode(), BY_NAME[kind].id
    params.tt_overrides = overrides
    kept = _set_importance(library, params, importance)
    _call(library, header.path, out, params)
    del kept


def _set_importance(library: Any, params: Any, importance: Mapping[str, Floats]) -> list[Any]:
    """Points the parameters at the arrays; what is returned must live until the call is over."""
    if not importance:
        return []
    entries = (library.llama_model_imatrix_data * (len(importance) + 1))()
    kept: list[Any] = [entries]
    for slot, (name, values) in zip(entries, sorted(importance.items()), strict=False):
        flat = np.ascontiguousarray(values, np.float32).reshape(-1)
        kept.append(flat)
        slot.name, slot.size = name.encode(), flat.size
        slot.data = flat.ctypes.data_as(ctypes.POINTER(ctypes.c_float))
    params.imatrix = entries
    return kept


def _call(library: Any, source: Path, out: Path, params: Any) -> None:
    loaded = llama.library()
    loaded.said.clear()
    if library.llama_model_quantize(str(source).encode(), str(out).encode(), ctypes.byref(params)) == 0:
        return
    words = loaded.last_words()
    if "iostream" in words or "ios_base" in words or "basic_ios" in words:
        raise OutputError(f"{out.parent} could not be written: free or choose a disk")
    raise ToolError(f"{source}: llama.cpp could not quantize it ({words or 'no reason given'})")
