"""How well and how fast the detectors see: `python -m benchmarks.vision_accuracy [--quick]`.

mAP@0.5: see `detection_metrics.py`; on the 54 shared COCO pictures, with each model's own published pre- and
post-processing and evaluation thresholds. The goals are what the models reached on a superset of 128 pictures.
Words: of the shared scene-text pictures, lower-cased letters and digits only. Recognition is a cropped word read right;
end to end is a word of the picture found among the words read (each once); misread is a word read that is not there.
The words of the end-to-end pictures were written down by eye, curved and tiny ones included.
Each detector is measured in a process of its own, one thread: time is the median CPU time per picture, memory the peak.
The peer is rapidocr with its own settings and one thread, in the same run, when GLASSPATH_RAPIDOCR_PYTHON names a
Python that has it (it must not share ours: it asks for the headless OpenCV). --quick leaves the peer out.
"""

from __future__ import annotations

import collections
import json
import os
import re
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np

from benchmarks.claims import DATA as ROOT
from benchmarks.claims import Claim, main
from edge.memory import peak_mb

PEER: Final = os.environ.get("GLASSPATH_RAPIDOCR_PYTHON", "")
WORDS: Final = {
    "ocr/mmocr/det_toy_dataset/imgs/test/img_1.jpg": "Genexis Theatre 06 02-03 Carpark",
    "ocr/mmocr/det_toy_dataset/imgs/test/img_3.jpg": "Fusionopolis Fusionopolis",
    "ocr/mmocr/det_toy_dataset/imgs/test/img_6.jpg": "Reserved CAUTION",
    "ocr/mmocr/det_toy_dataset/imgs/test/img_8.jpg": "WHY PAY FOR NOTHING",
    "ocr/mmocr/det_toy_dataset/imgs/test/img_10.jpg": "HarbourFront Buona Vista",
    "ocr/mmocr/demo/demo_text_det.jpg": "Octavia Hill Social Reformer Established this garden hall and cottages and "
    "pioneered Army Cadets 1887-90 London Borough of Southwark Voted by the People",
    "ocr/mmocr/demo/demo_text_ocr.jpg": "SALE SALE SALE ALL YEAR ROUND 70% 14 RETAIL BRANDS OVER 80 STORES 1 OCBC "
    "ROBINSONS GROUP VISA CARD OCBC Bank",
    "ocr/mmocr/demo/demo_text_recog.jpg": "STAR",
    "ocr/clova/demo_10.jpg": "UNIVERSITY",
    "ocr/clova/demo_5.png": "TOAST",
    "ocr/clova/demo_6.png": "MERRY",
    "ocr/clova/demo_7.png": "underground",
    "ocr/clova/demo_9.jpg": "BALLYS",
    "ocr/images/rapidocr_en.jpg": "3 MovieShots Dataset To facilitate the shot type analysis in videos we collect "
    "MovieShots a large-scale shot type annotation set that contains 46K shots from 7858 movies The details of this "
    "dataset are specified as follows",
}
CROPS: Final = {f"ocr/clova/{name}": text for name, text in (
    ("demo_10.jpg", "UNIVERSITY"), ("demo_5.png", "TOAST"), ("demo_6.png", "MERRY"), ("demo_7.png", "underground"),
)}  # fmt: skip


def measure(quick: bool) -> list[Claim]:
    """The claims of this benchmark, measured now; empty when the shared data are not there."""
    if not (ROOT / "vision").exists() or not (ROOT / "ocr").exists():
        print(f"skipped: {ROOT} has no vision and ocr folders (set GLASSPATH_DATA to the shared data)")
        return [Claim(f"vision: {ROOT} is not there (set GLASSPATH_DATA)", None, "", "")]
    measured = {what: _in_child(what, sys.executable) for what in ("yolox", "fastestdet", "faces", "ocr")}
    peer = _in_child("rapidocr", PEER) if PEER and not quick else None
    _table({**measured, **({"rapidocr": peer} if peer else {})})
    yolox, fastest, faces, ocr = measured.values()
    goals = (
        ("yolox_nano mAP@0.5 on 54 COCO pictures", yolox["map50"], "", ">= 0.498", None),
        ("fastestdet mAP@0.5 on 54 COCO pictures", fastest["map50"], "", ">= 0.357", None),
        ("faces found in a picture of a team of 8 or more", faces["faces"], "faces", ">= 6", None),
        ("words read right, cropped, of 14", ocr["crops_right"], "words", "", peer and peer["crops_right"]),
        (f"words found, end to end, of {ocr['words']}", ocr["found"], "words", "", peer and peer["found"]),
        ("words misread, end to end", ocr["misread"], "words", "", peer and peer["misread"]),
        ("OCR CPU time a picture, median", ocr["median_ms"], "ms", "", peer and peer["median_ms"]),
        ("OCR process memory, peak", ocr["peak_mb"], "MB", "<= 400", peer and peer["peak_mb"]),
    )
    return [
        Claim(claim, float(value), unit, goal, "" if other is None else f"rapidocr {other:g}")
        for claim, value, unit, goal, other in goals
    ]


