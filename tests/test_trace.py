"""Where the time went: spans, percentiles, what of a stretch of time they cover, and the file that Perfetto opens."""

from __future__ import annotations

import json
import threading
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from edge.clock import MS
from edge.trace import SAMPLES_KEPT_LIVE, Span, Trace, age_summary, covered_ns, percentile, percentiles, write_perfetto


def span(start: int, end: int, name: str = "work", track: str = "hear", units: float = 1.0) -> Span:
    return Span(name, track, start, end, units)


@pytest.mark.parametrize(
    ("spans", "covered"),
    [
        ([], 0),
        ([(0, 100)], 100),
        ([(10, 30), (50, 60)], 30),
        ([(10, 30), (20, 40)], 30),
        ([(10, 90), (20, 40)], 80),
        ([(20, 40), (10, 90)], 80),
        ([(10, 30), (30, 50)], 40),
        ([(-50, 10), (95, 500)], 15),
        ([(-50, -10), (100, 500)], 0),
        ([(-50, 500)], 100),
        ([(10, 30), (10, 30), (10, 30)], 20),
        ([(40, 40)], 0),
    ],
    ids=["nothing", "all", "two", "overlapping", "nested", "out of order", "touching", "cut at both ends", "outside",
         "longer", "the same thrice", "empty"],
)  # fmt: skip
def test_time_that_several_spans_cover_counts_once(spans: list[tuple[int, int]], covered: int) -> None:
    """Of the stretch from 0 to 100."""
    assert covered_ns([span(a, b) for a, b in spans], 0, 100) == covered


def test_percentiles_are_values_that_were_there() -> None:
    """Nearest rank: no number that nobody measured."""
    values = [float(v) for v in range(1, 101)]
    assert [percentile(values, q) for q in (1, 50, 95, 99, 100)] == [1, 50, 95, 99, 100]
    assert percentile([3.0, 1.0, 2.0], 50) == 2.0
    assert percentile([7.0], 1) == percentile([7.0], 99) == 7.0
    assert percentile([], 50) == 0.0
    assert percentiles([1.0, 2.0, 1000.0]) == {"p50_ms": 2.0, "p95_ms": 1000.0, "p99_ms": 1000.0}
    assert age_summary([]) == {"p50": 0.0, "p99": 0.0, "max": 0.0}
    assert age_summary([1.23456, 2.0]) == {"p50": 1.235, "p99": 2.0, "max": 2.0}


def test_work_is_summed_by_name_and_its_samples_are_bounded() -> None:
    trace = Trace(live=True)
    for i in range(SAMPLES_KEPT_LIVE + 100):
        trace.work("ocr", "text", 0, (i + 1) * MS, 2.0)
        trace.age("text", float(i))
    row = trace.stages()["ocr"]
    assert row["n"] == SAMPLES_KEPT_LIVE
    assert row["p50_ms"] == 100 + SAMPLES_KEPT_LIVE / 2
    assert trace.ages()["max"] == SAMPLES_KEPT_LIVE + 99


def test_a_follower_gets_each_span_once_from_now_on() -> None:
    trace = Trace()
    trace.wait("hear", 0, 1)
    follower = trace.follow()
    trace.mark("pause", "hear", 1, 2)
    trace.work("hear", "hear", 2, 3, 1.0)
    assert [s.name for s in follower] == ["pause", "hear"]
    assert [s.name for s in trace.spans] == ["wait", "pause", "hear"]


def test_many_threads_may_write_while_one_reads() -> None:
    trace = Trace()
    threads = [
        threading.Thread(target=lambda n=n: [trace.work(f"w{n}", "t", i, i + 1, 1.0) for i in range(500)])
        for n in range(8)
    ]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        trace.stages()
    for thread in threads:
        thread.join()
    assert len(trace.spans) == 4_000
    assert all(row["n"] == 500 for row in trace.stages().values())


