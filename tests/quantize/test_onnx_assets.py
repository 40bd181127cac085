"""The quantized models that the runtime brings along are what their manifests say, and can be made again."""

from __future__ import annotations

import dataclasses
import shutil
from pathlib import Path

import pytest

from edge.perception.text_models import ASSETS, PATTERNS, packaged_model
from quantize import manifest
from quantize.files import sha256
from quantize.onnx.fit import versions
from quantize.onnx.replay import replay


@pytest.mark.parametrize("kind", sorted(path.stem for path in ASSETS.glob("*.json")))
def test_a_model_in_8_bits_is_made_again_from_the_packaged_one(kind: str, tmp_path: Path) -> None:
    """The same bytes, where the libraries are those of the manifest."""
    written = manifest.read(ASSETS / f"{kind}.json")
    assert sha256(ASSETS / f"{kind}.onnx") == written.out_sha256
    source = packaged_model(PATTERNS[kind])
    assert sha256(source) == written.source_sha256
    assert written.facts["licence"] == "Apache-2.0"
    if dict(written.versions) != versions():
        pytest.skip(f"made with {dict(written.versions)}, here are {versions()}")
    shutil.copy(source, tmp_path / source.name)
    given = dataclasses.replace(written, source=source.name)
    assert replay(given, tmp_path / "m.json", tmp_path / "again.onnx") == written.out_sha256
