"""Writes the picture that the reference firmware's camera takes: `python -m tests.firmware_bridge.make_picture`.

A board without a camera needs a real JPEG all the same: 160 × 120, colour, baseline, small enough for flash.
"""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

FILE = Path(__file__).parent.parent.parent / "firmware_bridge/firmware/glasses/picture.c"
WIDTH, HEIGHT = 160, 120


def main() -> None:
    """Draws a table with a cup and a sign, and writes it as a C array."""
    image = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
    image[:] = np.linspace(210, 150, HEIGHT, dtype=np.uint8)[:, None, None]
    cv2.rectangle(image, (0, 85), (WIDTH, HEIGHT), (60, 90, 130), -1)
    cv2.rectangle(image, (18, 15), (100, 50), (40, 120, 40), -1)
    cv2.putText(image, "CAFE", (26, 42), cv2.FONT_HERSHEY_SIMPLEX, 0.9, (255, 255, 255), 2, cv2.LINE_AA)
    cv2.ellipse(image, (125, 92), (18, 22), 0, 0, 180, (240, 240, 250), -1)
    cv2.ellipse(image, (125, 92), (18, 6), 0, 0, 360, (30, 50, 80), -1)
    done, jpeg = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, 60, cv2.IMWRITE_JPEG_OPTIMIZE, 1])
    assert done
    data = jpeg.tobytes()
    rows = [", ".join(f"{b}" for b in data[at : at + 32]) for at in range(0, len(data), 32)]
    FILE.write_text(
        "/* The camera's picture, a JPEG of 160 by 120. Written by tests/firmware_bridge/make_picture.py: do not edit. */\n"
        '#include "picture.h"\n\nconst uint8_t GP_PICTURE[GP_PICTURE_BYTES] = {\n    ' + ",\n    ".join(rows) + "};\n"
    )
    header = FILE.with_suffix(".h")
    header.write_text(
        "/* The camera's picture: a board without a camera takes this one each time. Written with picture.c. */\n"
        "#ifndef GP_PICTURE_H\n#define GP_PICTURE_H\n\n#include <stdint.h>\n\n"
        f"enum {{ GP_PICTURE_WIDTH = {WIDTH}, GP_PICTURE_HEIGHT = {HEIGHT}, GP_PICTURE_BYTES = {len(data)} }};\n\n"
        "extern const uint8_t GP_PICTURE[GP_PICTURE_BYTES];\n\n#endif\n"
    )
    print(f"{len(data)} bytes")


if __name__ == "__main__":
    main()
