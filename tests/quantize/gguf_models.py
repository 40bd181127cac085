"""Tiny random-weights Llamas as GGUF files, and texts for them; 256 wide so that every type fits."""

from __future__ import annotations

import json
from pathlib import Path

import gguf
import numpy as np

from edge.reasoning import llama_library

# llama.cpp must be loaded under private names beside pysilero's ggml, and the runtime's own loader does that.
llama_library.load()

WIDTH, HIDDEN, LAYERS, VOCABULARY = 256, 512, 2, 300


def make(
    path: Path, *, width: int = WIDTH, hidden: int = HIDDEN, layers: int = LAYERS, tied: bool = False, seed: int = 1
) -> Path:
    """A float file whose predictions depend on its weights strongly enough to measure what a type costs."""
    rng = np.random.default_rng(seed)
    writer = gguf.GGUFWriter(str(path), "llama")
    writer.add_context_length(256)
    writer.add_embedding_length(width)
    writer.add_block_count(layers)
    writer.add_feed_forward_length(hidden)
    writer.add_head_count(4)
    writer.add_head_count_kv(2)
    writer.add_rope_dimension_count(width // 4)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_vocab_size(VOCABULARY)
    _vocabulary(writer)

    def matrix(name: str, rows: int, columns: int, scale: float = 1.0) -> None:
        # Heavy tails and columns of different size, as trained weights have.
        values = rng.standard_t(4, (rows, columns)) * np.exp(0.5 * rng.standard_normal(columns)) * scale / columns**0.5
        writer.add_tensor(name, values.astype(np.float32))

    matrix("token_embd.weight", VOCABULARY, width, 4.0)
    writer.add_tensor("output_norm.weight", np.ones(width, np.float32))
    if not tied:
        matrix("output.weight", VOCABULARY, width, 1.5)
    for n in range(layers):
        for name, rows, columns in (
            ("attn_q", width, width), ("attn_k", width // 2, width), ("attn_v", width // 2, width),
            ("attn_output", width, width), ("ffn_gate", hidden, width), ("ffn_up", hidden, width),
            ("ffn_down", width, hidden),
        ):  # fmt: skip
            matrix(f"blk.{n}.{name}.weight", rows, columns)
        for name in ("attn_norm", "ffn_norm"):
            writer.add_tensor(f"blk.{n}.{name}.weight", np.ones(width, np.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


def documents(path: Path, count: int = 16, length: int = 32, seed: int = 2) -> Path:
    """Random tokens, a document a line."""
    rng = np.random.default_rng(seed)
    lines = [json.dumps({"tokens": rng.integers(3, VOCABULARY, length).tolist()}) for _ in range(count)]
    path.write_text("\n".join(lines) + "\n")
    return path


def _vocabulary(writer: gguf.GGUFWriter) -> None:
    """The 256 bytes as SentencePiece has them, three marks before and words after."""
    marks = ["<unk>", "<s>", "</s>"]
    pieces = [*marks, *(f"<0x{n:02X}>" for n in range(256))]
    pieces += [f"▁w{n}" for n in range(VOCABULARY - len(pieces))]
    kinds = [2, 3, 3, *([6] * 256), *([1] * (VOCABULARY - 259))]
    writer.add_tokenizer_model("llama")
    writer.add_token_list(pieces)
    writer.add_token_scores([0.0] * VOCABULARY)
    writer.add_token_types(kinds)
    writer.add_bos_token_id(1)
    writer.add_eos_token_id(2)
    writer.add_unk_token_id(0)
