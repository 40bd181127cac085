"""Endpointing: from speech probabilities to where utterances begin and end. Four states, no I/O, no audio.

    quiet ──p ≥ threshold──▶ starting ──for start_ms──▶ speaking ──p < threshold − hysteresis──▶ stopping
      ▲                         │ falls back                ▲ resumes                              │
      └─────────────────────────┘◀──────────────────────────┴──────────────── for the pause ───────┘

The pause that ends an utterance is learned from the person's own pauses, as LiveKit's `endpointing.py` does: a moving
mean of the pauses that speech went on after, and a push up when speech begins again right after an end. A turn detector
shortens it where the words are complete and lengthens it where something must follow.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Final

from edge.clock import MS

LEARNING_RATE: Final = 0.3
"""weight of the newest pause in the moving mean"""
PAUSE_MARGIN: Final = 1.6
"""the end is waited for this many times the person's mean pause"""
SETTLE_MS: Final = 192
"""so long before a pause ends an utterance, what was said is taken for all, to have everything ready by then"""
FALSE_END_MS: Final = 400
"""speech that begins again within this time after an end shows that the end came too early"""


@dataclass(frozen=True, slots=True)
class Options:
    """When speech begins and ends."""

    threshold: float = 0.5
    """probability from which on a window is speech"""
    hysteresis: float = 0.15
    """once speaking, a window is speech down to threshold − hysteresis"""
    start_ms: int = 96
    """speech shorter than this is a click or a cough"""
    pause_ms: int = 500
    """silence that ends an utterance, before anything was learned"""
    complete_pause_ms: int = 288
    """silence that ends an utterance whose words are complete"""
    incomplete_pause_ms: int = 1000
    """the same where something must follow"""
    min_pause_ms: int = 350
    max_pause_ms: int = 1200
    pre_roll_ms: int = 320
    """sound kept from before the speech was noticed"""
    max_utterance_ms: int = 20_000


class State(Enum):
    QUIET = "quiet"
    STARTING = "starting"
    SPEAKING = "speaking"
    STOPPING = "stopping"


class Change(Enum):
    """What one window changed."""

    NOTHING = "nothing"
    STARTED = "started"
    ENDED = "ended"


class Endpointer:
    """Takes one probability a window; times are those of the window's first and past its last sample."""

    def __init__(self, options: Options) -> None:
        self._options = options
        self.state = State.QUIET
        self.pause_ms = float(options.pause_ms)
        """silence that ends an utterance now"""
        self.speech_start_ns = 0
        self.speech_end_ns = 0
        """where the newest speech window ended"""
        self._ended_ns: int | None = None
        self._is_complete: bool | None = None

    @property
    def due_ms(self) -> float:
        """Silence that ends the utterance, as far as its words tell."""
        o = self._options
        if self._is_complete is None:
            return self.pause_ms
        if self._is_complete:
            # A person who pauses long within sentences is waited for longer here as well.
            return min(self.pause_ms, max(o.complete_pause_ms, self.pause_ms * o.complete_pause_ms / o.pause_ms))
        return max(self.pause_ms, o.incomplete_pause_ms)

    def silent_ms(self, now_ns: int) -> float:
        """How long nothing was said; 0 while no utterance is open."""
        return (now_ns - self.speech_end_ns) / MS if self.state is State.STOPPING else 0.0

    def is_settled(self, now_ns: int) -> bool:
        """Whether this pause will soon have ended the utterance."""
        return self.state is State.STOPPING and self.silent_ms(now_ns) >= self.due_ms - SETTLE_MS

    def judge(self, *, is_complete: bool | None, now_ns: int) -> Change:
        """What the words say about this pause; it may be over with that."""
        self._is_complete = is_complete
        return self.end() if self.state is State.STOPPING and self.silent_ms(now_ns) >= self.due_ms else Change.NOTHING

    def step(self, probability: float, start_ns: int, end_ns: int) -> Change:
        """The next window."""
        o = self._options
        match self.state:
            case State.QUIET:
                if probability >= o.threshold:
                    self.state = State.STARTING
                    self.speech_start_ns, self.speech_end_ns = start_ns, end_ns
                    return self._confirm(end_ns)
            case State.STARTING:
                if probability < o.threshold - o.hysteresis:
                    self.state = State.QUIET
                else:
                    self.speech_end_ns = end_ns
                    return self._confirm(end_ns)
            case State.SPEAKING | State.STOPPING:
                if probability >= o.threshold - o.hysteresis:
                    if self.state is State.STOPPING:
                        self._learn((start_ns - self.speech_end_ns) / MS)
                    self.state = State.SPEAKING
                    self.speech_end_ns = end_ns
                    self._is_complete = None
                else:
                    self.state = State.STOPPING
                silent_ms = (end_ns - self.speech_end_ns) / MS
                too_long = (end_ns - self.speech_start_ns) / MS >= o.max_utterance_ms
                if silent_ms >= self.due_ms or too_long:
                    return self.end()
        return Change.NOTHING

    def end(self) -> Change:
        """End the utterance now (a button was released, the recording is over)."""
        if self.state in (State.QUIET, State.STARTING):
            self.state = State.QUIET
            return Change.NOTHING
        self.state, self._is_complete = State.QUIET, None
        self._ended_ns = self.speech_end_ns
        return Change.ENDED

    def _confirm(self, end_ns: int) -> Change:
        if (end_ns - self.speech_start_ns) / MS < self._options.start_ms:
            return Change.NOTHING
        self.state = State.SPEAKING
        if self._ended_ns is not None:
            gap_ms = (self.speech_start_ns - self._ended_ns) / MS
            if gap_ms - self.pause_ms < FALSE_END_MS:
                self._learn(gap_ms)
        return Change.STARTED

    def _learn(self, gap_ms: float) -> None:
        o = self._options
        if gap_ms < 100:  # between syllables, not a pause
            return
        wanted = min(max(gap_ms * PAUSE_MARGIN, o.min_pause_ms), o.max_pause_ms)
        self.pause_ms += LEARNING_RATE * (wanted - self.pause_ms)
