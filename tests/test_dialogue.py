"""Who has the floor: every state with every event, and which words do not stop an answer."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from edge.clock import MS, VirtualClock
from edge.dialogue import Dialogue, Options, State, words
from edge.types import Backchannel, Interrupted, SpeechStarted, Spoken, Transcript, Utterance, VoiceLevel

ANSWER = 1_000 * MS
"""`t_ns` of the answer that is made or spoken"""
BEGAN = 5_000 * MS


def part(speech_ms: float, *, value: int = 3_000) -> Utterance:
    """Sound of a person who has spoken for so long."""
    end_ns = BEGAN + int(speech_ms * MS)
    return Utterance(BEGAN - 320 * MS, end_ns, end_ns - 128 * MS, np.full(2_048, value, np.int16), 16_000, False)


def said(text: str, *, final: bool = True) -> Transcript:
    return Transcript(BEGAN - 100 * MS, BEGAN + 600 * MS, text, 0.9, final)


EVENTS: dict[str, Any] = {
    "start": SpeechStarted(BEGAN),
    "short": part(200),
    "long": part(1_000),
    "quiet": part(1_000, value=10),
    "partial words": said("what about the other", final=False),
    "partial mhm": said("mhm", final=False),
    "partial nothing": said("", final=False),
    "words": said("what about the other one"),
    "misheard": said("are we"),
    "command": said("okay stop"),
    "mhm": said("Mm-hmm, okay."),
    "nothing": said(""),
    "heard": Spoken(ANSWER, "It says", False),
    "heard all": Spoken(ANSWER, "It says EXIT.", True),
    "heard older": Spoken(ANSWER - 1, "Old.", True),
}
STAYS = (None, [])
LOW, HELD, FULL = (State.LOW, ["low"]), (State.HELD, ["silent"]), ["full"]
NEW = (State.THINKING, [Interrupted])
TABLE: dict[State, dict[str, tuple[State | None, list[Any]]]] = {
    State.IDLE: dict.fromkeys(EVENTS, STAYS) | {
        "words": (State.THINKING, []), "mhm": (State.THINKING, []), "misheard": (State.THINKING, []),
        "command": (State.THINKING, []), "heard": (State.SPEAKING, []),
    },
    State.THINKING: {
        "start": STAYS, "short": HELD, "long": HELD, "quiet": STAYS, "partial words": (State.IDLE, [Interrupted]),
        "partial mhm": STAYS, "partial nothing": STAYS, "words": NEW, "mhm": (None, [Backchannel]), "nothing": STAYS,
        "misheard": (None, [Backchannel]), "command": NEW, "heard": (State.SPEAKING, []),
        "heard all": (State.IDLE, []), "heard older": STAYS,
    },
    State.SPEAKING: {
        "start": STAYS, "short": LOW, "long": HELD, "quiet": STAYS, "partial words": (State.IDLE, [Interrupted]),
        "partial mhm": STAYS, "partial nothing": STAYS, "words": NEW, "mhm": (None, [Backchannel]), "nothing": STAYS,
        "misheard": (None, [Backchannel]), "command": NEW, "heard": STAYS,
        "heard all": (State.IDLE, []), "heard older": STAYS,
    },
    State.LOW: {
        "start": STAYS, "short": LOW, "long": HELD, "quiet": STAYS, "partial words": (State.IDLE, [Interrupted]),
        "partial mhm": STAYS, "partial nothing": STAYS, "words": NEW, "mhm": (State.SPEAKING, [Backchannel, "full"]),
        "misheard": (State.SPEAKING, [Backchannel, "full"]), "command": NEW,
        "nothing": (State.SPEAKING, FULL), "heard": STAYS, "heard all": (State.IDLE, []), "heard older": STAYS,
    },
    State.HELD: {
        "start": STAYS, "short": HELD, "long": HELD, "quiet": STAYS, "partial words": (State.IDLE, [Interrupted]),
        "partial mhm": STAYS, "partial nothing": STAYS, "words": NEW, "mhm": (State.SPEAKING, [Backchannel, "full"]),
        "misheard": (State.SPEAKING, [Backchannel, "full"]), "command": NEW,
        "nothing": (State.SPEAKING, FULL), "heard": STAYS, "heard all": (State.IDLE, []), "heard older": STAYS,
    },
}  # fmt: skip


def in_state(state: State, clock: VirtualClock, options: Options | None = None) -> Dialogue:
    """Brought there as it comes about."""
    dialogue = Dialogue(options or Options(), clock)
    if state is not State.IDLE:
        ask = Transcript(0, ANSWER, "what does it say", 0.9, True)
        steps = [ask, Spoken(ANSWER, "It", False), EVENTS["start"], EVENTS["short"], EVENTS["long"]]
        count = [State.THINKING, State.SPEAKING, None, State.LOW, State.HELD].index(state) + 1
        for item in steps[:count]:
            list(dialogue.process(item))
    assert dialogue.state is state
    return dialogue


@pytest.mark.parametrize("event", EVENTS)
@pytest.mark.parametrize("state", State)
def test_every_state_knows_what_to_do_with_every_event(state: State, event: str) -> None:
    clock = VirtualClock(6_000 * MS)
    dialogue = in_state(state, clock)
    wanted, outs = TABLE[state][event]
    found = list(dialogue.process(EVENTS[event]))
    assert dialogue.state is (wanted or state)
    assert [o.level if isinstance(o, VoiceLevel) else type(o) for o in found] == outs
    for out in found:
        if isinstance(out, Interrupted):
            assert out.t_ns == ANSWER
        if isinstance(out, Backchannel):
            assert out.t_ns == BEGAN - 100 * MS


@pytest.mark.parametrize("state", [State.LOW, State.HELD])
def test_a_lease_that_is_not_renewed_runs_out(state: State) -> None:
    """The voice goes on by itself; the dialogue knows it when next asked."""
    clock = VirtualClock(6_000 * MS)
    dialogue = in_state(state, clock)
    clock.advance_to(clock() + Options().resume_ms * MS)
    assert list(dialogue.process(Spoken(ANSWER, "It says", False))) == []
    assert dialogue.state is State.SPEAKING


def test_speech_that_never_ends_renews_the_hold_again_and_again() -> None:
    clock = VirtualClock(6_000 * MS)
    dialogue = in_state(State.LOW, clock)
    for i in range(200):
        clock.advance_to(clock() + 128 * MS)
        (hold,) = dialogue.process(part(1_000 + 128 * i))
        assert isinstance(hold, VoiceLevel) and hold.level == "silent"
        assert hold.until_ns == clock() + Options().resume_ms * MS


def test_an_answer_that_is_interrupted_before_a_word_was_heard_can_be_followed_by_the_next() -> None:
    clock = VirtualClock(6_000 * MS)
    dialogue = in_state(State.THINKING, clock)
    assert [type(o) for o in dialogue.process(said("no wait", final=False))] == [Interrupted]
    assert list(dialogue.process(said("no wait the other one"))) == []
    assert dialogue.state is State.THINKING
    assert list(dialogue.process(Spoken(ANSWER, "", True))) == []
    assert dialogue.state is State.THINKING, "the end of the old answer is not the end of the new one"


@pytest.mark.parametrize("text", ["mhm", "Uh-huh.", "okay", "Yeah, right.", "I see", "oh okay got it", "", "…"])
def test_backchannels_are_words_that_only_show_that_one_listens(text: str) -> None:
    assert Dialogue(Options(), VirtualClock()).is_backchannel(text)


@pytest.mark.parametrize(
    "text", ["stop", "okay stop", "no", "I see a dog", "right or left", "出口はどこ", "yeah but why"]
)
def test_anything_else_is_meant(text: str) -> None:
    assert not Dialogue(Options(), VirtualClock()).is_backchannel(text)


def test_the_list_of_backchannels_can_be_set() -> None:
    dialogue = Dialogue(Options(backchannels=("ja", "genau so")), VirtualClock())
    assert dialogue.is_backchannel("Ja, genau so!")
    assert not dialogue.is_backchannel("okay")


def test_words_are_lower_case_and_without_signs() -> None:
    assert words("Uh-huh, that’s IT!") == ["uh-huh", "that's", "it"]
