"""From words to sound to what was heard: pieces, marks, levels, cuts, lost devices; espeak-ng where it is installed."""

from __future__ import annotations

import wave
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from edge.clock import MS, S, VirtualClock
from edge.errors import ConfigError, ModelError
from edge.sinks import voice_espeak, voice_piper
from edge.sinks.clocked import ClockedOutput, wav_output
from edge.sinks.marks import estimated, regular
from edge.sinks.player import Player
from edge.sinks.playout import BLOCK, LOW, Playout
from edge.sinks.speech import AHEAD, RATE_HZ, SpeechMaker, resampled
from edge.types import Answer, Failure, Interrupted, Mark, Played, Speech, Spoken, Tick, Token, VoiceLevel
from tests.fakes import BrokenOutput, FakeVoice

BLOCK_NS = BLOCK * S // RATE_HZ
WORDS = "It says EXIT. It is red."


def speech(text: str, t_ns: int = 0, *, last: bool = False) -> Speech:
    """50 ms of a constant for each character."""
    samples, marks = FakeVoice().say(text) if text else (np.zeros(0, np.int16), (Mark(0, 0),))
    return Speech(t_ns, text, samples, marks, last)


def answer(text: str, t_ns: int = 0) -> Answer:
    return Answer(t_ns, "what does it say", text, "local", 0.9, False, None, 0, 0)


def play(playout: Playout, blocks: int, start: int = 0) -> np.ndarray:
    return np.concatenate([playout.block(BLOCK, i * BLOCK_NS) for i in range(start, start + blocks)])


@pytest.fixture(scope="module")
def espeak() -> voice_espeak.Espeak:
    try:
        return voice_espeak.build(voice_espeak.Options())
    except ConfigError as error:
        pytest.skip(str(error))


# --- marks ---


def test_marks_grow_and_end_with_text_and_sound() -> None:
    assert regular([Mark(3, 10), Mark(3, 20), Mark(2, 30), Mark(9, 15), Mark(12, 99), Mark(11, 40)], 12, 50) == (
        Mark(3, 10), Mark(9, 15), Mark(11, 40), Mark(12, 50),
    )  # fmt: skip


@pytest.mark.parametrize("text", ["", "   ", "word", "a b", "It costs 4.50, today.", "出口はどこですか"])
def test_estimated_marks_are_one_for_each_word(text: str) -> None:
    marks = estimated(text, 16_000)
    assert len(marks) == max(1, len(text.split()))
    assert marks[-1] == Mark(len(text), 16_000)


# --- making speech ---


def feed(maker: SpeechMaker, *items: Any) -> list[Any]:
    return [out for item in items for out in maker.process(item) if isinstance(out, Speech | Failure)]


def test_each_sentence_is_spoken_as_soon_as_it_is_whole() -> None:
    maker = SpeechMaker(FakeVoice())
    assert feed(maker, Token(0, "It says", 0)) == []
    (first,) = feed(maker, Token(0, " EXIT. It", 1))
    assert (first.text, first.is_last, len(first.samples)) == ("It says EXIT.", False, 13 * 800)
    rest = feed(maker, Token(0, " is red.", 2), answer(WORDS))
    assert [(s.text, s.is_last) for s in rest] == [(" It is red.", False), ("", True)]


def test_no_more_is_synthesised_ahead_than_the_player_needs() -> None:
    """10,000 characters wait as text; the sound follows what was heard."""
    voice = FakeVoice()
    maker = SpeechMaker(voice)
    text = "This is one of very many sentences. " * 280
    out = feed(maker, *(Token(0, text[i : i + 10], i) for i in range(0, len(text), 10)), answer(text))
    assert sum(len(s.text) for s in out) <= AHEAD + 40
    heard = ""
    while not out[-1].is_last:
        heard += out[-1].text
        out += feed(maker, Spoken(0, text[: len("".join(s.text for s in out))], False))
    assert "".join(s.text for s in out) == text


def test_more_than_can_wait_is_left_out_and_said() -> None:
    maker = SpeechMaker(FakeVoice())
    found = feed(maker, *(Token(0, "So many words are in here. " * 50, i) for i in range(20)))
    assert any("too long to be spoken" in f.error for f in found if isinstance(f, Failure))


