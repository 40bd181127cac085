"""A fit gives a file that loads, or float stays; made again, or gone on with after a kill, it comes out the same."""

from __future__ import annotations

import dataclasses
import tempfile
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import helper

from quantize import manifest
from quantize.errors import InputError, OptionError, ToolError
from quantize.files import sha256
from quantize.journal import Journal
from quantize.onnx import guard
from quantize.onnx.calibrate import calibrate
from quantize.onnx.compare import compare
from quantize.onnx.fit import FitRequest, fit
from quantize.onnx.form import Form, tensors_of
from quantize.onnx.inputs import samples_of
from quantize.onnx.lab import finished
from quantize.onnx.measure import Reference
from quantize.onnx.plan import CHANNEL, Plan
from quantize.onnx.prepare import prepare
from quantize.onnx.preprocessing import Preprocessing, preset
from quantize.onnx.ranges import all_ways
from quantize.onnx.replay import replay
from quantize.onnx.session import open_session
from tests.quantize.onnx_models import model, samples, tiny
from tests.shared_data import shared


@pytest.fixture
def request_(tmp_path: Path) -> FitRequest:
    onnx.save(tiny(), tmp_path / "tiny.onnx")
    np.savez(tmp_path / "samples.npz", x=samples())
    return FitRequest(
        tmp_path / "tiny.onnx", tmp_path / "out", tmp_path / "samples.npz", speed=0.01, trials=2, seconds=0.005
    )


def test_a_fit_writes_a_file_that_loads_and_a_manifest_from_which_it_is_made_again(
    request_: FitRequest, tmp_path: Path
) -> None:
    """The manifest's recipe gives the same bytes, and the file says of which recipe it is."""
    found = fit(request_, tmp_path / "journal")
    assert found.feasible and found.out is not None and found.manifest is not None
    assert found.measured is not None and found.measured.more["sqnr_db"] > 20
    open_session(found.out)
    written = manifest.read(found.manifest)
    again = tmp_path / "again.onnx"
    assert replay(written, found.manifest, again) == sha256(found.out) == sha256(again) == written.out_sha256
    assert len(onnx.load(again).metadata_props) == 1
    assert found.to_json()["front"]


