"""Every noun that travels through the runtime: frozen, slotted, arrays inside are read-only.

All times are int nanoseconds of the runtime's monotonic clock, stamped at capture (`t_ns`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

Box = tuple[float, float, float, float]
"""x0, y0, x1, y1 as fractions of the frame's width and height, origin top left."""
Kind = Literal["text", "object", "code", "face"]
Source = Literal["local", "cloud", "none"]
Level = Literal["full", "low", "silent"]


@dataclass(frozen=True, slots=True)
class AudioChunk:
    """Mono sound as it was captured."""

    t_ns: int
    """Capture time of the first sample."""
    samples: NDArray[np.int16]
    """int16[n]"""
    rate_hz: int

    @property
    def end_ns(self) -> int:
        """Capture time just past the last sample."""
        return self.t_ns + len(self.samples) * 1_000_000_000 // self.rate_hz

    def joins(self, nxt: AudioChunk) -> bool:
        """Whether `nxt` goes on where this one ends (to within half a millisecond of clock jitter)."""
        return nxt.rate_hz == self.rate_hz and abs(nxt.t_ns - self.end_ns) < 500_000

    @staticmethod
    def join(chunks: Sequence[AudioChunk]) -> AudioChunk:
        """One chunk of several that follow each other."""
        return AudioChunk(chunks[0].t_ns, np.concatenate([c.samples for c in chunks]), chunks[0].rate_hz)


@dataclass(frozen=True, slots=True)
class Frame:
    """One picture of the camera."""

    t_ns: int
    image: NDArray[np.uint8]
    """uint8[h, w, 3], BGR"""
    seq: int


@dataclass(frozen=True, slots=True)
class Button:
    """A key or a button on the device went down or up."""

    t_ns: int
    name: str
    pressed: bool


@dataclass(frozen=True, slots=True)
class SpeechStarted:
    """The endpointer is sure that somebody speaks."""

    t_ns: int
    """When the speech began, not when that became sure."""


@dataclass(frozen=True, slots=True)
class Utterance:
    """The next stretch of one utterance's sound; the parts of an utterance follow each other without a gap."""

    t_ns: int
    """Start of the utterance (the pre-roll included), the same in all its parts."""
    end_ns: int
    """End of the speech heard so far; in the final part, the end of speech that glass-to-answer counts from."""
    part_ns: int
    """Capture time of this part's first sample."""
    samples: NDArray[np.int16]
    """int16[n]: sound since the part before this one"""
    rate_hz: int
    is_final: bool
    is_settled: bool = False
    """A pause that will soon end it: most likely there is nothing more, so the last passes are worth making now."""

    def joins(self, nxt: Utterance) -> bool:
        """Whether `nxt` is the next part of the same utterance."""
        return nxt.t_ns == self.t_ns and not self.is_final

    @staticmethod
    def join(parts: Sequence[Utterance]) -> Utterance:
        """One part of several that follow each other."""
        samples = np.concatenate([p.samples for p in parts])
        return replace(parts[-1], part_ns=parts[0].part_ns, samples=samples)


@dataclass(frozen=True, slots=True)
class Transcript:
    """What was said in one utterance, so far (partial) or for good (final)."""

    t_ns: int
    end_ns: int
    text: str
    confidence: float
    """0..1; how it is come by is the ASR plug-in's own matter"""
    is_final: bool
    is_settled: bool = False
    """Of a partial: if nothing else is said, the final words will be the same."""


@dataclass(frozen=True, slots=True)
class Keyword:
    """A wake word was heard."""

    t_ns: int
    name: str
    score: float


@dataclass(frozen=True, slots=True)
class Keyframe:
    """A frame worth looking at."""

    t_ns: int
    frame: Frame
    sharpness: float
    """variance of the Laplacian of the gate's reduced grey picture"""
    is_refresh: bool = False
    """The same scene as the keyframe before: it may only replace one that still waits."""
    is_again: bool = False
    """The same scene, looked at again for a second chance: no question waits for it."""


@dataclass(frozen=True, slots=True)
class Seen:
    """One thing in one frame."""

    t_ns: int
    kind: Kind
    label: str
    score: float
    box_xyxy: Box
    track: int = -1
    """Number of the track that the thing was merged into; -1 before fusion."""


@dataclass(frozen=True, slots=True)
class Looked:
    """A detector is done with the keyframe captured at `t_ns`, and with everything older."""

    t_ns: int
    detector: str
    seen: tuple[Seen, ...]
    unsure: tuple[Box, ...] = ()
    """Where something stands that was too small or too faint in the reduced picture that the detector took."""
    is_closer: bool = False
    """A second look at parts of the keyframe: what it shows comes on top of what the first one showed."""


@dataclass(frozen=True, slots=True)
class LookCloser:
    """Request to the detector that was unsure: look at these parts of the keyframe captured at `t_ns` again, in full
    resolution. It is answered by a `Looked` with `is_closer`, be it an empty one.
    """

    t_ns: int
    boxes: tuple[Box, ...]


@dataclass(frozen=True, slots=True)
class Device:
    """What the device knows of itself."""

    battery: int | None = None
    """per cent"""
    time: str | None = None
    """wall time as the person would read it, "14:05" """


