"""What models are for, measured with the runtime's own pipelines; None stands for the float model."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import cv2
import numpy as np

from benchmarks import quantize_inputs, vision_accuracy
from benchmarks.claims import DATA


def yolox_map(path: Path | None) -> float:
    """mAP@0.5 with the thresholds of Megvii's evaluation."""
    from edge.perception import objects_yolox as plugin

    given = str(path or DATA / "vision/detect/yolox_nano.onnx")
    return float(vision_accuracy.measure_objects(plugin, plugin.Options(given, min_score=0.01, max_iou=0.65))["map50"])


def fastestdet_map(path: Path | None) -> float:
    """mAP@0.5 with the threshold of the author's evaluation."""
    from edge.perception import objects_fastestdet as plugin

    given = str(path or DATA / "vision/detect/FastestDet.onnx")
    return float(vision_accuracy.measure_objects(plugin, plugin.Options(given, min_score=0.001))["map50"])


def words(detector: Path | None, recogniser: Path | None) -> dict[str, Any]:
    """Words found and misread end to end by the runtime's pipeline, milliseconds of processor time a picture."""
    from edge.perception import ocr_ppocr as plugin
    from edge.perception.text_regions import scale_to_line

    cv2.setNumThreads(1)
    ocr = plugin.build(plugin.Options(detector=str(detector or ""), recogniser=str(recogniser or "")))
    return vision_accuracy._words(
        lambda path: [seen.label for seen in vision_accuracy._look(ocr, path)[0]],
        lambda path: ocr.read(scale_to_line(np.asarray(cv2.imread(str(path)), np.uint8), 48))[0],
    )


def commands(path: Path | None) -> float:
    """Share of the held-out letters and digits that are understood."""
    from quantize.onnx.session import open_session

    session = open_session(path or DATA / "speech/spelling_cnn/spelling_cnn_mel.onnx")
    features, said, classes = quantize_inputs.spoken()
    heard = [classes[int(session.run({"log_mel": one})[0].argmax())] for one in features[1::2]]
    return sum(a == b for a, b in zip(heard, said[1::2], strict=True)) / len(heard)
