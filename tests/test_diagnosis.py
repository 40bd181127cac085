"""What is wrong with a run: the cause is named, its victims are not, and a healthy run is left alone."""

from __future__ import annotations

import json
from collections.abc import Sequence

import pytest

from edge.clock import MS, S
from edge.diagnosis import diagnose, verdict
from edge.evidence import Asked, Run, cost_of, held_of, lost_ms_of, source_of, steady, usual
from edge.trace import Arrival, Span

ITEMS = 60


def work(
    track: str, start_ms: float, ms: float, *, name: str = "", units: float = 1.0, cpu_ms: float | None = None,
    spared: float = 0.0, missed: float = 0.0,
) -> Span:  # fmt: skip
    cpu_ns = int((ms if cpu_ms is None else cpu_ms) * MS)
    return Span(name or track, track, int(start_ms * MS), int((start_ms + ms) * MS), units, cpu_ns, spared, missed)


def wait(track: str, start_ms: float, ms: float) -> Span:
    return Span("wait", track, int(start_ms * MS), int((start_ms + ms) * MS), 0.0)


def arrivals(late_ms: float = 0.0, block_ms: int = 80, count: int = ITEMS, sound: bool = True) -> list[Arrival]:
    """Items that are there when they are over."""
    length = block_ms * MS if sound else 0
    starts = [i * block_ms * MS for i in range(count)]
    return [Arrival(t, t + length, t + length + int(late_ms * MS)) for t in starts]


def look(i: int, ms: float = 40.0) -> list[Span]:
    """The i-th look at a picture, every 100 ms."""
    return [wait("ocr", 100 * i, 0), work("ocr", 100 * i, ms)]


def run(
    spans: Sequence[Span] = (),
    sources: dict[str, list[Arrival]] | None = None,
    asked: Sequence[Asked] = (),
    cores: int = 2,
) -> Run:
    return Run(list(spans), sources or {}, list(asked), cores)


def good() -> Run:
    spans = [span for i in range(ITEMS) for span in (*look(i), wait("hear", 100 * i, 0), work("hear", 100 * i, 1.0))]
    return run(spans, {"microphone": arrivals(), "camera": arrivals(sound=False, block_ms=33, count=145)})


def named(bad: Run, reference: Run | None = None) -> list[tuple[str, str]]:
    before = json.loads(json.dumps(usual(reference or good())))  # as a file of an earlier run has it
    return [(found.kind, found.where) for found in diagnose(bad, before)]


def changed(track: str, replace: Sequence[Span]) -> Run:
    """The good run, what this track did replaced."""
    base = good()
    return run([*(s for s in base.spans if s.track != track), *replace], dict(base.arrivals))


def test_a_run_like_the_one_before_has_nothing_wrong_and_says_so() -> None:
    assert diagnose(good(), usual(good())) == diagnose(good()) == []
    assert verdict([], compared=True) == ["Nothing is wrong that this trace shows, held against the earlier run."]
    assert "own medians" in verdict([], compared=False)[0]


def test_an_empty_run_is_no_error() -> None:
    assert diagnose(run(), usual(good())) == diagnose(run()) == []
    assert usual(run()) == {"work": {}, "held": {}, "sources": {}, "turns": []}


def test_a_stage_that_takes_longer_is_named_with_how_much_and_what_waits_for_it_is_not() -> None:
    """What waits behind the stage's own work, or for a core, is a victim."""
    slow = [s for i in range(ITEMS) for s in look(i, 90.0 if i > 30 else 40.0)]
    late = [wait("ocr", 100 * i + 10, 80) for i in range(31, ITEMS)]
    bad = changed("ocr", [*slow, *late])
    assert named(bad) == [("slow stage", "ocr")]
    [found] = diagnose(bad, usual(good()))
    assert "ocr took 90 ms of processor time, 2.2 × the 40 ms" in found.evidence
    assert found.cost_ms == pytest.approx(29 * 50, rel=0.1)
    assert verdict([found], compared=True)[0].startswith("Culprit: slow stage, ocr: ")


def test_one_slow_work_is_the_systems_not_a_fault() -> None:
    assert named(changed("ocr", [s for i in range(ITEMS) for s in look(i, 95.0 if i in (20, 40) else 40.0)])) == []


def test_work_that_differs_from_item_to_item_needs_a_larger_change_to_be_blamed() -> None:
    def uneven(times: float) -> Run:
        return changed("ocr", [s for i in range(ITEMS) for s in look(i, times * (10.0, 25.0, 40.0)[i % 3])])

    assert named(uneven(1.4), uneven(1.0)) == []
    assert named(uneven(5.0), uneven(1.0)) == [("slow stage", "ocr")]


def test_little_work_at_a_time_costs_more_a_unit_and_is_not_slower() -> None:
    def batches(units: Sequence[int]) -> list[Span]:
        return [work("answer", 100 * i, 3 + 0.3 * n, name="prefill", units=n) for i, n in enumerate(units)]

    assert cost_of(batches([1, 64] * 20)) == pytest.approx((3.0, 0.3))
    assert named(run(batches([1] * 40)), run(batches([1, 64] * 20))) == []


def test_a_thread_held_within_its_work_is_busy_and_its_stage_is_not_slow() -> None:
    held = [s for i in range(ITEMS) for s in (wait("ocr", 100 * i, 0), work("ocr", 100 * i, 80, cpu_ms=40))]
    assert named(changed("ocr", held)) == [("busy thread", "ocr")]


