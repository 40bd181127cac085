"""Drawn pictures and the keyframes made of them."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.types import Frame, Keyframe, Looked, Work

Image = NDArray[np.uint8]


def keyframe(image: Image, t_ns: int = 7) -> Keyframe:
    """A keyframe of the picture."""
    return Keyframe(t_ns, Frame(t_ns, image, 0), 1.0)


def look(detector: Any, image: Image) -> tuple[list[Work], Looked]:
    """What a detector marks and the one thing it yields at its end."""
    *marks, looked = detector.process(keyframe(image))
    assert all(isinstance(mark, Work) for mark in marks)
    assert isinstance(looked, Looked)
    assert looked.detector == detector.name
    assert all(0.0 <= side <= 1.0 for seen in looked.seen for side in seen.box_xyxy)
    return marks, looked


def sign(*lines: str, size: tuple[int, int] = (480, 640)) -> Image:
    """Dark lines of text on a light board on grey."""
    image = np.full((*size, 3), 120, np.uint8)
    cv2.rectangle(image, (60, 60), (size[1] - 60, 100 + 90 * len(lines)), (235, 240, 240), -1)
    for i, line in enumerate(lines):
        cv2.putText(image, line, (90, 140 + 90 * i), cv2.FONT_HERSHEY_SIMPLEX, 1.6, (30, 20, 20), 4, cv2.LINE_AA)
    return image


def qr(text: str, *, scale: int = 6, size: tuple[int, int] = (480, 640)) -> Image:
    """A QR code in the middle of a grey picture."""
    modules = cv2.copyMakeBorder(cv2.QRCodeEncoder.create().encode(text), 4, 4, 4, 4, cv2.BORDER_CONSTANT, value=255)
    code = cv2.resize(modules, None, fx=scale, fy=scale, interpolation=cv2.INTER_NEAREST)
    image = np.full((*size, 3), 130, np.uint8)
    y, x = (size[0] - code.shape[0]) // 2, (size[1] - code.shape[1]) // 2
    image[y : y + code.shape[0], x : x + code.shape[1]] = code[..., None]
    return image


def ean13(digits: str, *, module_px: int = 3, height_px: int = 140, size: tuple[int, int] = (480, 640)) -> Image:
    """An EAN-13 barcode (ISO/IEC 15420) in the middle of a white picture."""
    left = [
        "0001101",
        "0011001",
        "0010011",
        "0111101",
        "0100011",
        "0110001",
        "0101111",
        "0111011",
        "0110111",
        "0001011",
    ]
    parity = ["LLLLLL", "LLGLGG", "LLGGLG", "LLGGGL", "LGLLGG", "LGGLLG", "LGGGLL", "LGLGLG", "LGLGGL", "LGGLGL"]
    right = ["".join("10"[int(b)] for b in code) for code in left]
    first = [
        left[int(d)] if p == "L" else right[int(d)][::-1]
        for p, d in zip(parity[int(digits[0])], digits[1:7], strict=True)
    ]
    bits = "101" + "".join(first) + "01010" + "".join(right[int(d)] for d in digits[7:]) + "101"
    row = np.repeat(np.array([0 if bit == "1" else 255 for bit in bits], np.uint8), module_px)
    image = np.full((*size, 3), 255, np.uint8)
    y, x = (size[0] - height_px) // 2, (size[1] - len(row)) // 2
    image[y : y + height_px, x : x + len(row)] = row[None, :, None]
    # as sharp as a lens: OpenCV's detector overlooks the perfect edges of a drawing
    return np.asarray(cv2.GaussianBlur(image, (5, 5), 0), np.uint8)
