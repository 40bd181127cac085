"""Files and streams, picture and sound, through PyAV: the one place `av` is imported.

Whatever rate, width or number of channels the sound has, out come mono int16 chunks at the wanted rate; whatever the
pictures are, out come BGR frames no larger than wanted, each at its own presentation time (variable frame rates too).
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np

from edge.clock import S
from edge.errors import SourceError
from edge.types import AudioChunk, Frame

OPEN_TIMEOUT_S: Final = 10.0
READ_TIMEOUT_S: Final = 5.0
"""a stream that sends nothing for so long is taken for dead"""
INDEXED: Final = ("mov", "wav", "flac", "matroska")
"""containers whose header says how long they are, so that a cut-off file can be told"""
UNKNOWN_BYTES: Final = 0x7FFF_0000
"""a WAV header that says so much or more was written to a pipe: the writer did not know the length"""
TRUNCATION_SLACK_S: Final = 0.5


@cache
def _av() -> Any:
    """PyAV, when it is needed: 27 MB that a session with a camera and a microphone of its own can do without."""
    import av

    av.logging.set_level(None)
    return av


def frames(source: str, max_width: int, max_height: int) -> Iterator[Frame]:
    """The pictures of a file or address; times count from the start of the file.

    Raises:
        SourceError: missing, without pictures, corrupt or cut off.
    """
    with _open(source) as container:
        stream = _stream(container, "video", source, "pictures")
        stream.thread_type = "SLICE"  # frame threads add a delay and keep pictures
        origin = _origin(container)
        seq, last_ns = 0, -1
        for picture in _decoded(container, stream, source):
            if picture.pts is None:
                continue
            t_ns = max(_ns(picture.pts * stream.time_base) - origin, 0)
            if t_ns <= last_ns:
                continue  # a broken clock: time goes forward or the frame does not count
            yield Frame(t_ns, _bgr(picture, max_width, max_height), seq)
            seq, last_ns = seq + 1, t_ns
        if seq == 0:
            raise SourceError(f"{source} holds no picture that can be decoded: empty or corrupt, give another file")
        _check_length(container, stream, source, last_ns)


def sound(source: str, rate_hz: int, block: int) -> Iterator[AudioChunk]:
    """The sound of a file or address in chunks of `block` samples, the last one shorter.

    Raises:
        SourceError: missing, without sound, corrupt or cut off.
    """
    with _open(source) as container:
        stream = _stream(container, "audio", source, "sound")
        resampler = _av().AudioResampler(format="s16", layout="mono", rate=rate_hz)
        rest = np.zeros(0, np.int16)
        start_ns: int | None = None
        sent = 0

        def chunk(samples: np.ndarray[Any, np.dtype[np.int16]]) -> AudioChunk:
            samples = samples.copy()
            samples.flags.writeable = False
            return AudioChunk((start_ns or 0) + sent * S // rate_hz, samples, rate_hz)

        for piece in _resampled(container, stream, resampler, source):
            if start_ns is None:
                first = piece.pts * piece.time_base if piece.pts is not None else 0
                start_ns = max(_ns(first) - _origin(container), 0)
            rest = np.concatenate([rest, piece.to_ndarray()[0]])
            while len(rest) >= block:
                yield chunk(rest[:block])
                sent += block
                rest = rest[block:]
        if len(rest):
            yield chunk(rest)
            sent += len(rest)
        if sent == 0:
            raise SourceError(f"{source} holds no sound: it is empty or corrupt, give another file")
        _check_length(container, stream, source, sent * S // rate_hz)


def has(source: str, kind: str) -> bool:
    """Whether a file has a stream of this kind, "video" or "audio"."""
    with _open(source) as container:
        return any(s.type == kind for s in container.streams)


def duration_s(source: str) -> float:
    """How long a file says it is; 0.0 when it does not say."""
    with _open(source) as container:
        return 0.0 if container.duration is None else container.duration / 1_000_000


def jpeg(image: np.ndarray[Any, np.dtype[np.uint8]], quality: int) -> bytes:
    """A BGR picture as JPEG."""
    return bytes(cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, quality])[1])


def from_jpeg(data: bytes, where: str) -> np.ndarray[Any, np.dtype[np.uint8]]:
    """A JPEG as a read-only BGR picture.

    Raises:
        SourceError: it is not one.
    """
    image = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
    if image is None:
        raise SourceError(f"a picture in {where} is corrupt")
    image.flags.writeable = False
    return np.asarray(image, np.uint8)


@contextmanager
def _open(source: str) -> Iterator[Any]:
    is_address = "://" in source
    if not is_address:
        path = Path(source)
        if not path.is_file():
            raise SourceError(f"{source} is not there: check the path")
        if path.stat().st_size == 0:
            raise SourceError(f"{source} is empty: give a file with pictures or sound")
    options = {"rtsp_transport": "tcp", "fflags": "nobuffer"} if source.startswith("rtsp") else {}
    try:
        container = _av().open(source, options=options, timeout=(OPEN_TIMEOUT_S, READ_TIMEOUT_S))
    except (_av().error.FFmpegError, OSError) as error:
        what = "could not be reached" if is_address else "is not a video or sound file that can be read"
        advice = "check the address and the network" if is_address else "it may be cut off or corrupt, give another"
        raise SourceError(f"{source} {what} ({_why(error)}): {advice}") from error
    with container:
        yield container


def _stream(container: Any, kind: str, source: str, what: str) -> Any:
    found = next((s for s in container.streams if s.type == kind), None)
    if found is None:
        raise SourceError(f"{source} has no {what}: give a file with {what}")
    return found


def _decoded(container: Any, stream: Any, source: str) -> Iterator[Any]:
    try:
        yield from container.decode(stream)
    except (_av().error.FFmpegError, OSError) as error:
        if "://" in source:
            raise SourceError(f"{source} stopped sending ({_why(error)}): is it still on, and in reach?") from error
        raise SourceError(f"{source} is corrupt or cut off ({_why(error)}): give another file") from error


def _resampled(container: Any, stream: Any, resampler: Any, source: str) -> Iterator[Any]:
    for piece in _decoded(container, stream, source):
        yield from resampler.resample(piece)
    try:
        yield from resampler.resample(None)
    except (_av().error.FFmpegError, ValueError) as error:  # nothing was ever decoded
        raise SourceError(f"{source} holds no sound: it is empty or corrupt, give another file") from error


def _check_length(container: Any, stream: Any, source: str, end_ns: int) -> None:
    """A file that says it is longer than what could be decoded was cut off."""
    if not any(name in container.format.name for name in INDEXED) or stream.duration is None:
        return
    said_s = float(stream.duration * stream.time_base)
    if container.format.name == "wav" and "://" not in source:
        said_s = end_ns / S * _wav_promise(Path(source))  # FFmpeg takes the file's own length for the header's
    frame_s = float(1 / stream.average_rate) if stream.type == "video" and stream.average_rate else 0.0
    if end_ns / S + frame_s < said_s - max(TRUNCATION_SLACK_S, 0.02 * said_s):
        raise SourceError(
            f"{source} is cut off: it says {said_s:.1f} s but ends at {end_ns / S:.1f} s; record or copy it again"
        )


def _wav_promise(path: Path) -> float:
    """How many times as much sound as there is the header of a WAV file promises."""
    with path.open("rb") as file:
        file.seek(12)
        while len(head := file.read(8)) == 8:
            name, size = struct.unpack("<4sI", head)
            if name == b"data":
                here = path.stat().st_size - file.tell()
                return 1.0 if size >= UNKNOWN_BYTES or here <= 0 else max(1.0, size / here)
            file.seek(size + size % 2, 1)
    return 1.0


def _bgr(picture: Any, max_width: int, max_height: int) -> Any:
    scale = min(1.0, max_width / picture.width, max_height / picture.height)
    if scale < 1.0:
        size = {"width": max(2, round(picture.width * scale)), "height": max(2, round(picture.height * scale))}
        picture = picture.reformat(**{k: v // 2 * 2 for k, v in size.items()})
    if picture.format.name == "yuv420p" and picture.width % 2 == 0 and picture.height % 2 == 0:
        image = cv2.cvtColor(picture.to_ndarray(), cv2.COLOR_YUV2BGR_I420)  # three times as fast as swscale
    else:
        image = picture.to_ndarray(format="bgr24")
    image.flags.writeable = False
    return image


def _origin(container: Any) -> int:
    return 0 if container.start_time is None else container.start_time * 1_000  # µs


def _ns(seconds: Fraction | int) -> int:
    return int(Fraction(seconds) * S)


def _why(error: Exception) -> str:
    return str(getattr(error, "strerror", None) or error)
