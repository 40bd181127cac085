"""The second look: asked for while the person speaks, waited for no longer than it should, and never without need."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from edge.bus import Bus
from edge.clock import MS, VirtualClock
from edge.fusion import Fusion, Options
from edge.graph import NEWEST_FRAME, asks_to_read
from edge.mailbox import Policy
from edge.profile import Profile
from edge.second_look import Options as SecondLookOptions
from edge.simulation import Simulation
from edge.stage import Node
from edge.trace import Trace
from edge.types import (
    Answer,
    Device,
    Draft,
    Keyframe,
    LookCloser,
    Looked,
    Query,
    SpeechStarted,
    Tick,
    Transcript,
    Work,
)
from tests.fakes import keyframe, looked, said, seen

SMALL = ((0.1, 0.1, 0.2, 0.15),)
CONTROL = Policy(256, "oldest", 60_000)


def unsure(t_ms: float, *things: Any) -> Looked:
    return Looked(int(t_ms * MS), "ocr", things, SMALL)


def closer(t_ms: float, *things: Any) -> Looked:
    return Looked(int(t_ms * MS), "ocr", things, is_closer=True)


def fusion(clock: VirtualClock, **options: Any) -> Fusion:
    chosen = Options(second_look=SecondLookOptions(**options))
    return Fusion(chosen, ("ocr",), Device, clock, asks_to_read)


def kinds(f: Fusion, *items: Any) -> list[type]:
    return [type(out) for item in items for out in f.process(item)]


def test_it_is_asked_for_as_soon_as_the_words_ask_for_something_to_read() -> None:
    """Once for each look, with the places where the detector was unsure."""
    f = fusion(VirtualClock(1000 * MS))
    assert kinds(f, keyframe(500), unsure(500), SpeechStarted(800 * MS), said("what", 900, final=False)) == 2 * [Draft]
    request, _ = f.process(said("what does the sign", 1200, final=False))
    assert request == LookCloser(500 * MS, SMALL)
    assert kinds(f, said("what does the sign say", 1300, final=False)) == [Draft]
    assert kinds(f, unsure(1310)) == [LookCloser, Draft]


def test_a_question_that_asks_for_nothing_to_read_asks_for_no_second_look_and_waits_for_none() -> None:
    f = fusion(VirtualClock(1000 * MS))
    assert kinds(f, keyframe(500), unsure(500), said("who is that", 900)) == [Query]


def test_where_the_detector_was_sure_nothing_is_asked_for() -> None:
    """The newest look counts."""
    f = fusion(VirtualClock(1000 * MS))
    assert kinds(f, keyframe(500), unsure(500), looked(600, seen("EXIT", 600)), said("what does it say", 900)) == [
        Query
    ]


def test_what_came_into_view_after_the_speech_is_not_looked_at_again_for_it() -> None:
    f = fusion(VirtualClock(1000 * MS))
    assert kinds(f, looked(500), unsure(950), said("what does it say", 900)) == [Query]


def test_a_question_waits_for_its_second_look_and_speaks_of_what_it_read() -> None:
    f = fusion(VirtualClock(1000 * MS))
    assert kinds(f, keyframe(500), unsure(500), said("what does it say", 900)) == [LookCloser, Draft]
    (query,) = f.process(closer(500, seen("Tea 1.80", 500)))
    assert isinstance(query, Query)
    assert [s.label for s in query.scene.seen] == ["Tea 1.80"]
    assert f.due_ns() is None


def test_after_the_budget_the_answer_goes_first_and_the_reading_is_there_for_the_next_question() -> None:
    clock = VirtualClock(1000 * MS)
    f = fusion(clock, wait_ms=250)
    assert kinds(f, keyframe(500), unsure(500), said("what does it say", 900)) == [LookCloser, Draft]
    assert f.due_ns() == 1150 * MS
    clock.advance_to(1150 * MS)
    (query,) = f.process(Tick(1150 * MS))
    assert isinstance(query, Query)
    assert query.scene.seen == ()
    list(f.process(closer(500, seen("Tea 1.80", 500))))
    (query,) = f.process(said("and now", 1140))
    assert [s.label for s in query.scene.seen] == ["Tea 1.80"]


def test_words_that_come_after_the_budget_are_asked_at_once() -> None:
    """Fast answers first."""
    f = fusion(VirtualClock(2000 * MS))
    assert kinds(f, keyframe(500), unsure(500), said("what does it say", 900)) == [LookCloser, Query]


def test_one_second_look_at_a_scene_is_enough_to_answer() -> None:
    """The still scene is looked at again while the person speaks; neither that look nor its second is waited for."""
    f = fusion(VirtualClock(1000 * MS))
    again = Keyframe(700 * MS, keyframe(700).frame, 1.0, is_again=True)
    words = said("what does it say", 800, final=False)
    assert kinds(f, keyframe(500), unsure(500), words, closer(500), again) == [LookCloser, Draft, Draft]
    assert kinds(f, SpeechStarted(600 * MS), words, unsure(700)) == 2 * [Draft] + [LookCloser, Draft]
    assert kinds(f, said("what does it say", 900)) == [Query]


def test_turned_off_it_is_never_asked_for() -> None:
    f = fusion(VirtualClock(1000 * MS), enabled=False)
    assert kinds(f, keyframe(500), unsure(500), said("what does it say", 900)) == [Query]


@pytest.mark.parametrize("words", ["what does the sign say", "how much is the tea", "which platform", "scan the code",
                                   "what time does it close", "what's the wifi password"])  # fmt: skip
def test_questions_about_texts_numbers_and_codes_ask_to_read(words: str) -> None:
    assert asks_to_read(words)


@pytest.mark.parametrize("words", ["", "what", "who is that", "what time is it", "what do you see", "is the light on"])
def test_other_questions_do_not(words: str) -> None:
    assert not asks_to_read(words)


class SmallPrint:
    """A detector that needs `closer_ms` for its second look, and only then can read."""

    def process(self, item: Keyframe | LookCloser) -> Iterator[Work | Looked]:
        yield Work("closer" if isinstance(item, LookCloser) else "look")
        done = isinstance(item, LookCloser)
        things = (seen("Tea 1.80", item.t_ns / MS),) if done else ()
        yield Looked(item.t_ns, "ocr", things, () if done else SMALL, is_closer=done)


def simulated(closer_ms: float) -> list[tuple[int, str]]:
    """When the question was asked, in ms, and what its scene held; words at 1.0 s, speech until 1.6 s, known at 2.0 s."""
    clock, bus = VirtualClock(), Bus()
    asked: list[tuple[int, str]] = []
    joins = Fusion(Options(), ("ocr",), Device, clock, asks_to_read)
    nodes = [
        Node("fuse", joins, (SpeechStarted, Keyframe, Looked, Transcript, Answer), CONTROL),
        Node("ocr", SmallPrint(), (Keyframe, LookCloser), NEWEST_FRAME),
    ]
    bus.tap(lambda event: asked.append((clock() // MS, " ".join(s.label for s in event.scene.seen)))
            if isinstance(event, Query) else None)  # fmt: skip
    simulation = Simulation(nodes, bus, Trace(), clock, Profile("test", 2, {"look": 300, "closer": closer_ms}))
    simulation.run([
        (200 * MS, keyframe(200)), (600 * MS, SpeechStarted(600 * MS)), (1000 * MS, said("what does", 950, final=False)),
        (1200 * MS, said("what does the sign", 1150, final=False)), (2000 * MS, said("what does the sign say", 1600)),
    ])  # fmt: skip
    return asked


def test_asked_for_while_the_person_speaks_it_costs_no_time_and_too_slow_it_is_not_waited_for() -> None:
    """The request goes out at 1.2 s; the budget ends 700 ms after the speech."""
    assert simulated(400) == [(2000, "Tea 1.80")]
    assert simulated(1000) == [(2200, "Tea 1.80")]
    assert simulated(1500) == [(2300, "")]
    assert simulated(1000) == simulated(1000)
