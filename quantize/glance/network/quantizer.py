"""llama.cpp's own quantizer, apart from the export: it needs neither PyTorch nor the gguf package."""

from __future__ import annotations

import ctypes
import functools
from pathlib import Path
from typing import Any, Final

from edge.errors import ModelError
from edge.reasoning import llama_library

KINDS: Final = {
    "Q8_0": "LLAMA_FTYPE_MOSTLY_Q8_0",
    "Q6_K": "LLAMA_FTYPE_MOSTLY_Q6_K",
    "Q5_K": "LLAMA_FTYPE_MOSTLY_Q5_K_M",
    "Q4_K": "LLAMA_FTYPE_MOSTLY_Q4_K_M",
}
"""Kinds of quantization, and what llama.cpp calls them; of the last two the mixtures ("M") that keep some tensors finer."""


def quantize(source: Path, out: Path, kind: str = "Q8_0") -> None:
    """Writes a float GGUF in another type, embedding included.

    Raises:
        ModelError: llama.cpp could not quantize it.
    """
    llama_cpp = llama_library.load()
    params: Any = llama_cpp.llama_model_quantize_default_params()
    params.ftype = getattr(llama_cpp, KINDS[kind])
    params.nthread = 1
    llama_cpp.llama_log_set(_silence(llama_cpp), ctypes.c_void_p(0))
    result = llama_cpp.llama_model_quantize(str(source).encode(), str(out).encode(), ctypes.byref(params))
    if result != 0:
        raise ModelError(f"{source}: llama.cpp could not quantize it (result {result}); export it again.")


@functools.cache
def _silence(llama_cpp: Any) -> Any:
    """A log callback that drops everything; llama.cpp calls it as long as the process lives, so it is made once."""
    return llama_cpp.llama_log_callback(lambda level, text, data: None)
