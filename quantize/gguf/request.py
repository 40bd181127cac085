"""What is asked of a fit, and the checks of the model that it is asked for."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from quantize.errors import InputError
from quantize.gguf import header, plan
from quantize.gguf.types import FLOAT

DEFAULT_KL: Final = 0.01
"""nats, where no bound was asked: about the loss of llama.cpp's Q5_K_M on an 8-billion model (tools/perplexity/README.md)"""


@dataclass(frozen=True, slots=True)
class FitRequest:
    """What was asked."""

    model: Path
    """float GGUF"""
    out: Path
    """folder"""
    calibration: tuple[Path, ...]
    evaluation: Path | None = None
    size_bytes: int | None = None
    tok_s: float | None = None
    max_kl: float | None = None
    memory_bytes: int | None = None
    """of weights and KV cache"""
    context: int | None = None
    """tokens of the KV cache; None: what the model was trained for"""
    device: Any = None
    """`quantize.device.DeviceProfile`; None: this machine"""
    threads: int = 1

    @property
    def memory(self) -> int | None:
        """What was asked, or what the device has."""
        if self.memory_bytes is not None or self.device is None:
            return self.memory_bytes
        return int(self.device.memory_bytes) if self.device.memory_bytes else None

    def bounds(self) -> dict[str, float]:
        """Those that were asked."""
        asked = {
            "size_bytes": self.size_bytes, "tok_s": self.tok_s, "max_kl": self.max_kl, "memory_bytes": self.memory_bytes,
        }  # fmt: skip
        return {k: v for k, v in asked.items() if v is not None}


def label(request: FitRequest) -> str:
    """The bounds, for a file's name: "4.5MB-20tok_s"."""
    parts = []
    if request.size_bytes is not None:
        parts.append(f"{request.size_bytes / 1e6:.6g}MB")
    if request.tok_s is not None:
        parts.append(f"{request.tok_s:g}tok_s")
    if request.max_kl is not None:
        parts.append(f"kl{request.max_kl:g}")
    if request.memory_bytes is not None:
        parts.append(f"{request.memory_bytes / 1e6:.6g}MB_memory")
    if request.device is not None:
        parts.append(str(request.device.name))
    return "-".join(parts) or "fitted"


def read_float(path: Path) -> header.Header:
    """The head of a float model that can be quantized.

    Raises:
        InputError: it is quantized already, one part of several, or has nothing to quantize.
    """
    head = header.read(path)
    parts = head.fields.get("split.count")
    if isinstance(parts, int) and parts > 1:
        raise InputError(f"{path} is one of {parts} parts: merge them first with llama-gguf-split --merge")
    if head.alignment != plan.ALIGNMENT:
        raise InputError(
            f"{path} is aligned to {head.alignment} bytes, llama.cpp quantizes only {plan.ALIGNMENT}: convert it again"
        )
    quantized = [t for t in head.tensors if t.type.name not in FLOAT and t.name.endswith("weight")]
    if quantized:
        name = f"{quantized[0].name} is {quantized[0].type.name}"
        raise InputError(f"{path} is quantized already ({name}): give the float file that it was made of")
    if not plan.quantizable(head):
        raise InputError(f"{path} has no weights that can be quantized: give a language model")
    return head
