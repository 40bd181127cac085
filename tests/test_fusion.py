"""Fusion: what was said joined with what was seen, by capture time."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from edge.clock import MS, S, VirtualClock
from edge.fusion import Fusion, Options
from edge.types import Answer, Backchannel, Device, Draft, Interrupted, Query, SpeechStarted, Spoken, Tick
from tests.fakes import keyframe, looked, said, seen


def answer(t_ms: float, question: str, text: str) -> Answer:
    return Answer(int(t_ms * MS), question, text, "local", 0.9, False, None, 0, 0)


def fusion(clock: VirtualClock, *detectors: str) -> Fusion:
    return Fusion(Options(), detectors, lambda: Device(63, "14:05"), clock)


def test_a_question_without_a_camera_is_asked_at_once() -> None:
    clock = VirtualClock(2 * S)
    (query,) = fusion(clock).process(said("what time is it", 1900))
    assert (query.text, query.t_ns, query.scene.device.battery) == ("what time is it", 1900 * MS, 63)


def test_partial_words_are_drafted_and_empty_ones_ask_nothing() -> None:
    clock = VirtualClock(2 * S)
    f = fusion(clock)
    (started,) = f.process(SpeechStarted(1500 * MS))
    (draft,) = f.process(said("what", 1900, final=False))
    assert isinstance(started, Draft)
    assert isinstance(draft, Draft)
    assert (started.query.text, draft.query.text) == ("", "what")
    assert list(f.process(said("", 1900))) == []


def test_a_draft_tells_whether_its_words_may_be_all() -> None:
    """Settled words, and final ones that wait for a look."""
    clock = VirtualClock(2 * S)
    f = fusion(clock, "ocr")
    list(f.process(keyframe(1850)))
    (open_one,) = f.process(said("what", 1800, final=False))
    (settled,) = f.process(replace(said("what is it", 1900, final=False), is_settled=True))
    (waits,) = f.process(said("what is it", 1900))
    assert [d.is_whole for d in (open_one, settled, waits) if isinstance(d, Draft)] == [False, True, True]


def test_a_look_while_the_person_speaks_is_drafted_and_none_in_silence() -> None:
    clock = VirtualClock(1000 * MS)
    f = fusion(clock, "ocr")
    assert list(f.process(looked(900, seen("EXIT", 900)))) == []
    list(f.process(SpeechStarted(950 * MS)))
    (draft,) = f.process(looked(960, seen("PUSH", 960)))
    assert isinstance(draft, Draft)
    assert {s.label for s in draft.query.scene.seen} == {"EXIT", "PUSH"}
    list(f.process(said("what does it say", 990)))
    assert not any(isinstance(e, Draft) for e in f.process(looked(995, seen("PUSH", 995))))


def test_a_question_waits_for_the_detector_that_still_looks_at_what_the_person_saw() -> None:
    clock = VirtualClock(1000 * MS)
    f = fusion(clock, "ocr")
    list(f.process(keyframe(900)))
    assert [type(e) for e in f.process(said("what does it say", 950))] == [Draft]
    clock.advance_to(1100 * MS)
    (query,) = f.process(looked(900, seen("EXIT", 900)))
    assert [s.label for s in query.scene.seen] == ["EXIT"]


def test_a_question_waits_no_longer_than_it_should() -> None:
    clock = VirtualClock(1000 * MS)
    f = fusion(clock, "ocr")
    list(f.process(keyframe(900)))
    list(f.process(said("what does it say", 950)))
    due = f.due_ns()
    assert due == 1400 * MS
    clock.advance_to(due)
    assert [type(e) for e in f.process(Tick(due))] == [Query]
    assert f.due_ns() is None


def test_a_keyframe_after_the_end_of_the_speech_is_not_waited_for() -> None:
    clock = VirtualClock(1000 * MS)
    f = fusion(clock, "ocr")
    list(f.process(keyframe(500)))
    list(f.process(looked(500, seen("EXIT", 500))))
    list(f.process(keyframe(980)))
    assert len(list(f.process(said("where is the exit", 950)))) == 1


def test_the_last_two_turns_are_context_for_a_minute() -> None:
    clock = VirtualClock(10 * S)
    f = fusion(clock)
    for i in range(3):
        list(f.process(answer(1000 + i, f"question {i}", f"answer {i}")))
    (query,) = f.process(said("and on the left", 9000))
    assert [t.question for t in query.earlier] == ["question 1", "question 2"]
    clock.advance_to(200 * S)
    (query,) = f.process(said("and now", 199_000))
    assert query.earlier == ()


def test_in_silence_a_scene_is_drafted_now_and_then_when_that_is_wanted() -> None:
    f = Fusion(Options(draft_every_s=1.0), ("ocr",), lambda: Device(), VirtualClock(9 * S))
    drafted = [ms for ms in range(0, 3000, 250) if list(f.process(looked(ms, seen("EXIT", ms))))]
    assert drafted == [0, 1000, 2000]


def turns_after(*items: Any) -> list[tuple[str, str]]:
    """The memory that the next question is asked with."""
    joins = fusion(VirtualClock())
    for item in items:
        list(joins.process(item))
    (query,) = joins.process(said("and now", 9_000))
    assert isinstance(query, Query)
    return [(turn.question, turn.answer) for turn in query.earlier]


def test_of_an_interrupted_answer_only_the_words_that_were_heard_are_remembered() -> None:
    """Whether it was whole already or still being made; an answer of which nothing was heard is as if never given."""
    t_ns = 1_000 * MS
    question, whole = (
        said("what is it", 1_000),
        Answer(t_ns, "what is it", "A red sign.", "local", 1, False, None, 0, 0),
    )
    cut, heard = Interrupted(t_ns), Spoken(t_ns, "A red", True)
    assert turns_after(question, whole, cut, heard) == [("what is it", "A red")]
    assert turns_after(question, cut, heard, whole) == [("what is it", "A red")]
    assert turns_after(question, cut, Spoken(t_ns, "", True)) == []
    assert turns_after(question, whole, Spoken(t_ns, "A red sign.", True)) == [("what is it", "A red sign.")]


def test_a_backchannel_is_no_question() -> None:
    joins = fusion(VirtualClock())
    mhm = said("okay", 2_000)
    assert list(joins.process(Backchannel(mhm.t_ns))) == []
    assert list(joins.process(mhm)) == []
    assert len(list(joins.process(said("okay", 4_000)))) == 1


def test_a_question_that_waits_is_dropped_with_its_interruption() -> None:
    joins = fusion(VirtualClock(), "ocr")
    list(joins.process(keyframe(900)))
    assert [type(e) for e in joins.process(said("what is it", 1_000))] == [Draft]
    assert list(joins.process(Interrupted(1_000 * MS))) == []
    assert joins.due_ns() is None