def test_a_fit_that_was_interrupted_goes_on_and_gives_the_same_file(
    request_: FitRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Times are kept too: a decision is not taken twice. The kill comes in the middle of the work."""
    kept = Journal.put
    left = [9]

    def put_some(self: Journal, key: str, value: object) -> None:
        left[0] -= 1
        if left[0] < 0:
            raise KeyboardInterrupt
        kept(self, key, value)

    monkeypatch.setattr(Journal, "put", put_some)
    with pytest.raises(KeyboardInterrupt):
        fit(request_, tmp_path / "journal")
    assert not list((tmp_path / "out").glob("*.onnx")) if (tmp_path / "out").exists() else True
    monkeypatch.setattr(Journal, "put", kept)
    first = fit(request_, tmp_path / "journal")
    assert first.out is not None
    digest = sha256(first.out)
    first.out.unlink()
    second = fit(request_, tmp_path / "journal")
    assert second.out is not None and sha256(second.out) == digest


def test_a_speed_that_cannot_be_had_is_said_with_the_nearest(request_: FitRequest, tmp_path: Path) -> None:
    found = fit(dataclasses.replace(request_, speed=90.0), tmp_path / "journal")
    assert not found.feasible and found.out is None and "fastest" in found.why


def test_a_size_is_kept_by_storing_weights_in_fewer_bits(request_: FitRequest, tmp_path: Path) -> None:
    whole = request_.model.stat().st_size
    found = fit(dataclasses.replace(request_, speed=None, size_bytes=whole), tmp_path / "journal")
    assert found.feasible and found.measured is not None and found.measured.bytes <= whole


def test_a_model_without_weights_stays_float_and_the_reason_is_said(tmp_path: Path) -> None:
    nodes = [helper.make_node("Relu", ["x"], ["y"])]
    onnx.save(model(nodes, {"x": [1, 4]}, {"y": [1, 4]}, {}), tmp_path / "relu.onnx")
    np.savez(tmp_path / "s.npz", x=np.ones((5, 1, 4), np.float32))
    found = fit(FitRequest(tmp_path / "relu.onnx", tmp_path / "out", tmp_path / "s.npz"), tmp_path / "journal")
    assert found.feasible and found.out is not None and "float stays" in found.why
    assert found.manifest is not None
    replay(manifest.read(found.manifest), found.manifest, tmp_path / "again.onnx")


def test_per_channel_scales_load_even_where_the_model_came_at_opset_11(tmp_path: Path) -> None:
    """onnxruntime's own quantizer writes a file there that onnxruntime refuses; here the opset is raised first."""
    onnx.save(tiny(opset=11), tmp_path / "old.onnx")
    np.savez(tmp_path / "samples.npz", x=samples(6))
    request = FitRequest(
        tmp_path / "old.onnx", tmp_path / "out", tmp_path / "samples.npz", speed=0.01, trials=1, seconds=0.005
    )
    found = fit(request, tmp_path / "journal")
    assert found.out is not None
    open_session(found.out)
    assert "int8" in {unit.choice for unit in found.units}


def test_replay_refuses_another_source_and_says_when_a_library_gives_other_bytes(
    request_: FitRequest, tmp_path: Path
) -> None:
    found = fit(request_, tmp_path / "journal")
    assert found.manifest is not None
    written = manifest.read(found.manifest)
    other = dataclasses.replace(written, out_sha256="0" * 64)
    with pytest.raises(ToolError, match="install"):
        replay(other, found.manifest, tmp_path / "again.onnx")
    assert not (tmp_path / "again.onnx").exists()
    request_.model.write_bytes(tiny(opset=16).SerializeToString())
    with pytest.raises(InputError, match="another file"):
        replay(written, found.manifest, tmp_path / "again.onnx")
    with pytest.raises(InputError, match="recipe"):
        replay(
            dataclasses.replace(written, recipe={"x": 1}, source_sha256=sha256(request_.model)),
            found.manifest,
            tmp_path / "a",
        )


def test_bounds_that_make_no_sense_are_refused(request_: FitRequest, tmp_path: Path) -> None:
    for change in ({"size_bytes": 0}, {"speed": -1.0}, {"threads": 0}):
        with pytest.raises(OptionError):
            fit(dataclasses.replace(request_, **change), tmp_path / "journal")


def test_a_comparison_has_a_row_for_each_file(request_: FitRequest, tmp_path: Path) -> None:
    """The reference beside itself loses nothing."""
    rows = compare(request_.model, [request_.model], request_.calibration, Preprocessing())["models"]
    assert rows[0]["sqnr_db"] == 200 and rows[0]["max_abs_err"] == 0
    assert rows[0]["speed_low"] <= rows[0]["speed_vs_ref"] <= rows[0]["speed_high"]


def test_a_real_detector_in_8_bits_is_close_and_its_operators_are_fused() -> None:
    """FastestDet, ranges of three pictures: less than half the bytes, and onnxruntime runs no convolution in float."""
    source = shared("vision/detect/FastestDet.onnx")
    form = Form(prepare(guard.load(source), source))
    session = open_session(source)
    pictures = samples_of(shared("vision/images"), session.inputs, preset("fastestdet"))
    ranges = all_ways(calibrate(form.graph.model, tensors_of(form), pictures.part(lambda i: i < 3)))["minmax"]
    made = finished(form, Plan({cluster.name: CHANNEL for cluster in form.clusters}, ranges))
    assert len(made) < 0.5 * source.stat().st_size
    assert Reference(session, pictures.part(lambda i: i == 0)).noise(open_session(made)).sqnr_db > 10
    assert {"QLinearConv", "Conv"} & set(operators_after_fusion(made)) == {"QLinearConv"}


def operators_after_fusion(model: bytes) -> list[str]:
    with tempfile.TemporaryDirectory() as folder:
        session = open_session(model, profile=Path(folder) / "profile")
        session.run({port.name: np.zeros([size or 1 for size in port.shape], np.float32) for port in session.inputs})
        return [kind for kind, _ in session.node_times().values()]


def test_every_kind_of_storage_loads_and_is_near(tmp_path: Path) -> None:
    """Weights in 16, 8 and 4 bits that are computed in float, and Gelu in 8 bits."""
    nodes = [
        helper.make_node("MatMul", ["x", "w"], ["m"]),
        helper.make_node("Div", ["m", "root"], ["d"]),
        helper.make_node("Erf", ["d"], ["e"]),
        helper.make_node("Add", ["e", "one"], ["p"]),
        helper.make_node("Mul", ["m", "p"], ["q"]),
        helper.make_node("Mul", ["q", "half"], ["g"]),
        helper.make_node("MatMul", ["g", "v"], ["y"]),
    ]
    dice = np.random.default_rng(0)
    weights = {"w": dice.normal(0, 0.2, (64, 48)), "v": dice.normal(0, 0.2, (48, 32))}
    weights |= {"root": np.array(2**0.5), "one": np.array(1.0), "half": np.array(0.5)}
    source = model(nodes, {"x": [1, 64]}, {"y": [1, 32]}, weights)
    form = Form(prepare(source, tmp_path / "m.onnx"))
    assert [node.op_type for node in form.graph.nodes] == ["MatMul", "Gelu", "MatMul"]
    x = {"x": dice.normal(0, 1, (1, 64)).astype(np.float32)}
    reference = Reference(open_session(source.SerializeToString()), [x])
    ranges = all_ways(calibrate(form.graph.model, tensors_of(form), [x]))["minmax"]
    for choice, least in (("float16", 50), ("int8-stored", 30), ("int4", 12), ("int8", 25), ("int8-tensor", 20)):
        plan = Plan({cluster.name: choice for cluster in form.clusters}, ranges)
        noise = reference.noise(open_session(finished(form, plan)))
        assert noise.sqnr_db > least, choice