@dataclass(frozen=True, slots=True)
class Scene:
    """What the assistant may speak about: the things seen, oldest first, at the moment of the question."""

    now_ns: int
    seen: tuple[Seen, ...]
    device: Device = Device()


@dataclass(frozen=True, slots=True)
class Turn:
    """One question and its answer, kept as context for follow-up questions."""

    question: str
    answer: str


@dataclass(frozen=True, slots=True)
class Query:
    """A question joined with the scene that it is about."""

    t_ns: int
    """End of the speech: glass-to-answer counts from here."""
    text: str
    scene: Scene
    keyframe: Keyframe | None = None
    earlier: tuple[Turn, ...] = ()
    """At most two earlier turns, oldest first."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A question that is still being spoken, joined with the scene as it stands: what can be computed ahead of it.

    It waits only until something newer comes, and work on it is given up then.
    """

    query: Query
    """Its words so far; the last one may still change, and so may all others."""
    is_whole: bool = False
    """These are all its words, unless the person goes on."""


@dataclass(frozen=True, slots=True)
class ToolCall:
    """An action that the answer asks the device for."""

    name: str
    arguments: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Token:
    """The next words of an answer, ready to be shown or spoken."""

    t_ns: int
    """The query's `t_ns`: which answer these words belong to."""
    text: str
    index: int


@dataclass(frozen=True, slots=True)
class Answer:
    """The whole answer to one query."""

    t_ns: int
    """The query's `t_ns`."""
    question: str
    text: str
    source: Source
    confidence: float
    """0..1, calibrated: the chance that the answer is right; 0 for a cloud answer, whose chance is not known"""
    escalate: bool
    tool_call: ToolCall | None
    ttft_ns: int
    """From the query's arrival to its first token."""
    total_ns: int
    row: str = ""
    """of a cloud answer: who gave it"""


class Mark(NamedTuple):
    """Where in the sound of a text a word ends: after `samples` samples its first `chars` characters were heard."""

    chars: int
    samples: int


@dataclass(frozen=True, slots=True)
class Speech:
    """The sound of the next piece of an answer."""

    t_ns: int
    """The query's `t_ns`."""
    text: str
    """As it stands in the answer: the pieces of an answer joined are its text."""
    samples: NDArray[np.int16]
    """int16[n] at 16 kHz; may be empty"""
    marks: tuple[Mark, ...]
    """both fields grow; the last mark is the end of text and sound"""
    is_last: bool


@dataclass(frozen=True, slots=True)
class Played:
    """Sound that left the speaker: the far end, which the microphone hears as echo."""

    t_ns: int
    """When the first sample left the speaker, as far as the device knows."""
    samples: NDArray[np.int16]
    """int16[n]"""
    rate_hz: int


@dataclass(frozen=True, slots=True)
class Spoken:
    """How much of an answer was heard by now; with `is_final`, no more of it will be."""

    t_ns: int
    """The query's `t_ns`."""
    text: str
    """The answer's first words, all that were heard so far."""
    is_final: bool


@dataclass(frozen=True, slots=True)
class VoiceLevel:
    """Request to the voice: speak low, be silent, or go on. A silent voice begins the sentence that was cut anew."""

    t_ns: int
    level: Level
    until_ns: int = 0
    """Low and silent are a lease: when it is not renewed by then, the voice goes on by itself."""


@dataclass(frozen=True, slots=True)
class Interrupted:
    """The person took the floor: this answer, and any before it, is neither made nor spoken further."""

    t_ns: int
    """The query's `t_ns`."""


@dataclass(frozen=True, slots=True)
class Backchannel:
    """The person only showed that they listen ("mhm"): the utterance that began then is no question."""

    t_ns: int
    """The utterance's `t_ns`."""


@dataclass(frozen=True, slots=True)
class Notice:
    """Something to be said without being asked for now: an answer that comes late, or a correction."""

    t_ns: int
    """The `t_ns` of the query that it belongs to; 0: of an earlier session."""
    question: str
    text: str
    row: str


@dataclass(frozen=True, slots=True)
class Tick:
    """The moment that a timed stage asked to be woken at."""

    t_ns: int


@dataclass(frozen=True, slots=True)
class Failure:
    """Something went wrong and everything else goes on."""

    t_ns: int
    where: str
    """Name of the stage or device."""
    error: str
    """One sentence: what, where, what to do."""


@dataclass(frozen=True, slots=True)
class Work:
    """Not an event: a stage's mark that `units` of `name` were done since its mark before. Measured live, charged on
    a virtual clock."""

    name: str
    units: float = 1.0
    spared: float = 0.0
    """units that a cache made needless"""
    missed: float = 0.0
    """of `units`, those that were done before and a cache should have kept"""


Event = (
    AudioChunk
    | Frame
    | Button
    | SpeechStarted
    | Utterance
    | Transcript
    | Keyword
    | Keyframe
    | Looked
    | LookCloser
    | Query
    | Draft
    | Token
    | Answer
    | Speech
    | Played
    | Spoken
    | VoiceLevel
    | Interrupted
    | Backchannel
    | Notice
    | Tick
    | Failure
)
