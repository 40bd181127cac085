"""The mirror of llama.cpp's `struct ggml_tensor`, of the pinned version; `llama.py` tests it before it is used."""

from __future__ import annotations

import ctypes
from typing import Final

MAX_DIMENSIONS: Final = 4
MAX_OP_PARAMS_BYTES: Final = 64
MAX_SOURCES: Final = 10
MAX_NAME_BYTES: Final = 64
OBJECT_BYTES: Final = 32
"""sizeof(struct ggml_object), which ggml_tensor_overhead() counts too"""


class GgmlTensor(ctypes.Structure):
    """ggml.h, llama.cpp 0c1e57098: 336 bytes."""


GgmlTensor._fields_ = [
    ("type", ctypes.c_int),
    ("buffer", ctypes.c_void_p),
    ("ne", ctypes.c_int64 * MAX_DIMENSIONS),
    ("nb", ctypes.c_size_t * MAX_DIMENSIONS),
    ("op", ctypes.c_int),
    ("op_params", ctypes.c_int32 * (MAX_OP_PARAMS_BYTES // 4)),
    ("flags", ctypes.c_int32),
    ("src", ctypes.POINTER(GgmlTensor) * MAX_SOURCES),
    ("view_src", ctypes.c_void_p),
    ("view_offs", ctypes.c_size_t),
    ("data", ctypes.c_void_p),
    ("name", ctypes.c_char * MAX_NAME_BYTES),
    ("extra", ctypes.c_void_p),
    ("padding", ctypes.c_char * 8),
]
TensorPointer = ctypes.POINTER(GgmlTensor)
