"""Writes the trained network as a float GGUF that llama.cpp loads, makes the shipped file of it, and the manifest.

Rows of the embedding are tokens in the vocabulary's order; nothing is permuted, because `model.py` turns pairs as
llama.cpp does. Everything is written as float32: a float64 that slips in loads, and crashes at the first token.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Final

import gguf
import numpy as np
import torch

from edge.reasoning.prompt import END, MARKS, REPLY
from quantize.glance.network.model import Glance
from quantize.glance.network.quantizer import quantize as quantize
from quantize.glance.network.tokenizer import MARK_IDS, PRE_TOKENIZER, Codec
from quantize.glance.network.train import load

CONTEXT: Final = 2048
MAX_BYTES: Final = 8 * 1024 * 1024


def export(folder: Path, out: Path, seed: int) -> str:
    """The float file beside the checkpoint, the shipped file and its manifest at `out`; returns a line for people."""
    model = load(folder / "checkpoint.pt")
    floating = folder / "glance_f32.gguf"
    write_float(model, Codec(folder / "tokenizer.json"), floating)
    out.parent.mkdir(parents=True, exist_ok=True)
    part = out.with_suffix(".part")
    quantize(floating, part)
    size = part.stat().st_size
    if size > MAX_BYTES:
        raise SystemExit(f"{out}: {size} bytes, more than the {MAX_BYTES} that may be shipped; use a smaller network.")
    part.rename(out)
    state = torch.load(folder / "checkpoint.pt", weights_only=True)
    write_manifest(out, seed, int(state["step"]), model)
    return f"{out}: {size} bytes, step {state['step']}, sha256 {hashlib.sha256(out.read_bytes()).hexdigest()[:16]}…"


def write_float(model: Glance, codec: Codec, path: Path) -> None:
    """A float32 GGUF of architecture "llama" with the tokenizer and the marks as control tokens."""
    shape = model.shape
    writer = gguf.GGUFWriter(str(path), "llama")
    writer.add_name("Glance")
    writer.add_description("Answers about the scene that smart glasses see, calls tools, or escalates.")
    writer.add_license("Apache-2.0")
    writer.add_string("glasspath.prompt", "glance")
    writer.add_context_length(CONTEXT)
    writer.add_embedding_length(shape.width)
    writer.add_block_count(shape.layers)
    writer.add_feed_forward_length(shape.hidden)
    writer.add_head_count(shape.heads)
    writer.add_head_count_kv(shape.heads)
    writer.add_rope_dimension_count(shape.head_width)
    writer.add_rope_freq_base(shape.rope_base)
    writer.add_layer_norm_rms_eps(shape.epsilon)
    writer.add_vocab_size(shape.vocabulary)
    writer.add_file_type(gguf.LlamaFileType.ALL_F32)
    _add_tokenizer(writer, codec, shape.vocabulary)
    for name, weight in model.state_dict().items():
        writer.add_tensor(_gguf_name(name), np.ascontiguousarray(weight.numpy().astype(np.float32)))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def _add_tokenizer(writer: gguf.GGUFWriter, codec: Codec, size: int) -> None:
    learned = json.loads(codec.tokenizer.to_str())["model"]
    tokens = [f"[unused {n}]" for n in range(size)]
    for text, n in learned["vocab"].items():
        tokens[n] = text
    kinds = [gguf.TokenType.CONTROL if t in MARK_IDS else gguf.TokenType.NORMAL for t in tokens]
    for n in range(len(learned["vocab"]), size):
        kinds[n] = gguf.TokenType.UNUSED
    merges = [" ".join(m) if isinstance(m, list) else m for m in learned["merges"]]
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre(PRE_TOKENIZER)
    writer.add_token_list(tokens)
    writer.add_token_types(kinds)
    writer.add_token_merges(merges)
    writer.add_bos_token_id(MARK_IDS[REPLY])
    writer.add_eos_token_id(MARK_IDS[END])
    writer.add_add_bos_token(False)
    writer.add_add_space_prefix(False)
    assert tokens[: len(MARKS)] == list(MARKS)


def _gguf_name(name: str) -> str:
    return name if name.endswith(".weight") else f"{name}.weight"


def write_manifest(out: Path, seed: int, step: int, model: Glance) -> None:
    """`glance.json`: what the file is and how it was made; the scores of an earlier `evaluate` are dropped."""
    raw = out.read_bytes()
    manifest = {
        "file": out.name,
        "bytes": len(raw),
        "sha256": hashlib.sha256(raw).hexdigest(),
        "licence": "Apache-2.0",
        "parameters": sum(p.numel() for p in model.parameters()),
        "shape": model.shape.record(),
        "quantization": "Q8_0",
        "seed": seed,
        "steps": step,
        "recipe": [
            f"python -m quantize.glance --seed {seed} generate",
            f"python -m quantize.glance --seed {seed} train --steps {step}",
            f"python -m quantize.glance --seed {seed} export",
        ],
        "scores": {},
    }
    out.with_suffix(".json").write_text(json.dumps(manifest, indent=2) + "\n")
