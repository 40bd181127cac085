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
AGAIN_S: Final = 4.0
"""what is longer is not decoded once more when speech goes on"""
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
    """Stage: Utterance → Transcript. One decoder, one utterance at a time.

    What is followed by a pause gets its last passes at once, while it is still open whether the person is done: then the
    final words are there when the utterance ends. If speech goes on after all, a short beginning is decoded once more
    together with what follows; after a long one, what follows is a stretch of its own.
    """

    def __init__(self, options: Options, lm: Path) -> None:
        self._options = options
        self._decoder = Sphinx(lm)
        self._waiting: list[NDArray[np.int16]] = []
        self._started = False
        self._primed = False
        self._settled: list[tuple[str, float]] = []
        """words and confidence of the stretches that are done"""
        self._settled_ns = -1
        """end of the speech that they reach to"""
        self._stretch: list[NDArray[np.int16]] = []
        """sound of the stretch in work, as long as it is short"""
        self._text = ""
        self._heard_s = 0.0
        """of the stretch in work"""
        self._told_ns = 0
        """up to where the newest partial transcript tells what was said"""

    def process(self, part: Utterance) -> Iterator[Transcript | Work]:
        self._waiting.append(part.samples)
        is_silent = part.end_ns <= self._settled_ns
        if is_silent and not part.is_final:
            return
        if not is_silent:
            if self._settled_ns >= 0 and not self._started and self._heard_s <= AGAIN_S:
                self._waiting, self._settled = [*self._stretch, *self._waiting], self._settled[:-1]
                self._primed = bool(self._settled)
            yield from self._feed(part)
            if self._started and (part.is_final or part.is_settled):
                yield from self._settle(part)
        if part.is_final:
            yield from self._finish(part)
        elif (text := self._so_far()) and self._is_news(part, text):
            is_settled = part.end_ns <= self._settled_ns
            yield Transcript(part.t_ns, part.end_ns, text, 0.0, is_final=False, is_settled=is_settled)

    def _feed(self, part: Utterance) -> Iterator[Work]:
        ready = self._primed or part.is_final or part.is_settled or sum(map(len, self._waiting)) >= PRIMING_SAMPLES
        if not ready or not any(map(len, self._waiting)):
            return
        samples = np.concatenate(self._waiting)
        self._waiting = []
        if not self._started:
            self._decoder.start(None if self._primed else samples)
            self._started = self._primed = True
            self._stretch, self._heard_s = [], 0.0
        self._decoder.feed(samples)
        seconds = len(samples) / part.rate_hz
        self._heard_s += seconds
        self._stretch = [*self._stretch, samples] if self._heard_s <= AGAIN_S else []
        yield Work("asr", seconds)

    def _settle(self, part: Utterance) -> Iterator[Work]:
        """The last passes over a stretch."""
        self._decoder.end()
        self._settled.append((self._decoder.text(), self._decoder.confidence()))
        yield Work("asr_final", self._heard_s)
        self._started, self._settled_ns = False, part.end_ns

    def _so_far(self) -> str:
        now = [self._decoder.text()] if self._started else []
        return " ".join(text for text in (*(said for said, _ in self._settled), *now) if text)

    def _is_news(self, part: Utterance, text: str) -> bool:
        """Other words, or the same words for all that was said before a pause: then they may be the last."""
        is_pause = _silence_ns(part) >= PAUSE_NS and part.end_ns > self._told_ns
        if text == self._text and not is_pause and part.end_ns > self._settled_ns:
            return False
        self._text, self._told_ns = text, part.end_ns
        return True

    def _finish(self, part: Utterance) -> Iterator[Transcript]:
        text, counts = self._so_far(), [len(said.split()) for said, _ in self._settled]
        confidence = sum(n * c for n, (_, c) in zip(counts, self._settled, strict=True)) / max(1, sum(counts))
        self._started, self._primed, self._text, self._heard_s = False, False, "", 0.0
        self._waiting, self._stretch, self._settled, self._settled_ns = [], [], [], -1
        if confidence < self._options.min_confidence:
            text = ""
        yield Transcript(part.t_ns, part.end_ns, text, confidence if text else 0.0, is_final=True)


def _silence_ns(part: Utterance) -> int:
    """How long the sound goes on after the speech."""
    return part.part_ns + len(part.samples) * S // part.rate_hz - part.end_ns


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
