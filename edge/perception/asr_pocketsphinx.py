"""Speech recognition by PocketSphinx with the models in its own package: the embedded default, 20 MB, no download.

Its general language model is mixed with the assistant's phrases (`language_model.py`); the result is kept in the cache.
The cepstral mean is set from the first second of each utterance: PocketSphinx's own start value fits no other
microphone, and the first words after a start were lost by it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from edge.clock import MS, S
from edge.errors import ModelError
from edge.perception import phrases as phrase_book
from edge.perception.language_model import mix
from edge.perception.sphinx import Sphinx, model_folder
from edge.perception.trie_lm import read_trie, write_trie
from edge.types import Transcript, Utterance, Work

PRIMING_SAMPLES: Final = 16_000
"""1 s at 16 kHz"""
SENTENCES: Final = 8_000
"""drawn from the phrases to count n-grams in"""
PAUSE_NS: Final = 90 * MS
"""silence at the end of a part after which its words are told even if they are no news"""
LM_VERSION: Final = 2
"""part of the cached model's name: raise it when the mixing changes"""


@dataclass(frozen=True, slots=True)
class Options:
    """What is likely to be said."""

    phrases: tuple[str, ...] = ()
    """see `phrases.py`; empty: the general language model alone"""
    slots: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    phrase_weight: float = 0.3
    """share of the phrases' model in the mixture"""
    lm: str = ""
    """another .lm.bin to start from, by path"""
    min_confidence: float = 0.05
    """a final transcript below this is taken for noise and dropped"""
    cache: str = ""
    """folder for the mixed language model; empty: the runtime's cache"""


class PocketSphinx:
    """Stage: Utterance → Transcript. One decoder, one utterance at a time."""

    def __init__(self, options: Options, lm: Path) -> None:
        self._options = options
        self._decoder = Sphinx(lm)
        self._waiting: list[NDArray[np.int16]] = []
        self._started = False
        self._text = ""
        self._heard_s = 0.0
        self._told_ns = 0
        """up to where the newest partial transcript tells what was said"""

    def process(self, part: Utterance) -> Iterator[Transcript | Work]:
        self._heard_s += len(part.samples) / part.rate_hz
        self._waiting.append(part.samples)
        ready = self._started or part.is_final or sum(map(len, self._waiting)) >= PRIMING_SAMPLES
        if ready and any(map(len, self._waiting)):
            samples = np.concatenate(self._waiting)
            self._waiting = []
            if not self._started:
                self._decoder.start(samples)
                self._started = True
            self._decoder.feed(samples)
            yield Work("asr", len(samples) / part.rate_hz)
        if part.is_final:
            yield from self._finish(part)
        elif self._started and (text := self._decoder.text()) and self._is_news(part, text):
            yield Transcript(part.t_ns, part.end_ns, text, 0.0, is_final=False)

    def _is_news(self, part: Utterance, text: str) -> bool:
        """Other words, or the same words for all that was said before a pause: then they may be the last."""
        sound_end_ns = part.part_ns + len(part.samples) * S // part.rate_hz
        is_pause = sound_end_ns - part.end_ns >= PAUSE_NS and part.end_ns > self._told_ns
        if text == self._text and not is_pause:
            return False
        self._text, self._told_ns = text, part.end_ns
        return True

    def _finish(self, part: Utterance) -> Iterator[Transcript | Work]:
        text, confidence = "", 0.0
        if self._started:
            self._decoder.end()
            text, confidence = self._decoder.text(), self._decoder.confidence()
            yield Work("asr_final", self._heard_s)
        self._started, self._text, self._heard_s, self._waiting = False, "", 0.0, []
        if confidence < self._options.min_confidence:
            text = ""
        yield Transcript(part.t_ns, part.end_ns, text, confidence if text else 0.0, is_final=True)


def build(options: Options) -> PocketSphinx:
    """Load the recogniser; mixes the language model first when the cache has none (some seconds, once).

    Raises:
        ModelError: the language model cannot be read or used.
        ConfigError: a phrase is malformed.
    """
    general = Path(options.lm) if options.lm else model_folder() / "en-us.lm.bin"
    if not general.is_file():
        raise ModelError(f"language model {general} is not there: check hearing.asr.lm")
    return PocketSphinx(options, mixed_lm(general, options) if options.phrases else general)


def mixed_lm(general: Path, options: Options) -> Path:
    """Path of the general model mixed with the phrases, made if the cache lacks it."""
    book = [phrase_book.parse(p, options.slots) for p in options.phrases]
    words = phrase_book.sentences(book, options.slots, SENTENCES, seed=0)
    recipe = repr((LM_VERSION, options.phrase_weight, words, general.name, general.stat().st_size))
    path = Path(options.cache) / f"phrases-{hashlib.sha256(recipe.encode()).hexdigest()[:16]}.lm.bin"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        mixed = mix(read_trie(general), _pronounceable(words), options.phrase_weight)
        partial = path.with_suffix(f".{id(mixed)}.partial")
        write_trie(mixed, partial)
        partial.replace(path)
    return path


def _pronounceable(sentences: Sequence[Sequence[str]]) -> list[list[str]]:
    """The sentences without the words that the dictionary has no sound for."""
    with (model_folder() / "cmudict-en-us.dict").open() as file:
        known = {line.split(None, 1)[0] for line in file}
    return [[w for w in s if w in known] for s in sentences]