def test_an_interrupted_answer_is_not_spoken_further_and_the_next_one_is() -> None:
    voice = FakeVoice()
    maker = SpeechMaker(voice)
    maker.control(Interrupted(5))
    assert feed(maker, Token(5, "It says EXIT. ", 0), answer(WORDS, 5), Interrupted(5)) == []
    assert [s.text for s in feed(maker, Token(6, "Yes. ", 0), answer("Yes. ", 6))] == ["Yes.", " ", ""]
    assert voice.said == ["Yes."]


def test_a_sentence_that_the_voice_cannot_speak_is_shown_for_its_time() -> None:
    maker = SpeechMaker(FakeVoice("It says EXIT."))
    failure, silent = feed(maker, Token(0, "It says EXIT. ", 0))
    assert failure.error == "the fake voice is hoarse: let it rest"
    assert silent.text == "It says EXIT." and not silent.samples.any() and len(silent.samples) > RATE_HZ // 2


@pytest.mark.parametrize("text", ["", "   ", "...", "!?", "🙂"])
def test_an_answer_without_words_ends_without_a_sound(text: str) -> None:
    voice = FakeVoice()
    out = feed(SpeechMaker(voice), Token(0, text, 0), answer(text))
    assert voice.said == [] and out[-1].is_last
    assert "".join(s.text for s in out) == text and not any(len(s.samples) for s in out)


def test_speech_is_brought_to_the_rate_of_the_microphone() -> None:
    t = np.arange(22_050) / 22_050
    tone = (8_000 * np.sin(2 * np.pi * 440 * t) * np.hanning(22_050)).astype(np.int16)
    out = resampled(tone, 22_050, RATE_HZ)
    expected = 8_000 * np.sin(2 * np.pi * 440 * np.arange(RATE_HZ) / RATE_HZ) * np.hanning(RATE_HZ)
    assert len(out) == RATE_HZ and not out.flags.writeable
    assert np.abs(out - expected).max() < 20


# --- playing ---


def test_a_cut_is_heard_in_the_next_block_and_fades() -> None:
    playout = Playout()
    playout.add(speech("one two three"))
    play(playout, 20)
    playout.cut(0, 20 * BLOCK_NS)
    after = play(playout, 3, 20)
    assert 0 < np.abs(after[:80]).max() <= 8_000 and not after[80:].any()
    (spoken,) = playout.heard(20 * BLOCK_NS)
    assert (spoken.text, spoken.is_final) == ("one", True)


def test_what_was_not_yet_heard_when_it_was_cut_does_not_count() -> None:
    """The device is asked for blocks before they sound."""
    playout = Playout()
    playout.add(speech("one two three"))
    for i in range(60):
        playout.block(BLOCK, i * BLOCK_NS + 300 * MS)
    assert [s.text for s in playout.heard(400 * MS)] == []
    playout.cut(0, 650 * MS)
    (spoken,) = playout.heard(650 * MS)
    assert (spoken.text, spoken.is_final) == ("one", True)


def test_low_is_low_and_a_lease_that_runs_out_is_full_again() -> None:
    playout = Playout()
    playout.add(speech("one two three four"))
    play(playout, 5)
    playout.set_level("low", 20 * BLOCK_NS)
    low = play(playout, 15, 5)
    assert (low[BLOCK:] == int(8_000 * LOW)).all()
    assert (play(playout, 5, 20)[BLOCK:] == 8_000).all()


def test_after_a_hold_the_sentence_begins_anew_and_no_word_counts_twice() -> None:
    playout = Playout()
    playout.add(speech("One."))
    playout.add(speech(" two three"))
    playout.add(speech("", last=True))
    play(playout, 45)
    playout.set_level("silent", 10**18)
    silent = play(playout, 20, 45)
    assert not silent[BLOCK:].any()
    playout.set_level("full", 0)
    again = play(playout, 55, 65)
    assert (again[BLOCK : 10 * 800] == 8_000).all(), "all of the second sentence is played again"
    assert [s.text for s in playout.heard(10**12)] == ["One.", "One. two", "One. two three", "One. two three"]
    assert not playout.waiting


