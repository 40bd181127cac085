"""Text by the PP-OCR models (by default those that `text_models.py` chooses), run in our own sessions.

Pre- and post-processing as PaddleOCR publishes it (github.com/PaddlePaddle/PaddleOCR, `tools/infer/predict_det.py` and
`predict_rec.py`). What differs from rapidocr's pipeline: the picture's side is limited, lines are recognised one by one
at their own width, and no third model turns lines upside down, since a head is seldom upside down.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.errors import ModelError
from edge.perception.boxes import as_fractions, as_seen
from edge.perception.text_models import text_model
from edge.perception.text_regions import (
    Quad,
    cut_out,
    faint_regions,
    find_regions,
    height_of,
    is_cut,
    is_upright,
    tiles,
)
from edge.session import Session, open_session
from edge.types import Box, Frame, Keyframe, LookCloser, Looked, Seen, Work

STEP_PX: Final = 32
"""The detector takes sides that are multiples of this."""
MIN_LINE_PX: Final = 192
"""Shorter lines are padded with grey on the right: the recogniser loses the last letter of one that fills its input."""
PICTURE_PX: Final = 512 * 384
"""pixels of a second look in one unit of `ocr_detect`"""
MARGIN_PX: Final = 7
"""pixels of the reduced picture around a faint region: the map shows text shrunk"""
UNIT_PX: Final = 320
"""columns of a line in one unit of `ocr_recognise`: the width that the recogniser was trained at"""


@dataclass(frozen=True, slots=True)
class Options:
    """Defaults by measurement: see `benchmarks/vision_accuracy.py`."""

    detector: str = ""
    """path of the ONNX file; empty: the one in the rapidocr package; 8-bit (or that is missing): ours, faster, less sure"""
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
    sure_score: float = 0.95
    """a line that was read with less is worth a second look; of those with more, 96 in 100 were right"""
    sure_height_px: float = 10.0
    """so is one that was lower than this in the reduced picture"""
    faint: float = 0.01
    """where the map is above this and nothing was read for sure, there may be small print: of 27 small texts that the
    first look missed, 20 were read in the regions above 0.01, 16 in those above 0.1"""
    closer_from: float = 1.5
    """a frame that was reduced by less is not worth a second look: at 640×480 it found 2 more of 48 small texts, and
    misread 3"""
    closer_kpx: int = 96
    """thousand pixels that a second look takes at most, the smallest regions first: half as much as a first look"""
    min_characters: int = 2
    """shorter lines are dropped: a lone character is more often a door handle or a clock than text"""
    threads: int = 1


def build(options: Options) -> PpOcr:
    """Raises `ModelError` when a file is missing or not a PP-OCR model."""
    detector = open_session(text_model("detector", options.detector), threads=options.threads)
    detector.expect("a PP-OCR text detector", [(None, 3, None, None)], [(None, 1, None, None)])
    recogniser = open_session(text_model("recogniser", options.recogniser), threads=options.threads)
    recogniser.expect("a PP-OCR recogniser", [(None, 3, None, None)], [(None, None, None)])
    return PpOcr(detector, recogniser, _characters(recogniser, options.characters), options)


class PpOcr:
    """Both models, used by one worker."""

    name: Final = "ocr"
    takes: Final = (Keyframe, LookCloser)

    def __init__(self, detector: Session, recogniser: Session, characters: list[str], options: Options) -> None:
        self._detector, self._recogniser = detector, recogniser
        self._options = options
        self._unsure_of: deque[Keyframe] = deque(maxlen=2)
        """kept for a second look: while it is asked for, one more may have been looked at"""
        kept = [i for i, c in enumerate(characters) if options.alphabet == "all" or _is_latin(c)]
        self._columns, self._characters = np.array(kept), [characters[i] for i in kept]
        """of the recogniser's output: picking these takes a tenth of the time of blanking the 18,000 others"""

    def process(self, item: Keyframe | LookCloser) -> Iterator[Work | Looked]:
        """Marks `ocr_detect` (1 per picture) and `ocr_recognise` after each line (1 per 320 columns), then the lines
        in reading order."""
        yield from self._look_closer(item) if isinstance(item, LookCloser) else self._look(item)

    def places(self, image: NDArray[np.uint8], side_px: int) -> list[Box]:
        """Wherever in a picture there may be text, read or not: where the map is not quite black when the longer side is
        reduced to `side_px`.
        """
        probability = self._map(image, min(1.0, side_px / max(image.shape[:2])))
        return list(self._unsure(probability, []))

    def _look(self, keyframe: Keyframe) -> Iterator[Work | Looked]:
        image = keyframe.frame.image
        height, width = image.shape[:2]
        scale = min(1.0, self._options.max_side_px / max(height, width))
        probability = self._map(image, scale)
        yield Work("ocr_detect")
        seen, sure = list[Seen](), list[Seen]()
        step = np.array([width / probability.shape[1], height / probability.shape[0]], np.float32)
        for quad in self._lines(probability, step):
            columns, line = self._line(keyframe.frame, quad)
            yield Work("ocr_recognise", columns / UNIT_PX)
            if line is not None:
                seen.append(line)
                if line.score >= self._options.sure_score and height_of(quad / step) >= self._options.sure_height_px:
                    sure.append(line)
        unsure = self._unsure(probability, sure) if scale * self._options.closer_from <= 1 else ()
        if unsure:
            self._unsure_of.append(keyframe)
        yield Looked(keyframe.t_ns, self.name, tuple(seen), unsure)

    def _look_closer(self, request: LookCloser) -> Iterator[Work | Looked]:
        """The regions at the frame's own size: `ocr_detect` counts their pixels."""
        frame = next((keyframe.frame for keyframe in reversed(self._unsure_of) if keyframe.t_ns == request.t_ns), None)
        if frame is None:  # two newer ones came since
            yield Looked(request.t_ns, self.name, (), is_closer=True)
            return
        left_px = self._options.closer_kpx * 1000
        height, width = frame.image.shape[:2]
        seen: list[Seen] = []
        for tile in tiles(np.array(request.boxes, np.float32).reshape(-1, 4) * (width, height, width, height)):
            x0, y0, x1, y1 = (int(side) for side in tile)
            if min(x1 - x0, y1 - y0) < 1 or len(seen) >= self._options.max_lines:
                continue
            part = frame.image[y0:y1, x0:x1]
            probability = self._map(part, min(1.0, (left_px / (part.shape[0] * part.shape[1])) ** 0.5))
            yield Work("ocr_detect", probability.size / PICTURE_PX)
            step = np.array([part.shape[1] / probability.shape[1], part.shape[0] / probability.shape[0]], np.float32)
            for quad in self._lines(probability, step):
                if not is_cut(moved := quad + np.array([x0, y0], np.float32), tile, width, height):
                    columns, line = self._line(frame, moved)
                    yield Work("ocr_recognise", columns / UNIT_PX)
                    seen += [line] if line is not None else []
            left_px -= probability.size
            if left_px < STEP_PX * STEP_PX:
                break
        yield Looked(request.t_ns, self.name, tuple(seen), is_closer=True)

    def _map(self, image: NDArray[np.uint8], scale: float) -> NDArray[np.float32]:
        """How likely each pixel of the scaled picture is text: float32[h, w], sides in multiples of 32."""
        fitted = [max(STEP_PX, round(side * scale / STEP_PX) * STEP_PX) for side in image.shape[1::-1]]
        small = cv2.resize(image, fitted, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR)
        probability: NDArray[np.float32] = self._detector.run(_normalised(small))[0][0, 0]
        return probability

    def _lines(self, probability: NDArray[np.float32], step: NDArray[np.float32]) -> list[Quad]:
        """Lines of text in the map, each of whose pixels is `step` (x, y) pixels of the picture."""
        regions = find_regions(
            probability,
            threshold=self._options.pixel_threshold,
            min_score=self._options.min_region,
            growth=self._options.growth,
            limit=self._options.max_lines,
        )
        return [quad * step for quad in regions]

    def _unsure(self, probability: NDArray[np.float32], sure: list[Seen]) -> tuple[Box, ...]:
        """Where the map is not quite black and no line was read for sure."""
        height, width = probability.shape
        faint = faint_regions(probability, threshold=self._options.faint, margin_px=MARGIN_PX)
        boxes = [as_fractions(box, width, height) for box in faint]
        return tuple(box for box in boxes if not any(_is_inside(box, line.box_xyxy) for line in sure))

    def _line(self, frame: Frame, quad: Quad) -> tuple[int, Seen | None]:
        """Columns that were read, and the line if it says something and was read well enough."""
        columns, text, score = self._read_turned(frame.image, quad)
        if len(text.strip()) < self._options.min_characters or score < self._options.min_score:
            return columns, None
        box = np.concatenate([quad.min(axis=0), quad.max(axis=0)])
        return columns, as_seen(frame, "text", text.strip(), score, box)

    def read(self, line: NDArray[np.uint8]) -> tuple[str, float]:
        """Text and mean probability of its characters, of one line uint8[line_height_px, w, 3]."""
        if line.shape[1] > self._options.max_line_px:
            line = np.asarray(cv2.resize(line, (self._options.max_line_px, line.shape[0])), np.uint8)
        padding = max(0, MIN_LINE_PX - line.shape[1])
        blob = np.pad(_normalised(line), ((0, 0), (0, 0), (0, 0), (0, padding)))
        probability = self._recogniser.run(blob)[0][0]
        return decode(probability[:, self._columns], self._characters)

    def _read_turned(self, image: NDArray[np.uint8], quad: Quad) -> tuple[int, str, float]:
        """Columns that were read, text, score; a tall region is read upright and turned either way, the best counts."""
        turns = (quad, np.roll(quad, 1, axis=0), np.roll(quad, -1, axis=0)) if is_upright(quad) else (quad,)
        lines = [cut_out(image, turned, self._options.line_height_px) for turned in turns]
        text, score = max((self.read(line) for line in lines), key=lambda read: read[1])
        return sum(max(MIN_LINE_PX, line.shape[1]) for line in lines), text, score


def _is_inside(box: Box, line: Box) -> bool:
    """The box's centre is within the line's box."""
    x, y = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
    return line[0] <= x <= line[2] and line[1] <= y <= line[3]


def _is_latin(characters: str) -> bool:
    """Latin letters with their accents, digits, and the signs that stand beside them (blank and space too)."""
    return all(ord(c) < 0x250 or c in "–—‘’“”•…€™" for c in characters)


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
