"""Reads an MCAP recording back as events; one that was cut off by a crash is read up to where it ends."""

from __future__ import annotations

import heapq
import struct
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, Final

import numpy as np
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
from google.protobuf.message import DecodeError
from mcap.exceptions import EndOfFile, McapError, RecordLengthLimitExceeded
from mcap.reader import NonSeekingReader
from zstandard import ZstdError

from edge.clock import S
from edge.errors import SourceError
from edge.media import from_jpeg
from edge.sources.replay import Timed, silence
from edge.types import AudioChunk, Frame

TOPICS: Final = ("/camera", "/microphone")
MAGIC: Final = b"\x89MCAP0\r\n"
"""first and last bytes of a file that was closed in order (mcap.dev/spec)"""
UNFINISHED: Final = 2**64 - 1
"""the length of a chunk until it is known"""
CORRUPT: Final = (
    McapError, DecodeError, ZstdError, ValueError, OverflowError, MemoryError, AssertionError, KeyError, struct.error,
)  # fmt: skip
"""what the readers raise on bytes that are not what they should be: they have no common root"""


def read(path: Path) -> Iterator[Timed]:
    """Frames and sound of a recording in the order in which they were there; times count from its first event.

    Raises:
        SourceError: missing, not a recording, corrupt, or without picture and sound.
    """
    if not path.is_file():
        raise SourceError(f"{path} is not there: check the path")
    origin_ns = _origin_ns(path)
    waiting: list[tuple[int, int, Any]] = []
    count, last = 0, None
    for event in _events(path, origin_ns):
        at_ns = event.end_ns if isinstance(event, AudioChunk) else event.t_ns
        if isinstance(event, AudioChunk):
            last = event
        heapq.heappush(waiting, (at_ns, count, event))
        count += 1
        while waiting and waiting[0][0] <= at_ns - S:  # written nearly in order: a second of slack sorts them
            t_ns, _, ready = heapq.heappop(waiting)
            yield t_ns, ready
    while waiting:
        t_ns, _, ready = heapq.heappop(waiting)
        yield t_ns, ready
    if count == 0:
        raise SourceError(f"{path} holds neither pictures nor sound: record with 'edge record'")
    if last is not None:
        yield from silence(last.end_ns, len(last.samples))


def _origin_ns(path: Path) -> int:
    """Wall time of the first picture or sound: the recording's zero."""
    first = next(iter(_messages(path)), None)
    return 0 if first is None else _time_ns(first[1])


def _events(path: Path, origin_ns: int) -> Iterator[Frame | AudioChunk]:
    seq = 0
    for topic, message in _messages(path):
        t_ns = max(0, _time_ns(message) - origin_ns)
        if topic == "/camera":
            yield Frame(t_ns, from_jpeg(message.data, str(path)), seq)
            seq += 1
        elif message.format != "pcm-s16" or message.number_of_channels != 1:
            raise SourceError(f"{path} holds sound as {message.format}, {message.number_of_channels} channels: "
                              "only pcm-s16, mono, can be replayed")  # fmt: skip
        else:
            yield AudioChunk(t_ns, np.frombuffer(message.data, "<i2"), message.sample_rate)


def _messages(path: Path) -> Iterator[tuple[str, Any]]:
    with path.open("rb") as file:
        reader = NonSeekingReader(file, validate_crcs=True)
        try:
            for schema, channel, message in reader.iter_messages(topics=TOPICS, log_time_order=False):
                if schema is not None and schema.encoding == "protobuf":
                    decoded = _class_of(schema.name, schema.data)()
                    decoded.ParseFromString(message.data)
                    yield channel.topic, decoded
        except CORRUPT as error:
            if _is_open_end(error) and not _was_closed(path):
                return  # the writer was killed: what is there is good
            why = " ".join(str(error).split()) or type(error).__name__
            raise SourceError(f"{path} is not an MCAP recording or is corrupt ({why}): give another file") from error


def _is_open_end(error: Exception) -> bool:
    """Whether reading stopped at a record that was still being written: foxglove-sdk fills a chunk's length in last."""
    if isinstance(error, RecordLengthLimitExceeded):
        return str(UNFINISHED) in str(error)  # the error keeps the length in its text alone
    return isinstance(error, EndOfFile)


def _was_closed(path: Path) -> bool:
    size = path.stat().st_size
    with path.open("rb") as file:
        file.seek(max(0, size - len(MAGIC)))
        return size > len(MAGIC) and file.read() == MAGIC


@cache
def _class_of(name: str, data: bytes) -> Any:
    """The message class that a schema in the file describes."""
    files = descriptor_pb2.FileDescriptorSet.FromString(data)
    pool = descriptor_pool.DescriptorPool()
    for file in files.file:
        pool.Add(file)
    return message_factory.GetMessageClass(pool.FindMessageTypeByName(name))


def _time_ns(message: Any) -> int:
    return int(message.timestamp.seconds) * S + int(message.timestamp.nanos)