def measure_objects(plugin: Any, options: Any) -> dict[str, Any]:
    """mAP@0.5 of a detector of COCO classes."""
    from benchmarks.detection_metrics import Truth, mean_average_precision
    from edge.perception.coco import LABELS

    detector, predicted, truths, times = plugin.build(options), [], [], []
    for path in sorted((ROOT / "vision/coco128_val/images/val2017").glob("*.jpg")):
        seen, ms = _look(detector, path)
        times.append(ms)
        predicted.append([(s.label, s.score, s.box_xyxy) for s in seen])
        truth: Truth = {}
        for line in (ROOT / "vision/coco128_val/labels/val2017" / f"{path.stem}.txt").read_text().splitlines():
            index, x, y, w, h = (float(n) for n in line.split())
            truth.setdefault(LABELS[int(index)], []).append((x - w / 2, y - h / 2, x + w / 2, y + h / 2))
        truths.append(truth)
    return {"map50": round(mean_average_precision(predicted, truths), 4), "median_ms": _median(times), "n": len(times)}


def measure_yolox() -> dict[str, Any]:
    """With the thresholds of Megvii's evaluation."""
    from edge.perception import objects_yolox as plugin

    path = str(ROOT / "vision/detect/yolox_nano.onnx")
    return measure_objects(plugin, plugin.Options(path, min_score=0.01, max_iou=0.65))


def measure_fastestdet() -> dict[str, Any]:
    """With the threshold of the author's evaluation."""
    from edge.perception import objects_fastestdet as plugin

    return measure_objects(plugin, plugin.Options(str(ROOT / "vision/detect/FastestDet.onnx"), min_score=0.001))


def measure_faces() -> dict[str, Any]:
    """A sanity check: a team has faces, a dog has none."""
    from edge.perception import faces_yunet as plugin

    detector = plugin.build(plugin.Options(str(ROOT / "vision/face/yunet_n_dynamic.onnx")))
    dog, _ = _look(detector, ROOT / "vision/images/dog.jpg")
    team, ms = _look(detector, ROOT / "vision/coco128_val/images/val2017/000000001000.jpg")
    return {"faces": len(team), "false_faces": len(dog), "median_ms": round(ms, 1), "n": 2}


def measure_ocr() -> dict[str, Any]:
    """Our pipeline at its defaults."""
    from edge.perception import ocr_ppocr as plugin
    from edge.perception.text_regions import scale_to_line

    ocr = plugin.build(plugin.Options())
    return _words(
        lambda path: [s.label for s in _look(ocr, path)[0]],
        lambda path: ocr.read(scale_to_line(np.asarray(cv2.imread(str(path)), np.uint8), 48))[0],
    )


def measure_rapidocr() -> dict[str, Any]:
    """The peer; runs in a Python of its own, where none of ours is imported."""
    from rapidocr import RapidOCR

    peer = RapidOCR(params={"EngineConfig.onnxruntime.intra_op_num_threads": 1})
    return _words(
        lambda path: list(peer(cv2.imread(str(path))).txts or ()),
        lambda path: peer(cv2.imread(str(path)), use_det=False, use_cls=False, use_rec=True).txts[0],
    )


def _words(find: Callable[[Path], list[str]], read: Callable[[Path], str]) -> dict[str, Any]:
    found = words = misread = 0
    times = []
    find(ROOT / next(iter(WORDS)))  # warm up
    for name, text in WORDS.items():
        start = time.process_time()
        labels = find(ROOT / name)
        times.append((time.process_time() - start) * 1e3)
        wanted, got = _tokens(text), _tokens(" ".join(labels))
        found, words, misread = found + (wanted & got).total(), words + wanted.total(), misread + (got - wanted).total()
    labels_file = json.loads((ROOT / "ocr/mmocr/rec_toy_dataset/labels.json").read_text())
    crops = {
        f"ocr/mmocr/rec_toy_dataset/imgs/{e['img_path']}": e["instances"][0]["text"] for e in labels_file["data_list"]
    }
    right = sum(_tokens(read(ROOT / name)) == _tokens(text) for name, text in {**crops, **CROPS}.items())
    return {
        "found": found,
        "words": words,
        "misread": misread,
        "crops_right": right,
        "median_ms": _median(times),
        "n": len(times),
    }


def _tokens(text: str) -> collections.Counter[str]:
    return collections.Counter(w for w in (re.sub(r"[^a-z0-9]", "", part) for part in text.lower().split()) if w)


def _look(detector: Any, path: Path) -> tuple[tuple[Any, ...], float]:
    from edge.types import Frame, Keyframe

    image = np.asarray(cv2.imread(str(path)), np.uint8)
    start = time.process_time()
    *_, looked = detector.process(Keyframe(0, Frame(0, image, 0), 1.0))
    return looked.seen, (time.process_time() - start) * 1e3


def _median(times: list[float]) -> float:
    return round(statistics.median(times), 1)


def _in_child(what: str, python: str) -> dict[str, Any]:
    command = [python, str(Path(__file__).resolve()), "--measure", what]
    root = str(Path(__file__).resolve().parents[1])
    done = subprocess.run(command, cwd=root, env={**os.environ, "PYTHONPATH": root}, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"measuring {what} failed: {done.stderr.strip().splitlines()[-1]}")
    result: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return result


def _table(measured: dict[str, dict[str, Any]]) -> None:
    columns = ("map50", "faces", "crops_right", "found", "words", "misread", "median_ms", "peak_mb")
    print(f"{'':12s}" + "".join(f"{c:>13s}" for c in columns))
    for name, row in measured.items():
        print(f"{name:12s}" + "".join(f"{row.get(c, '')!s:>13s}" for c in columns))


def child(what: str) -> None:
    """One measurement in a process of its own; its result as one JSON line."""
    cv2.setNumThreads(1)
    result = globals()[f"measure_{what}"]()
    result["peak_mb"] = round(peak_mb())
    print(json.dumps(result))


if __name__ == "__main__":
    if "--measure" in sys.argv:
        child(sys.argv[-1])
    else:
        main("vision_accuracy", __doc__, measure)
