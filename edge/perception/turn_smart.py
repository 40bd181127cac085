"""Whether a person who pauses is done, told from the voice by smart-turn (pipecat-ai, BSD-2): `edge models pull smart-turn`.

The network listens to the last eight seconds of the turn: melody and pace, not words. Words that cannot be the last
(`turn_words`) overrule it, since a recogniser that hears "what does the" knows better.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from edge.errors import ModelError
from edge.perception import turn_words
from edge.perception.log_mel import BANDS, HOP, RATE_HZ, log_mel
from edge.session import Session, open_session

_SAMPLES: Final = 8 * RATE_HZ


@dataclass(frozen=True, slots=True)
class Options:
    """Which network."""

    model: str = ""
    """path or catalogue name of an ONNX file: float32[1, 80, 800] log-mel features in, chance of a whole turn out"""


class SmartTurn:
    """Turn detector by voice and words."""

    needs_sound = True

    def __init__(self, session: Session) -> None:
        self._session = session
        self._words = turn_words.Words()

    def complete(self, words: str, samples: NDArray[np.int16]) -> float:
        """The chance that the turn is over; samples: int16[n] at 16 kHz, the turn so far."""
        if self._words.complete(words, samples) == 0.0:
            return 0.0
        (chance, *_) = self._session.run(features(samples)[None])
        return float(chance.ravel()[0])


def features(samples: NDArray[np.int16]) -> NDArray[np.float32]:
    """float32[80, 800] of the last eight seconds, silence in front of a shorter turn, its loudness made one."""
    voice = samples[-_SAMPLES:].astype(np.float32) / 32768
    voice = np.pad(voice, (_SAMPLES - len(voice), 0))
    voice = (voice - voice.mean()) / np.sqrt(voice.var() + 1e-7)
    return log_mel(voice)


def build(options: Options) -> SmartTurn:
    """Loads the network.

    Raises:
        ModelError: it is not there, or is another network.
    """
    if not options.model:
        raise ModelError(
            "hearing.turn.kind=smart needs its network: edge models pull smart-turn, or set hearing.turn.model"
        )
    session = open_session(Path(options.model))
    session.expect("smart-turn", [(1, BANDS, _SAMPLES // HOP)], [(None, 1)])
    return SmartTurn(session)
