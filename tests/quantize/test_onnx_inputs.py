"""Calibration data become the model's inputs as its author prepares them, or are refused in words."""

from __future__ import annotations

import tracemalloc
import wave
from pathlib import Path

import cv2
import numpy as np
import pytest

from quantize.errors import InputError, OptionError
from quantize.onnx.inputs import samples_of
from quantize.onnx.preprocessing import PRESETS, Preprocessing, preset
from quantize.onnx.ranges import Histogram, choose
from quantize.onnx.session import Port

PICTURE = Port("x", (1, 3, 32, 48), "float32")
SOUND = Port("x", (None, 100), "float32")


def write_picture(path: Path, width: int = 60, height: int = 20) -> None:
    image = np.zeros((height, width, 3), np.uint8)
    image[:, :, 0] = 255  # blue
    cv2.imwrite(str(path), image)


def write_sound(path: Path, width: int = 2, channels: int = 1, count: int = 450, rate: int = 16000) -> None:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(width)
        file.setframerate(rate)
        file.writeframes(bytes(count * width * channels))


def refused(path: Path, ports: list[Port], how: Preprocessing | None = None) -> str:
    with pytest.raises(InputError) as found:
        for _ in samples_of(path, ports, how or Preprocessing()):
            pass
    assert "\n" not in str(found.value)
    return str(found.value)


def test_a_picture_has_the_models_shape_order_and_scale(tmp_path: Path) -> None:
    """Blue is the first channel in BGR and the last in RGB; grey is around a letterbox."""
    write_picture(tmp_path / "a.png")
    (bgr,) = samples_of(tmp_path, [PICTURE], Preprocessing(order="bgr"))
    assert bgr["x"].shape == (1, 3, 32, 48) and bgr["x"].dtype == np.float32
    assert bgr["x"][0, 0].min() == 1 and bgr["x"][0, 2].max() == 0
    (rgb,) = samples_of(tmp_path, [PICTURE], Preprocessing(fit="corner", scale=1, grey=114))
    assert rgb["x"][0, 2, 0, 0] == 255 and rgb["x"][0, 0, -1, -1] == 114
    (middle,) = samples_of(tmp_path, [PICTURE], Preprocessing(fit="letterbox", scale=1, grey=7))
    assert middle["x"][0, 0, 0, 0] == 7 and middle["x"][0, 2, 16, 24] == 255
    (last,) = samples_of(tmp_path, [Port("x", (1, 32, 48, 3), "float32")], Preprocessing())
    assert last["x"].shape == (1, 32, 48, 3)


@pytest.mark.parametrize("name", [name for name, how in PRESETS.items() if how.size])
def test_every_preset_fills_a_model_with_free_sizes(tmp_path: Path, name: str) -> None:
    write_picture(tmp_path / "a.png", 700, 500)
    height = 48 if name == "ppocr_rec" else None
    (sample,) = samples_of(tmp_path, [Port("x", (None, 3, height, None), "float32")], preset(name))
    assert sample["x"].shape[:2] == (1, 3) and np.isfinite(sample["x"]).all()
    if name in ("ppocr_det", "yunet"):
        assert all(side % 32 == 0 for side in sample["x"].shape[2:])


def test_an_unknown_preset_is_refused_with_the_known_ones() -> None:
    with pytest.raises(OptionError, match="yolox"):
        preset("resnet")


def test_shuffled_samples_are_all_there_in_one_and_the_same_order_without_the_folders_rhythm(tmp_path: Path) -> None:
    """Of 64 samples whose every fourth differs, no part dealt out by four has all or none of those."""
    np.savez(tmp_path / "x.npz", x=np.arange(64, dtype=np.float32)[:, None, None])
    samples = samples_of(tmp_path / "x.npz", [Port("x", (1, 1), "float32")], Preprocessing())
    first, again = ([float(s["x"].item()) for s in samples.shuffled()] for _ in range(2))
    assert first == again != sorted(first) and sorted(first) == list(range(64))
    for part in range(4):
        odd = [value % 4 == 3 for index, value in enumerate(first) if index % 4 == part]
        assert any(odd) and not all(odd)


def test_sounds_are_cut_into_windows_of_the_models_length(tmp_path: Path) -> None:
    write_sound(tmp_path / "a.wav")
    found = list(samples_of(tmp_path, [SOUND], Preprocessing(rate_hz=16000)))
    assert len(found) == 4 and found[0]["x"].shape == (1, 100)


