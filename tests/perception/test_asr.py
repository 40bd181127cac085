"""From sound to words by the embedded recogniser: speech is heard, silence and noise are not, partial words first."""

from __future__ import annotations

import itertools
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from edge import media
from edge.clock import S
from edge.config import load_config, options_of
from edge.errors import ModelError
from edge.graph import asr_plugin
from edge.perception import asr_moonshine, asr_pocketsphinx, vad_silero
from edge.perception.hear import Hear, Options
from edge.types import AudioChunk, SpeechStarted, Transcript, Utterance, Work
from tests.shared_data import shared

RATE_HZ = 16_000
BLOCK = 1_280


@pytest.fixture(scope="module")
def recogniser() -> asr_pocketsphinx.PocketSphinx:
    """As it comes: the general language model mixed with the assistant's phrases, kept in the cache."""
    pytest.importorskip("pocketsphinx", reason="pocketsphinx is not installed")
    return asr_pocketsphinx.build(options_of("hearing.asr", asr_plugin(load_config())))


def samples_of(relative: str, from_s: int, to_s: int) -> np.ndarray:
    """int16[n] at 16 kHz of a stretch of a shared file"""
    chunks = itertools.islice(media.sound(str(shared(relative)), RATE_HZ, RATE_HZ), from_s, to_s)
    return np.concatenate([chunk.samples for chunk in chunks])


