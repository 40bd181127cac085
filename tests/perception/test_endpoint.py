"""Endpointing: four states, hysteresis, pre-roll, and a pause that is learned."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from edge.clock import MS, S
from edge.perception import turn_words
from edge.perception.endpoint import Change, Endpointer, Options, State
from edge.perception.hear import Hear
from edge.perception.hear import Options as HearOptions
from edge.types import Button, Keyword, SpeechStarted, Transcript, Utterance
from tests.fakes import ScriptedVad, chunk, sound

WINDOW_NS = 32 * MS


def steps(endpointer: Endpointer, *stretches: tuple[float, int]) -> list[tuple[Change, int]]:
    """Feed (probability, windows) stretches; the changes and when they came, in ms."""
    changes, t_ns = [], getattr(endpointer, "t_ns", 0)
    for probability, windows in stretches:
        for _ in range(windows):
            change = endpointer.step(probability, t_ns, t_ns + WINDOW_NS)
            t_ns += WINDOW_NS
            if change is not Change.NOTHING:
                changes.append((change, t_ns // MS))
    endpointer.t_ns = t_ns  # type: ignore[attr-defined]  # the fake keeps it there
    return changes


def test_speech_begins_after_three_windows_and_ends_after_the_pause() -> None:
    changes = steps(Endpointer(Options()), (0.0, 10), (0.9, 20), (0.0, 30))
    assert changes == [(Change.STARTED, 13 * 32), (Change.ENDED, 30 * 32 + 512)]


def test_a_click_is_no_speech() -> None:
    assert steps(Endpointer(Options()), (0.0, 5), (0.9, 2), (0.0, 30)) == []


def test_once_speaking_a_fainter_window_is_still_speech() -> None:
    endpointer = Endpointer(Options(threshold=0.5, hysteresis=0.15))
    assert len(steps(endpointer, (0.9, 5), (0.4, 40))) == 1
    assert endpointer.state is State.SPEAKING


def test_a_person_who_pauses_long_within_sentences_is_waited_for_longer() -> None:
    endpointer = Endpointer(Options())
    before = endpointer.pause_ms
    for _ in range(4):
        steps(endpointer, (0.9, 20), (0.0, 14))  # pauses of 448 ms, shorter than the end
    steps(endpointer, (0.9, 20))
    assert endpointer.pause_ms > before + 50


def test_an_end_that_came_too_early_makes_the_next_one_later() -> None:
    endpointer = Endpointer(Options())
    before = endpointer.pause_ms
    steps(endpointer, (0.9, 20), (0.0, 22), (0.9, 20))  # speech again 200 ms after the end
    assert endpointer.pause_ms > before


def test_the_learned_pause_stays_within_its_bounds() -> None:
    options = Options(min_pause_ms=350, max_pause_ms=1200)
    endpointer = Endpointer(options)
    for _ in range(60):
        steps(endpointer, (0.9, 20), (0.0, 5))
    assert endpointer.pause_ms >= 350
    for _ in range(60):
        steps(endpointer, (0.9, 20), (0.0, int(endpointer.pause_ms / 32) - 1))
    assert endpointer.pause_ms <= 1200


def utterances(hear: Hear, seconds: float) -> list[object]:
    return [e for c in sound(seconds) for e in hear.process(c) if isinstance(e, SpeechStarted | Utterance | Keyword)]


def test_the_parts_of_an_utterance_follow_each_other_without_a_gap_and_begin_before_the_speech() -> None:
    events = utterances(Hear(HearOptions(), ScriptedVad((1.0, 2.0))), 4)
    parts = [e for e in events if isinstance(e, Utterance)]
    assert parts[-1].is_final
    assert sum(p.is_final for p in parts) == 1
    assert parts[0].t_ns <= 0.75 * S
    for before, after in itertools.pairwise(parts):
        assert after.part_ns == before.part_ns + len(before.samples) * S // 16_000
        assert after.t_ns == before.t_ns
    assert abs(parts[-1].end_ns - 2.0 * S) <= 2 * WINDOW_NS


def test_silence_gives_nothing_at_all() -> None:
    assert utterances(Hear(HearOptions(), ScriptedVad()), 10) == []


def test_with_a_button_only_speech_while_it_is_held_is_meant() -> None:
    hear = Hear(HearOptions(address="button"), ScriptedVad((0.5, 1.5), (3.0, 4.5)))
    events: list[object] = []
    for c in sound(6):
        if c.t_ns == 2_800 * MS:
            events += hear.process(Button(c.t_ns, "talk", pressed=True))
        if c.t_ns == 4_000 * MS:
            events += hear.process(Button(c.t_ns, "talk", pressed=False))
        events += hear.process(c)
    finals = [e for e in events if isinstance(e, Utterance) and e.is_final]
    assert len(finals) == 1
    assert 2.5 * S < finals[0].t_ns < 3.0 * S
    assert finals[0].end_ns <= 4.1 * S


class OneWord:
    """A wake word that ends at 1 s."""

    def __init__(self) -> None:
        self.windows = 0

    def heard(self, window: np.ndarray) -> tuple[str, float] | None:
        self.windows += 1
        return ("glasses", 0.9) if self.windows == 31 else None


def test_with_a_wake_word_only_what_follows_it_is_meant() -> None:
    hear = Hear(
        HearOptions(address="wake", wake_window_ms=3000), ScriptedVad((0.3, 1.0), (1.8, 2.5), (8.0, 9.0)), OneWord()
    )
    events = utterances(hear, 11)
    assert [e.name for e in events if isinstance(e, Keyword)] == ["glasses"]
    finals = [e for e in events if isinstance(e, Utterance) and e.is_final]
    assert [round(f.end_ns / S, 1) for f in finals if f.t_ns > 1.2 * S] == [2.5]
    assert all(f.t_ns < 7 * S for f in finals)


def test_a_gap_in_the_sound_ends_the_utterance_instead_of_gluing_two_rooms_together() -> None:
    hear = Hear(HearOptions(), ScriptedVad((0.0, 60.0)))
    events = [e for t in range(0, 1600, 80) for e in hear.process(chunk(t))]
    assert not any(isinstance(e, Utterance) and e.is_final for e in events)
    after = list(hear.process(chunk(5000)))
    assert any(isinstance(e, Utterance) and e.is_final for e in after)


def test_complete_words_shorten_the_pause_and_open_ones_lengthen_it() -> None:
    for is_complete, ends_ms in ((True, 288), (False, 1024), (None, 512)):
        endpointer = Endpointer(Options())
        steps(endpointer, (0.0, 10), (0.9, 20), (0.0, 4))
        assert endpointer.judge(is_complete=is_complete, now_ns=34 * WINDOW_NS) is Change.NOTHING
        assert steps(endpointer, (0.0, 40)) == [(Change.ENDED, 30 * 32 + ends_ms)]


def test_words_that_come_late_end_an_utterance_at_once() -> None:
    endpointer = Endpointer(Options())
    steps(endpointer, (0.9, 20), (0.0, 12))
    assert endpointer.judge(is_complete=True, now_ns=32 * WINDOW_NS) is Change.ENDED
    assert endpointer.judge(is_complete=True, now_ns=32 * WINDOW_NS) is Change.NOTHING


def test_speech_that_goes_on_forgets_what_the_words_said() -> None:
    endpointer = Endpointer(Options())
    steps(endpointer, (0.9, 20), (0.0, 4))
    endpointer.judge(is_complete=False, now_ns=24 * WINDOW_NS)
    assert steps(endpointer, (0.9, 5), (0.0, 30))[-1] == (Change.ENDED, 29 * 32 + 480)


def test_a_person_who_pauses_long_is_waited_for_longer_even_after_complete_words() -> None:
    slow = Endpointer(Options())
    slow.pause_ms = 900.0
    steps(slow, (0.9, 20), (0.0, 4))
    slow.judge(is_complete=True, now_ns=24 * WINDOW_NS)
    assert 500 < slow.due_ms < 900


@pytest.mark.parametrize(
    ("words", "chance"),
    [
        ("what does the sign say", 1.0),
        ("what does the", 0.0),
        ("where is my", 0.0),
        ("how much is", 0.0),
        ("what is it about", 0.5),
        ("set a timer for", 0.5),
        ("read this", 1.0),
        ("what is it um", 0.0),
        ("stop", 0.5),
        ("", 0.5),
    ],
)
def test_the_last_word_tells_whether_something_must_follow(words: str, chance: float) -> None:
    assert turn_words.build(turn_words.Options()).complete(words, np.zeros(0, np.int16)) == chance


def test_the_words_of_a_pause_end_the_utterance_and_older_words_do_not() -> None:
    hear = Hear(HearOptions(), ScriptedVad((10 * 0.032, 30 * 0.032)), turn=turn_words.Words())
    ended_ms: list[int] = []
    for n in range(70):
        for event in hear.process(chunk(n * 32, 512)):
            if not isinstance(event, Utterance):
                continue
            if event.is_final:
                ended_ms.append((n + 1) * 32)
                continue
            stale = Transcript(event.t_ns, event.end_ns - MS, "what is", 0.0, is_final=False)
            assert not list(hear.process(stale))
            if event.end_ns == 30 * 32 * MS:  # what reaches up to the pause
                list(hear.process(Transcript(event.t_ns, event.end_ns, "what does it say", 0.0, is_final=False)))
    assert ended_ms == [30 * 32 + 288]


def test_words_are_settled_once_shortly_before_the_pause_ends_them() -> None:
    """192 ms before: of complete words as soon as they are told, of open ones after 832 ms."""
    for words, silence_ms in (("what does the sign say", 128), ("set a timer for", 320), ("what does the", 832)):
        hear = Hear(HearOptions(), ScriptedVad((10 * 0.032, 30 * 0.032)), turn=turn_words.Words())
        settled_ms: list[int] = []
        for n in range(70):
            for event in hear.process(chunk(n * 32, 512)):
                if not isinstance(event, Utterance) or event.is_final:
                    continue
                settled_ms += [(n + 1) * 32] * event.is_settled
                list(hear.process(Transcript(event.t_ns, event.end_ns, words, 0.0, is_final=False)))
        assert settled_ms == [30 * 32 + silence_ms]
