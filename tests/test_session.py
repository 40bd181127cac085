"""The one place onnxruntime is configured: every bad file and input is one sentence."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from edge.errors import ModelError
from edge.perception.text_models import packaged_model
from edge.session import Session, open_session


@pytest.fixture(scope="module")
def recogniser() -> Session:
    return open_session(packaged_model("*_rec_*.onnx"))


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    """The path and what to do are in the sentence."""
    with pytest.raises(ModelError, match=r"nowhere\.onnx is not there; check the path"):
        open_session(tmp_path / "nowhere.onnx")


@pytest.mark.parametrize("content", [b"", b"not a model", b"\x08\x07" * 400], ids=["empty", "text", "noise"])
def test_a_file_that_is_not_onnx_is_named(tmp_path: Path, content: bytes) -> None:
    """Nothing of onnxruntime's own exceptions gets out."""
    path = tmp_path / "bad.onnx"
    path.write_bytes(content)
    with pytest.raises(ModelError, match=r"bad\.onnx \(\d+ bytes\) is not an ONNX model"):
        open_session(path)


def test_a_truncated_model_is_named(tmp_path: Path) -> None:
    """A download that stopped half-way."""
    path = tmp_path / "half.onnx"
    path.write_bytes(packaged_model("*_det_*.onnx").read_bytes()[:1_000_000])
    with pytest.raises(ModelError, match=r"half\.onnx .* may be truncated"):
        open_session(path)


def test_ports_that_do_not_fit_are_told(recogniser: Session) -> None:
    """Found and wanted shapes are in the sentence."""
    with pytest.raises(ModelError, match=r"is not a YOLOX model: its outputs are .* where \[1, \?, 85\] should be"):
        recogniser.expect("a YOLOX model", [(1, 3, None, None)], [(1, None, 85)])


def test_inputs_that_do_not_fit_are_told(recogniser: Session) -> None:
    """Too many inputs, and one of a wrong size."""
    with pytest.raises(ModelError, match="takes 1 inputs, not 2"):
        recogniser.run(np.zeros(1), np.zeros(1))
    with pytest.raises(ModelError, match="failed on its input"):
        recogniser.run(np.zeros((1, 3, 7, 192), np.float32))


def test_a_good_model_tells_its_ports_and_metadata(recogniser: Session) -> None:
    """Free sizes are None, and the character list is there."""
    assert recogniser.inputs[0].shape == (None, 3, 48, None)
    assert "A" in recogniser.metadata["character"]


@pytest.mark.parametrize("module", ["edge.session", "quantize.onnx.session"])
def test_onnxruntime_collects_nothing_about_what_is_run(module: str, tmp_path: Path) -> None:
    """Without our word it keeps an id of the device and a database of events for its maker, from the first model on."""
    model = packaged_model("*_det_*.onnx")
    said_nothing = f"import {module}, onnxruntime; onnxruntime.InferenceSession({str(model)!r})"
    kept = {"XDG_CACHE_HOME": str(tmp_path / "cache"), "HOME": str(tmp_path / "home")}
    subprocess.run([sys.executable, "-c", said_nothing], env=os.environ | kept, check=True)
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]
