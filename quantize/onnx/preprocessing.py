"""How a picture or a sound becomes a model's input: options, presets of known models, and the conversion itself."""

from __future__ import annotations

import wave
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray

from quantize.errors import InputError, OptionError

FITS: Final = ("stretch", "letterbox", "corner", "within", "line")
PICTURE_BYTES: Final = 64 << 20
"""a larger file is refused before it is decoded"""
SOUND_BYTES: Final = 512 << 20


@dataclass(frozen=True, slots=True)
class Preprocessing:
    """What the model's author does to a picture (or sound) before the model sees it."""

    size: tuple[int, int] | None = None
    """width, height in pixels where the model leaves them free; for `within` the longest side is the width's"""
    fit: str = "stretch"
    """stretch; letterbox: whole picture in the middle; corner: in the top left; within: no side longer than the size, both
    multiples of `step`; line: the input's height, its own width"""
    order: str = "rgb"
    """of the channels: rgb or bgr"""
    scale: float = 1 / 255
    mean: tuple[float, ...] = (0.0,)
    """of 0..255, taken off before the scale"""
    spread: tuple[float, ...] = (1.0,)
    """each channel is divided by it, after the scale"""
    grey: int = 0
    """what is padded around the picture, 0..255"""
    step: int = 32
    rate_hz: int | None = None
    """of the sound that the model takes; None: any"""


PRESETS: Final[Mapping[str, Preprocessing]] = MappingProxyType(
    {
        "yolox": Preprocessing((416, 416), "corner", "bgr", 1.0, grey=114),
        "fastestdet": Preprocessing((352, 352), "stretch", "bgr"),
        "rfb": Preprocessing((320, 240), "stretch", "rgb", 1 / 128, (127.0,)),
        "yunet": Preprocessing((320, 320), "within", "bgr", 1.0),
        "ppocr_det": Preprocessing((640, 640), "within", "bgr", 1 / 127.5, (127.5,)),
        "ppocr_rec": Preprocessing((320, 48), "line", "bgr", 1 / 127.5, (127.5,)),
        "imagenet": Preprocessing(
            (224, 224), "stretch", "rgb", 1 / 255, (123.675, 116.28, 103.53), (0.229, 0.224, 0.225)
        ),
        "unit": Preprocessing(),
        "sound16k": Preprocessing(rate_hz=16000),
    }
)
"""by the models' published inference code; `unit` is RGB in 0..1"""


def preset(name: str) -> Preprocessing:
    """Raises OptionError for a name that is not among the presets."""
    if name not in PRESETS:
        raise OptionError(f"{name} is no known preprocessing: choose one of {', '.join(PRESETS)}")
    return PRESETS[name]


def picture(path: Path, shape: tuple[int | None, ...], how: Preprocessing) -> NDArray[np.float32]:
    """float32[1, 3, h, w] (or [1, h, w, 3], [1, 1, h, w] where the model's `shape` says so) of a picture file.

    Raises:
        InputError: it is no picture, or the model takes none.
    """
    channels, height, width, last = _layout(shape, path)
    if how.size is not None:
        width, height = width or how.size[0], height or how.size[1]
    if width is None or height is None:
        if how.fit != "line" or height is None:
            raise InputError(f"{path}: the model leaves the picture's size free: name it, as --picture-size 640x480")
        width = 0
    image = _fitted(_read(path), width, height, how)
    if channels == 1:
        image = np.asarray(cv2.cvtColor(image, cv2.COLOR_BGR2GRAY), np.uint8)[:, :, None]
    elif how.order == "rgb":
        image = image[:, :, ::-1]
    mean, spread = np.array(how.mean, np.float32), np.array(how.spread, np.float32)
    values = (image.astype(np.float32) - mean) * np.float32(how.scale) / spread
    return np.ascontiguousarray(values[None] if last else values.transpose(2, 0, 1)[None], np.float32)


def _layout(shape: tuple[int | None, ...], path: Path) -> tuple[int, int | None, int | None, bool]:
    """Channels, height, width, whether channels come last."""
    if len(shape) == 4 and shape[1] in (1, 3):
        return shape[1], shape[2], shape[3], False
    if len(shape) == 4 and shape[3] in (1, 3):
        return shape[3], shape[1], shape[2], True
    raise InputError(f"{path} is a picture, but the model takes {list(shape)}: give its inputs as an .npz")


def _read(path: Path) -> NDArray[np.uint8]:
    if path.stat().st_size > PICTURE_BYTES:
        raise InputError(f"{path} has more than {PICTURE_BYTES >> 20} MiB: make the picture smaller")
    try:
        image = cv2.imread(str(path), cv2.IMREAD_COLOR)
    except cv2.error:  # a header that claims an enormous size
        image = None
    if image is None:
        raise InputError(f"{path} is no picture that can be read: remove it from the calibration folder")
    return np.asarray(image, np.uint8)


def _fitted(image: NDArray[np.uint8], width: int, height: int, how: Preprocessing) -> NDArray[np.uint8]:
    tall, wide = image.shape[:2]
    if how.fit == "stretch":
        return _resized(image, width, height)
    if how.fit == "line":
        return _resized(image, max(4, round(wide * height / tall)), height)
    if how.fit == "within":
        scale = min(1.0, width / max(tall, wide))
        sides = [max(how.step, round(side * scale / how.step) * how.step) for side in (wide, tall)]
        return _resized(image, sides[0], sides[1])
    scale = min(width / wide, height / tall)
    part = _resized(image, max(1, int(wide * scale)), max(1, int(tall * scale)))
    canvas = np.full((height, width, 3), how.grey, np.uint8)
    middle = how.fit == "letterbox"
    top, left = ((height - part.shape[0]) // 2, (width - part.shape[1]) // 2) if middle else (0, 0)
    canvas[top : top + part.shape[0], left : left + part.shape[1]] = part
    return canvas


def _resized(image: NDArray[np.uint8], width: int, height: int) -> NDArray[np.uint8]:
    smaller = width * height < image.shape[0] * image.shape[1]
    way = cv2.INTER_AREA if smaller else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(image, (width, height), interpolation=way), np.uint8)


def sound(path: Path, rate_hz: int | None) -> NDArray[np.float32]:
    """float32[n] in −1..1 of a WAV file of 16 bits and one channel.

    Raises:
        InputError: it is none.
    """
    if path.stat().st_size > SOUND_BYTES:
        raise InputError(f"{path} has more than {SOUND_BYTES >> 20} MiB: cut it into shorter files")
    try:
        with wave.open(str(path), "rb") as file:
            width, channels, rate = file.getsampwidth(), file.getnchannels(), file.getframerate()
            data = file.readframes(file.getnframes())
    except (wave.Error, EOFError, OSError, ValueError) as error:
        raise InputError(f"{path} is no WAV file ({error}): convert it to 16-bit mono WAV") from error
    if width != 2 or channels != 1:
        found = f"{8 * width} bits and {channels} channel{'s' if channels > 1 else ''}"
        raise InputError(f"{path} has {found}: convert it to 16-bit mono WAV")
    if rate_hz is not None and rate != rate_hz:
        raise InputError(f"{path} has {rate} Hz where the model takes {rate_hz} Hz: resample it")
    return np.frombuffer(data[: len(data) // 2 * 2], "<i2").astype(np.float32) / np.float32(32768)


def free_sizes(shape: tuple[int | None, ...], given: Any) -> list[int]:
    """The shape with `given` for its free sizes, 1 for the first."""
    return [size if size is not None else (1 if axis == 0 else int(given)) for axis, size in enumerate(shape)]
