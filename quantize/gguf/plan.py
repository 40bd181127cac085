"""What each tensor of a model may become, and how large a file is that chooses so: computed, exact to the byte."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Final

from quantize.gguf.header import Header, Tensor
from quantize.gguf.types import BY_NAME, CANDIDATES, FLOAT, FTYPES, NEEDS_IMATRIX, fits

Choice = Mapping[str, str]
"""tensor → type; tensors that are not named stay as they are"""

_KEPT: Final = (
    "_norm.weight", "ffn_gate_inp.weight", "ffn_gate_tid2eid.weight", "altup", "laurel", "per_layer_model_proj",
    "ssm_conv1d", "shortconv.conv.weight", "indexer.k_proj.weight", "indexer.q_proj.weight", "time_mix_first.weight",
    "time_mix_w0.weight", "time_mix_w1.weight", "time_mix_w2.weight", "time_mix_v0.weight", "time_mix_v1.weight",
    "time_mix_v2.weight", "time_mix_a0.weight", "time_mix_a1.weight", "time_mix_a2.weight", "time_mix_g1.weight",
    "time_mix_g2.weight", "time_mix_decay_w1.weight", "time_mix_decay_w2.weight", "time_mix_lerp_fused.weight",
    "attn_rel_b.weight", ".position_embd", "sam.pos_embd", "sam.neck.", "sam.net_", ".rel_pos", ".patch_embd",
    ".patch_merger", "a.rvq.codebook", "mm.a.code_embd", "position_embd.weight", "token_types.weight",
)  # fmt: skip
"""Parts of names that llama.cpp never quantizes (tensor_allows_quantization in llama-quant.cpp)."""
ALIGNMENT: Final = 32
"""of what llama.cpp writes, whatever the source had"""
_LAYER: Final = re.compile(r"^(?:blk|enc\.blk|dec\.blk)\.(\d+)\.")


def quantizable(header: Header) -> list[Tensor]:
    """The tensors that llama.cpp lets be quantized, in the file's order."""
    return [
        t
        for t in header.tensors
        if sum(n > 1 for n in t.shape) >= 2
        and t.name.endswith("weight")
        and t.type.name in FLOAT
        and not any(part in t.name for part in _KEPT)
    ]


def candidates(tensor: Tensor, covered: Collection[str]) -> list[str]:
    """Types that the tensor can have, fewest bits first, its own float type last.

    Args:
        tensor: of the float file.
        covered: tensors that have an importance matrix.
    """
    names = [
        name
        for name in CANDIDATES
        if fits(name, tensor.columns)
        and (name not in NEEDS_IMATRIX or tensor.name in covered)
        and BY_NAME[name].bits < tensor.type.bits
    ]
    return [*names, tensor.type.name]


def stored_bytes(tensor: Tensor, kind: str) -> int:
    """Of the tensor's numbers in this type."""
    return BY_NAME[kind].row_bytes(tensor.columns) * tensor.rows


def tensor_bytes(tensor: Tensor, kind: str) -> int:
    """Of the tensor in this type, with what pads it to the next one."""
    return -(-stored_bytes(tensor, kind) // ALIGNMENT) * ALIGNMENT


def layer(name: str) -> int | None:
    """Number of the block that a tensor is in; None before and after the blocks."""
    found = _LAYER.match(name)
    return int(found[1]) if found else None


def is_matrix_product(header: Header, tensor: Tensor) -> bool:
    """Whether a token is multiplied with the whole of it; embeddings that are only looked up are not."""
    tied = all(t.name != "output.weight" for t in header.tensors)
    return tensor.name != "token_embd.weight" or tied


def file_type(header: Header, choice: Choice) -> int:
    """llama_ftype that names the type most weights have; its default type is a quantized one."""
    weights: dict[str, int] = {}
    for tensor in quantizable(header):
        kind = choice.get(tensor.name, tensor.type.name)
        weights[kind] = weights.get(kind, 0) + tensor.weights
    quantized = {k: n for k, n in weights.items() if k not in FLOAT}
    return FTYPES[max(sorted(quantized), key=lambda k: quantized[k])] if quantized else FTYPES["Q8_0"]


def fields_bytes(header: Header) -> int:
    """Bytes before the weights in a file that llama.cpp writes of this one.

    It drops the fields of split files, sets `general.file_type` and `general.quantization_version`, and aligns to 32.
    """
    described = header.described_bytes
    for key in ("general.quantization_version", "general.file_type"):
        if key not in header.fields:
            described += 8 + len(key) + 4 + 4
    return -(-described // ALIGNMENT) * ALIGNMENT


def file_bytes(header: Header, choice: Choice) -> int:
    """Bytes of the whole file that llama_model_quantize writes for this choice."""
    return fields_bytes(header) + sum(tensor_bytes(t, choice.get(t.name, t.type.name)) for t in header.tensors)


def cache_bytes(header: Header, context: int, kinds: tuple[str, str]) -> int:
    """Bytes of the KV cache for so many tokens: each layer keeps a key and a value for each head that has its own."""
    layers = header.number("block_count") or 0
    heads = header.number("attention.head_count") or 1
    own = header.number("attention.head_count_kv") or heads
    width = (header.number("embedding_length") or 0) // heads
    key = header.number("attention.key_length") or width
    value = header.number("attention.value_length") or width
    rounded = -(-context // 256) * 256
    total = 0
    for size, kind in ((key, kinds[0]), (value, kinds[1])):
        type_ = BY_NAME[kind]
        total += layers * rounded * -(-(own * size) // type_.block) * type_.block_bytes
    return total
