"""A camera: by index through OpenCV (V4L2), or a file, RTSP or MJPEG address through PyAV."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2

from edge import media
from edge.clock import Now, S
from edge.errors import SourceError
from edge.types import Frame


class Camera:
    """Source: Frame."""

    def __init__(self, source: str, width: int, height: int, fps: float, now_ns: Now) -> None:
        self.name = f"camera {source}"
        self._source, self._size, self._fps, self._now_ns = source, (width, height), fps, now_ns
        self._seq = 0

    def run(self, publish: Callable[[Any], None], stop: threading.Event) -> None:
        if self._source.isdigit():
            self._device(publish, stop)
        else:
            self._stream(publish, stop)

    def _device(self, publish: Callable[[Any], None], stop: threading.Event) -> None:
        path = Path(f"/dev/video{self._source}")
        if path.parent.is_dir() and not path.exists():
            raise SourceError(f"camera {self._source} is not there ({path} does not exist): plug it in, or choose one that "
                              "'edge run --list' shows")  # fmt: skip
        capture = cv2.VideoCapture(int(self._source))
        try:
            if not capture.isOpened():
                raise SourceError(f"camera {self._source} could not be opened: is another program using it?")
            capture.set(cv2.CAP_PROP_FRAME_WIDTH, self._size[0])
            capture.set(cv2.CAP_PROP_FRAME_HEIGHT, self._size[1])
            capture.set(cv2.CAP_PROP_FPS, self._fps)
            capture.set(cv2.CAP_PROP_BUFFERSIZE, 1)  # an old frame in the driver's queue is a late frame
            while not stop.is_set():
                good, image = capture.read()
                if not good:
                    raise SourceError(f"camera {self._source} sends no more pictures: is it unplugged?")
                image.flags.writeable = False
                publish(Frame(self._now_ns(), image, self._next_seq()))
        finally:
            capture.release()

    def _stream(self, publish: Callable[[Any], None], stop: threading.Event) -> None:
        """A file plays at its own speed; an address gives frames when they come."""
        is_file = "://" not in self._source
        start_ns = self._now_ns()
        for frame in media.frames(self._source, *self._size):
            if is_file and stop.wait(max(0.0, (start_ns + frame.t_ns - self._now_ns()) / S)):
                return
            if stop.is_set():
                return
            publish(Frame(self._now_ns(), frame.image, self._next_seq()))
        if not is_file:
            raise SourceError(f"camera {self._source} closed the stream: is it still on?")

    def _next_seq(self) -> int:
        self._seq += 1
        return self._seq


def devices() -> list[tuple[str, str]]:
    """Index and name of each V4L2 camera."""
    found = []
    for path in sorted(Path("/sys/class/video4linux").glob("video*")):
        index = (path / "index").read_text().strip() if (path / "index").is_file() else "0"
        if index == "0":  # further nodes of one camera carry metadata, not pictures
            found.append((path.name.removeprefix("video"), (path / "name").read_text().strip()))
    return found
