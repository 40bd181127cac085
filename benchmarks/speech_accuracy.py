"""How well speech is heard, through the runtime's own VAD, endpointing and recognisers, as the loop feeds them.

WER: Levenshtein distance over words, lower case, without punctuation, divided by the words of the reference; JFK,
LJSpeech and LibriVox clips. Slots: of the spoken coffee orders, a slot counts as heard when its words stand in the
transcript; the language model is made from the order's own grammar (`coffee_maker.yaml`) and from nothing else.
False words: words that are made of noise (a kitchen, white and brown noise, silence), per hour.

GLASSPATH_MOONSHINE names a folder with a Moonshine model; without it that recogniser is not measured.
"""

from __future__ import annotations

import json
import os
import re
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.claims import DATA, Claim, main
from edge import media
from edge.config import load_config, options_of
from edge.graph import asr_plugin
from edge.perception import asr_pocketsphinx
from edge.perception.hear import Hear, Options
from edge.perception.vad_silero import SileroVad
from edge.types import AudioChunk, Transcript, Utterance

AUDIO = DATA / "audio"
BLOCK = 1280
TAIL = np.zeros(32_000, np.int16)


def words(text: str) -> list[str]:
    return re.sub(r"[^a-z' ]", " ", text.lower()).split()


def distance(wanted: Sequence[str], heard: Sequence[str]) -> int:
    """Levenshtein's, over words."""
    row = list(range(len(heard) + 1))
    for i, w in enumerate(wanted, 1):
        before, row[0] = row[0], i
        for j, h in enumerate(heard, 1):
            before, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, before + (w != h))
    return row[-1]


def transcribed() -> list[tuple[Path, str]]:
    """Clips and what is said in them."""
    jfk = "and so my fellow americans ask not what your country can do for you ask what you can do for your country"
    found = [(AUDIO / "jfk.wav", jfk)]
    for folder in ("realtimestt", "pocketsphinx/librivox"):
        for path in sorted((AUDIO / folder).glob("*.txt")):
            found.append((path.with_suffix(".wav"), path.read_text()))
    return [(path, text) for path, text in found if path.is_file()]


def samples_of(path: Path) -> NDArray[np.int16]:
    return np.concatenate([c.samples for c in media.sound(str(path), 16_000, BLOCK)])


def utterances(samples: NDArray[np.int16]) -> Iterator[Utterance]:
    """As the runtime would cut them out."""
    hear = Hear(Options(), SileroVad())
    padded = np.concatenate([samples, TAIL])
    for at in range(0, len(padded) - BLOCK + 1, BLOCK):
        for event in hear.process(AudioChunk(at * 62_500, padded[at : at + BLOCK], 16_000)):
            if isinstance(event, Utterance):
                yield event


def heard(recogniser: Any, samples: NDArray[np.int16]) -> str:
    finals = (
        event
        for part in utterances(samples)
        for event in recogniser.process(part)
        if isinstance(event, Transcript) and event.is_final
    )
    return " ".join(t.text for t in finals if t.text)


def wer_claim(name: str, recogniser: Any, clips: Sequence[tuple[Path, str]]) -> list[Claim]:
    errors = count = 0
    seconds = 0.0
    start_s = time.process_time()
    for path, text in clips:
        samples = samples_of(path)
        errors += distance(words(text), words(heard(recogniser, samples)))
        count += len(words(text))
        seconds += len(samples) / 16_000
    rtf = (time.process_time() - start_s) / seconds
    return [
        Claim(f"WER, {name}, {len(clips)} clips, {count} words", errors / count, "of the words", ""),
        Claim(f"processor time per second of speech, {name}", rtf, "s", ""),
    ]


def slot_claims(quick: bool) -> list[Claim]:
    import yaml

    folder = AUDIO / "speech_to_intent"
    context = yaml.safe_load((folder / "coffee_maker.yaml").read_text())["context"]
    phrases = tuple(re.sub(r"\$(\w+):\w+", r"{\1}", e) for e in context["expressions"]["orderDrink"])
    slots = {name: tuple(values) for name, values in context["slots"].items()}
    labels = json.loads((folder / "label.json").read_text())
    clips = sorted((folder / "clean").glob("*.wav"))[: 8 if quick else None]
    claims = []
    with tempfile.TemporaryDirectory() as cache:
        special = asr_pocketsphinx.Options(phrases=phrases, slots=slots, cache=cache)
        for name, options, goal in (
            ("its own phrases", special, ">= 0.75"),
            ("the general language model", asr_pocketsphinx.Options(), ""),
        ):
            recogniser = asr_pocketsphinx.build(options)
            found = total = 0
            for clip in clips:
                text = f" {heard(recogniser, samples_of(clip))} "
                for value in labels[clip.name]["slots"].values():
                    total += 1
                    found += f" {value.strip()} " in text
            claims.append(Claim(f"slots of {len(clips)} spoken orders heard, pocketsphinx with {name}", found / total,
                                "of the slots", goal))  # fmt: skip
    return claims


def noise_claim(recogniser: Any) -> Claim:
    rng = np.random.default_rng(0)
    white = (rng.standard_normal(16_000 * 60) * 1500).astype(np.int16)
    brown = np.clip(np.cumsum(rng.standard_normal(16_000 * 60)) * 20, -30_000, 30_000).astype(np.int16)
    noises = [white, brown, np.zeros(16_000 * 60, np.int16)]
    kitchen = AUDIO / "speech_to_intent" / "kitchen.wav"
    if kitchen.is_file():
        noises.append(samples_of(kitchen))
    made = sum(len(words(heard(recogniser, noise))) for noise in noises)
    hours = sum(map(len, noises)) / 16_000 / 3600
    return Claim(f"false words in {hours * 60:.1f} minutes of noise", made / hours, "words/h", "= 0")


def measure(quick: bool) -> list[Claim]:
    """The claims of the embedded recogniser, and of Moonshine where it is."""
    clips = transcribed()
    if not clips:
        return [Claim(f"speech: {AUDIO} is not there (set GLASSPATH_DATA)", None, "", "")]
    config = load_config()
    plugin = asr_plugin(config)
    recogniser = asr_pocketsphinx.build(options_of("hearing.asr", plugin))
    chosen = clips[:4] if quick else clips
    claims = wer_claim("pocketsphinx with the assistant's phrases", recogniser, chosen)
    if not quick:
        claims += wer_claim("pocketsphinx, general", asr_pocketsphinx.build(asr_pocketsphinx.Options()), chosen)
    folder = os.environ.get("GLASSPATH_MOONSHINE")
    if folder:
        from edge.perception import asr_moonshine

        claims += wer_claim("moonshine", asr_moonshine.build(asr_moonshine.Options(folder)), chosen)
    else:
        claims.append(Claim("WER, moonshine: no model here (GLASSPATH_MOONSHINE)", None, "of the words", ""))
    return [*claims, noise_claim(recogniser), *slot_claims(quick)]


if __name__ == "__main__":
    main("speech_accuracy", __doc__, measure)
