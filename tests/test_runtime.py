"""A live session: what fails is named and tried again, everything else goes on, and it ends in order when told."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from edge import event_log
from edge.clock import MS, Now
from edge.config import load_config
from edge.errors import ModelError, SourceError
from edge.event_log import EVENTS_KEPT_LIVE, TURNS_KEPT, EventLog
from edge.mailbox import Policy
from edge.runtime import Live, Session, Source
from edge.stage import Node
from edge.trace import SPANS_KEPT_LIVE
from edge.types import AudioChunk, Failure, Frame, Query, Scene, Work
from tests.fakes import Echo, FlakySource, chunk, frame, said
from tests.test_media import tone, write_film, write_wav

ROOT = Path(__file__).parents[1]
OFF = ["perception.text.kind=none", "perception.codes.qr=false", "perception.codes.barcodes=false",
       "reasoning.local.kind=none"]  # fmt: skip
"""no detector and no model: these tests are about the scheduler"""
ALL = Policy(capacity=10_000, drop="oldest", max_age_ms=60_000)


class Feed:
    """A source that publishes its events, says so, and is over or waits for the end."""

    def __init__(self, name: str, events: list[Any], *, lasts: bool = False) -> None:
        self.name = name
        self._events, self._lasts = events, lasts
        self.done = threading.Event()

    def run(self, publish: Callable[[Any], None], stop: threading.Event) -> None:
        for event in self._events:
            publish(event)
        self.done.set()
        if self._lasts:
            stop.wait()


class Gone:
    """A device that is never there; says when it was tried how often."""

    name = "camera 7"

    def __init__(self, enough: int) -> None:
        self.tried_s: list[float] = []
        self.tried_enough = threading.Event()
        self._enough = enough

    def run(self, publish: Callable[[Any], None], stop: threading.Event) -> None:
        self.tried_s.append(time.monotonic())
        if len(self.tried_s) >= self._enough:
            self.tried_enough.set()
        raise SourceError("camera 7 is not there: plug it in")


class Busy:
    """A stage that works until it is interrupted, as a language model does."""

    def __init__(self) -> None:
        self.working, self.interrupted = threading.Event(), threading.Event()

    def process(self, item: Any) -> Iterator[Work]:
        self.working.set()
        self.interrupted.wait(30)
        yield Work("busy")

    def interrupt(self) -> None:
        self.interrupted.set()


class Stuck(Busy):
    """A stage that cannot be interrupted; `interrupted` is only what the test itself sets when it is over."""

    interrupt = None  # type: ignore[assignment]  # not interruptible


class Broken:
    """A stage with a bug in it: it fails on the first items."""

    def __init__(self, *errors: Exception) -> None:
        self._errors = list(errors)
        self.items: list[Any] = []

    def process(self, item: Any) -> Iterator[Work]:
        self.items.append(item)
        yield Work("broken")
        if self._errors:
            raise self._errors.pop(0)


def live(*sources: Source, sinks: list[Node] | None = None, taps: Any = (), **options: Any) -> Live:
    make: Callable[[Now], list[Source]] = lambda now_ns: list(sources)  # noqa: E731
    return Live(load_config(None, OFF), make, (False, False), sinks=sinks or [], taps=taps, **options)


def until(session: Live, happened: threading.Event) -> Session:
    """Run, and stop when `happened`."""
    threading.Thread(target=lambda: (happened.wait(20), session.stop()), daemon=True).start()
    return session.run()


def test_a_session_ends_by_itself_when_its_sources_are_over_and_all_work_is_done() -> None:
    stage = Echo()
    session = live(Feed("sound", [chunk(i * 80) for i in range(50)]), sinks=[Node("echo", stage, (AudioChunk,), ALL)])
    found = session.run()
    assert len(stage.items) == 50
    assert found.dropped()["echo"] == 0


def test_a_source_that_fails_is_named_and_everything_else_goes_on() -> None:
    gone, good, stage = Gone(enough=2), Feed("sound", [chunk(0), chunk(80)], lasts=True), Echo()
    session = until(live(gone, good, sinks=[Node("echo", stage, (AudioChunk,), ALL)]), gone.tried_enough)
    first = session.log.failures[0]
    assert first.where == "camera 7"
    assert first.error == "camera 7 is not there: plug it in; tried again in 0.5 s, everything else goes on"
    assert len(stage.items) == 2


def test_each_retry_waits_twice_as_long_as_the_one_before() -> None:
    """Half a second, then one, each with a tenth of chance so that many devices do not come at once."""
    gone = Gone(enough=3)
    session = until(live(gone), gone.tried_enough)
    waits_s = [b - a for a, b in zip(gone.tried_s, gone.tried_s[1:], strict=False)]
    assert waits_s[0] >= 0.44
    assert waits_s[1] >= 0.89
    assert [f.error.partition("tried again in ")[2].partition(",")[0] for f in session.log.failures][:3] == [
        "0.5 s", "1 s", "2 s"
    ]  # fmt: skip


def test_a_source_that_comes_back_delivers() -> None:
    flaky, stage = FlakySource([chunk(0)], failures=1), Echo()
    session = live(flaky, sinks=[Node("echo", stage, (AudioChunk,), ALL)]).run()
    assert [f.where for f in session.log.failures] == ["flaky"]
    assert len(stage.items) == 1


def test_a_recording_that_fails_ends_the_session_with_its_error() -> None:
    """Nothing is tried again: a file does not get better."""
    gone = Gone(enough=1)
    with pytest.raises(SourceError, match="camera 7 is not there"):
        live(gone, Feed("sound", [], lasts=True), retry=False).run()
    assert len(gone.tried_s) == 1


def test_a_source_with_a_bug_is_named_too_and_everything_else_goes_on() -> None:
    class Buggy:
        name = "camera 3"
        tried = threading.Event()

        def run(self, publish: Callable[[Any], None], stop: threading.Event) -> None:
            if self.tried.is_set():
                stop.wait()
                return
            self.tried.set()
            raise KeyError("width")

    failed = threading.Event()
    taps = [lambda event: failed.set() if isinstance(event, Failure) else None]
    session = until(live(Buggy(), Feed("sound", [], lasts=True), taps=taps), failed)
    assert session.log.failures[0].where == "camera 3"
    assert "KeyError: 'width'" in session.log.failures[0].error


def test_a_recording_with_a_bug_in_its_reader_is_not_taken_for_one_that_is_over() -> None:
    class Buggy:
        name = "recording"

        def run(self, publish: Callable[[Any], None], stop: threading.Event) -> None:
            raise KeyError("width")

    with pytest.raises(KeyError):
        live(Buggy(), retry=False).run()


@pytest.mark.parametrize("kind", [Busy, Stuck])
def test_stop_from_another_thread_ends_within_two_seconds_while_a_stage_is_busy(kind: type[Busy]) -> None:
    """At once where the stage can be interrupted; otherwise its thread is left behind."""
    stage = kind()
    session = live(Feed("sound", [chunk(0)], lasts=True), sinks=[Node("busy", stage, (AudioChunk,), ALL)])
    stopped_s = []

    def stop() -> None:
        stage.working.wait(20)
        stopped_s.append(time.monotonic())
        session.stop()

    threading.Thread(target=stop, daemon=True).start()
    session.run()
    took_s = time.monotonic() - stopped_s[0]
    assert took_s < 2.0
    assert stage.interrupted.is_set() == (kind is Busy)
    stage.interrupted.set()


def test_a_stage_that_breaks_is_a_failure_and_the_session_goes_on() -> None:
    """One error on purpose, one bug; the third item goes through."""
    stage = Broken(ModelError("the model is corrupt: pull it again"), ZeroDivisionError("division by zero"))
    source = Feed("sound", [chunk(0), chunk(1000), chunk(2000)])
    session = live(source, sinks=[Node("broken", stage, (AudioChunk,), ALL)]).run()
    assert len(stage.items) == 3
    assert [(f.where, f.error) for f in session.log.failures] == [
        ("broken", "the model is corrupt: pull it again"),
        ("broken", "broken failed on one AudioChunk (ZeroDivisionError: division by zero); it goes on"),
    ]


def test_a_slow_stage_looks_at_the_newest_frame_and_counts_what_it_missed() -> None:
    """Nobody waits for it, and it never looks at an old frame."""
    busy = Busy()

    class Slow(Echo):
        def process(self, item: Any) -> Iterator[Any]:
            yield from super().process(item)
            if len(self.items) == 1:
                yield from busy.process(item)

    stage = Slow()
    policy = Policy(capacity=1, drop="oldest", max_age_ms=60_000)
    source = Feed("camera", [frame(0)])

    def run(publish: Callable[[Any], None], stop: threading.Event) -> None:
        publish(frame(0, seq=0))
        busy.working.wait(20)
        for i in range(1, 31):
            publish(frame(i, seq=i))
        busy.interrupt()

    source.run = run  # type: ignore[method-assign]  # the fault
    session = live(source, sinks=[Node("slow", stage, (Frame,), policy)]).run()
    assert [f.seq for f in stage.items] == [0, 30]
    assert session.dropped()["slow"] == 29


def test_a_live_session_keeps_the_newest_events_and_no_more() -> None:
    """Hours of talk do not fill the memory: the log, the turns and the trace are bounded, a recording's are not."""
    many = EVENTS_KEPT_LIVE + 500
    log, whole = EventLog(lambda: 0, EVENTS_KEPT_LIVE), EventLog(lambda: 0)
    for i in range(many):
        for event in (said(f"word {i}", i), Query(i * MS, f"question {i}", Scene(0, ())), Failure(i, "mic", "gone")):
            log(event)
            whole(event)
    assert len(log.lines) == len(log.transcripts_at) == len(log.failures) == EVENTS_KEPT_LIVE
    assert (len(log.turns), log.turns[-1].query.text) == (TURNS_KEPT, f"question {many - 1}")
    assert log.transcripts[-1].text == f"word {many - 1}"
    assert (len(whole.lines), len(whole.turns)) == (3 * many, many)
    session = live()
    assert (session.log.lines.maxlen, session.trace.spans.maxlen) == (event_log.EVENTS_KEPT_LIVE, SPANS_KEPT_LIVE)
    assert live(retry=False).log.lines.maxlen is None


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_ends_a_real_run_in_order_within_two_seconds(tmp_path: Path, number: signal.Signals) -> None:
    """A film and a sound as devices, the default stages but for the language model; killed in the middle of it."""
    film = write_film(tmp_path / "a.mp4", list(range(0, 20_000, 40)))
    sound = write_wav(tmp_path / "a.wav", np.tile(tone(1.0, 16_000), 20), 16_000)
    command = [sys.executable, "-m", "edge", "run", "--camera", str(film), "--microphone", str(sound),
               "--record", str(tmp_path / "a.mcap"), "--set", "reasoning.local.kind=none", "--json"]  # fmt: skip
    environment = os.environ | {"PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT, env=environment
    ) as process:
        assert process.stderr is not None
        assert process.stdout is not None
        while "listening" not in (line := process.stderr.readline()):
            assert line, "it ended before it listened"
        sent_s = time.monotonic()
        process.send_signal(number)
        process.wait(20)
        took_s = time.monotonic() - sent_s
        rest, out = process.stderr.read(), process.stdout.read()
    assert process.returncode == 0
    assert took_s < 2.0
    assert "Traceback" not in rest
    assert '"events_sha256"' in out.splitlines()[-1]
    assert (tmp_path / "a.mcap").read_bytes().endswith(b"\x89MCAP0\r\n"), "the recording was closed"
