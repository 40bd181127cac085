"""The recorder writes what Foxglove and the `mcap` tools open as it is, never over a file, and serves a viewer live."""

from __future__ import annotations

import base64
import json
import os
import socket
from collections import Counter
from pathlib import Path

import pytest
from mcap.reader import make_reader

from edge.clock import MS, VirtualClock
from edge.errors import ConfigError
from edge.sinks.record import Options, Recorder
from edge.trace import Trace
from edge.types import Answer, Failure, Frame, Query, Scene
from tests.fakes import keyframe, looked, said, seen
from tests.sinks.recorded import picture, record


def test_the_mcap_tools_see_foxgloves_schemas_on_every_topic(tmp_path: Path) -> None:
    """Read by the `mcap` package alone, as Foxglove would."""
    clock, trace = VirtualClock(), Trace()
    path = tmp_path / "a.mcap"
    recorder = Recorder(Options(), clock, trace, path=path)
    trace.work("ocr_detect", "ocr", 0, 5 * MS, 1.0)
    for event in (
        Frame(0, picture(0), 0),
        keyframe(0),
        keyframe(10, refresh=True),
        looked(0, seen("EXIT")),
        said("what does the sign say", 900),
        Query(900 * MS, "what does the sign say", Scene(900 * MS, (seen("EXIT"),))),
        Answer(900 * MS, "what does the sign say", "It says EXIT.", "local", 0.9, False, None, 1, 2),
        Failure(950 * MS, "microphone", "it is unplugged: plug it in"),
    ):
        list(recorder.process(event))
    recorder.close()
    record_sound = record(tmp_path / "b.mcap", seconds=0.2)
    with path.open("rb") as file, record_sound.open("rb") as other:
        found = [*make_reader(file).iter_messages(), *make_reader(other).iter_messages()]
        schemas = {channel.topic: schema.name for schema, channel, _ in found if schema is not None}
        events = [json.loads(m.data) for _, c, m in found if c.topic == "/events"]
        spans = [json.loads(m.data)["spans"] for _, c, m in found if c.topic == "/trace"]
    assert {k: v for k, v in schemas.items() if k not in ("/events", "/trace")} == {
        "/camera": "foxglove.CompressedImage",
        "/camera/seen": "foxglove.ImageAnnotations",
        "/microphone": "foxglove.RawAudio",
        "/log": "foxglove.Log",
    }
    assert Counter(e["event"] for e in events) == Counter(
        ["Keyframe", "Looked", "Transcript", "Query", "Answer", "Failure"]
    )
    assert spans == [[{"name": "ocr_detect", "track": "ocr", "start_ns": 0, "end_ns": 5 * MS}]]


def test_a_file_that_was_closed_has_an_index_and_the_sessions_wall_time(tmp_path: Path) -> None:
    """So that a viewer can jump, and logs of others can be laid beside it."""
    with record(tmp_path / "a.mcap", seconds=2.0).open("rb") as file:
        reader = make_reader(file)
        summary = reader.get_summary()
        assert summary is not None
        assert summary.statistics is not None
        assert summary.statistics.message_count == 50
        assert len(summary.chunk_indexes) >= 3, "one each half second, so that a crash costs no more"
        metadata = {m.name: m.metadata for m in reader.iter_metadata()}
        assert int(metadata["glasspath"]["origin_ns"]) == summary.statistics.message_start_time


def test_pictures_are_kept_no_more_often_than_asked(tmp_path: Path) -> None:
    """30 a second come, 10 a second are kept."""
    clock = VirtualClock()
    recorder = Recorder(Options(fps=10), clock, Trace(), path=tmp_path / "a.mcap")
    for i in range(60):
        clock.advance_to(i * 33 * MS)
        list(recorder.process(Frame(clock(), picture(i), i)))
    recorder.close()
    with (tmp_path / "a.mcap").open("rb") as file:
        times = [m.log_time for _, c, m in make_reader(file).iter_messages() if c.topic == "/camera"]
    assert 19 <= len(times) <= 21
    assert (times[-1] - times[0]) / (len(times) - 1) == pytest.approx(100 * MS, rel=0.05)


def test_a_file_that_is_there_is_never_written_over(tmp_path: Path) -> None:
    path = tmp_path / "a.mcap"
    path.write_bytes(b"somebody's")
    with pytest.raises(ConfigError, match="exists already and is not written over: give another path"):
        Recorder(Options(), VirtualClock(), Trace(), path=path)
    assert path.read_bytes() == b"somebody's"


def test_a_place_that_cannot_be_written_to_is_said(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"nowhere/a\.mcap could not be written .*: give another path"):
        Recorder(Options(), VirtualClock(), Trace(), path=tmp_path / "nowhere" / "a.mcap")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_a_viewer_that_connects_is_answered_and_told_the_topics() -> None:
    """A WebSocket handshake by hand (RFC 6455), with Foxglove's subprotocol."""
    port = free_port()
    recorder = Recorder(Options(), VirtualClock(), Trace(), port=port)
    try:
        list(recorder.process(Frame(0, picture(0), 0)))
        with socket.create_connection(("127.0.0.1", port), timeout=5) as viewer:
            viewer.sendall(
                f"GET / HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                f"Sec-WebSocket-Key: {base64.b64encode(os.urandom(16)).decode()}\r\nSec-WebSocket-Version: 13\r\n"
                "Sec-WebSocket-Protocol: foxglove.sdk.v1\r\n\r\n".encode()
            )
            got = b""
            while b'"/camera"' not in got:
                more = viewer.recv(65_536)
                assert more, got
                got += more
    finally:
        recorder.close()
    assert got.startswith(b"HTTP/1.1 101")
    assert b"foxglove.CompressedImage" in got


def test_a_port_that_is_taken_is_said() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(ConfigError, match=f"could not listen on port {port} .*: give another port"):
            Recorder(Options(), VirtualClock(), Trace(), port=port)
