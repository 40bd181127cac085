"""The importance matrix: how strongly each column of a weight is driven, seen while the float model reads calibration text.

The mean square of every input column of every matrix product, as llama.cpp's own tool gathers it, and saved in the form
that llama.cpp's tools read. Beyond that tool: the output matrix is covered too, tied embeddings included, and what the
text did not reach is named.
"""

from __future__ import annotations

import ctypes
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from quantize.errors import InputError
from quantize.files import written
from quantize.gguf import header as heads
from quantize.gguf import llama
from quantize.gguf.network import Network, Watch
from quantize.gguf.passage import Passage, room
from quantize.gguf.tensor import GgmlTensor
from quantize.gguf.weights import Floats
from quantize.progress import Bar, silent

_MAX_NAME: Final = 63 - len(".in_sum2")
"""GGUF names end there; a weight with a longer name cannot be saved"""


@dataclass(frozen=True, slots=True)
class Importance:
    """What one weight was driven with."""

    sums: NDArray[np.float64]
    """of the squares, shape [experts, columns]; one expert where there are none"""
    counts: NDArray[np.int64]
    """of the rows that were summed, shape [experts]"""

    @property
    def mean(self) -> Floats:
        """Mean squares, float32, [columns] or [experts, columns]; 1 for experts that no token reached, as llama.cpp does."""
        counts = np.maximum(self.counts, 1)[:, None]
        mean = np.where(self.counts[:, None] > 0, self.sums.astype(np.float32) / counts.astype(np.float32), 1.0)
        return np.ascontiguousarray(mean[0] if len(mean) == 1 else mean, np.float32)


Imatrix = Mapping[str, Importance]


@dataclass(frozen=True, slots=True)
class Coverage:
    """What the calibration text reached."""

    covered: int
    uncovered: tuple[str, ...]
    """weights that no token went through: they get types that need no importance"""
    partly: Mapping[str, float]
    """stacked experts → share of them that was reached"""
    tokens: int

    def sentence(self) -> str:
        """For people."""
        total = self.covered + len(self.uncovered)
        text = f"{self.tokens} tokens reached {self.covered} of {total} weights"
        if self.uncovered:
            text += f"; not {', '.join(self.uncovered[:5])}" + (" …" if len(self.uncovered) > 5 else "")
        if self.partly:
            text += f"; some experts of {len(self.partly)} weights were not reached: more varied text would help"
        return text


def collect(network: Network, passages: Sequence[Passage], threads: int = 1, progress: Bar = silent) -> Imatrix:
    """Runs the text through the float model and gathers the squares.

    Args:
        network: loaded; its weights in float.
        passages: each read from its beginning.
        threads: that decode.
        progress: advanced by one for each passage.

    Raises:
        InputError: an activation is not finite: the model is broken.
    """
    gathered: dict[str, Importance] = {}

    def see(name: str, operation: GgmlTensor) -> None:
        _gather(gathered, name, operation, operations)

    operations = llama.library().operations
    space = room(passages)
    watch = Watch(see, with_results=True)
    with network.session(space.tokens, threads, watch=watch, sequences=space.branches) as session:
        for passage in passages:
            session.logits(passage)
            progress(1)
    for name, found in gathered.items():
        if not np.isfinite(found.sums).all():
            raise InputError(f"{network.path}: activations before {name} are not finite; the float model is broken")
    return gathered


def _gather(gathered: dict[str, Importance], name: str, operation: GgmlTensor, operations: Mapping[str, int]) -> None:
    weight, inputs = operation.src[0].contents, operation.src[1].contents
    if operation.op == operations["GET_ROWS"] or inputs.type != 0:
        return
    columns, experts = int(weight.ne[0]), int(weight.ne[2])
    found = gathered.get(name)
    if found is None:
        found = gathered[name] = Importance(np.zeros((experts, columns)), np.zeros(experts, np.int64))
    rows = _rows(inputs)  # [tokens, slots, columns]
    if operation.op == operations["MUL_MAT"]:
        found.sums[:] += np.einsum("tsc,tsc->c", rows, rows, dtype=np.float64)
        found.counts[:] += rows.shape[0] * rows.shape[1]
        return
    chosen = _experts(operation.src[2].contents)  # [tokens, experts used]
    squares = np.square(rows, dtype=np.float64)
    for slot in range(chosen.shape[1]):
        np.add.at(found.sums, chosen[:, slot], squares[:, slot % rows.shape[1]])
        np.add.at(found.counts, chosen[:, slot], 1)


