"""With `hides_text` no text can be read in a picture that leaves, and where it cannot be hidden no picture leaves."""

from __future__ import annotations

from collections.abc import Iterator

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from edge import live
from edge.config import load_config
from edge.errors import PrivacyRefused
from edge.fallback import pictures
from edge.perception import ocr_ppocr
from edge.types import Frame, Keyframe, Looked, Query, Scene

WORDS = (("DOOR CODE 4711", 1.2, (60, 120)), ("for Anna only", 0.6, (300, 260)), ("tel 030 123456", 0.45, (80, 400)))


@pytest.fixture(scope="module")
def reader() -> ocr_ppocr.PpOcr:
    return ocr_ppocr.build(ocr_ppocr.Options(closer_from=99))


def picture() -> NDArray[np.uint8]:
    image = np.full((480, 640, 3), 225, np.uint8)
    for text, size, at in WORDS:
        cv2.putText(image, text, at, cv2.FONT_HERSHEY_SIMPLEX, size, (20, 20, 20), 2)
    return image


def read(reader: ocr_ppocr.PpOcr, image: NDArray[np.uint8]) -> Iterator[str]:
    for out in reader.process(Keyframe(0, Frame(0, image, 0), 1.0)):
        if isinstance(out, Looked):
            yield from (seen.label for seen in out.seen)


def test_what_can_be_read_before_cannot_be_read_in_the_picture_that_leaves(reader: ocr_ppocr.PpOcr) -> None:
    before = " ".join(read(reader, picture()))
    assert "4711" in before and "Anna" in before
    left = pictures.safe(picture(), [lambda image: reader.places(image, pictures.SIDE)], lambda: 0.0, 1.0)
    decoded = np.asarray(cv2.imdecode(np.frombuffer(left.data, np.uint8), cv2.IMREAD_COLOR), np.uint8)
    assert list(read(reader, decoded)) == []


def test_where_a_detector_is_missing_no_picture_leaves() -> None:
    config = load_config(None, ["fallback.hides_text=true", "fallback.sends_pictures=true"])
    query = Query(0, "what is this", Scene(0, ()), Keyframe(0, Frame(0, picture(), 0), 1.0))
    with pytest.raises(PrivacyRefused, match="no face detector"):
        live._picture(config)(query)
    missing = load_config(None, ["perception.faces={kind='yunet', model='/not/there.onnx'}"])
    with pytest.raises(PrivacyRefused, match="no picture is sent: .*/not/there.onnx"):
        live._picture(missing)(query)
