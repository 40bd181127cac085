"""Barge-in through the whole loop on a virtual clock: dialogue, fusion, answer, speech and player as they are wired."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from edge.bus import Bus
from edge.clock import MS, VirtualClock
from edge.dialogue import Dialogue, Options
from edge.event_log import EventLog
from edge.fusion import Fusion
from edge.fusion import Options as FusionOptions
from edge.mailbox import Policy
from edge.profile import Profile
from edge.reasoning.router import Router
from edge.simulation import Simulation
from edge.sinks.clocked import ClockedOutput
from edge.sinks.player import Player
from edge.sinks.speech import SpeechMaker
from edge.stage import Node
from edge.trace import Trace
from edge.types import (
    Answer,
    Backchannel,
    Device,
    Interrupted,
    Played,
    Query,
    SpeechStarted,
    Spoken,
    Token,
    Transcript,
    Utterance,
    Work,
)  # fmt: skip
from tests.fakes import FakeVoice

ALL = Policy(capacity=1_000, drop="oldest", max_age_ms=60_000)
TEXT = "It says EXIT. It is a red sign. The door is on the left side."
"""spoken in 0.65, 0.85 and 1.4 s"""
FIRST_MS = 1_000
"""end of the first question"""


class Model:
    """Answers every question with TEXT, a word each 50 ms after 300 ms of prefill; stops when told."""

    def __init__(self) -> None:
        self.queries: list[Query] = []
        self.decoded = 0
        self._stopped = False

    def process(self, query: Query, *, must: bool = False) -> Iterator[Work | Token | Answer]:
        self.queries.append(query)
        self._stopped = False
        yield Work("prefill", 300)
        for i, word in enumerate(TEXT.split(" ")):
            if self._stopped:
                return
            yield Work("decode", 1)
            self.decoded += 1
            yield Token(query.t_ns, word if i == 0 else " " + word, i)
        yield Answer(query.t_ns, query.text, TEXT, "local", 0.9, False, None, 0, 0)

    def interrupt(self) -> None:
        self._stopped = True


def asked(text: str, end_ms: float) -> list[tuple[int, Any]]:
    """A final transcript."""
    return [(int(end_ms * MS), Transcript(int((end_ms - 900) * MS), int(end_ms * MS), text, 0.9, True))]


def person(start_ms: float, speech_ms: float, text: str, partial_ms: float | None = None) -> list[tuple[int, Any]]:
    """Someone speaks: parts of 128 ms, perhaps a partial transcript, the final one 500 ms after the end."""
    start = int(start_ms * MS)
    events: list[tuple[int, Any]] = [(start + 96 * MS, SpeechStarted(start))]
    sound = np.full(2_048, 3_000, np.int16)
    for i in range(int(speech_ms // 128) + 1):
        at = min(start + (i + 1) * 128 * MS, start + int(speech_ms * MS))
        events.append((at, Utterance(start - 320 * MS, at, at - 128 * MS, sound, 16_000, False)))
    end = start + int(speech_ms * MS)
    if partial_ms is not None:
        events.append((start + int(partial_ms * MS), Transcript(start - 320 * MS, end, text, 0.0, False)))
    events.append((end + 500 * MS, Transcript(start - 320 * MS, end, text, 0.9 if text else 0.0, True)))
    return sorted(events, key=lambda e: e[0])


class Run:
    """One recording of events through the loop."""

    def __init__(self, *events: tuple[int, Any], options: Options | None = None) -> None:
        clock, bus, trace = VirtualClock(), Bus(), Trace()
        self.log = EventLog(clock)
        self.at: list[tuple[float, Any]] = []
        bus.tap(self.log)
        bus.tap(lambda event: self.at.append((clock() / MS, event)))
        self.model = Model()
        fusion = Fusion(FusionOptions(), (), Device, clock)
        takes = (Transcript, Answer, Spoken, Interrupted, Backchannel)
        player = Player(ClockedOutput(clock), clock)
        nodes = [
            Node("dialogue", Dialogue(options or Options(), clock), Dialogue.takes, None),
            Node("fuse", fusion, takes, ALL),
            Node("answer", Router(self.model), (Query, Interrupted), ALL, control=Router.controls),
            Node("speech", SpeechMaker(FakeVoice()), SpeechMaker.takes, ALL, control=SpeechMaker.controls),
            Node("player", player, Player.takes, ALL, control=Player.controls),
        ]
        costs = {"prefill": 1.0, "decode": 50.0, "speech": 2.0}
        Simulation(nodes, bus, trace, clock, Profile("test", 2, costs)).run(sorted(events, key=lambda e: e[0]))

    def of(self, kind: type) -> list[Any]:
        return [event for _, event in self.at if isinstance(event, kind)]

    def times(self, kind: type) -> list[float]:
        return [t for t, event in self.at if isinstance(event, kind)]

    @property
    def last_sound_ms(self) -> float:
        return max((p.t_ns / MS + len(p.samples) / 16 for p in self.of(Played)), default=0.0)

    @property
    def heard(self) -> str:
        return next(s.text for s in reversed(self.of(Spoken)) if s.is_final)


QUESTION = asked("what does it say", FIRST_MS)


def test_an_answer_is_heard_sentence_by_sentence_while_it_is_made() -> None:
    run = Run(*QUESTION)
    first = run.of(Played)[0].t_ns / MS
    assert first < run.times(Answer)[0], "the voice begins before the answer is whole"
    assert run.heard == TEXT
    assert run.last_sound_ms == pytest.approx(first + len(TEXT) * 50, abs=40)
    assert [s.text for s in run.of(Spoken)][:3] == ["It", "It says", "It says EXIT."]


# state → when the person begins to speak, ms after the question's end, and what was heard of the answer by then
STATES = {
    "before the question is put together": (1, ""),
    "while the prompt is read": (100, ""),
    "while the first words are made": (400, ""),
    "while it speaks": (1_000, "It says"),
    "between two sentences": (1_110, "It says EXIT."),
    "while it speaks and the answer is whole": (2_000, "It says EXIT. It is a red"),
}


@pytest.mark.parametrize("state", STATES)
def test_real_speech_interrupts_in_every_state(state: str) -> None:
    """Words stop it for good, the model too, and the memory keeps what was heard."""
    after_ms, heard = STATES[state]
    run = Run(*QUESTION, *person(FIRST_MS + after_ms, 1_500, "what about the other one", partial_ms=900))
    (interrupted_ms,) = run.times(Interrupted)
    assert run.of(Interrupted)[0].t_ns == FIRST_MS * MS
    old = [p for p in run.of(Played) if p.t_ns / MS < FIRST_MS + after_ms + 2_000]
    assert all(p.t_ns / MS + len(p.samples) / 16 <= interrupted_ms + 60 for p in old)
    assert len(run.model.queries) == 2
    follow_up = run.model.queries[-1]
    assert follow_up.text == "what about the other one"
    final = next(s for s in run.of(Spoken) if s.is_final)
    assert final.text.startswith(heard)
    assert [t.answer for t in follow_up.earlier] == ([final.text] if final.text else [])
    assert run.heard == TEXT, "the second answer is spoken to its end"


def test_the_model_stops_when_it_is_interrupted() -> None:
    run = Run(*QUESTION, *person(FIRST_MS + 200, 900, "no stop", partial_ms=400))
    (at_ms,) = run.times(Interrupted)
    first = [t for t, e in run.at if isinstance(e, Token) and e.t_ns == FIRST_MS * MS]
    assert all(t <= at_ms for t in first)
    assert run.model.decoded < 2 * len(TEXT.split())
    assert [a.t_ns for a in run.of(Answer)] == [run.model.queries[-1].t_ns]


@pytest.mark.parametrize("after_ms", [100, 400, 1_000, 1_110, 2_000])
@pytest.mark.parametrize("text", ["mhm", "okay yeah"])
def test_a_backchannel_stops_nothing_and_asks_nothing(after_ms: float, text: str) -> None:
    run = Run(*QUESTION, *person(FIRST_MS + after_ms, 400, text))
    assert run.of(Interrupted) == []
    assert len(run.model.queries) == 1
    assert run.heard == TEXT
    assert [type(e) for e in run.of(Backchannel)] == [Backchannel]


def test_while_somebody_speaks_into_it_the_voice_is_low() -> None:
    run = Run(*QUESTION, *person(FIRST_MS + 1_000, 400, "mhm"))
    low = [p for p in run.of(Played) if 2_300 <= p.t_ns / MS < 2_400]
    assert low and all(np.abs(p.samples).max() == 2_000 for p in low)
    assert np.abs(run.of(Played)[-1].samples).max() == 8_000


@pytest.mark.parametrize("noise_ms", [1_000, 1_500, 3_000])
def test_after_a_cough_the_voice_goes_on_with_the_sentence_that_was_cut(noise_ms: float) -> None:
    """No words came of it: nothing is lost, nothing is asked, the model was not stopped."""
    run = Run(*QUESTION, *person(FIRST_MS + 1_000, noise_ms, ""))
    assert run.of(Interrupted) == [] and len(run.model.queries) == 1
    assert run.heard == TEXT
    assert run.last_sound_ms > 4_300 + noise_ms - 900, "the sentence was said again from its start"


def test_when_hearing_dies_the_voice_goes_on_by_itself() -> None:
    """Speech began, and nothing more ever came."""
    begun = person(FIRST_MS + 1_000, 1_500, "")[:-1]
    run = Run(*QUESTION, *begun)
    assert run.heard == TEXT
    held_ms = begun[-1][0] / MS + Options().resume_ms
    assert any(p.t_ns / MS >= held_ms for p in run.of(Played))


def test_speech_that_never_ends_keeps_the_voice_silent_but_not_for_ever() -> None:
    run = Run(*QUESTION, *person(FIRST_MS + 1_000, 20_000, ""))
    assert [p for p in run.of(Played) if 4_000 < p.t_ns / MS < 22_000] == []
    assert run.heard == TEXT


def test_two_replays_are_the_same_to_the_byte() -> None:
    events = [*QUESTION, *person(2_000, 400, "mhm"), *person(3_000, 1_200, ""), *person(6_000, 900, "and now")]
    assert Run(*events).log.lines == Run(*events).log.lines