def _rows(tensor: GgmlTensor) -> Floats:
    """The inputs of a matrix product as [tokens, slots, columns], without a copy."""
    ne, nb = tuple(tensor.ne), tuple(tensor.nb)
    reach = sum((n - 1) * step for n, step in zip(ne, nb, strict=True)) + 4
    flat = np.frombuffer((ctypes.c_char * reach).from_address(tensor.data), np.uint8)
    shape, steps = (ne[3] * ne[2], ne[1], ne[0]), (nb[2], nb[1], nb[0])
    return np.ndarray(shape, np.float32, flat, 0, steps)


def _experts(tensor: GgmlTensor) -> NDArray[np.int32]:
    ne, nb = tuple(tensor.ne), tuple(tensor.nb)
    flat = np.frombuffer((ctypes.c_char * (nb[1] * ne[1])).from_address(tensor.data), np.uint8)
    return np.ndarray((ne[1], ne[0]), np.int32, flat, 0, (nb[1], nb[0]))


def coverage(header: heads.Header, imatrix: Imatrix, tokens: int) -> Coverage:
    """Which of the weights that can be quantized were reached."""
    from quantize.gguf.plan import quantizable

    names = [t.name for t in quantizable(header)]
    reached = [n for n in names if n in imatrix and imatrix[n].counts.any()]
    partly = {n: float((imatrix[n].counts > 0).mean()) for n in reached if not imatrix[n].counts.all()}
    return Coverage(len(reached), tuple(n for n in names if n not in set(reached)), partly, tokens)


def save(path: Path, imatrix: Imatrix, datasets: Sequence[str], chunk_tokens: int, chunks: int) -> None:
    """Writes the GGUF form that llama-quantize and llama-imatrix read.

    Raises:
        OutputError: it cannot be written.
    """
    import gguf

    with written(path) as part:
        writer = gguf.GGUFWriter(str(part), "")
        writer.add_type("imatrix")
        writer.add_array("imatrix.datasets", list(datasets) or ["-"])
        writer.add_uint32("imatrix.chunk_count", chunks)
        writer.add_uint32("imatrix.chunk_size", chunk_tokens)
        for name in sorted(n for n in imatrix if len(n) <= _MAX_NAME):
            writer.add_tensor(f"{name}.in_sum2", imatrix[name].sums.astype(np.float32))
            writer.add_tensor(f"{name}.counts", imatrix[name].counts.astype(np.float32).reshape(-1, 1))
        writer.write_header_to_file()
        writer.write_kv_data_to_file()
        writer.write_tensors_to_file()
        writer.close()


def load(path: Path) -> Imatrix:
    """Reads what `save`, or llama-imatrix, wrote.

    Raises:
        InputError: it is no importance matrix, or its numbers are not finite.
    """
    header = heads.read(path)
    if header.fields.get("general.type") != "imatrix":
        raise InputError(f"{path} is a model, not an importance matrix: make one with python -m quantize imatrix")
    tensors = {t.name: t for t in header.tensors}
    found: dict[str, Importance] = {}
    for name, tensor in tensors.items():
        counts = tensors.get(name.removesuffix(".in_sum2") + ".counts")
        if not name.endswith(".in_sum2") or counts is None:
            continue
        sums = _floats(header, tensor).reshape(tensor.rows, tensor.columns).astype(np.float64)
        found[name.removesuffix(".in_sum2")] = Importance(sums, _floats(header, counts).astype(np.int64))
    if not found or not all(np.isfinite(i.sums).all() for i in found.values()):
        raise InputError(f"{path} holds no importance, or numbers that are not finite: make it again")
    return found


def _floats(header: heads.Header, tensor: heads.Tensor) -> Floats:
    if tensor.type.name != "F32":
        raise InputError(
            f"{header.path}: {tensor.name} is {tensor.type.name}, not F32: make the importance matrix again"
        )
    return np.fromfile(header.path, "<f4", tensor.weights, offset=tensor.offset)
