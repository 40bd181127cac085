"""Text: what is read in drawn and real pictures, turned and tiny ones included, and wrong models."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import cv2
import numpy as np
import pytest

from edge.errors import ModelError
from edge.perception.ocr_ppocr import Options, PpOcr, build, decode
from edge.perception.text_models import packaged_model, text_model
from edge.perception.text_regions import faint_regions, is_cut, tiles
from edge.types import LookCloser, Looked, Work
from tests.perception.pictures import Image, look, sign
from tests.shared_data import shared


@pytest.fixture(scope="module")
def ocr() -> PpOcr:
    return build(Options())


def test_a_drawn_sign_is_read_in_reading_order(ocr: PpOcr) -> None:
    """With marks of one detection and one recognition a line."""
    marks, looked = look(ocr, sign("CAFE LUNA", "ESPRESSO 2.50", "OPEN 9:00 - 18:00"))
    assert [s.label for s in looked.seen] == ["CAFE LUNA", "ESPRESSO 2.50", "OPEN 9:00 - 18:00"]
    assert [m.name for m in marks] == ["ocr_detect"] + 3 * ["ocr_recognise"]
    assert all(m.units >= 0.6 for m in marks)
    assert looked.seen[0].box_xyxy[1] < 0.25 < looked.seen[1].box_xyxy[1] < looked.seen[2].box_xyxy[1]


@pytest.mark.parametrize("turn", [cv2.ROTATE_90_CLOCKWISE, cv2.ROTATE_90_COUNTERCLOCKWISE])
def test_a_line_that_runs_up_or_down_is_read(ocr: PpOcr, turn: int) -> None:
    """A shop sign on its side."""
    picture = np.asarray(cv2.rotate(sign("PLATFORM 7"), turn), np.uint8)
    assert [s.label for s in look(ocr, picture)[1].seen] == ["PLATFORM 7"]


def test_a_sign_seen_at_an_angle_is_read(ocr: PpOcr) -> None:
    """A tilt of 20 degrees."""
    tilt = cv2.getRotationMatrix2D((320, 120), 20, 1.0)
    picture = np.asarray(cv2.warpAffine(sign("ROOM 214"), tilt, (640, 480), borderValue=(120, 120, 120)), np.uint8)
    assert [s.label for s in look(ocr, picture)[1].seen] == ["ROOM 214"]


@pytest.mark.parametrize("shape", [(1, 1, 3), (2, 900, 3), (480, 640, 3), (1080, 1920, 3)])
def test_an_empty_picture_of_any_size_has_no_text(ocr: PpOcr, shape: tuple[int, int, int]) -> None:
    """One pixel, a strip, HD."""
    assert look(ocr, np.full(shape, 90, np.uint8))[1].seen == ()


def test_noise_has_no_text(ocr: PpOcr) -> None:
    """Nothing is made up."""
    noise = np.random.default_rng(3).integers(0, 255, (480, 640, 3), dtype=np.uint8)
    assert look(ocr, noise)[1].seen == ()


def test_a_real_plaque_is_read(ocr: PpOcr) -> None:
    """The level lines of the shared picture."""
    picture = cv2.imread(str(shared("ocr/mmocr/demo/demo_text_det.jpg")))
    text = " ".join(s.label for s in look(ocr, picture)[1].seen)
    assert "Octavia Hill Social Reformer" in text
    assert "1887-90" in text


def test_greedy_ctc_drops_blanks_and_repeats() -> None:
    """`a a - a b` is `aab`."""
    probability = np.full((5, 3), 0.1, np.float32)
    probability[np.arange(5), [1, 1, 0, 1, 2]] = 0.8
    assert decode(probability, ["", "a", "b"]) == ("aab", pytest.approx(0.8))
    assert decode(probability[2:3], ["", "a", "b"]) == ("", 0.0)


def test_swapped_models_are_refused() -> None:
    """The recogniser as detector, the detector as recogniser."""
    detector, recogniser = (str(packaged_model(f"*_{kind}_*.onnx")) for kind in ("det", "rec"))
    with pytest.raises(ModelError, match="is not a PP-OCR text detector"):
        build(Options(detector=recogniser))
    with pytest.raises(ModelError, match="is not a PP-OCR recogniser"):
        build(Options(recogniser=detector))


def test_the_models_in_8_bits_are_run_when_they_are_asked_for() -> None:
    """They read a sign as the float ones do."""
    assert text_model("detector", "") == packaged_model("*_det_*.onnx")
    ocr = build(Options(detector="8-bit", recogniser="8-bit"))
    assert [s.label for s in look(ocr, sign("CAFE LUNA", "OPEN 9:00 - 18:00"))[1].seen] == [
        "CAFE LUNA",
        "OPEN 9:00 - 18:00",
    ]


def test_without_the_rapidocr_package_ours_in_8_bits_are_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    assert text_model("recogniser", "") == text_model("recogniser", "8-bit")
    assert text_model("detector", "mine.onnx") == Path("mine.onnx")


def test_a_wrong_list_of_characters_is_refused(tmp_path: Path) -> None:
    """Too short, or not there."""
    short = tmp_path / "short.txt"
    short.write_text("a\nb\n")
    with pytest.raises(ModelError, match=r"short\.txt lists 2 characters where .* 18710 outputs"):
        build(Options(characters=str(short)))
    with pytest.raises(ModelError, match=r"none\.txt cannot be read as a list of characters"):
        build(Options(characters=str(tmp_path / "none.txt")))


def small_print(*lines: str, size: tuple[int, int] = (1080, 1920)) -> Image:
    """Lines 14 pixels high on a sign in the middle of a large picture."""
    image = np.full((*size, 3), 120, np.uint8)
    y, x = size[0] // 2, size[1] // 2
    cv2.rectangle(image, (x - 20, y - 30), (x + 280, y + 40 * len(lines)), (235, 240, 240), -1)
    for i, line in enumerate(lines):
        cv2.putText(image, line, (x, y + 40 * i), cv2.FONT_HERSHEY_SIMPLEX, 0.65, (30, 20, 20), 2, cv2.LINE_AA)
    return image


def look_closer(ocr: PpOcr, first: Looked) -> tuple[list[Work], Looked]:
    *marks, closer = ocr.process(LookCloser(first.t_ns, first.unsure))
    assert all(isinstance(mark, Work) for mark in marks)
    assert isinstance(closer, Looked)
    assert closer.is_closer
    return marks, closer  # type: ignore[return-value]  # both were found


def test_small_print_is_read_in_a_second_look_at_less_than_half_the_cost(ocr: PpOcr) -> None:
    """The first look, reduced to a quarter, reads one line and says where it is unsure; the second looks there only."""
    _, first = look(ocr, small_print("ESPRESSO 2.50", "OPEN 9:00 - 18:00"))
    assert [s.label for s in first.seen] == ["OPEN 9:00 - 18:00"]
    marks, closer = look_closer(ocr, first)
    assert [s.label for s in closer.seen] == ["ESPRESSO 2.50"]
    assert sum(mark.units for mark in marks if mark.name == "ocr_detect") < 0.5
    x0, y0, x1, y1 = closer.seen[0].box_xyxy
    assert 0.49 < x0 < x1 < 0.61
    assert 0.47 < y0 < y1 < 0.52


def test_the_detector_is_unsure_of_nothing_that_it_read_well_or_saw_in_full(ocr: PpOcr) -> None:
    """Large letters in a large picture, and small ones in a picture that was hardly reduced."""
    large = np.asarray(cv2.resize(sign("CAFE LUNA"), (1920, 1080)), np.uint8)
    assert [s.label for s in look(ocr, large)[1].seen] == ["CAFE LUNA"]
    assert look(ocr, large)[1].unsure == ()
    assert look(ocr, small_print("ESPRESSO 2.50", size=(480, 640)))[1].unsure == ()


def test_a_picture_that_is_no_longer_there_is_not_looked_at_again(ocr: PpOcr) -> None:
    """The request is answered all the same: a question may wait for it."""
    assert list(ocr.process(LookCloser(12_345, ((0.1, 0.1, 0.2, 0.2),)))) == [Looked(12_345, "ocr", (), is_closer=True)]


def test_a_second_look_takes_no_more_pixels_than_it_may() -> None:
    """The smallest regions come first, and one that is too large is reduced."""
    ocr = build(Options(closer_kpx=20))
    _, first = look(ocr, small_print("ESPRESSO 2.50"))
    *marks, _ = ocr.process(LookCloser(first.t_ns, ((0.0, 0.0, 1.0, 1.0), *first.unsure)))
    assert sum(m.units for m in marks if isinstance(m, Work) and m.name == "ocr_detect") * 512 * 384 < 30_000


def test_faint_regions_that_overlap_are_one_tile_and_the_smallest_comes_first() -> None:
    """Margins count."""
    faint = np.zeros((64, 128), np.float32)
    faint[10:14, 10:20] = faint[10:14, 24:40] = faint[50:52, 100:104] = 0.02
    boxes = faint_regions(faint, threshold=0.01, margin_px=3)
    assert len(boxes) == 3
    assert tiles(boxes).tolist() == [[97, 47, 107, 55], [7, 7, 43, 17]]
    assert tiles(boxes[:0]).shape == (0, 4)


def test_a_line_that_runs_out_of_its_tile_is_cut_unless_the_picture_ends_there() -> None:
    """A third of the height beyond the side, on the right."""
    line = np.array([[110, 10], [206, 10], [206, 28], [110, 28]], np.float32)
    assert is_cut(line, np.array([100, 0, 200, 40], np.float32), 640, 480)
    assert not is_cut(line, np.array([100, 0, 200, 40], np.float32), 200, 480)
    assert not is_cut(line, np.array([100, 0, 210, 40], np.float32), 640, 480)