def test_more_sound_than_can_wait_is_refused_and_counted() -> None:
    playout = Playout()
    minute = Speech(0, "x", np.ones(60 * RATE_HZ, np.int16), (Mark(1, 60 * RATE_HZ),), is_last=False)
    assert [playout.add(minute) for _ in range(3)] == [True, True, False]
    assert playout.refused == 60 * RATE_HZ


def test_blocks_that_follow_each_other_are_one_stretch_of_the_far_end() -> None:
    playout = Playout()
    playout.add(speech("one"))
    play(playout, 10)
    (played,) = playout.played()
    assert (played.t_ns, len(played.samples), played.rate_hz) == (0, 10 * BLOCK, RATE_HZ)
    assert not played.samples.flags.writeable


class Stepped:
    """A player on a virtual clock, ticked as it asks to be."""

    def __init__(self, output: Any = None) -> None:
        self.clock = VirtualClock()
        self.player = Player(output or ClockedOutput(self.clock), self.clock)
        self.out: list[tuple[int, Any]] = []

    def give(self, *items: Any) -> None:
        for item in items:
            if type(item) in Player.controls:
                self.player.control(item)
            self.out += [(self.clock(), o) for o in self.player.process(item)]

    def run(self, until_ms: float) -> None:
        while (due := self.player.due_ns()) is not None and due <= until_ms * MS:
            self.clock.advance_to(max(due, self.clock()))
            self.give(Tick(due))
        self.clock.advance_to(int(until_ms * MS))

    def of(self, kind: type) -> list[Any]:
        return [o for _, o in self.out if isinstance(o, kind)]

    def samples(self) -> Iterator[int]:
        for played in self.of(Played):
            yield len(played.samples)


def test_words_are_told_when_they_are_heard() -> None:
    stepped = Stepped()
    stepped.give(speech("one two"), speech("", last=True))
    stepped.run(1_000)
    assert [(s.text, s.is_final) for s in stepped.of(Spoken)] == [("one", False), ("one two", False), ("one two", True)]
    at_ms = [t / MS for t, o in stepped.out if isinstance(o, Spoken)]
    assert at_ms == [180, 360, 360], "in steps of a tick"
    assert sum(stepped.samples()) == 7 * 800
    assert stepped.player.due_ns() is None, "it sleeps"


def test_it_is_silent_within_a_block_of_being_told() -> None:
    stepped = Stepped()
    stepped.give(speech("one two three four five six"))
    stepped.run(503)
    stepped.give(Interrupted(0))
    stepped.run(2_000)
    assert sum(stepped.samples()) <= 0.52 * RATE_HZ
    assert stepped.of(Spoken)[-1] == Spoken(0, "one two", True)


def test_what_comes_late_of_an_interrupted_answer_is_not_played() -> None:
    stepped = Stepped()
    stepped.give(Interrupted(5), speech("late", 5), speech("new", 6), speech("", 6, last=True))
    stepped.run(1_000)
    assert [(s.t_ns, s.text, s.is_final) for s in stepped.of(Spoken)] == [
        (5, "", True), (6, "new", False), (6, "new", True)
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("error", "said"),
    [
        ("speaker 7 is not there: plug it in", "speaker 7 is not there: plug it in"),
        ("", "speaker 7 takes no more sound: is it unplugged?"),
    ],
)
def test_without_its_device_the_answer_goes_on_as_captions(error: str, said: str) -> None:
    stepped = Stepped(BrokenOutput(error))
    stepped.give(speech("one two"), speech("", last=True))
    stepped.run(3_000)
    assert [f.error for f in stepped.of(Failure)] == [f"{said}; answers go on as captions"]
    assert [s.text for s in stepped.of(Spoken)] == ["one", "one two", "one two"]


