"""The keyframe gate: lets a frame through when there is something new to look at and it is sharp enough to bother.

About 150 µs a frame at 640×480, so that a still scene costs almost nothing. The frame is reduced to 160×120 grey; its
Laplacian tells how sharp the frame is. Averaged to 40×30 cells it is the scene's signature: two signatures are
compared after a least-squares fit of gain and offset, because exposure drifts while the scene is the same, and cell by
cell, because a sign that comes into view changes few cells much and the whole picture hardly.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.types import Frame, Keyframe, SpeechStarted, Transcript

REDUCED: Final = (160, 120)
"""width, height of the picture that sharpness is taken from, whatever the frame's size"""
CELLS: Final = (40, 30)
"""cells of the signature across and down"""


@dataclass(frozen=True, slots=True)
class Options:
    """When a frame is worth a look. The defaults hold on recorded walks at 15 to 30 frames a second."""

    min_cell_change: float = 14.0
    """grey levels by which a cell must differ; sensor noise of 20 levels a pixel makes a cell differ by 4"""
    min_changed: float = 0.015
    """fraction of the cells that must differ: the frame shows another scene"""
    min_sharpness_ratio: float = 0.4
    """of the sharpest recent frame; below, the frame counts as blurred, and a scene that was looked at when it was so
    much blurred is looked at again"""
    sharpness_half_life_s: float = 1.0
    """how fast the sharpest recent frame is forgotten: a plain wall is never as sharp as a page of text"""
    blur_patience_s: float = 0.6
    """a blurred frame of a new scene goes through when nothing sharper came for so long"""
    steady_relook_s: float = 2.0
    """a new scene that holds still for so long is looked at again: the person looks at it, and a missed thing gets a
    second chance"""
    relook_s: float = 5.0
    """then it is looked at again after this time; then after twice the time, and so on, so that a camera on a table all
    night costs nothing"""
    longest_relook_s: float = 300.0
    speaking_relook_s: float = 1.0
    """while somebody speaks to the assistant (`hearing.address`), a still scene is looked at again after this time; then
    after twice the time, and so on"""


@dataclass(frozen=True, slots=True)
class _Look:
    """What the gate remembers of the last keyframe that was not a refresh."""

    t_ns: int
    signature: NDArray[np.float32]
    sharpness: float


class KeyframeGate:
    """One per camera. Driven by the frames' own times and by who speaks, so a recording gives the same keyframes every
    time. That somebody speaks it is told in passing: hearing never waits for it.
    """

    controls: Final = (SpeechStarted, Transcript)

    def __init__(self, options: Options) -> None:
        self._options = options
        self._last: _Look | None = None
        self._changed_ns: int | None = None
        self._relook_s = options.steady_relook_s
        self._speaking_relook_s = math.inf
        """while nobody speaks: never"""
        self._sharpest = 0.0
        self._sharpest_ns = 0

    def control(self, item: SpeechStarted | Transcript) -> None:
        """From the first sound of a question to its last word more looks are let through."""
        if isinstance(item, SpeechStarted):
            self._speaking_relook_s = self._options.speaking_relook_s
        elif item.is_final:
            self._speaking_relook_s = math.inf

    def process(self, frame: Frame) -> Iterator[Keyframe]:
        """At most one keyframe: a new one, or a refresh of the one before while the scene stays the same."""
        signature, sharpness = _reduce(frame.image)
        blurred = sharpness < self._options.min_sharpness_ratio * self._sharpest_recent(frame.t_ns, sharpness)
        last = self._last
        if last is None or frame.t_ns < last.t_ns:  # a source that starts again, starts the gate again
            yield self._look(frame, signature, sharpness)
            return
        if changed_cells(last.signature, signature, self._options.min_cell_change) > self._options.min_changed:
            if self._changed_ns is None:
                self._changed_ns = frame.t_ns
            if not blurred or frame.t_ns - self._changed_ns >= self._options.blur_patience_s * 1e9:
                self._relook_s = self._options.steady_relook_s
                yield self._look(frame, signature, sharpness)
            return
        self._changed_ns = None
        still_s = (frame.t_ns - last.t_ns) * 1e-9
        ratio = self._options.min_sharpness_ratio
        if ratio * sharpness > last.sharpness:
            yield self._look(frame, signature, sharpness)
        elif not blurred and self._is_relook_due(still_s):
            yield replace(self._look(frame, signature, sharpness), is_again=True)
        elif sharpness >= ratio * last.sharpness:
            yield Keyframe(frame.t_ns, frame, sharpness, is_refresh=True)

    def _is_relook_due(self, still_s: float) -> bool:
        """A still scene was last looked at so long ago; each time that it is due, the time grows."""
        speaking_s = self._speaking_relook_s
        if still_s >= self._relook_s:
            self._relook_s = min(max(self._options.relook_s, 2 * self._relook_s), self._options.longest_relook_s)
        elif still_s >= speaking_s:
            self._speaking_relook_s = 2 * speaking_s
        else:
            return False
        return True

    def _look(self, frame: Frame, signature: NDArray[np.float32], sharpness: float) -> Keyframe:
        self._last = _Look(frame.t_ns, signature, sharpness)
        self._changed_ns = None
        return Keyframe(frame.t_ns, frame, sharpness)

    def _sharpest_recent(self, t_ns: int, sharpness: float) -> float:
        age_s = max(0, t_ns - self._sharpest_ns) * 1e-9
        faded: float = self._sharpest * 0.5 ** (age_s / self._options.sharpness_half_life_s)
        self._sharpest, self._sharpest_ns = max(sharpness, faded), t_ns
        return self._sharpest


def build(options: Options) -> KeyframeGate:
    """A gate for one camera."""
    return KeyframeGate(options)


def changed_cells(before: NDArray[np.float32], after: NDArray[np.float32], min_change: float) -> float:
    """Fraction of the cells that differ by more than `min_change` grey levels, exposure aside.

    `after` ≈ gain · `before` + offset is fitted by least squares; the gain stays within 0.5 and 2, so that a picture
    that turned flat is not explained away by a gain of 0.
    """
    b, a = before - before.mean(), after - after.mean()
    variance = float(np.vdot(b, b))
    gain = min(2.0, max(0.5, float(np.vdot(a, b)) / variance)) if variance > b.size else 1.0
    return float(np.mean(np.abs(a - gain * b) > min_change))


def _reduce(image: NDArray[np.uint8]) -> tuple[NDArray[np.float32], float]:
    """Signature float32[30, 40] in grey levels, and the variance of the reduced grey picture's Laplacian."""
    # linear, not area: a quarter of the time, and its 2×2 means halve the noise, which would pass for sharpness
    small = cv2.resize(image, REDUCED, interpolation=cv2.INTER_LINEAR)
    grey = cv2.cvtColor(small, cv2.COLOR_BGR2GRAY) if small.ndim == 3 else small
    signature = cv2.resize(grey, CELLS, interpolation=cv2.INTER_AREA).astype(np.float32)
    laplacian = cv2.Laplacian(grey, cv2.CV_16S)
    # its mean is 0 but for the border, so that the mean square is the variance
    return signature, float(cv2.norm(laplacian, cv2.NORM_L2SQR)) / (REDUCED[0] * REDUCED[1])
