"""Text: what is read in drawn and real pictures, turned and tiny ones included, and wrong models."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from edge.errors import ModelError
from edge.perception.ocr_ppocr import Options, PpOcr, build, decode, packaged_model
from tests.perception.pictures import look, sign
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


def test_a_wrong_list_of_characters_is_refused(tmp_path: Path) -> None:
    """Too short, or not there."""
    short = tmp_path / "short.txt"
    short.write_text("a\nb\n")
    with pytest.raises(ModelError, match=r"short\.txt lists 2 characters where .* 18710 outputs"):
        build(Options(characters=str(short)))
    with pytest.raises(ModelError, match=r"none\.txt cannot be read as a list of characters"):
        build(Options(characters=str(tmp_path / "none.txt")))