def test_a_hold_ends_by_itself() -> None:
    stepped = Stepped()
    stepped.give(speech("one two"), speech("", last=True))
    stepped.run(100)
    stepped.give(VoiceLevel(stepped.clock(), "silent", 1_000 * MS))
    stepped.run(3_000)
    assert [t / MS for t, o in stepped.out if isinstance(o, Spoken)] == [1_180, 1_360, 1_360]


def test_answers_are_spoken_into_a_file_one_behind_the_other(tmp_path: Path) -> None:
    clock = VirtualClock()
    output = wav_output(tmp_path / "said.wav", clock)
    stepped = Stepped(output)
    stepped.clock = clock
    stepped.player = Player(output, clock)
    stepped.give(speech("one", 0), speech("", 0, last=True))
    stepped.run(10_000)
    stepped.give(speech("two", 1), speech("", 1, last=True))
    stepped.run(20_000)
    stepped.player.close()
    with wave.open(str(tmp_path / "said.wav")) as wav:
        assert wav.getframerate() == RATE_HZ
        assert 2 * 2_400 <= wav.getnframes() <= 2 * 2_400 + 8 * BLOCK
    with pytest.raises(ConfigError, match=r"said\.wav exists already and is not written over"):
        wav_output(tmp_path / "said.wav", clock)
    with pytest.raises(ConfigError, match="could not be written"):
        wav_output(tmp_path / "no" / "said.wav", clock)


# --- the voices ---


def test_espeak_says_when_it_says_each_word(espeak: voice_espeak.Espeak) -> None:
    text = "It costs 4.50, at ten past three."
    samples, marks = espeak.say(text)
    assert samples.dtype == np.int16 and np.abs(samples).max() > 3_000
    assert 1.5 < len(samples) / espeak.rate_hz < 5
    said = [text[: m.chars].rstrip() for m in marks]
    assert said[:2] == ["It", "It costs"] and said[-1] == text
    assert 0.05 < marks[0].samples / espeak.rate_hz < 0.5


def test_espeak_speaks_the_same_twice(espeak: voice_espeak.Espeak) -> None:
    """In two sessions of one process; a replay has one hash."""
    del espeak
    first, second = (
        [voice.say(text)[0] for text in ("exit", "It says exit.")]
        for voice in (voice_espeak.build(voice_espeak.Options()) for _ in range(2))
    )
    assert all(np.array_equal(a, b) for a, b in zip(first, second, strict=True))


@pytest.mark.parametrize("text", ["", " ", "…", "🙂🙂", "出口はどこですか", "Где выход?", "a\0b", "word " * 2_000])
def test_espeak_takes_any_text(espeak: voice_espeak.Espeak, text: str) -> None:
    samples, marks = espeak.say(text)
    assert marks[-1] == Mark(len(text), len(samples))


def test_a_voice_that_espeak_does_not_have_is_said(espeak: voice_espeak.Espeak) -> None:
    with pytest.raises(ConfigError, match="espeak-ng has no voice 'klingonese': set sinks.voice.voice"):
        voice_espeak.build(voice_espeak.Options(voice="klingonese"))


def test_without_espeak_one_sentence_says_what_to_type(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine without it is one where no library of these names is found."""
    monkeypatch.setattr(voice_espeak, "LIBRARIES", ("libnothing.so.9",))
    with pytest.raises(
        ConfigError, match="answers cannot be spoken without espeak-ng: sudo apt-get install -y espeak-ng"
    ):
        voice_espeak.build(voice_espeak.Options())


def test_piper_says_what_it_lacks(tmp_path: Path) -> None:
    """A voice, its second file, a voice that can be read."""
    with pytest.raises(ConfigError, match="piper needs a voice: set sinks.voice.model"):
        voice_piper.build(voice_piper.Options())
    with pytest.raises(ModelError, match=r"voice.onnx or voice.onnx.json is not there"):
        voice_piper.build(voice_piper.Options(model=str(tmp_path / "voice.onnx")))
    for name in ("voice.onnx", "voice.onnx.json"):
        (tmp_path / name).write_text("{}")
    with pytest.raises((ConfigError, ModelError), match="piper-tts is not installed|cannot be used"):
        voice_piper.build(voice_piper.Options(model=str(tmp_path / "voice.onnx")))
