"""Fits small random-weight models of many architectures: `python -m benchmarks.quantize_architectures [--quick]`.

What is shown: the importance matrix, the exchange in place and llama.cpp's writer find the tensors of each architecture
(biases, fused projections, norms within heads, experts), and the written file measures as the plan did in memory.
Weights are random with heavy tails, so the losses say nothing about real models.
"""

from __future__ import annotations

import json
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.claims import Claim, main
from quantize.errors import QuantizeError
from quantize.files import written
from quantize.gguf.fit import FitRequest, fit
from quantize.gguf.made_up import all_bytes

WIDTH, HIDDEN, LAYERS, HEADS, KV_HEADS, VOCABULARY = 256, 512, 2, 4, 2, 320
HEAD = WIDTH // HEADS


@dataclass(frozen=True, slots=True)
class Architecture:
    """What differs between them."""

    name: str
    """as GGUF writes it"""
    experts: int = 0
    has_biases: bool = False
    has_head_norms: bool = False
    has_late_norms: bool = False
    is_fused: bool = False
    """one matrix for query, key and value, one for gate and up"""
    is_tied: bool = False


ARCHITECTURES = (
    Architecture("llama", experts=4),
    Architecture("qwen2", has_biases=True),
    Architecture("qwen3", has_head_norms=True),
    Architecture("qwen3moe", experts=4, has_head_norms=True),
    Architecture("gemma", is_tied=True),
    Architecture("gemma2", is_tied=True, has_late_norms=True),
    Architecture("gemma3", is_tied=True, has_late_norms=True, has_head_norms=True),
    Architecture("phi3", is_fused=True),
)


def matrices(kind: Architecture) -> dict[str, tuple[int, ...]]:
    """Name → shape of each matrix, the experts' with their number first."""
    kv = HEAD * KV_HEADS
    found: dict[str, tuple[int, ...]] = {"token_embd": (VOCABULARY, WIDTH)}
    if not kind.is_tied:
        found["output"] = (VOCABULARY, WIDTH)
    for n in range(LAYERS):
        layer: dict[str, tuple[int, ...]] = {"attn_output": (WIDTH, WIDTH)}
        if kind.is_fused:
            layer |= {"attn_qkv": (WIDTH + 2 * kv, WIDTH), "ffn_up": (2 * HIDDEN, WIDTH), "ffn_down": (WIDTH, HIDDEN)}
        else:
            layer |= {"attn_q": (WIDTH, WIDTH), "attn_k": (kv, WIDTH), "attn_v": (kv, WIDTH)}
            end, some = ("_exps", (kind.experts,)) if kind.experts else ("", ())
            layer |= {f"ffn_gate{end}": (*some, HIDDEN, WIDTH), f"ffn_up{end}": (*some, HIDDEN, WIDTH)}
            layer |= {f"ffn_down{end}": (*some, WIDTH, HIDDEN)}
        if kind.experts:
            layer["ffn_gate_inp"] = (kind.experts, WIDTH)
        found |= {f"blk.{n}.{name}": shape for name, shape in layer.items()}
    return found


def vectors(kind: Architecture) -> dict[str, int]:
    """Name → length of each norm and bias."""
    found = {"output_norm.weight": WIDTH}
    norms = {"attn_norm": WIDTH, "ffn_norm": WIDTH}
    if kind.has_late_norms:
        norms |= {"post_attention_norm": WIDTH, "post_ffw_norm": WIDTH}
    if kind.has_head_norms:
        norms |= {"attn_q_norm": HEAD, "attn_k_norm": HEAD}
    biases = {"attn_q": WIDTH, "attn_k": HEAD * KV_HEADS, "attn_v": HEAD * KV_HEADS} if kind.has_biases else {}
    for n in range(LAYERS):
        found |= {f"blk.{n}.{name}.weight": size for name, size in norms.items()}
        found |= {f"blk.{n}.{name}.bias": size for name, size in biases.items()}
    return found


def make(path: Path, kind: Architecture) -> Path:
    """Writes the float model."""
    import gguf

    rng = np.random.default_rng(1)
    with written(path) as part:
        writer: Any = gguf.GGUFWriter(str(part), kind.name)
        writer.add_context_length(256)
        writer.add_embedding_length(WIDTH)
        writer.add_block_count(LAYERS)
        writer.add_feed_forward_length(HIDDEN)
        writer.add_head_count(HEADS)
        writer.add_head_count_kv(KV_HEADS)
        writer.add_layer_norm_rms_eps(1e-5)
        writer.add_vocab_size(VOCABULARY)
        writer.add_key_length(HEAD)
        writer.add_value_length(HEAD)
        writer.add_rope_dimension_count(HEAD)
        if kind.name == "gemma3":
            writer.add_sliding_window(64)
        if kind.experts:
            writer.add_expert_count(kind.experts)
            writer.add_expert_used_count(2)
            writer.add_expert_feed_forward_length(HIDDEN)
        all_bytes(writer, VOCABULARY)
        for name, shape in matrices(kind).items():
            # Gemma multiplies its embedding by √width, and its output is the same matrix.
            scale = 1.0 if name != "token_embd" else 0.3 if kind.name.startswith("gemma") else 4.0
            writer.add_tensor(f"{name}.weight", _weights(rng, shape) * np.float32(scale))
        for name, size in vectors(kind).items():
            values = np.ones(size) if name.endswith("weight") else rng.standard_normal(size)
            writer.add_tensor(name, values.astype(np.float32))
        writer.write_header_to_file()
        writer.write_kv_data_to_file()
        writer.write_tensors_to_file()
        writer.close()
    return path


def _weights(rng: np.random.Generator, shape: tuple[int, ...]) -> NDArray[np.float32]:
    columns = shape[-1]
    values = rng.standard_t(4, shape) * np.exp(0.5 * rng.standard_normal(columns)) / columns**0.5
    return values.astype(np.float32)


def measure(quick: bool) -> list[Claim]:
    """One fit each, to a fifth of the bytes."""
    kinds = ARCHITECTURES[:2] if quick else ARCHITECTURES
    done, apart, said = 0, 0.0, []
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        rng = np.random.default_rng(2)
        lines = [json.dumps({"tokens": rng.integers(3, VOCABULARY, 32).tolist()}) for _ in range(16)]
        (folder / "text.jsonl").write_text("\n".join(lines) + "\n")
        for kind in kinds:
            name = f"{kind.name}{' with experts' if kind.experts else ''}"
            model = make(folder / f"{kind.name}.gguf", kind)
            try:
                found = fit(
                    FitRequest(
                        model, folder / kind.name, (folder / "text.jsonl",), size_bytes=model.stat().st_size // 5
                    )
                )
            except QuantizeError as error:
                said.append(f"{name}: {error}")
                continue
            print(f"{name}: {found.why}", file=sys.stderr)
            if found.feasible and found.measured is not None:
                done += 1
                apart = max(apart, abs(found.measured.loss / found.measured.more["kl_in_memory"] - 1))
    return [
        Claim("architectures fitted to a fifth of their bytes", done, f"of {len(kinds)}", f">= {len(kinds)}",
              "; ".join(said) or ", ".join(k.name for k in kinds)),
        Claim("KL of the written file over that of the plan in memory, most apart", 100 * apart, "%", "<= 1"),
    ]  # fmt: skip


if __name__ == "__main__":
    main("quantize_architectures", __doc__, measure)