def test_a_thread_that_starts_late_though_it_has_items_is_busy() -> None:
    late = [s for i in range(ITEMS) for s in (wait("hear", 100 * i, 60), work("hear", 100 * i + 60, 1.0))]
    bad = changed("hear", late)
    assert named(bad) == [("busy thread", "hear")]
    assert "started 60 ms late though something waited" in diagnose(bad, usual(good()))[0].evidence


def test_a_late_start_while_all_cores_work_is_nobodys_fault() -> None:
    late = [s for i in range(ITEMS) for s in (wait("hear", 100 * i, 40), work("hear", 100 * i + 40, 1.0))]
    other = [work("listen", 100 * i, 40) for i in range(ITEMS)]
    base = changed("listen", other)
    assert named(run([*(s for s in base.spans if s.track != "hear"), *late], dict(base.arrivals)), base) == []


def test_listeners_that_work_in_a_stages_thread_make_it_busy() -> None:
    publish = [Span("publish", "ocr", (100 * i + 40) * MS, (100 * i + 80) * MS, 0.0) for i in range(ITEMS)]
    base = good()
    bad = run([*base.spans, *publish], dict(base.arrivals))
    assert named(bad) == [("busy thread", "ocr")]
    assert "40 ms for others that listen" in diagnose(bad, usual(base))[0].evidence


def with_sources(**sources: list[Arrival]) -> Run:
    base = good()
    return run(base.spans, dict(base.arrivals) | sources)


def test_sound_that_never_came_is_lost_audio_and_no_stall() -> None:
    blocks = arrivals()
    bad = with_sources(microphone=[*blocks[:20], *blocks[25:]])
    assert named(bad) == [("lost audio", "microphone")]
    assert "400 ms of sound never came, 400 ms of it before 2.0 s" in diagnose(bad)[0].evidence


def test_a_sample_clock_that_was_set_forward_and_back_lost_nothing() -> None:
    blocks = [Arrival(a.t_ns + d, a.end_ns + d, a.at_ns) for i, a in enumerate(arrivals()) if (d := 300 * MS * (20 < i < 30)) >= 0]  # fmt: skip  # noqa: E501
    assert lost_ms_of(blocks) == 0
    assert lost_ms_of(arrivals(sound=False)) == 0


@pytest.mark.parametrize("source", ["camera", "microphone"])
def test_items_that_come_all_at_once_after_a_pause_come_late_or_no_more_are_a_stalled_link(source: str) -> None:
    items = list(good().arrivals[source])
    burst = [a._replace(at_ns=2 * S) if S < a.at_ns < 2 * S else a for a in items]
    late = [a._replace(at_ns=a.at_ns + 400 * MS) if a.at_ns > S else a for a in items]
    for bad in (burst, late, items[: len(items) // 2]):
        assert named(with_sources(**{source: bad})) == [("stalled link", source)]


def test_a_recording_whose_picture_ends_before_its_sound_is_not_stalled() -> None:
    short = with_sources(camera=arrivals(sound=False, block_ms=33, count=60))
    assert source_of(short, short.arrivals["camera"])["tail_ms"] > 2_000
    assert named(short, short) == []


def asked(i: int) -> Asked:
    return Asked(f"question {i}", (1000 * i + 500) * MS, (1000 * i + 700) * MS)


def turns(computed: float, *, spared: float, missed: float = 0.0, ahead: float = 100.0) -> Run:
    spans = []
    for i in range(6):
        if ahead:
            spans.append(work("answer", 1000 * i, 30, name="prefill", units=ahead))
        ms = 0.3 * computed
        spans.append(work("answer", 1000 * i + 500, ms, name="prefill", units=computed, spared=spared, missed=missed))
    return run(spans, asked=[asked(i) for i in range(6)])


def test_a_cache_that_lost_what_was_computed_ahead_is_named() -> None:
    bad = turns(110, spared=200, missed=100)
    assert named(bad, turns(10, spared=300)) == [("cache miss", "answer")]
    assert "600 tokens of 6 questions" in diagnose(bad, usual(turns(10, spared=300)))[0].evidence
    assert named(turns(310, spared=0), turns(10, spared=300)) == [("cache miss", "answer")]
    assert named(turns(110, spared=200, ahead=0), turns(10, spared=200)) == [("cache miss", "answer")]


def test_a_question_whose_scene_changed_at_its_end_computes_much_and_misses_nothing() -> None:
    assert named(turns(110, spared=200), turns(10, spared=200)) == []


def test_causes_come_before_their_victims() -> None:
    blocks = arrivals()
    slow = [s for i in range(ITEMS) for s in look(i, 90.0)]
    held = [s for i in range(ITEMS) for s in (wait("hear", 100 * i, 60), work("hear", 100 * i + 60, 1.0))]
    bad = run([*slow, *held], {"microphone": [*blocks[:20], *blocks[25:]]}, cores=8)
    found = diagnose(bad, usual(good()))
    assert [f.kind for f in found] == ["lost audio", "slow stage", "busy thread"]
    assert [line.split(":")[0] for line in verdict(found, compared=True)] == [
        "Culprit", "Also, perhaps only its victim", "Also, perhaps only its victim",
    ]  # fmt: skip


def test_running_medians_of_few_values_are_their_median() -> None:
    assert steady([3.0, 1.0, 2.0]) == [2.0]
    assert steady([]) == []
    assert steady([1.0, 9.0, 1.0, 9.0, 9.0, 9.0], 3) == [1.0, 9.0, 9.0, 9.0]


def test_a_wait_is_explained_by_the_readers_work_up_to_its_last_nanosecond() -> None:
    series = held_of(run([work("ocr", 0, 40), wait("ocr", 10, 30), wait("ocr", 35, 25)], cores=4))["ocr"]
    assert series["late"] == [0.0, 20.0]
