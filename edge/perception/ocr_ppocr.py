"""Text by the PP-OCR models (by default those in the rapidocr package), run in our own sessions.

Pre- and post-processing as PaddleOCR publishes it (github.com/PaddlePaddle/PaddleOCR, `tools/infer/predict_det.py` and
`predict_rec.py`). What differs from rapidocr's pipeline: the picture's side is limited, lines are recognised one by one
at their own width, and no third model turns lines upside down, since a head is seldom upside down. The package is found
without importing it: its import asks for the headless twin of OpenCV.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.errors import ModelError
from edge.perception.boxes import as_seen
from edge.perception.text_regions import Quad, cut_out, find_regions, is_upright
from edge.session import Session, open_session
from edge.types import Keyframe, Looked, Seen, Work

STEP_PX: Final = 32
"""The detector takes sides that are multiples of this."""
MIN_LINE_PX: Final = 192
"""Shorter lines are padded with grey on the right: the recogniser loses the last letter of one that fills its input."""
UNIT_PX: Final = 320
"""columns of a line in one unit of `ocr_recognise`: the width that the recogniser was trained at"""


@dataclass(frozen=True, slots=True)
class Options:
    """Defaults by measurement: see `benchmarks/vision_accuracy.py`."""

    detector: str = ""
    """path of the ONNX file; empty: the one in the rapidocr package"""
    recogniser: str = ""
    characters: str = ""
    """path of a file with one character per line; empty: the list that the recogniser carries"""
    max_side_px: int = 512
    """the frame is reduced to this before text is looked for; time and memory go with its square"""
    line_height_px: int = 48
    """what the recogniser was trained at"""
    max_line_px: int = 960
    """a longer line is squeezed to this"""
    max_lines: int = 30
    """the longest outlines of a frame; the rest is a book page, for another tool"""
    pixel_threshold: float = 0.3
    min_region: float = 0.5
    """mean probability of a region"""
    growth: float = 1.6
    min_score: float = 0.8
    """mean probability of a line's characters; on the shared pictures 0.8 drops half of the misread words that 0.6 lets
    through, and one right word in 72"""
    alphabet: Literal["latin", "all"] = "latin"
    """latin: only letters of Latin scripts, digits and their signs come out; the models also know Chinese and Japanese,
    which they see in scratches and arrows"""
    min_characters: int = 2
    """shorter lines are dropped: a lone character is more often a door handle or a clock than text"""
    threads: int = 1


def build(options: Options) -> PpOcr:
    """Raises `ModelError` when a file is missing or not a PP-OCR model."""
    detector = open_session(options.detector or packaged_model("*_det_*.onnx"), threads=options.threads)
    detector.expect("a PP-OCR text detector", [(None, 3, None, None)], [(None, 1, None, None)])
    recogniser = open_session(options.recogniser or packaged_model("*_rec_*.onnx"), threads=options.threads)
    recogniser.expect("a PP-OCR recogniser", [(None, 3, None, None)], [(None, None, None)])
    return PpOcr(detector, recogniser, _characters(recogniser, options.characters), options)


class PpOcr:
    """Both models, used by one worker."""

    name: Final = "ocr"

    def __init__(self, detector: Session, recogniser: Session, characters: list[str], options: Options) -> None:
        self._detector, self._recogniser = detector, recogniser
        self._characters, self._options = characters, options
        self._foreign = np.array([options.alphabet == "latin" and not _is_latin(c) for c in characters])

    def process(self, keyframe: Keyframe) -> Iterator[Work | Looked]:
        """Marks `ocr_detect` (1 per picture) and `ocr_recognise` after each line (1 per 320 columns), then the lines
        in reading order."""
        image = keyframe.frame.image
        quads = self.find(image)
        yield Work("ocr_detect")
        seen: list[Seen] = []
        for quad in quads:
            columns, text, score = self._read_turned(image, quad)
            yield Work("ocr_recognise", columns / UNIT_PX)
            if len(text.strip()) >= self._options.min_characters and score >= self._options.min_score:
                box = np.concatenate([quad.min(axis=0), quad.max(axis=0)])
                seen.append(as_seen(keyframe.frame, "text", text.strip(), score, box))
        yield Looked(keyframe.t_ns, self.name, tuple(seen))

    def find(self, image: NDArray[np.uint8]) -> list[Quad]:
        """Lines of text in uint8[h, w, 3], in its pixels."""
        height, width = image.shape[:2]
        scale = min(1.0, self._options.max_side_px / max(height, width))
        fitted = [max(STEP_PX, round(side * scale / STEP_PX) * STEP_PX) for side in (width, height)]
        small = cv2.resize(image, fitted, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR)
        probability = self._detector.run(_normalised(small))[0][0, 0]
        regions = find_regions(
            probability,
            threshold=self._options.pixel_threshold,
            min_score=self._options.min_region,
            growth=self._options.growth,
            limit=self._options.max_lines,
        )
        return [quad * np.array([width / fitted[0], height / fitted[1]], np.float32) for quad in regions]

    def read(self, line: NDArray[np.uint8]) -> tuple[str, float]:
        """Text and mean probability of its characters, of one line uint8[line_height_px, w, 3]."""
        if line.shape[1] > self._options.max_line_px:
            line = np.asarray(cv2.resize(line, (self._options.max_line_px, line.shape[0])), np.uint8)
        padding = max(0, MIN_LINE_PX - line.shape[1])
        blob = np.pad(_normalised(line), ((0, 0), (0, 0), (0, 0), (0, padding)))
        probability = self._recogniser.run(blob)[0][0]
        probability[:, self._foreign] = 0
        return decode(probability, self._characters)

    def _read_turned(self, image: NDArray[np.uint8], quad: Quad) -> tuple[int, str, float]:
        """Columns that were read, text, score; a tall region is read upright and turned either way, the best counts."""
        turns = (quad, np.roll(quad, 1, axis=0), np.roll(quad, -1, axis=0)) if is_upright(quad) else (quad,)
        lines = [cut_out(image, turned, self._options.line_height_px) for turned in turns]
        text, score = max((self.read(line) for line in lines), key=lambda read: read[1])
        return sum(max(MIN_LINE_PX, line.shape[1]) for line in lines), text, score


def _is_latin(characters: str) -> bool:
    """Latin letters with their accents, digits, and the signs that stand beside them (blank and space too)."""
    return all(ord(c) < 0x250 or c in "–—‘’“”•…€™" for c in characters)


def packaged_model(pattern: str) -> Path:
    """Path of a model in the rapidocr package. Raises `ModelError` when it is not there."""
    spec = importlib.util.find_spec("rapidocr")
    models = Path(spec.origin).parent / "models" if spec is not None and spec.origin else Path("rapidocr/models")
    found = sorted(models.glob(pattern))
    if not found:
        raise ModelError(f"{models}/{pattern} is not there; install rapidocr, or name detector and recogniser files.")
    return found[-1]


def decode(probability: NDArray[np.float32], characters: list[str]) -> tuple[str, float]:
    """Greedy CTC (Graves 2006) of float32[t, 1 + n + 1] (blank first, space last): text and mean probability."""
    best = probability.argmax(axis=1)
    kept = (best != 0) & np.concatenate([[True], best[1:] != best[:-1]])
    scores = probability[np.arange(len(best)), best][kept]
    return "".join(characters[i] for i in best[kept]), float(scores.mean()) if len(scores) else 0.0


def _normalised(image: NDArray[np.uint8]) -> NDArray[np.float32]:
    """float32[1, 3, h, w] in -1..1"""
    return np.asarray(cv2.dnn.blobFromImage(image, 1 / 127.5, mean=(127.5, 127.5, 127.5)), np.float32)


def _characters(recogniser: Session, path: str) -> list[str]:
    """What each column of the recogniser's output stands for: blank, the list, space."""
    try:
        listed = Path(path).read_text("utf-8") if path else recogniser.metadata.get("character", "")
    except (OSError, UnicodeDecodeError) as error:
        raise ModelError(f"{path} cannot be read as a list of characters ({error}); check the path.") from error
    characters = ["", *listed.strip("\n").split("\n"), " "]
    columns = recogniser.outputs[0].shape[2]
    if len(characters) != (columns or len(characters)) or not listed:
        raise ModelError(
            f"{path or recogniser.path} lists {len(characters) - 2} characters where {recogniser.path} has "
            f"{columns} outputs (two more are needed); name the matching list as `characters`."
        )
    return characters
