"""Tiny random-weights Llamas as GGUF files, and texts for them; 256 wide so that every type fits."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edge.reasoning import llama_library
from quantize.gguf import made_up
from quantize.gguf.made_up import Shape

# llama.cpp must be loaded under private names beside pysilero's ggml, and the runtime's own loader does that.
llama_library.load()

WIDTH, HIDDEN, LAYERS, VOCABULARY = 256, 512, 2, 300


def make(
    path: Path, *, width: int = WIDTH, hidden: int = HIDDEN, layers: int = LAYERS, tied: bool = False, seed: int = 1
) -> Path:
    """A float file whose predictions depend on its weights strongly enough to measure what a type costs."""
    shape = Shape(width, layers, hidden, heads=4, kv_heads=2, vocabulary=VOCABULARY, context=256, is_tied=tied)
    return made_up.make(path, shape, seed, draw=_as_trained, vocabulary=_vocabulary)


def _as_trained(rng: np.random.Generator, name: str, rows: int, columns: int) -> NDArray[Any]:
    """Heavy tails and columns of different size, as trained weights have."""
    scale = {"token_embd.weight": 4.0, "output.weight": 1.5}.get(name, 1.0) / columns**0.5
    values = rng.standard_t(4, (rows, columns)) * np.exp(0.5 * rng.standard_normal(columns)) * scale
    return values.astype(np.float32)


def documents(path: Path, count: int = 16, length: int = 32, seed: int = 2) -> Path:
    """Random tokens, a document a line."""
    rng = np.random.default_rng(seed)
    lines = [json.dumps({"tokens": rng.integers(3, VOCABULARY, length).tolist()}) for _ in range(count)]
    path.write_text("\n".join(lines) + "\n")
    return path


def _vocabulary(writer: Any, size: int) -> None:
    """The 256 bytes as SentencePiece has them, three marks before and words after."""
    marks = ["<unk>", "<s>", "</s>"]
    pieces = [*marks, *(f"<0x{n:02X}>" for n in range(256))]
    pieces += [f"▁w{n}" for n in range(size - len(pieces))]
    kinds = [2, 3, 3, *([6] * 256), *([1] * (size - 259))]
    writer.add_tokenizer_model("llama")
    writer.add_token_list(pieces)
    writer.add_token_scores([0.0] * size)
    writer.add_token_types(kinds)
    writer.add_bos_token_id(1)
    writer.add_eos_token_id(2)
    writer.add_unk_token_id(0)