def test_sounds_of_another_kind_are_refused(tmp_path: Path) -> None:
    """Eight bits, stereo, another rate, too short, none at all."""
    for name, options, sign in (
        ("eight", {"width": 1}, "8 bits"),
        ("stereo", {"channels": 2}, "2 channels"),
        ("rate", {"rate": 8000}, "8000 Hz"),
        ("short", {"count": 50}, "100 samples"),
    ):
        (tmp_path / name).mkdir()
        write_sound(tmp_path / name / "a.wav", **options)
        assert sign in refused(tmp_path / name, [SOUND], Preprocessing(rate_hz=16000))
    (tmp_path / "text").mkdir()
    (tmp_path / "text" / "a.wav").write_text("no sound")
    assert "no WAV file" in refused(tmp_path / "text", [SOUND])


def test_folders_without_data_or_with_broken_data_are_refused(tmp_path: Path) -> None:
    (tmp_path / "none").mkdir()
    assert "no pictures" in refused(tmp_path / "none", [PICTURE])
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "a.jpg").write_text("no picture")
    assert "no picture" in refused(tmp_path / "broken", [PICTURE])
    write_picture(tmp_path / "a.png")
    assert "picture's size free" in refused(tmp_path, [Port("x", (1, 3, None, None), "float32")])
    assert "in an .npz" in refused(tmp_path, [PICTURE, PICTURE])
    assert "as an .npz" in refused(tmp_path, [Port("x", (1, 10), "float32")])
    write_sound(tmp_path / "a.wav")
    assert "folder of their own" in refused(tmp_path, [PICTURE])
    assert "check the path" in refused(tmp_path / "nothing", [PICTURE])


def test_arrays_must_have_the_models_names_shapes_and_types(tmp_path: Path) -> None:
    """And at least one sample, the same number in each; pickles are not opened."""
    good = np.zeros((3, 1, 3, 32, 48), np.float32)
    path = tmp_path / "s.npz"
    np.savez(path, x=good)
    assert len(samples_of(path, [PICTURE], Preprocessing())) == 3
    for arrays, sign in (
        ({"y": good}, "has y"),
        ({"x": good[:0]}, "at least one"),
        ({"x": good[:, 0]}, "first axis"),
        ({"x": good.astype(np.float64)}, "float64"),
        ({"x": np.array([{}], object)}, "plain arrays"),
    ):
        np.savez(path, **arrays)
        assert sign in refused(path, [PICTURE])
    np.savez_compressed(path, x=good + 1)
    assert next(iter(samples_of(path, [PICTURE], Preprocessing())))["x"].max() == 1
    path.write_bytes(b"PK nothing")
    assert "plain arrays" in refused(path, [PICTURE])


def test_a_histogram_takes_any_number_of_values_in_the_same_memory() -> None:
    """And in any order: its width is a power of two that grows by adding neighbours."""
    dice = np.random.default_rng(0)
    pieces = [dice.normal(0, spread, 1000).astype(np.float32) for spread in (0.01, 5, 300, 1)]
    one, other = Histogram(), Histogram()
    for piece in pieces:
        one.add(piece)
    for piece in reversed(pieces):
        other.add(piece)
    assert np.array_equal(one.counts, other.counts) and (one.low, one.high) == (other.low, other.high)
    assert one.counts.sum() == 4000
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    for _ in range(50):
        one.add(pieces[1])
    assert tracemalloc.get_traced_memory()[0] - before < 100_000
    tracemalloc.stop()


def test_ranges_leave_out_what_is_rare_and_keep_zero() -> None:
    histogram = Histogram()
    values = np.concatenate([np.random.default_rng(0).uniform(0.1, 1, 50_000), [100.0]])
    histogram.add(values.astype(np.float32))
    assert choose(histogram, "minmax") == (0.0, 100.0)
    assert choose(histogram, "p99.9")[1] < 1.2
    assert 0 == choose(histogram, "mse")[0] < choose(histogram, "mse")[1] <= 100
    histogram.add(np.array([np.inf, -np.inf, 0.5], np.float32))
    assert choose(histogram, "minmax") == (0.0, 100.0)
    empty = Histogram()
    empty.add(np.zeros(4, np.float32))
    assert choose(empty, "mse") == (0.0, 0.0)
