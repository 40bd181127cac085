"""`quantize inspect`: what is in a GGUF file, read by our own reader; no library sees it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from quantize.gguf import header
from quantize.gguf.header import Array


def inspect(path: Path) -> dict[str, Any]:
    """Architecture, sizes, types and every tensor.

    Raises:
        InputError: it is no sound GGUF file.
    """
    head = header.read(path)
    weights = sum(t.weights for t in head.tensors)
    stored = sum(t.bytes for t in head.tensors)
    kinds: dict[str, int] = {}
    for tensor in head.tensors:
        kinds[tensor.type.name] = kinds.get(tensor.type.name, 0) + tensor.bytes
    return {
        "file": str(path),
        "kind": "gguf",
        "architecture": str(head.fields.get("general.architecture", "none")),
        "name": str(head.fields.get("general.name", "")),
        "version": head.version,
        "bytes": head.file_bytes,
        "weights": weights,
        "bits_per_weight": round(8 * stored / max(weights, 1), 4),
        "layers": head.number("block_count") if "general.architecture" in head.fields else None,
        "context": head.number("context_length") if "general.architecture" in head.fields else None,
        "bytes_by_type": dict(sorted(kinds.items(), key=lambda item: -item[1])),
        "fields": {
            key: f"{value.count} values" if isinstance(value, Array) else value
            for key, value in head.fields.items()
            if not key.startswith("tokenizer.chat_template")
        },
        "tensors": [
            {
                "name": t.name,
                "shape": "×".join(map(str, t.shape)),
                "type": t.type.name,
                "bits": t.type.bits,
                "bytes": t.bytes,
            }
            for t in head.tensors
        ],
    }
