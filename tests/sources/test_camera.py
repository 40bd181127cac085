"""Cameras: a real MJPEG server on loopback, a file, a device that is not there."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import cv2
import numpy as np
import pytest

from edge.clock import session_clock
from edge.errors import SourceError
from edge.sources.camera import Camera
from edge.types import Frame

PICTURES = 12


class MotionJpeg(BaseHTTPRequestHandler):
    """What IP cameras and mjpg-streamer send: JPEGs as parts of one endless answer; this one ends."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "multipart/x-mixed-replace; boundary=frame")
        self.end_headers()
        for i in range(PICTURES):
            image = np.full((240, 320, 3), 20 * i, np.uint8)
            data = cv2.imencode(".jpg", image)[1].tobytes()
            head = f"--frame\r\nContent-Type: image/jpeg\r\nContent-Length: {len(data)}\r\n\r\n"
            self.wfile.write(head.encode() + data + b"\r\n")

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def address() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), MotionJpeg)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}/stream.mjpg"
    server.shutdown()
    server.server_close()
    thread.join()


def test_pictures_of_an_mjpeg_address_come_as_frames_and_its_end_is_said(address: str) -> None:
    frames: list[Frame] = []
    camera = Camera(address, 640, 480, 30, session_clock())
    with pytest.raises(
        SourceError, match=r"stopped sending .*: is it still on|closed the stream: is it still on"
    ) as error:
        camera.run(frames.append, threading.Event())
    assert address in str(error.value)
    assert len(frames) >= PICTURES - 1
    assert frames[0].image.shape == (240, 320, 3)
    assert all(a.t_ns < b.t_ns for a, b in itertools.pairwise(frames))
    assert [f.seq for f in frames] == list(range(1, len(frames) + 1))


def test_an_address_that_nobody_answers_is_one_sentence() -> None:
    camera = Camera("http://127.0.0.1:9/cam.mjpg", 640, 480, 30, session_clock())
    with pytest.raises(SourceError, match=r"could not be reached .*: check the address and the network"):
        camera.run(lambda frame: None, threading.Event())


def test_a_camera_that_is_not_plugged_in_is_named() -> None:
    camera = Camera("97", 640, 480, 30, session_clock())
    with pytest.raises(SourceError, match="camera 97"):
        camera.run(lambda frame: None, threading.Event())
