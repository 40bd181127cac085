"""The manifest beside every file that is made: what it was made of and how, enough to make it again bit by bit."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from quantize.errors import InputError
from quantize.files import written

FORMAT: Final = 1


@dataclass(frozen=True, slots=True)
class Manifest:
    """How one file was made. Paths are as given; checksums decide."""

    kind: str
    """gguf or onnx"""
    source: str
    source_sha256: str
    out: str
    """name of the made file, beside the manifest"""
    out_sha256: str
    recipe: Mapping[str, Any]
    """everything that its bytes depend on: type of each tensor, importance matrix, ranges, options, seed"""
    versions: Mapping[str, str]
    """of the libraries whose work is in the bytes"""
    facts: Mapping[str, Any]
    """for people: predicted and measured scores, device, calibration files and their checksums, intervals"""


def write(path: Path, manifest: Manifest) -> None:
    """Raises OutputError."""
    fields = {name: getattr(manifest, name) for name in Manifest.__slots__}
    with written(path) as part:
        part.write_text(json.dumps({"format": FORMAT} | fields, indent=1) + "\n")


def read(path: Path) -> Manifest:
    """Raises InputError."""
    try:
        fields = json.loads(path.read_text())
    except (OSError, ValueError) as error:
        raise InputError(f"{path} is no manifest ({error}): give the .json that fit wrote beside its file") from error
    names = set(Manifest.__slots__)
    if not isinstance(fields, dict) or fields.pop("format", None) != FORMAT or set(fields) != names:
        raise InputError(f"{path} is no manifest of this version: give the .json that fit wrote beside its file")
    if any(not isinstance(fields[name], str) for name in names - {"recipe", "versions", "facts"}):
        raise InputError(f"{path} is no manifest of this version: a field has the wrong type")
    return Manifest(**fields)
