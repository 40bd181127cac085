"""From words to sound: each piece of an answer is synthesised as soon as it is whole, a little ahead of the player.

Only so much is synthesised ahead as the player needs to go on: what an interruption would throw away costs nothing.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from edge.errors import EdgeError
from edge.sinks.marks import estimated, regular
from edge.sinks.sentences import Sentences
from edge.types import Answer, Failure, Interrupted, Mark, Speech, Spoken, Token, Work

RATE_HZ: Final = 16_000
"""all speech is played at the microphone's rate: what is played is the echo canceller's reference, sample by sample"""
AHEAD: Final = 280
"""characters that may be synthesised and not yet heard: some 18 s of speech"""
WAITING: Final = 20_000
"""characters that may wait for synthesis; more are dropped, with a Failure"""
SILENT_S_PER_CHARACTER: Final = 0.06
"""how long a piece that cannot be spoken is shown"""


class Voice(Protocol):
    """A plug-in `voice_*`."""

    rate_hz: int

    def say(self, text: str) -> tuple[NDArray[np.int16], tuple[Mark, ...]]:
        """The sound, int16[n] at `rate_hz`, and where in it the words end."""
        ...


@dataclass(slots=True)
class _Saying:
    """One answer on its way."""

    t_ns: int
    sentences: Sentences = field(default_factory=Sentences)
    pieces: deque[str] = field(default_factory=deque)
    waiting: int = 0
    """characters in `pieces`"""
    given: int = 0
    """characters that the player has"""
    heard: int = 0
    whole: bool = False
    """the answer is complete: after the last piece there is none"""


class SpeechMaker:
    """Stage: Token, Answer, Spoken, Interrupted → Speech."""

    takes = (Token, Answer, Spoken, Interrupted)
    controls = (Interrupted,)

    def __init__(self, voice: Voice) -> None:
        self._voice = voice
        self._answers: deque[_Saying] = deque()
        self._silenced_ns = -1
        """this answer and all before it are interrupted"""
        self._done_ns = -1

    def control(self, item: Interrupted) -> None:
        self._silenced_ns = max(self._silenced_ns, item.t_ns)

    def process(self, item: Token | Answer | Spoken | Interrupted) -> Iterator[Speech | Failure | Work]:
        if item.t_ns > max(self._silenced_ns, self._done_ns):
            saying = self._saying(item.t_ns)
            match item:
                case Token(text=text):
                    yield from self._queue(saying, saying.sentences.feed(text))
                case Answer():
                    yield from self._queue(saying, [rest] if (rest := saying.sentences.flush()) else [])
                    saying.whole = True
                case Spoken(text=text):
                    saying.heard = len(text)
                case _:
                    pass
        yield from self._say()

    def _saying(self, t_ns: int) -> _Saying:
        found = next((s for s in self._answers if s.t_ns == t_ns), None)
        if found is None:
            found = _Saying(t_ns)
            self._answers.append(found)
        return found

    def _queue(self, saying: _Saying, pieces: list[str]) -> Iterator[Failure]:
        for piece in pieces:
            if saying.waiting + len(piece) > WAITING:
                yield Failure(saying.t_ns, "speech", f"an answer is too long to be spoken: {len(piece)} characters "
                              "were left out, ask for a shorter one")  # fmt: skip
                continue
            saying.pieces.append(piece)
            saying.waiting += len(piece)

    def _say(self) -> Iterator[Speech | Failure | Work]:
        """As much as the player may have ahead; one answer after the other."""
        while self._answers:
            saying = self._answers[0]
            if saying.t_ns <= self._silenced_ns:
                self._answers.popleft()
                continue
            if saying.pieces and saying.given - saying.heard < AHEAD:
                piece = saying.pieces.popleft()
                saying.waiting -= len(piece)
                saying.given += len(piece)
                yield from self._speech(saying, piece)
            elif saying.whole and not saying.pieces:  # the last piece came before it was known to be the last
                yield Speech(saying.t_ns, "", np.zeros(0, np.int16), (Mark(0, 0),), is_last=True)
                self._done_ns = saying.t_ns
                self._answers.popleft()
            else:
                return

    def _speech(self, saying: _Saying, piece: str) -> Iterator[Speech | Failure | Work]:
        samples, rate_hz = np.zeros(0, np.int16), RATE_HZ
        marks: tuple[Mark, ...] = (Mark(len(piece), 0),)
        if any(c.isalnum() for c in piece):
            try:
                samples, marks = self._voice.say(piece)
                rate_hz = self._voice.rate_hz
            except EdgeError as error:
                yield Failure(saying.t_ns, "speech", str(error))
            if not len(samples):  # the voice failed, or has no sound for this script: it is shown for its time
                samples, rate_hz = np.zeros(round(len(piece) * SILENT_S_PER_CHARACTER * RATE_HZ), np.int16), RATE_HZ
                marks = estimated(piece, len(samples))
            yield Work("speech", len(samples) / rate_hz)
        sound = resampled(samples, rate_hz, RATE_HZ)
        scale = RATE_HZ / rate_hz
        at = regular([Mark(m.chars, round(m.samples * scale)) for m in marks], len(piece), len(sound))
        yield Speech(saying.t_ns, piece, sound, at, is_last=False)


def resampled(samples: NDArray[np.int16], from_hz: int, to_hz: int) -> NDArray[np.int16]:
    """int16[n] at another rate, read-only, by the Fourier transform of the whole piece (it begins and ends in silence)."""
    if from_hz != to_hz and len(samples):
        seconds = -(-len(samples) // from_hz) + 1  # whole seconds: sizes that are products of small primes
        spectrum = np.fft.rfft(samples.astype(np.float32), seconds * from_hz)
        bins = seconds * min(from_hz, to_hz) // 2
        moved = np.zeros(seconds * to_hz // 2 + 1, np.complex128)
        moved[:bins] = spectrum[:bins]
        sound = np.fft.irfft(moved, seconds * to_hz)[: len(samples) * to_hz // from_hz] * (to_hz / from_hz)
        samples = np.clip(np.rint(sound), -32_768, 32_767).astype(np.int16)
    else:
        samples = samples.copy()
    samples.flags.writeable = False
    return samples
