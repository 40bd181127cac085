"""From sound to utterances: VAD, endpointing, pre-roll, and whether the speech is meant for the assistant."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from edge.clock import MS, S
from edge.perception.echo import EchoCanceller
from edge.perception.endpoint import Change, Endpointer, State
from edge.perception.endpoint import Options as EndpointOptions
from edge.types import AudioChunk, Button, Keyword, Played, SpeechStarted, Transcript, Utterance, Work

RATE_HZ: Final = 16_000
WINDOW: Final = 512
WINDOW_NS: Final = WINDOW * S // RATE_HZ
PART_WINDOWS: Final = 4
"""speech is handed on in parts of at least this many windows (128 ms), so that recognition is not woken more often"""

PAUSE_MS: Final = 96
"""silence after which what was said is handed on, whole part or not"""
TURN_WINDOWS: Final = 250
"""8 s of voice: what a turn detector listens to"""
UNSURE: Final = (0.3, 0.7)
"""between these chances a turn detector is not asked"""

Address = Literal["always", "button", "wake"]


@dataclass(frozen=True, slots=True)
class Options:
    """How speech is addressed to the assistant."""

    address: Address = "always"
    """always; button: while it is held; wake: for a while after a wake word"""
    button: str = "talk"
    wake_window_ms: int = 8_000
    """after the wake word, speech that begins within this time is meant for the assistant"""
    endpoint: EndpointOptions = field(default_factory=EndpointOptions)
    cancel_echo: bool = True
    """take the voice's own sound out of the microphone's while it speaks; of no use with headphones"""


class Vad(Protocol):
    def probability(self, window: NDArray[np.int16]) -> float: ...
    def reset(self) -> None: ...


class WakeWord(Protocol):
    def heard(self, window: NDArray[np.int16]) -> tuple[str, float] | None:
        """The next 512 samples; name and score when a wake word ends in them."""
        ...


class Turn(Protocol):
    needs_sound: bool

    def complete(self, words: str, samples: NDArray[np.int16]) -> float:
        """The chance that a person who pauses after these words, spoken like this, is done."""
        ...


class Hear:
    """Stage: AudioChunk, Button, Transcript, Played → SpeechStarted, Utterance, Keyword. 16 kHz mono only; sources see
    to that.

    A partial transcript tells whether the words before a pause are complete, which decides how long is waited. Played
    sound is what the echo canceller takes out of the microphone's.
    """

    def __init__(
        self,
        options: Options,
        vad: Vad,
        wake: WakeWord | None = None,
        turn: Turn | None = None,
        echo: EchoCanceller | None = None,
    ) -> None:
        self._options, self._vad, self._wake, self._turn, self._echo = options, vad, wake, turn, echo
        self._endpoint = Endpointer(options.endpoint)
        pre_roll = max(1, options.endpoint.pre_roll_ms * MS // WINDOW_NS)
        self._recent: deque[tuple[int, NDArray[np.int16]]] = deque(
            maxlen=pre_roll + options.endpoint.start_ms // 32 + 1
        )
        self._rest: NDArray[np.int16] = np.zeros(0, np.int16)
        self._next_ns: int | None = None
        self._parts: list[NDArray[np.int16]] = []
        self._part_ns = 0
        self._utterance_ns: int | None = None
        self._open_until_ns = 0
        self._button_down = False
        self._heard_ns = 0
        """end of the newest window"""
        self._settled_ns = -1
        """end of the speech that was settled last"""
        self._voice: deque[NDArray[np.int16]] = deque(maxlen=TURN_WINDOWS)

    def process(
        self, item: AudioChunk | Button | Transcript | Played
    ) -> Iterator[SpeechStarted | Utterance | Keyword | Work]:
        if isinstance(item, Button):
            yield from self._on_button(item)
            return
        if isinstance(item, Transcript):
            yield from self._on_words(item)
            return
        if isinstance(item, Played):
            if self._echo is not None:
                self._echo.far(item)
            return
        if self._echo is not None:
            item, blocks = self._echo.clean(item)
            if blocks:
                yield Work("echo", blocks)
            if not len(item.samples):
                return
        if self._next_ns is None or abs(item.t_ns - self._next_ns) > WINDOW_NS:
            yield from self._restart(item.t_ns)  # a gap: what follows is other sound
        samples = np.concatenate([self._rest, item.samples]) if len(self._rest) else item.samples
        start_ns = item.t_ns - len(self._rest) * S // RATE_HZ
        windows = len(samples) // WINDOW
        self._rest = samples[windows * WINDOW :]
        self._next_ns = item.end_ns
        for i in range(windows):
            window = samples[i * WINDOW : (i + 1) * WINDOW]
            yield from self._window(window, start_ns + i * WINDOW_NS)
        if windows:
            yield Work("hear", windows)

    def _window(self, window: NDArray[np.int16], t_ns: int) -> Iterator[SpeechStarted | Utterance | Keyword]:
        self._heard_ns = end_ns = t_ns + WINDOW_NS
        change = self._endpoint.step(self._vad.probability(window), t_ns, end_ns)
        if self._wake is not None and (found := self._wake.heard(window)) is not None:
            yield Keyword(end_ns, *found)
            self._open_until_ns = end_ns + self._options.wake_window_ms * MS
            if self._utterance_ns is None and self._endpoint.state is State.SPEAKING:
                self._recent.clear()  # the question begins behind the wake word
                change = Change.STARTED
                self._endpoint.speech_start_ns = end_ns
        self._recent.append((t_ns, window))
        if change is Change.STARTED and self._addressed():
            self._utterance_ns = self._part_ns = self._recent[0][0]
            self._parts = [w for _, w in self._recent]
            self._voice.extend(self._parts)
            yield SpeechStarted(self._endpoint.speech_start_ns)
        elif self._utterance_ns is not None:
            self._parts.append(window)
            self._voice.append(window)
        if change is Change.ENDED:
            yield from self._flush(is_final=True)
        elif self._utterance_ns is not None and self._settles(end_ns):
            yield from self._flush(is_final=False, is_settled=True)
        elif self._utterance_ns is not None and (len(self._parts) >= PART_WINDOWS or self._begins_to_pause(end_ns)):
            yield from self._flush(is_final=False)

    def _begins_to_pause(self, end_ns: int) -> bool:
        """A turn detector wants the words before a pause as soon as it is one."""
        return self._turn is not None and 0 <= self._endpoint.silent_ms(end_ns) - PAUSE_MS < WINDOW_NS / MS

    def _settles(self, end_ns: int) -> bool:
        """Once in a pause: what was said is most likely all."""
        at = self._endpoint
        if at.speech_end_ns == self._settled_ns or not at.is_settled(end_ns):
            return False
        self._settled_ns = at.speech_end_ns
        return True

    def _addressed(self) -> bool:
        match self._options.address:
            case "always":
                return True
            case "button":
                return self._button_down
            case "wake":
                return self._endpoint.speech_start_ns <= self._open_until_ns

    def _on_button(self, button: Button) -> Iterator[SpeechStarted | Utterance]:
        if button.name != self._options.button or self._options.address != "button":
            return
        self._button_down = button.pressed
        if button.pressed and self._endpoint.state in (State.SPEAKING, State.STOPPING):
            self._utterance_ns = self._part_ns = self._recent[0][0] if self._recent else button.t_ns
            self._parts = [w for _, w in self._recent]
            yield SpeechStarted(self._endpoint.speech_start_ns)
        elif not button.pressed and self._endpoint.end() is Change.ENDED:
            yield from self._flush(is_final=True)

    def _on_words(self, said: Transcript) -> Iterator[Utterance]:
        """Words that reach up to the pause decide about it; older ones do not."""
        at = self._endpoint
        is_current = said.t_ns == self._utterance_ns and said.end_ns == at.speech_end_ns
        if self._turn is None or said.is_final or not is_current or at.state is not State.STOPPING:
            return
        voice = np.concatenate(self._voice) if self._turn.needs_sound else np.zeros(0, np.int16)
        chance = self._turn.complete(said.text, voice)
        is_complete = None if UNSURE[0] < chance < UNSURE[1] else chance >= UNSURE[1]
        if at.judge(is_complete=is_complete, now_ns=self._heard_ns) is Change.ENDED:
            yield from self._flush(is_final=True)

    def _restart(self, t_ns: int) -> Iterator[Utterance]:
        if self._endpoint.end() is Change.ENDED:
            yield from self._flush(is_final=True)
        self._vad.reset()
        self._recent.clear()
        self._rest = self._rest[:0]
        self._next_ns = t_ns

    def _flush(self, *, is_final: bool, is_settled: bool = False) -> Iterator[Utterance]:
        if self._utterance_ns is None:
            return
        samples = np.concatenate(self._parts) if self._parts else np.zeros(0, np.int16)
        samples.flags.writeable = False
        end_ns = self._endpoint.speech_end_ns
        yield Utterance(self._utterance_ns, end_ns, self._part_ns, samples, RATE_HZ, is_final, is_settled)
        self._part_ns += len(samples) * S // RATE_HZ
        self._parts = []
        if is_final:
            self._utterance_ns = None
            self._voice.clear()
