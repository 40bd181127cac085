"""Exchanges the weights of a loaded model in place, without a file and without loading.

A weight is exchanged by writing other bytes into its buffer and changing the type in its `ggml_tensor`: llama.cpp then runs
the real kernel of that type, as it would with a file of that type. That needs buffers of our own (no mapping of the file,
no repacking), so it is asked for when the model is loaded.
"""

from __future__ import annotations

import ctypes
from collections.abc import Iterable
from typing import Any

import numpy as np

from quantize.errors import ToolError
from quantize.gguf import llama
from quantize.gguf.header import Header
from quantize.gguf.network import Network, Watch
from quantize.gguf.passage import plain
from quantize.gguf.tensor import GgmlTensor, TensorPointer
from quantize.gguf.types import BY_NAME, GgmlType
from quantize.gguf.weights import Bytes, raw


class Exchange:
    """The weights of a loaded model, each of which can have another type for a while."""

    def __init__(self, header: Header, network: Network, names: Iterable[str]) -> None:
        """Finds where the weights lie.

        Args:
            header: of the file that was loaded.
            network: loaded as exchangeable.
            names: tensors that shall be exchanged.

        Raises:
            ToolError: a weight is not read by any operation, or does not lie in memory that can be written.
        """
        self._ggml = llama.library().ggml
        self._header = header
        self._tensors = {t.name: t for t in header.tensors}
        self._at = _weights(network)
        self.missing = sorted(set(names) - set(self._at))
        """tensors that the network does not read; their type changes nothing"""
        for name in self._at.keys() & set(names):
            found = self._at[name].contents
            tensor = self._tensors[name]
            same = found.type == tensor.type.id and tuple(found.ne[: len(tensor.shape)]) == tensor.shape
            if not same or not self._ggml.ggml_backend_buffer_is_host(found.buffer):
                raise ToolError(
                    f"the weight {name} does not lie in memory as the file has it, so it cannot be exchanged"
                )

    def put(self, name: str, kind: str, data: Bytes) -> None:
        """From now on the weight has this type and these bytes; they must not be more than the file's."""
        if name in self._at:
            self._set(name, BY_NAME[kind], data)

    def restore(self, name: str) -> None:
        """The weight is again what the file has, bit by bit."""
        if name in self._at:
            tensor = self._tensors[name]
            self._set(name, tensor.type, raw(self._header, tensor))

    def _set(self, name: str, kind: GgmlType, data: Bytes) -> None:
        pointer, tensor = self._at[name], self._tensors[name]
        if data.nbytes != kind.row_bytes(tensor.columns) * tensor.rows or data.nbytes > tensor.bytes:
            raise ToolError(
                f"{name} as {kind.name} does not fit in the memory of the {tensor.type.name} that was loaded"
            )
        found = pointer.contents
        found.type = kind.id
        found.nb[0], found.nb[1] = kind.block_bytes, kind.row_bytes(tensor.columns)
        found.nb[2] = found.nb[1] * found.ne[1]
        found.nb[3] = found.nb[2] * found.ne[2]
        data = np.ascontiguousarray(data)
        self._ggml.ggml_backend_tensor_set(pointer, data.ctypes.data, 0, data.nbytes)


def _weights(network: Network) -> dict[str, Any]:
    """Where each weight that an operation reads lies, by name."""
    found: dict[str, Any] = {}

    def note(name: str, operation: GgmlTensor) -> None:
        if name not in found:
            # A copy: the pointer that ctypes hands out lives in the operation, which does not last.
            found[name] = ctypes.cast(operation.src[0], TensorPointer)

    with network.session(32, watch=Watch(note, with_results=False)) as session:
        session.logits(plain(np.zeros(20, np.int32)))
    return found
