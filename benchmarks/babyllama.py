"""babyllama (128 wide, 105 tokens) as GGUF: the case where no row is a multiple of 256, so that only blocks of 32 fit.

Read from llama2.c's format (https://github.com/karpathy/llama2.c, export.py, version 0): seven numbers, then float32 weights
in a fixed order. Rotary pairs lie side by side there as in llama.cpp, so nothing is permuted.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import Final

import numpy as np

from benchmarks.claims import DATA

FOLDER: Final = DATA / "llm" / "babyllama_tok105"
_PIECE: Final = 4000
"""characters that go to one side or the other"""
STORIES: Final = DATA / "text" / "tinystories" / "tinystories_sample.txt"


def make(path: Path) -> Path:
    """The float32 GGUF, made if it is not there."""
    import gguf

    if path.exists():
        return path
    raw = (FOLDER / "model5000.bin").read_bytes()
    width, hidden, layers, heads, kv_heads, vocabulary, context = np.frombuffer(raw, "<i4", 7).tolist()
    weights = iter(
        np.split(
            np.frombuffer(raw, "<f4", offset=28), np.cumsum(_sizes(width, hidden, layers, heads, kv_heads, vocabulary))
        )
    )
    kv = width * kv_heads // heads
    part = path.with_suffix(".part")
    path.parent.mkdir(parents=True, exist_ok=True)
    writer = gguf.GGUFWriter(str(part), "llama")
    writer.add_name("babyllama")
    writer.add_context_length(context)
    writer.add_embedding_length(width)
    writer.add_block_count(layers)
    writer.add_feed_forward_length(hidden)
    writer.add_head_count(heads)
    writer.add_head_count_kv(kv_heads)
    writer.add_rope_dimension_count(width // heads)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_vocab_size(vocabulary)
    writer.add_file_type(gguf.LlamaFileType.ALL_F32)
    lines = [line.rsplit("\t", 1) for line in (FOLDER / "tok105.vocab").read_text(encoding="utf-8").splitlines()]
    writer.add_tokenizer_model("llama")
    writer.add_token_list([text for text, _ in lines])
    writer.add_token_scores([float(score) for _, score in lines])
    writer.add_token_types([2, 3, 3, *([1] * (len(lines) - 3))])
    writer.add_bos_token_id(1)
    writer.add_eos_token_id(2)
    writer.add_unk_token_id(0)
    writer.add_add_bos_token(True)
    writer.add_tensor("token_embd.weight", next(weights).reshape(vocabulary, width))
    shapes = {
        "attn_norm": (width,), "attn_q": (width, width), "attn_k": (kv, width), "attn_v": (kv, width),
        "attn_output": (width, width), "ffn_norm": (width,), "ffn_gate": (hidden, width), "ffn_down": (width, hidden),
        "ffn_up": (hidden, width),
    }  # fmt: skip
    for name, shape in shapes.items():
        for n, values in enumerate(next(weights).reshape(layers, *shape)):
            writer.add_tensor(f"blk.{n}.{name}.weight", np.ascontiguousarray(values))
    writer.add_tensor("output_norm.weight", next(weights))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    part.replace(path)
    return path


def texts() -> tuple[str, str, str]:
    """Stories to calibrate with, to fit by, and to judge by; only the characters that the vocabulary has."""
    known = {line.rsplit("\t", 1)[0] for line in (FOLDER / "tok105.vocab").read_text(encoding="utf-8").splitlines()}
    text = "".join(c if c in known else " " for c in STORIES.read_text(encoding="utf-8"))
    cut = math.floor(len(text) * 0.6)
    rest = [text[at : at + _PIECE] for at in range(cut, len(text), _PIECE)]
    return text[:cut], "".join(rest[::2]), "".join(rest[1::2])


def _sizes(width: int, hidden: int, layers: int, heads: int, kv_heads: int, vocabulary: int) -> list[int]:
    kv = width * kv_heads // heads
    each = (
        width,
        width * width,
        kv * width,
        kv * width,
        width * width,
        width,
        hidden * width,
        width * hidden,
        hidden * width,
    )
    return [vocabulary * width, *(layers * n for n in each), width]
