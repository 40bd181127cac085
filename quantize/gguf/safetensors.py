"""Checks a Hugging Face directory before any converter reads it: safetensors only, whole, within their file; no code.

The format: eight bytes of header length, a JSON object {name: {dtype, shape, data_offsets}}, then the numbers
(https://github.com/huggingface/safetensors#format). Pickles can run code when they are read, so they are refused.
"""

from __future__ import annotations

import json
import math
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from quantize.errors import InputError

BYTES: Final = {
    "F64": 8, "F32": 4, "F16": 2, "BF16": 2, "F8_E4M3": 1, "F8_E5M2": 1,
    "I64": 8, "I32": 4, "I16": 2, "I8": 1, "U8": 1, "BOOL": 1,
}  # fmt: skip
_HEADER_MAX: Final = 100_000_000
"""the format's own limit"""
_PICKLES: Final = (".bin", ".pt", ".pth", ".ckpt", ".pkl")
KEPT: Final = (".json", ".safetensors", ".model", ".txt", ".jinja")
"""what a converter needs of a directory; nothing else is shown to it"""


def check_directory(folder: Path) -> tuple[list[Path], int]:
    """The files that a converter may see, and how many tensors they hold.

    Raises:
        InputError: no model, pickles instead of safetensors, code that the model's loader would run, or a corrupt file.
    """
    if not folder.is_dir():
        raise InputError(f"{folder} is no directory: give the folder of a Hugging Face model, with its config.json")
    described = [_json(folder / "config.json")]
    if (folder / "tokenizer_config.json").is_file():
        described.append(_json(folder / "tokenizer_config.json"))
    if any("auto_map" in config for config in described):
        raise InputError(f"{folder} asks for the model's own code to be run (auto_map in a config): it is refused")
    weights = sorted(folder.glob("model*.safetensors"))
    if not weights:
        pickles = [path.name for path in folder.iterdir() if path.suffix in _PICKLES]
        if pickles:
            raise InputError(f"{folder}/{pickles[0]} is a pickle, which can run code: get the model as safetensors")
        raise InputError(f"{folder} has no model*.safetensors: get the model as safetensors")
    seen = [path for path in sorted(folder.iterdir()) if path.suffix in KEPT and path.is_file()]
    for path in seen:
        is_inside = folder.resolve() in path.resolve().parents
        if not is_inside and not _is_hub_blob(folder, path):
            raise InputError(f"{path} leads out of its folder: copy the file into it")
    return seen, sum(1 for path in weights for _ in tensors(path))


def tensors(path: Path) -> Iterator[tuple[str, str, tuple[int, ...]]]:
    """Name, type and shape of each tensor of a file.

    Raises:
        InputError: the header is too long or no JSON, or a tensor lies outside of the file, over another or has a gap.
    """
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            (length,) = struct.unpack("<Q", file.read(8))
            if length > min(_HEADER_MAX, size - 8):
                raise InputError(f"{path} is cut off or no safetensors file: its header is longer than the file")
            header = json.loads(file.read(length))
    except (OSError, struct.error, UnicodeDecodeError, RecursionError, json.JSONDecodeError) as error:
        raise InputError(f"{path} is no safetensors file ({error}): download it again") from error
    if not isinstance(header, dict):
        raise InputError(f"{path} is no safetensors file (its header is no object): download it again")
    header.pop("__metadata__", None)
    spans: list[tuple[int, int]] = []
    for name, entry in header.items():
        dtype, shape, begin, end = _entry(path, name, entry)
        if end - begin != math.prod(shape) * BYTES[dtype]:
            raise InputError(f"{path}: tensor {name!r} is {end - begin} bytes long, not what its shape says")
        spans.append((begin, end))
        yield name, dtype, shape
    spans.sort()
    ends = [0, *(end for _, end in spans)]
    if any(begin != before for (begin, _), before in zip(spans, ends, strict=False)) or ends[-1] != size - 8 - length:
        raise InputError(f"{path} is cut off, or its tensors lie over each other: download it again")


def _entry(path: Path, name: str, entry: Any) -> tuple[str, tuple[int, ...], int, int]:
    try:
        dtype, shape, (begin, end) = entry["dtype"], tuple(entry["shape"]), entry["data_offsets"]
    except (TypeError, KeyError, ValueError) as error:
        raise InputError(f"{path}: tensor {name!r} has no type, shape and place: download it again") from error
    numbers = (*shape, begin, end)
    are_counts = all(type(n) is int and 0 <= n < 1 << 62 for n in numbers)
    if dtype not in BYTES or len(shape) > 8 or not are_counts or end < begin:
        raise InputError(f"{path}: tensor {name!r} has a type, shape or place that cannot be: download it again")
    return dtype, shape, begin, end


def _json(path: Path) -> dict[str, Any]:
    try:
        if path.stat().st_size > _HEADER_MAX:
            raise InputError(f"{path} is too large for what it should be")
        read = json.loads(path.read_text())
    except (OSError, UnicodeDecodeError, RecursionError, json.JSONDecodeError) as error:
        raise InputError(f"{path} is missing or no JSON ({error}): give the folder of a Hugging Face model") from error
    if not isinstance(read, dict):
        raise InputError(f"{path} is no JSON object: give the folder of a Hugging Face model")
    return read


def _is_hub_blob(folder: Path, path: Path) -> bool:
    """Whether it is a link of a hub's cache: snapshots/REVISION/name → ../../blobs/CHECKSUM."""
    return folder.parent.name == "snapshots" and path.resolve().parent == (folder.parent.parent / "blobs").resolve()
