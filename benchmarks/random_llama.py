"""A Llama of a true shape with random weights, made on the spot: weights do not change how long a token takes.

Its words are those of the embedded model, padded to the shape's vocabulary; its chat template is ChatML.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

import numpy as np

from edge.reasoning import llama_library
from edge.reasoning.local import ASSET

SMOLLM2_135M: Final = {"width": 576, "layers": 30, "heads": 9, "kv_heads": 3, "hidden": 1536, "vocabulary": 49_152}
"""https://huggingface.co/HuggingFaceTB/SmolLM2-135M/blob/main/config.json"""
CHATML: Final = (
    "{% for message in messages %}{{'<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>' + '\n'}}"
    "{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}"
)


def make(path: Path, shape: dict[str, int] = SMOLLM2_135M, context: int = 8192) -> Path:
    """The file, Q8_0, made if it is not there; needs the package gguf."""
    import gguf

    if path.exists():
        return path
    path.parent.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(1)
    width, hidden, heads = shape["width"], shape["hidden"], shape["heads"]
    kv = width * shape["kv_heads"] // heads
    floating = path.with_suffix(".f16.part")
    writer = gguf.GGUFWriter(str(floating), "llama")
    writer.add_name("random weights")
    writer.add_context_length(context)
    writer.add_embedding_length(width)
    writer.add_block_count(shape["layers"])
    writer.add_feed_forward_length(hidden)
    writer.add_head_count(heads)
    writer.add_head_count_kv(shape["kv_heads"])
    writer.add_rope_dimension_count(width // heads)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_vocab_size(shape["vocabulary"])
    writer.add_file_type(gguf.LlamaFileType.MOSTLY_F16)
    _vocabulary(writer, shape["vocabulary"])

    def matrix(name: str, rows: int, columns: int) -> None:
        values = rng.standard_normal((rows, columns), np.float32) * columns**-0.5
        writer.add_tensor(name, values.astype(np.float16))

    matrix("token_embd.weight", shape["vocabulary"], width)
    writer.add_tensor("output_norm.weight", np.ones(width, np.float32))
    for n in range(shape["layers"]):
        for name, rows, columns in (
            ("attn_q", width, width), ("attn_k", kv, width), ("attn_v", kv, width), ("attn_output", width, width),
            ("ffn_gate", hidden, width), ("ffn_up", hidden, width), ("ffn_down", width, hidden),
        ):  # fmt: skip
            matrix(f"blk.{n}.{name}.weight", rows, columns)
        for name in ("attn_norm", "ffn_norm"):
            writer.add_tensor(f"blk.{n}.{name}.weight", np.ones(width, np.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    _quantize(floating, path)
    floating.unlink()
    return path


def _vocabulary(writer, size: int) -> None:  # type: ignore[no-untyped-def]  # gguf has no types
    import gguf

    fields = gguf.GGUFReader(ASSET).fields
    tokens = [str(t) for t in fields["tokenizer.ggml.tokens"].contents()]
    kinds = list(fields["tokenizer.ggml.token_type"].contents())
    extra = ["<|im_start|>", "<|im_end|>", *(f"[unused {n}]" for n in range(size - len(tokens) - 2))]
    kinds += [gguf.TokenType.CONTROL] * 2 + [gguf.TokenType.UNUSED] * (len(extra) - 2)
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("smollm")
    writer.add_token_list([*tokens, *extra])
    writer.add_token_types(kinds)
    writer.add_token_merges([str(m) for m in fields["tokenizer.ggml.merges"].contents()])
    writer.add_bos_token_id(len(tokens))
    writer.add_eos_token_id(len(tokens) + 1)
    writer.add_add_bos_token(False)
    writer.add_chat_template(CHATML)


def _quantize(source: Path, out: Path) -> None:
    import ctypes

    c = llama_library.load()
    params = c.llama_model_quantize_default_params()
    params.ftype = c.LLAMA_FTYPE_MOSTLY_Q8_0
    part = out.with_suffix(".part")
    if c.llama_model_quantize(str(source).encode(), str(part).encode(), ctypes.byref(params)) != 0:
        raise SystemExit(f"{source}: llama.cpp could not quantize it")
    part.rename(out)
