"""A Llama of any shape with random weights, as a float GGUF: weights do not change how long a token takes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from quantize.errors import ToolError
from quantize.files import written


@dataclass(frozen=True, slots=True)
class Shape:
    """Of a Llama."""

    width: int
    layers: int
    hidden: int
    heads: int
    kv_heads: int
    vocabulary: int = 320
    context: int = 2048
    is_tied: bool = True
    """its embedding is also its output"""


def bell(rng: np.random.Generator, name: str, rows: int, columns: int) -> NDArray[Any]:
    """Weights of one matrix, float16 [rows, columns], whose products keep the size of what goes in."""
    return (rng.standard_normal((rows, columns), np.float32) * columns**-0.5).astype(np.float16)


def all_bytes(writer: Any, size: int) -> None:
    """A vocabulary of bytes and nothing else: what a text says does not matter."""
    import gguf

    tokens = ["<unk>", "<s>", "</s>", *(f"<0x{n:02X}>" for n in range(256))]
    tokens += [f"<unused{n}>" for n in range(size - len(tokens))]
    kinds = [gguf.TokenType.UNKNOWN, *[gguf.TokenType.CONTROL] * 2, *[gguf.TokenType.BYTE] * 256]
    kinds += [gguf.TokenType.UNUSED] * (size - len(kinds))
    writer.add_tokenizer_model("llama")
    writer.add_tokenizer_pre("default")
    writer.add_token_list(tokens)
    writer.add_token_scores([0.0] * size)
    writer.add_token_types(kinds)
    writer.add_bos_token_id(1)
    writer.add_eos_token_id(2)


def make(
    path: Path,
    shape: Shape,
    seed: int = 1,
    *,
    draw: Callable[[np.random.Generator, str, int, int], NDArray[Any]] = bell,
    vocabulary: Callable[[Any, int], None] = all_bytes,
) -> Path:
    """Writes the file, in the float type that `draw` gives.

    Args:
        path: of the file.
        shape: of the model.
        seed: of the weights.
        draw: the weights of one matrix, [rows, columns], by its name.
        vocabulary: gives a `gguf.GGUFWriter` this many tokens.

    Raises:
        ToolError: the package gguf is not installed.
        OutputError: the file cannot be written.
    """
    try:
        import gguf
    except ImportError as error:
        raise ToolError("the package gguf is not installed: pip install glasspath[quantize]") from error
    rng = np.random.default_rng(seed)
    kv = shape.width * shape.kv_heads // shape.heads
    with written(path) as part:
        writer: Any = gguf.GGUFWriter(str(part), "llama")
        writer.add_context_length(shape.context)
        writer.add_embedding_length(shape.width)
        writer.add_block_count(shape.layers)
        writer.add_feed_forward_length(shape.hidden)
        writer.add_head_count(shape.heads)
        writer.add_head_count_kv(shape.kv_heads)
        writer.add_rope_dimension_count(shape.width // shape.heads)
        writer.add_layer_norm_rms_eps(1e-5)
        writer.add_vocab_size(shape.vocabulary)
        writer.add_file_type(gguf.LlamaFileType.MOSTLY_F16)
        vocabulary(writer, shape.vocabulary)

        def matrix(name: str, rows: int, columns: int) -> None:
            writer.add_tensor(name, draw(rng, name, rows, columns))

        matrix("token_embd.weight", shape.vocabulary, shape.width)
        writer.add_tensor("output_norm.weight", np.ones(shape.width, np.float32))
        if not shape.is_tied:
            matrix("output.weight", shape.vocabulary, shape.width)
        for n in range(shape.layers):
            for name, rows, columns in (
                ("attn_q", shape.width, shape.width), ("attn_k", kv, shape.width), ("attn_v", kv, shape.width),
                ("attn_output", shape.width, shape.width), ("ffn_gate", shape.hidden, shape.width),
                ("ffn_up", shape.hidden, shape.width), ("ffn_down", shape.width, shape.hidden),
            ):  # fmt: skip
                matrix(f"blk.{n}.{name}.weight", rows, columns)
            for name in ("attn_norm", "ffn_norm"):
                writer.add_tensor(f"blk.{n}.{name}.weight", np.ones(shape.width, np.float32))
        writer.write_header_to_file()
        writer.write_kv_data_to_file()
        writer.write_tensors_to_file()
        writer.close()
    return path
