"""A session as Foxglove's messages: into an MCAP file, to a live viewer, or both. The one place `foxglove` is imported.

Topics: /camera (CompressedImage), /microphone (RawAudio), /camera/seen (ImageAnnotations), /log (Log), and as JSON
/events and /trace. What was written more than FLUSH_S ago survives a `kill -9`.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import foxglove
from foxglove import channels as fc
from foxglove import messages as fm

from edge.clock import Now, S
from edge.errors import ConfigError
from edge.event_log import described
from edge.mailbox import Policy
from edge.media import jpeg
from edge.trace import Trace
from edge.types import (
    Answer,
    AudioChunk,
    Button,
    Event,
    Failure,
    Frame,
    Keyframe,
    Keyword,
    Looked,
    Query,
    SpeechStarted,
    Tick,
    Token,
    Transcript,
)  # fmt: skip

FLUSH_S: Final = 0.5
METADATA: Final = "glasspath"
"""name of the MCAP metadata record that holds `origin_ns`, the wall time of the session's zero"""


@dataclass(frozen=True, slots=True)
class Options:
    """How much is kept."""

    fps: float = 10.0
    """pictures a second; compressing each costs a few ms"""
    jpeg_quality: int = 80


class Recorder:
    """Stage: every event → nothing but the file and the viewer. Flushes on its own ticks."""

    takes = (
        Frame, AudioChunk, Button, SpeechStarted, Transcript, Keyword, Keyframe, Looked, Query, Token, Answer, Failure,
    )  # fmt: skip
    policy = Policy(capacity=256, drop="oldest", max_age_ms=10_000)

    def __init__(
        self, options: Options, now_ns: Now, trace: Trace, *, path: Path | None = None, port: int | None = None
    ) -> None:
        """Open the file, serve the viewer.

        Raises:
            ConfigError: the file exists already or cannot be written, or the port is taken.
        """
        self._options, self._now_ns, self._spans = options, now_ns, trace.follow()
        self._origin_ns = time.time_ns() - now_ns()
        self._context = foxglove.Context()
        self._writer: Any = None if path is None else _open(path, self._context)
        self._server: Any = None if port is None else _serve(port, self._context)
        if self._writer is not None:
            self._writer.write_metadata(METADATA, {"origin_ns": str(self._origin_ns)})
        self._camera = fc.CompressedImageChannel("/camera", context=self._context)
        self._microphone = fc.RawAudioChannel("/microphone", context=self._context)
        self._annotations = fc.ImageAnnotationsChannel("/camera/seen", context=self._context)
        self._log = fc.LogChannel("/log", context=self._context)
        self._events = foxglove.Channel("/events", schema={"type": "object"}, context=self._context)
        self._trace = foxglove.Channel("/trace", schema={"type": "object"}, context=self._context)
        self._next_frame_ns = 0
        self._size = (640, 480)
        self._flush_ns: int | None = None
        """when what was written since the last flush must be on disk; None: nothing was"""
        self._closed = False

    def due_ns(self) -> int | None:
        return self._flush_ns

    def process(self, item: Event) -> Iterator[Event]:
        if isinstance(item, Keyframe) and item.is_refresh:
            return
        match item:
            case Frame():
                self._picture(item)
            case AudioChunk():
                wall_ns = self._origin_ns + item.t_ns
                data = item.samples.astype("<i2", copy=False).tobytes()
                self._microphone.log(
                    fm.RawAudio(timestamp=_stamp(wall_ns), data=data, format="pcm-s16", sample_rate=item.rate_hz,
                                number_of_channels=1), log_time=wall_ns,
                )  # fmt: skip
            case Tick():
                self._flush()
            case _:
                self._event(item)
        if self._flush_ns is None and not isinstance(item, Tick):
            self._flush_ns = self._now_ns() + int(FLUSH_S * S)
        elif self._flush_ns is not None and self._now_ns() >= self._flush_ns:
            self._flush()
        yield from ()

    def close(self) -> None:
        """Write what is left and close the file; the worker must have ended."""
        if self._closed:
            return
        self._closed = True
        self._flush()
        if self._writer is not None:
            self._writer.close()
        if self._server is not None:
            self._server.stop()

    def _picture(self, frame: Frame) -> None:
        if frame.t_ns < self._next_frame_ns:
            return
        self._next_frame_ns = max(self._next_frame_ns + int(S / self._options.fps), frame.t_ns)
        self._size = (frame.image.shape[1], frame.image.shape[0])
        wall_ns = self._origin_ns + frame.t_ns
        data = jpeg(frame.image, self._options.jpeg_quality)
        image = fm.CompressedImage(timestamp=_stamp(wall_ns), frame_id="camera", data=data, format="jpeg")
        self._camera.log(image, log_time=wall_ns)

    def _event(self, item: Event) -> None:
        now_ns = self._origin_ns + self._now_ns()
        fields = described(item)
        if fields is not None:
            self._events.log(json.dumps(fields, ensure_ascii=False), log_time=now_ns)
        if isinstance(item, Looked):
            self._annotations.log(self._annotated(item), log_time=now_ns)
        said = _said(item)
        if said is not None:
            level = fm.LogLevel.Warning if isinstance(item, Failure) else fm.LogLevel.Info
            message = fm.Log(timestamp=_stamp(now_ns), level=level, message=said, name=type(item).__name__)
            self._log.log(message, log_time=now_ns)

    def _annotated(self, looked: Looked) -> Any:
        width, height = self._size
        stamp = _stamp(self._origin_ns + looked.t_ns)
        points, texts = [], []
        for seen in looked.seen:
            x0, y0, x1, y1 = seen.box_xyxy
            corners = [fm.Point2(x=x * width, y=y * height) for x, y in ((x0, y0), (x1, y0), (x1, y1), (x0, y1))]
            green = fm.Color(r=0.2, g=1.0, b=0.4, a=1.0)
            points.append(fm.PointsAnnotation(timestamp=stamp, type=fm.PointsAnnotationType.LineLoop, points=corners,
                                              outline_color=green, thickness=2.0))  # fmt: skip
            texts.append(fm.TextAnnotation(timestamp=stamp, position=corners[0], text=f"{seen.label} {seen.score:.2f}",
                                           font_size=14.0, text_color=green))  # fmt: skip
        return fm.ImageAnnotations(points=points, texts=texts)

    def _flush(self) -> None:
        spans = [self._spans.popleft() for _ in range(len(self._spans))]
        if spans:
            rows = [{"name": s.name, "track": s.track, "start_ns": s.start_ns, "end_ns": s.end_ns} for s in spans]
            self._trace.log(json.dumps({"spans": rows}), log_time=self._origin_ns + self._now_ns())
        if self._writer is not None:
            self._writer.flush()
        self._flush_ns = None


def _said(item: Event) -> str | None:
    match item:
        case Transcript(is_final=True, text=text) if text:
            return f"heard: {text}"
        case Answer(text=text, source=source):
            return f"answered ({source}): {text}"
        case Failure(where=where, error=error):
            return f"{where}: {error}"
        case _:
            return None


def _stamp(wall_ns: int) -> Any:
    return fm.Timestamp(wall_ns // S, wall_ns % S)


def _open(path: Path, context: Any) -> Any:
    try:
        return foxglove.open_mcap(path, context=context)
    except (OSError, RuntimeError) as error:
        what = "exists already and is not written over" if path.exists() else f"could not be written ({error})"
        raise ConfigError(f"{path} {what}: give another path") from error


def _serve(port: int, context: Any) -> Any:
    foxglove.set_log_level("ERROR")
    try:
        return foxglove.start_server(name="glasspath", port=port, context=context)
    except (OSError, RuntimeError) as error:
        raise ConfigError(
            f"the Foxglove server could not listen on port {port} ({error}): give another port"
        ) from error
