"""A Llama of a true shape with random weights, made on the spot: weights do not change how long a token takes.

Its words are those of the embedded model, padded to the shape's vocabulary; its chat template is ChatML.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from edge.reasoning import llama_library
from edge.reasoning.local import ASSET
from quantize.gguf import made_up
from quantize.gguf.made_up import Shape

SMOLLM2_135M: Final = Shape(width=576, layers=30, heads=9, kv_heads=3, hidden=1536, vocabulary=49_152, context=8192)
"""https://huggingface.co/HuggingFaceTB/SmolLM2-135M/blob/main/config.json, with a longer context"""
CHATML: Final = (
    "{% for message in messages %}{{'<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>' + '\n'}}"
    "{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}"
)


def make(path: Path, shape: Shape = SMOLLM2_135M) -> Path:
    """The file, Q8_0, made if it is not there; needs the package gguf."""
    if path.exists():
        return path
    path.parent.mkdir(parents=True, exist_ok=True)
    floating = made_up.make(path.with_suffix(".f16.part"), shape, vocabulary=_vocabulary)
    _quantize(floating, path)
    floating.unlink()
    return path


def _vocabulary(writer: Any, size: int) -> None:
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
