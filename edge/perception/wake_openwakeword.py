"""Wake words by an openWakeWord triple of ONNX files: mel spectrogram, speech embedding, and one classifier a word.

Sizes from openWakeWord's `utils.py`: 80 ms hops, 32 mel bands in 10 ms frames, one embedding of 96 numbers from 76
frames every 8 frames, classifiers over the newest 16 embeddings (or as many as their input says).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from edge.errors import ModelError
from edge.session import Session, open_session

HOP: Final = 1_280
"""samples"""
LOOK_BACK: Final = 480
"""samples before the hop that its first mel frame needs (30 ms)"""
MEL_FRAMES: Final = 76
EMBEDDING: Final = 96


@dataclass(frozen=True, slots=True)
class Options:
    """The three files."""

    melspectrogram: str
    embedding: str
    word: str
    """the classifier; its file name is the word's name"""
    min_score: float = 0.5
    quiet_ms: int = 1_000
    """a word that was heard is not heard again within this time"""


class SpeechEmbedding:
    """From sound to openWakeWord's embeddings, hop by hop."""

    def __init__(self, melspectrogram: Session, embedding: Session) -> None:
        self._mel, self._embed = melspectrogram, embedding
        self._sound = np.zeros(LOOK_BACK, np.float32)
        self._frames = np.ones((MEL_FRAMES, 32), np.float32)

    def step(self, hop: NDArray[np.int16]) -> NDArray[np.float32]:
        """The embedding, float32[96], that ends with these int16[1280]."""
        sound = np.concatenate([self._sound, hop.astype(np.float32)])
        self._sound = sound[-LOOK_BACK:]
        frames = self._mel.run(sound[None])[0].reshape(-1, 32) / 10 + 2  # openWakeWord's scaling
        self._frames = np.concatenate([self._frames, frames])[-MEL_FRAMES:]
        return np.asarray(self._embed.run(self._frames[None, :, :, None])[0], np.float32).reshape(EMBEDDING)


class OpenWake:
    """Fed with windows of 512 samples; fires once per word."""

    def __init__(self, embedding: SpeechEmbedding, classifier: Session, name: str, options: Options) -> None:
        self._embedding, self._classifier, self._name, self._options = embedding, classifier, name, options
        self._newest = np.zeros((classifier.inputs[0].shape[1] or 16, EMBEDDING), np.float32)
        self._rest = np.zeros(0, np.int16)
        self._hops = 0
        self._warm = len(self._newest)
        self._silent_until = 0

    def heard(self, window: NDArray[np.int16]) -> tuple[str, float] | None:
        """Name and score when the word ends in this window, int16[512] at 16 kHz."""
        self._rest = np.concatenate([self._rest, window])
        if len(self._rest) < HOP:
            return None
        hop, self._rest = self._rest[:HOP], self._rest[HOP:]
        self._newest = np.concatenate([self._newest[1:], self._embedding.step(hop)[None]])
        self._hops += 1
        if self._hops < self._warm or self._hops < self._silent_until:
            return None
        score = float(self._classifier.run(self._newest[None])[0].reshape(-1)[0])
        if score < self._options.min_score:
            return None
        self._silent_until = self._hops + self._options.quiet_ms // 80
        return self._name, score


def build(options: Options) -> OpenWake:
    """Load the triple.

    Raises:
        ModelError: a file is missing or is not of the expected shape.
    """
    mel = open_session(options.melspectrogram)
    mel.expect("openWakeWord's melspectrogram.onnx", [(None, None)], [(None, None, None, 32)])
    embedding = open_session(options.embedding)
    embedding.expect(
        "openWakeWord's embedding_model.onnx", [(None, MEL_FRAMES, 32, 1)], [(None, None, None, EMBEDDING)]
    )
    if not options.word:
        raise ModelError("no wake word: set hearing.wake.word to an openWakeWord classifier (.onnx)")
    classifier = open_session(options.word)
    classifier.expect("an openWakeWord classifier", [(None, None, EMBEDDING)], [(None, 1)])
    return OpenWake(SpeechEmbedding(mel, embedding), classifier, Path(options.word).stem, options)
