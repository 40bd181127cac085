"""Who has the floor: decides when the person who speaks into an answer is listened to, and when the voice goes on.

    state      the answer                      the person
    IDLE       there is none                   whatever
    THINKING   is made, nothing was heard yet  silent
    SPEAKING   is spoken                       silent
    LOW        is spoken, low                  has begun to speak: it may be a "mhm"
    HELD       waits in silence                speaks on, or spoke before the answer began

Speech that goes on for `hold_ms` holds the voice; words interrupt the answer for good. A backchannel, a cough or noise
(no words) gives the floor back, and a sentence that was held begins anew. Recognisers hear all kinds of short words in a
"mhm": up to three words in less than `hold_ms` are a backchannel too, unless one of them is a command. Low and held are
leases that each part of the speech renews: should hearing fail, the voice goes on by itself `resume_ms` later.
Sources: LiveKit Agents' false-interruption timer (2 s) and backchannel boundary; Pipecat's interruption frames.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Final

import numpy as np

from edge.clock import MS, Now
from edge.types import Backchannel, Interrupted, Level, SpeechStarted, Spoken, Transcript, Utterance, VoiceLevel

SHORT_WORDS: Final = 3
"""more words than these are no backchannel, however fast they were"""
_WORD: Final = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")


@dataclass(frozen=True, slots=True)
class Options:
    """When the voice yields."""

    hold_ms: int = 900
    """speech this long is no backchannel: the voice falls silent"""
    resume_ms: int = 2_000
    """so long after the last speech that brought no words, the voice goes on"""
    quiet_dbfs: float = -55.0
    """sound below this level neither holds nor lowers the voice: what is left of an echo"""
    backchannels: tuple[str, ...] = (
        "mhm", "mm", "mmm", "hm", "hmm", "mm-hmm", "uh-huh", "aha", "ah", "oh", "uh", "um", "huh", "yeah", "yep", "yes",
        "yup", "okay", "ok", "right", "sure", "i see", "got it", "all right", "alright", "good", "great", "nice", "cool",
        "wow", "thanks", "thank you",
    )  # fmt: skip
    """words, and rows of words, that do not stop an answer"""
    commands: tuple[str, ...] = (
        "stop", "wait", "no", "hold", "quiet", "enough", "cancel", "pause", "again", "repeat", "next", "help", "hey",
    )  # fmt: skip
    """words that stop an answer however short they are spoken"""


class State(Enum):
    IDLE = "idle"
    THINKING = "thinking"
    SPEAKING = "speaking"
    LOW = "low"
    HELD = "held"


Out = VoiceLevel | Interrupted | Backchannel


class Dialogue:
    """Stage: SpeechStarted, Utterance, Transcript, Spoken → VoiceLevel, Interrupted, Backchannel.

    Runs in the threads of those who publish, so that the voice is told at once and a question before it is asked.
    """

    takes = (SpeechStarted, Utterance, Transcript, Spoken)

    def __init__(self, options: Options, now_ns: Now) -> None:
        self._options, self._now_ns = options, now_ns
        self._phrases = frozenset(tuple(words(p)) for p in options.backchannels)
        self._longest = max((len(p) for p in self._phrases), default=0)
        self._lock = threading.Lock()
        self.state = State.IDLE
        self._answer_ns = -1
        """`t_ns` of the answer that is made or spoken"""
        self._heard = False
        """words of it were heard"""
        self._lease_ns = 0
        self._began_ns = 0
        """when the person began to speak"""

    def process(self, item: SpeechStarted | Utterance | Transcript | Spoken) -> Iterator[Out]:
        with self._lock:
            out = list(self.step(item))
        yield from out

    def step(self, item: SpeechStarted | Utterance | Transcript | Spoken) -> Iterator[Out]:
        """One event, without the lock."""
        if self.state in (State.LOW, State.HELD) and self._now_ns() >= self._lease_ns:
            self.state = self._answering()  # the voice has gone on by itself
        match item:
            case SpeechStarted():
                self._began_ns = item.t_ns
            case Utterance():
                yield from self._on_sound(item)
            case Transcript(is_final=True):
                yield from self._on_final(item)
            case Transcript():
                if self.state is not State.IDLE and not self._passes(item):
                    yield self._interrupt()
            case Spoken():
                self._on_spoken(item)

    def is_backchannel(self, text: str) -> bool:
        """Whether the text is made of backchannels only; a text without words is."""
        rest = words(text)
        while rest:
            size = next((n for n in range(self._longest, 0, -1) if tuple(rest[:n]) in self._phrases), 0)
            if size == 0:
                return False
            rest = rest[size:]
        return True

    def _passes(self, transcript: Transcript) -> bool:
        """Whether an answer goes on after this."""
        if self.is_backchannel(transcript.text):
            return True
        said = words(transcript.text)
        is_short = transcript.end_ns - max(self._began_ns, transcript.t_ns) < self._options.hold_ms * MS
        return is_short and len(said) <= SHORT_WORDS and not set(said) & set(self._options.commands)

    def _on_sound(self, part: Utterance) -> Iterator[VoiceLevel]:
        if self.state is State.IDLE or level_dbfs(part) < self._options.quiet_dbfs:
            return
        is_long = part.end_ns - max(self._began_ns, part.t_ns) >= self._options.hold_ms * MS
        if self.state in (State.THINKING, State.HELD) or is_long:
            yield self._lease(State.HELD, "silent")
        else:
            yield self._lease(State.LOW, "low")

    def _on_final(self, transcript: Transcript) -> Iterator[Out]:
        was = self.state
        if not (self._passes(transcript) if was is not State.IDLE else not transcript.text):
            if was is not State.IDLE:
                yield self._interrupt()
            self._answer_ns, self._heard, self.state = transcript.end_ns, False, State.THINKING
            return
        if was is not State.IDLE and transcript.text:
            yield Backchannel(transcript.t_ns)
        if was in (State.LOW, State.HELD):
            self.state = self._answering()
            yield VoiceLevel(self._now_ns(), "full")

    def _on_spoken(self, spoken: Spoken) -> None:
        if self.state is State.IDLE and spoken.t_ns > self._answer_ns and not spoken.is_final:
            self._answer_ns, self.state = spoken.t_ns, State.SPEAKING  # a notice: nobody had asked for it
        if spoken.t_ns != self._answer_ns or self.state is State.IDLE:
            return
        self._heard = True
        if spoken.is_final:
            self.state = State.IDLE
        elif self.state is State.THINKING:
            self.state = State.SPEAKING

    def _interrupt(self) -> Interrupted:
        self.state = State.IDLE
        return Interrupted(self._answer_ns)

    def _lease(self, state: State, level: Level) -> VoiceLevel:
        now_ns = self._now_ns()
        self.state, self._lease_ns = state, now_ns + self._options.resume_ms * MS
        return VoiceLevel(now_ns, level, self._lease_ns)

    def _answering(self) -> State:
        return State.SPEAKING if self._heard else State.THINKING


def words(text: str) -> list[str]:
    """The words of a text in lower case, without signs."""
    return [w.lower().replace("’", "'") for w in _WORD.findall(text)]


def level_dbfs(part: Utterance) -> float:
    """Root mean square of the sound against full scale; −inf for none."""
    if not len(part.samples):
        return float("-inf")
    power = float(np.mean(np.square(part.samples.astype(np.float32))))
    return 10 * float(np.log10(power / 32_768**2)) if power > 0 else float("-inf")