def perfetto(path: Path, spans: list[Span]) -> list[dict[str, Any]]:
    write_perfetto(spans, path)
    found = json.loads(path.read_text())
    assert set(found) == {"displayTimeUnit", "traceEvents"}
    return list(found["traceEvents"])


def test_perfettos_file_has_what_the_format_asks_of_every_event(tmp_path: Path) -> None:
    """Trace Event Format: ph, ts, pid and tid always, times in µs; a name for each track; a pair for each wait."""
    spans = [
        span(1_500, 4_500, "asr", "listen"),
        span(0, 9_000, "wait", "listen", 0.0),
        span(2_000, 3_000, 'a "name"', "écoute"),
    ]
    events = perfetto(tmp_path / "trace.json", spans)
    assert all({"ph", "ts", "pid", "tid", "name"} <= set(e) for e in events)
    complete = [e for e in events if e["ph"] == "X"]
    assert [(e["name"], e["ts"], e["dur"]) for e in complete] == [("asr", 1.5, 3.0), ('a "name"', 2.0, 1.0)]
    named = {e["tid"]: e["args"]["name"] for e in events if e["name"] == "thread_name"}
    assert [named[e["tid"]] for e in complete] == ["listen", "écoute"]
    waits = [(e["ph"], e["name"], e["ts"], e["id"]) for e in events if e.get("cat") == "wait"]
    assert waits == [("b", "listen: wait", 0.0, 1), ("e", "listen: wait", 9.0, 1)]
    assert {e["args"]["name"] for e in events if e["name"] == "process_name"} == {"glasspath"}


def test_slices_of_one_track_never_cross(tmp_path: Path) -> None:
    """They follow each other or one lies in the other: Perfetto draws crossing ones wrongly. Waits may."""
    spans = [span(0, 10, "a"), span(10, 20, "b"), span(20, 50, "c")]
    spans += [span(5, 12, "wait", units=0.0), span(11, 30, "wait", units=0.0), span(12, 13, "wait", units=0.0)]
    assert_no_crossing(perfetto(tmp_path / "trace.json", spans))


def assert_no_crossing(events: list[dict[str, Any]]) -> None:
    tracks: dict[int, list[tuple[float, float]]] = {}
    for event in events:
        if event["ph"] == "X":
            tracks.setdefault(event["tid"], []).append((event["ts"], event["ts"] + event["dur"]))
    for slices in tracks.values():
        opened: list[float] = []
        for start, end in sorted(slices, key=lambda s: (s[0], -s[1])):
            while opened and opened[-1] <= start + 1e-6:
                opened.pop()
            assert not opened or end <= opened[-1] + 1e-6, f"{start}–{end} crosses the end at {opened[-1]}"
            opened.append(end)


def test_the_tracks_of_a_real_session_do_not_cross(tmp_path: Path) -> None:
    from edge.commands.replay import profile_of
    from edge.config import load_config
    from edge.runtime import replay_virtual
    from edge.sources import replay
    from tests.test_media import tone, write_film, write_wav

    film = write_film(tmp_path / "a.mp4", list(range(0, 2_000, 33)))
    sound = write_wav(tmp_path / "a.wav", tone(2.0, 16_000), 16_000)
    events = replay.files(str(film), str(sound), width=640, height=480, block_ms=80)
    config = load_config(None, ["reasoning.local.kind=none", "perception.text.kind=none"])
    session = replay_virtual(config, events, (True, True), profile_of("desktop"))
    spans = list(session.trace.spans)
    assert len(spans) > 50
    assert all(a.end_ns >= a.start_ns for a in spans)
    assert_no_crossing(perfetto(tmp_path / "trace.json", spans))
    by_track: dict[str, list[Span]] = {}
    for s in spans:
        if s.units:
            by_track.setdefault(s.track, []).append(s)
    for track, worked in by_track.items():
        ordered = sorted(worked, key=lambda s: s.start_ns)
        assert all(a.end_ns <= b.start_ns for a, b in pairwise(ordered)), f"{track} does one thing at a time"