def listened(recogniser: asr_pocketsphinx.PocketSphinx, samples: np.ndarray) -> list[Any]:
    """All events of VAD, endpointing and recognition, with two seconds of silence behind the sound."""
    hear = Hear(Options(), vad_silero.build(vad_silero.Options()))
    sound = np.concatenate([samples, np.zeros(2 * RATE_HZ, np.int16)])
    events: list[Any] = []
    for i in range(len(sound) // BLOCK):
        chunk = AudioChunk(i * BLOCK * S // RATE_HZ, sound[i * BLOCK : (i + 1) * BLOCK], RATE_HZ)
        for event in hear.process(chunk):
            events.append(event)
            if isinstance(event, Utterance):
                events += recogniser.process(event)
    return events


def finals(events: list[Any]) -> list[Transcript]:
    return [e for e in events if isinstance(e, Transcript) and e.is_final]


@pytest.fixture(scope="module")
def speech(recogniser: asr_pocketsphinx.PocketSphinx) -> list[Any]:
    """President Kennedy, "ask not what your country can do for you": the whole of it takes the recogniser longer."""
    return listened(recogniser, samples_of("audio/jfk.wav", 3, 8))


def test_a_sentence_that_nobody_made_for_it_is_heard(speech: list[Any]) -> None:
    assert "country can do for you" in " ".join(t.text for t in finals(speech))


def test_partial_words_come_before_the_final_ones_of_the_same_utterance(speech: list[Any]) -> None:
    transcripts = [e for e in speech if isinstance(e, Transcript)]
    for final in finals(speech):
        if not final.text:
            continue
        before = transcripts[: transcripts.index(final)]
        partial = [t for t in before if t.t_ns == final.t_ns and not t.is_final]
        assert partial, final
        assert all(len(t.text.split()) >= 1 for t in partial)
        assert partial[0].end_ns < final.end_ns
        assert final.text.split()[0] in " ".join(t.text for t in partial)


def test_a_transcript_tells_when_it_was_said_and_how_sure_it_is(speech: list[Any]) -> None:
    for final in finals(speech):
        assert 0 <= final.t_ns < final.end_ns <= 5.1 * S
        assert (0 < final.confidence <= 1) == bool(final.text)
    starts = [e for e in speech if isinstance(e, SpeechStarted)]
    assert len(starts) == len(finals(speech))


def test_each_second_of_sound_is_accounted_for(speech: list[Any]) -> None:
    """As work, so that a virtual clock charges it: all of it but the silence after it was settled, once while it comes
    and once at its end.
    """
    heard_s = sum(len(e.samples) for e in speech if isinstance(e, Utterance)) / RATE_HZ
    for name in ("asr", "asr_final"):
        worked_s = sum(e.units for e in speech if isinstance(e, Work) and e.name == name)
        assert heard_s - 0.45 <= worked_s <= heard_s + 0.01


def test_silence_and_white_noise_give_no_words(recogniser: asr_pocketsphinx.PocketSphinx) -> None:
    rng = np.random.default_rng(0)
    for loudness in (0, 30, 3_000):
        noise = rng.normal(0, loudness, 8 * RATE_HZ).astype(np.int16)
        assert [t.text for t in finals(listened(recogniser, noise)) if t.text] == []


def test_the_noise_of_a_kitchen_gives_no_words(recogniser: asr_pocketsphinx.PocketSphinx) -> None:
    """Half a minute of water, dishes and steps."""
    events = listened(recogniser, samples_of("audio/speech_to_intent/kitchen.wav", 0, 30))
    assert [t.text for t in finals(events) if t.text] == []


def test_an_utterance_without_a_sample_is_an_empty_transcript(recogniser: asr_pocketsphinx.PocketSphinx) -> None:
    nothing = Utterance(0, 0, 0, np.zeros(0, np.int16), RATE_HZ, is_final=True)
    found = [e for e in recogniser.process(nothing) if isinstance(e, Transcript)]
    assert [(t.text, t.is_final, t.confidence) for t in found] == [("", True, 0.0)]


def test_moonshine_without_its_package_or_its_model_is_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    options = asr_moonshine.Options(model=str(tmp_path / "nowhere"))
    with pytest.raises(ModelError, match=r"Moonshine('s model folder .* is not there| is not installed)"):
        asr_moonshine.build(options)
    monkeypatch.setitem(sys.modules, "moonshine_voice", None)
    with pytest.raises(ModelError, match=r"Moonshine is not installed .*: pip install 'glasspath\[moonshine\]'"):
        asr_moonshine.build(options)


def parts_of(samples: np.ndarray, *, settled_at_s: float, end_s: float) -> list[Utterance]:
    """An utterance in parts of 128 ms, settled after one of them; the speech ends at `end_s`."""
    step = 2048
    starts = range(0, len(samples), step)
    settled = int(settled_at_s * RATE_HZ) // step
    out = []
    for n, at in enumerate(starts):
        piece = samples[at : at + step]
        reach_ns = min(at + len(piece), int(end_s * RATE_HZ)) * S // RATE_HZ
        is_final = at + step >= len(samples)
        out.append(Utterance(0, reach_ns, at * S // RATE_HZ, piece, RATE_HZ, is_final, n == settled and not is_final))
    return out


def test_settled_words_are_the_final_ones_and_cost_nothing_at_the_end(
    recogniser: asr_pocketsphinx.PocketSphinx,
) -> None:
    """The last passes are made in the pause; nothing is left for the end."""
    speech = np.concatenate([samples_of("audio/jfk.wav", 3, 8)[: int(4.6 * RATE_HZ)], np.zeros(RATE_HZ // 2, np.int16)])
    parts = parts_of(speech, settled_at_s=4.9, end_s=4.6)
    early = [e for part in parts[:-1] for e in recogniser.process(part)]
    end = list(recogniser.process(parts[-1]))
    (settled,) = [e for e in early if isinstance(e, Transcript) and e.is_settled]
    (final,) = finals(end)
    assert final.text == settled.text != ""
    assert not any(isinstance(e, Work) for e in end)


def test_speech_that_goes_on_after_it_was_settled_loses_no_word(recogniser: asr_pocketsphinx.PocketSphinx) -> None:
    """A short beginning is decoded once more with what follows: the same words as without the pause."""
    speech = samples_of("audio/jfk.wav", 3, 8)
    plain = [e for p in parts_of(speech, settled_at_s=99, end_s=5) for e in recogniser.process(p)]
    again = [e for p in parts_of(speech, settled_at_s=1.5, end_s=5) for e in recogniser.process(p)]
    assert any(isinstance(e, Transcript) and e.is_settled for e in again)
    assert finals(again)[0].text == finals(plain)[0].text != ""
