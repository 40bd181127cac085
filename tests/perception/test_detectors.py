"""Objects, faces and codes: what they see in real and drawn pictures, and how they refuse wrong models."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
import pytest

from edge.errors import ModelError
from edge.perception import codes, faces_yunet, objects_fastestdet, objects_yolox
from edge.perception.boxes import keep_best
from edge.perception.coco import LABELS
from edge.perception.text_models import packaged_model
from tests.perception.pictures import ean13, look, qr, sign
from tests.shared_data import shared

MODELS = {
    objects_yolox: "vision/detect/yolox_nano.onnx",
    objects_fastestdet: "vision/detect/FastestDet.onnx",
    faces_yunet: "vision/face/yunet_n_dynamic.onnx",
}
OBJECTS = pytest.mark.parametrize("plugin", [objects_yolox, objects_fastestdet], ids=lambda p: p.__name__)


def opened(plugin: Any) -> Any:
    return plugin.build(plugin.Options(str(shared(MODELS[plugin]))))


@OBJECTS
def test_the_dog_and_the_car_are_seen_where_they_are(plugin: Any) -> None:
    """The picture of YOLO's first paper: a dog in front, a car at the top right."""
    marks, looked = look(opened(plugin), cv2.imread(str(shared("vision/images/dog.jpg"))))
    assert [m.units for m in marks] == [1.0]
    boxes = {seen.label: np.array(seen.box_xyxy) for seen in reversed(looked.seen)}
    np.testing.assert_allclose(boxes["dog"], [0.17, 0.37, 0.42, 0.95], atol=0.05)
    np.testing.assert_allclose(boxes["car"], [0.61, 0.13, 0.90, 0.30], atol=0.05)


@OBJECTS
def test_a_plain_wall_shows_no_object(plugin: Any) -> None:
    """Nothing is made up."""
    assert look(opened(plugin), np.full((480, 640, 3), 127, np.uint8))[1].seen == ()


def test_faces_are_found_where_they_are() -> None:
    """A tennis team: the player at the left of the second row, among others."""
    picture = cv2.imread(str(shared("vision/coco128_val/images/val2017/000000001000.jpg")))
    _, looked = look(opened(faces_yunet), picture)
    assert len(looked.seen) >= 6
    assert {seen.kind for seen in looked.seen} == {"face"}
    assert any(np.allclose(seen.box_xyxy, [0.69, 0.25, 0.74, 0.33], atol=0.02) for seen in looked.seen)


@pytest.mark.parametrize("plugin", MODELS, ids=lambda p: p.__name__)
@pytest.mark.parametrize("shape", [(1, 1, 3), (3, 1000, 3), (720, 1280, 3)])
def test_pictures_of_any_size_are_taken(plugin: Any, shape: tuple[int, int, int]) -> None:
    """One pixel, a strip, HD."""
    assert look(opened(plugin), np.zeros(shape, np.uint8))[1].t_ns == 7


@pytest.mark.parametrize("plugin", MODELS, ids=lambda p: p.__name__)
def test_the_model_of_another_task_is_refused(plugin: Any) -> None:
    """By name of the file, with what it has and what it should have."""
    with pytest.raises(ModelError, match=r"rec_small\.onnx is not a .*should be; name another file"):
        plugin.build(plugin.Options(str(packaged_model("*_rec_*.onnx"))))


def test_a_qr_code_is_read() -> None:
    """The label is its text, the box where it is."""
    marks, looked = look(codes.build(codes.Options()), qr("https://glasspath.example/menu"))
    assert [m.name for m in marks] == ["codes_qr", "codes_bars"]
    assert [(s.kind, s.label) for s in looked.seen] == [("code", "https://glasspath.example/menu")]
    np.testing.assert_allclose(looked.seen[0].box_xyxy, [0.36, 0.32, 0.64, 0.68], atol=0.05)


def test_a_barcode_is_read() -> None:
    """An EAN-13 with a right check digit."""
    _, looked = look(codes.build(codes.Options(qr=False)), ean13("4006381333931"))
    assert [s.label for s in looked.seen] == ["4006381333931"]


@pytest.mark.parametrize("image", [sign("NO CODE"), np.zeros((1, 1, 3), np.uint8), np.zeros((2, 90, 3), np.uint8)])
def test_no_code_is_no_code(image: np.ndarray) -> None:
    """Also in pictures that OpenCV's readers would not take."""
    assert look(codes.build(codes.Options()), image)[1].seen == ()


def test_doubles_of_one_class_are_dropped_and_neighbours_stay() -> None:
    """The best of two that overlap stays, unless they are of different classes."""
    boxes = np.array([[0, 0, 10, 10], [1, 0, 11, 10], [1, 0, 11, 10], [20, 0, 30, 10], [40, 0, 50, 10]], np.float32)
    scores = np.array([0.6, 0.9, 0.8, 0.7, 0.1], np.float32)
    assert keep_best(boxes, scores, np.array([0, 0, 1, 0, 0]), score=0.3, iou=0.5) == [1, 2, 3]
    assert keep_best(boxes[:0], scores[:0], np.zeros(0, np.int32), score=0.3, iou=0.5) == []


def test_coco_has_its_80_classes_in_order() -> None:
    """As in the label files of the shared pictures."""
    assert (len(LABELS), LABELS[0], LABELS[11], LABELS[74], LABELS[79]) == (
        80,
        "person",
        "stop sign",
        "clock",
        "toothbrush",
    )
