"""Hostile and broken ONNX files are refused in one sentence, before a native library sees them in our process."""

from __future__ import annotations

import random
from contextlib import suppress
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from quantize.errors import InputError
from quantize.onnx import guard
from quantize.onnx.inspect import inspect
from quantize.onnx.trial import Trial
from tests.quantize.onnx_models import tiny


def refused(path: Path) -> str:
    with pytest.raises(InputError) as found:
        guard.load(path)
    text = str(found.value)
    assert str(path) in text and ":" in text and "\n" not in text
    return text


def test_a_file_that_is_no_model_is_refused(tmp_path: Path) -> None:
    """Text, an empty file, a folder, nothing at all."""
    (tmp_path / "text.onnx").write_text("hello")
    (tmp_path / "empty.onnx").write_bytes(b"")
    (tmp_path / "folder.onnx").mkdir()
    for name in ("text.onnx", "empty.onnx", "folder.onnx", "missing.onnx"):
        refused(tmp_path / name)


def test_a_truncated_model_is_refused(tmp_path: Path) -> None:
    """At any length: protobuf, our own rules or the trial say no."""
    whole = tiny().SerializeToString()
    path = tmp_path / "cut.onnx"
    with Trial() as trial:
        for length in range(10, len(whole), len(whole) // 12):
            path.write_bytes(whole[:length])
            with pytest.raises(InputError):
                trial.open(path)


@pytest.mark.parametrize(
    "location", ["../secret.bin", "/etc/passwd", "link.bin", "sub/../../secret.bin", "", "absent.bin"]
)
def test_external_data_outside_the_models_folder_are_never_opened(tmp_path: Path, location: str) -> None:
    """By parent folders, by an absolute path, by a symbolic link."""
    (tmp_path / "secret.bin").write_bytes(bytes(1000))
    folder = tmp_path / "model"
    folder.mkdir()
    (folder / "link.bin").symlink_to(tmp_path / "secret.bin")
    path = folder / "m.onnx"
    onnx.save(with_external(location, 16), path)
    assert "folder" in refused(path) or "all its files" in refused(path)


def test_external_data_within_the_folder_are_read(tmp_path: Path) -> None:
    model = tiny()
    weights = numpy_helper.to_array(model.graph.initializer[0])
    (tmp_path / "w.bin").write_bytes(bytes(8) + weights.tobytes())
    onnx.save(with_external("w.bin", weights.nbytes, offset=8), tmp_path / "m.onnx")
    loaded = guard.load(tmp_path / "m.onnx")
    assert np.array_equal(numpy_helper.to_array(loaded.graph.initializer[0]), weights)


def test_external_data_that_are_too_short_are_refused(tmp_path: Path) -> None:
    (tmp_path / "w.bin").write_bytes(bytes(10))
    onnx.save(with_external("w.bin", 10_000_000), tmp_path / "m.onnx")
    assert "asks for 10000000 bytes" in refused(tmp_path / "m.onnx")


def test_data_that_do_not_fit_their_shape_are_refused(tmp_path: Path) -> None:
    """A claim of terabytes with 16 bytes behind it, and a negative size."""
    for dims in ([1 << 40], [-4]):
        model = tiny()
        del model.graph.initializer[0].dims[:]
        model.graph.initializer[0].dims.extend(dims)
        (tmp_path / "m.onnx").write_bytes(model.SerializeToString())
        assert "damaged" in refused(tmp_path / "m.onnx")


def test_a_model_that_asks_for_a_terabyte_when_it_is_opened_is_refused(tmp_path: Path) -> None:
    """Folding the constant would allocate it; the process that tries has little memory."""
    shape = numpy_helper.from_array(np.array([1 << 19, 1 << 19], np.int64), "shape")
    one = numpy_helper.from_array(np.ones(1, np.float32), "one")
    node = helper.make_node("Expand", ["one", "shape"], ["y"])
    out = helper.make_tensor_value_info("y", TensorProto.FLOAT, [None, None])
    model = helper.make_model(
        helper.make_graph([node], "g", [], [out], [shape, one]), opset_imports=[helper.make_opsetid("", 17)]
    )
    model.ir_version = 8
    (tmp_path / "m.onnx").write_bytes(model.SerializeToString())
    with Trial() as trial:
        with pytest.raises(InputError):
            trial.open(tmp_path / "m.onnx")
        (tmp_path / "good.onnx").write_bytes(tiny().SerializeToString())
        trial.open(tmp_path / "good.onnx")  # the next file is opened as if nothing had been


def test_mutated_models_are_opened_or_refused_and_nothing_else_happens(tmp_path: Path) -> None:
    """300 files; the benchmark has 10,000."""
    whole = tiny().SerializeToString()
    path = tmp_path / "m.onnx"
    dice = random.Random(5)
    opened = 0
    for _ in range(300):
        path.write_bytes(mutated(whole, dice))
        try:
            guard.load(path)
            inspect(path)
            opened += 1
        except InputError:
            continue
    assert 0 < opened < 300
    with Trial() as trial:
        for _ in range(25):
            path.write_bytes(mutated(whole, dice))
            with suppress(InputError):
                trial.open(path)


def mutated(data: bytes, dice: random.Random) -> bytes:
    """One to four bytes changed, or a piece cut out, doubled, or set to 255."""
    found = bytearray(data)
    way = dice.randrange(4)
    start = dice.randrange(len(found))
    length = dice.randrange(1, 40)
    if way == 0:
        for _ in range(dice.randrange(1, 5)):
            found[dice.randrange(len(found))] = dice.randrange(256)
    elif way == 1:
        del found[start : start + length]
    elif way == 2:
        found[start:start] = found[start : start + length]
    else:
        found[start : start + length] = b"\xff" * length
    return bytes(found)


def with_external(location: str, length: int, offset: int = 0) -> onnx.ModelProto:
    model = tiny()
    tensor = model.graph.initializer[0]
    tensor.ClearField("raw_data")
    tensor.data_location = TensorProto.EXTERNAL
    for key, value in (("location", location), ("offset", str(offset)), ("length", str(length))):
        tensor.external_data.add(key=key, value=value)
    return model
