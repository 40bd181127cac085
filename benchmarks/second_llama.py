"""A second model for the quantization benchmarks: 512 wide, three layers, trained here on plain English text.

    python -m benchmarks.second_llama --minutes 7

Byte-pair vocabulary and network are those of the embedded model's recipe with other sizes. The checkpoint and the float GGUF
stay in the user's cache, so it is trained once; the same command with more minutes goes on. It is undertrained and says
so nowhere: what counts is how well a quantized copy follows it, not what it knows.
"""

from __future__ import annotations

import argparse
import os
import time
from pathlib import Path
from typing import Any, Final

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
os.environ.setdefault("GOMP_SPINCOUNT", "0")

from benchmarks.claims import DATA

CACHE: Final = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "glasspath" / "second_llama"
FILE: Final = CACHE / "second_f32.gguf"
TEXT: Final = ("text/tinyshakespeare/input.txt", "text/tinystories/tinystories_sample.txt", "text/wikitext2/valid.txt")
CALIBRATION_SHARE: Final = 0.2
"""of WikiText's validation part, at its end; the model does not learn from it"""
_VOCABULARY: Final = 1024
_LENGTH: Final = 256
_BATCH: Final = 8
_RATE: Final = 0.003


def texts() -> tuple[str, str]:
    """What it learns from, and the calibration text that it never saw."""
    parts = [(DATA / name).read_text(encoding="utf-8") for name in TEXT]
    cut = int(len(parts[-1]) * (1 - CALIBRATION_SHARE))
    return "\n".join([*parts[:-1], parts[-1][:cut]]), parts[-1][cut:]


def train(minutes: float) -> Path:
    """Trains for so many minutes, or goes on; writes the checkpoint and the GGUF."""
    import numpy as np
    import torch
    from torch.nn import functional

    from quantize.glance.network.model import Glance

    CACHE.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(1)
    tokenizer = _tokenizer()
    ids = np.array(tokenizer.encode(texts()[0]).ids, np.int64)
    model = Glance(_shape())
    matrices = [p for n, p in model.named_parameters() if p.ndim == 2 and "embd" not in n]
    others = [p for n, p in model.named_parameters() if p.ndim != 2 or "embd" in n]
    optimizers: list[torch.optim.Optimizer] = [
        torch.optim.Muon(matrices, lr=_RATE, momentum=0.95, weight_decay=0.05, adjust_lr_fn="match_rms_adamw"),
        torch.optim.AdamW(others, lr=_RATE, betas=(0.9, 0.98), weight_decay=0.0),
    ]
    state, step = CACHE / "checkpoint.pt", 0
    if state.exists():
        found: dict[str, Any] = torch.load(state, weights_only=True)
        model.load_state_dict(found["model"])
        for optimizer, kept in zip(optimizers, found["optimizers"], strict=True):
            optimizer.load_state_dict(kept)
        step = int(found["step"])
    rng = np.random.default_rng(step + 1)
    begun = time.monotonic()
    while (gone := (time.monotonic() - begun) / (60 * minutes)) < 1:
        rate = _RATE * min((step + 1) / 50, 1.0) * min(1.0, (1 - gone) / 0.4 + 0.02)
        starts = rng.integers(0, len(ids) - _LENGTH - 1, _BATCH)
        rows = torch.from_numpy(np.stack([ids[s : s + _LENGTH + 1] for s in starts]))
        with torch.autocast("cpu", torch.bfloat16):
            scores = model(rows[:, :-1])
        loss = functional.cross_entropy(scores.float().flatten(0, 1), rows[:, 1:].flatten())
        loss.backward()  # type: ignore[no-untyped-call]  # torch has no type for it
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        for optimizer in optimizers:
            for group in optimizer.param_groups:
                group["lr"] = rate
            optimizer.step()
            optimizer.zero_grad(set_to_none=True)
        step += 1
        if step % 50 == 0:
            print(f"step {step}, loss {loss.item():.3f}, {100 * gone:.0f} % of the time", flush=True)
            _save(state, model, optimizers, step)
    _save(state, model, optimizers, step)
    _write(model)
    return FILE


def _shape() -> Any:
    from quantize.glance.network.model import Shape

    return Shape(width=512, layers=3, heads=8, hidden=1024, vocabulary=_VOCABULARY)


def _tokenizer() -> Any:
    """Learned once, kept beside the checkpoint."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

    path = CACHE / "tokenizer.json"
    if not path.exists():
        tokenizer = Tokenizer(models.BPE())
        tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
            [pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.ByteLevel(add_prefix_space=False)]
        )
        tokenizer.decoder = decoders.ByteLevel()
        trainer = trainers.BpeTrainer(
            vocab_size=_VOCABULARY,
            special_tokens=["<|end|>"],
            initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()),
            show_progress=False,
        )
        tokenizer.train_from_iterator(texts()[0].splitlines(keepends=True), trainer)
        tokenizer.save(str(path))
    return Tokenizer.from_file(str(path))


def _save(path: Path, model: Any, optimizers: list[Any], step: int) -> None:
    import torch

    part = path.with_suffix(".part")
    torch.save({"model": model.state_dict(), "optimizers": [o.state_dict() for o in optimizers], "step": step}, part)
    part.replace(path)


def _write(model: Any) -> None:
    """The float32 GGUF of architecture "llama", output tied to the embedding."""
    import json

    import gguf
    import numpy as np

    shape, part = model.shape, FILE.with_suffix(".part")
    writer = gguf.GGUFWriter(str(part), "llama")
    writer.add_name("second")
    writer.add_context_length(1024)
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
    learned = json.loads(_tokenizer().to_str())["model"]
    tokens = [f"[unused {n}]" for n in range(shape.vocabulary)]
    for text, n in learned["vocab"].items():
        tokens[n] = text
    kinds = [gguf.TokenType.NORMAL] * shape.vocabulary
    kinds[0] = gguf.TokenType.CONTROL
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("smollm")
    writer.add_token_list(tokens)
    writer.add_token_types(kinds)
    writer.add_token_merges([" ".join(m) if isinstance(m, list) else m for m in learned["merges"]])
    writer.add_bos_token_id(0)
    writer.add_eos_token_id(0)
    writer.add_add_bos_token(False)
    for name, weight in model.state_dict().items():
        place = name if name.endswith(".weight") else f"{name}.weight"
        writer.add_tensor(place, np.ascontiguousarray(weight.numpy().astype(np.float32)))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    part.replace(FILE)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m benchmarks.second_llama", description=__doc__)
    parser.add_argument("--minutes", type=float, default=7)
    print(train(parser.parse_args().minutes))
