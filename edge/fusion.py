"""Joins what was said with what was seen, on capture time: transcripts and looks in, queries out. Pure.

A question waits until every detector is done with the newest keyframe from before the end of the speech, at most
`join_wait_ms`: the person speaks about what they see at that moment. That is MediaPipe's settled-timestamp barrier: each
`Looked` says that nothing older will come from that detector.

While the person speaks, each new word and each new look make a `Draft`, so that the model can compute ahead, and words
that ask for something to read make a `LookCloser` where the detector was unsure (`second_look.py`).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from edge.clock import MS, Now, S
from edge.second_look import Options as SecondLookOptions
from edge.second_look import Reads, SecondLook
from edge.tracks import Options as TrackOptions
from edge.tracks import Tracks
from edge.types import (
    Answer,
    Backchannel,
    Device,
    Draft,
    Interrupted,
    Keyframe,
    LookCloser,
    Looked,
    Query,
    Scene,
    SpeechStarted,
    Spoken,
    Tick,
    Transcript,
    Turn,
)


@dataclass(frozen=True, slots=True)
class Options:
    """How speech and sight are joined."""

    join_wait_ms: int = 400
    """a question waits at most this long for detectors that are still looking"""
    draft_every_s: float = 0.0
    """while nobody speaks, a scene that was looked at is computed ahead at most this often; 0 is never: it takes battery"""
    follow_up_s: float = 60.0
    """earlier turns are context for this long"""
    second_look: SecondLookOptions = field(default_factory=SecondLookOptions)
    tracks: TrackOptions = field(default_factory=TrackOptions)


class Fusion:
    """Stage: SpeechStarted, Keyframe, Looked, Transcript, Answer, Spoken, Interrupted, Backchannel → LookCloser, Draft,
    Query.

    The memory of a spoken answer is what was heard of it: nobody can refer to words that were not said.
    """

    def __init__(
        self,
        options: Options,
        detectors: Sequence[str],
        device: Callable[[], Device],
        now_ns: Now,
        reads: Reads = lambda words: False,
    ) -> None:
        self._options, self._device, self._now_ns = options, device, now_ns
        self._second_look = SecondLook(options.second_look, reads)
        self._tracks = Tracks(options.tracks)
        self._settled_ns = dict.fromkeys(detectors, -1)
        self._keyframe: Keyframe | None = None
        self._keyframes_ns: deque[int] = deque(maxlen=256)
        self._waiting: list[tuple[Transcript, int]] = []
        """questions and when their wait for detectors' first looks is over"""
        self._turns: list[tuple[int, Turn]] = []
        self._spoken: Transcript | None = None
        """what was said so far of a question that is still being spoken"""
        self._drafted_ns = -(10**18)
        """when a scene was last computed ahead in silence"""
        self._asked: tuple[int, str] = (-1, "")
        """the newest question and its time"""
        self._not_asked: deque[int] = deque(maxlen=8)
        """utterances that are no questions, by their `t_ns`"""
        self._interrupted_ns = -1

    def due_ns(self) -> int | None:
        return min((self._over_ns(transcript, due) for transcript, due in self._waiting), default=None)

    def process(
        self,
        item: SpeechStarted | Keyframe | Looked | Transcript | Answer | Spoken | Interrupted | Backchannel | Tick,
    ) -> Iterator[LookCloser | Query | Draft]:
        match item:
            case SpeechStarted():
                self._spoken = Transcript(item.t_ns, item.t_ns, "", 0.0, is_final=False)
            case Keyframe():
                if self._keyframe is None or item.t_ns > self._keyframe.t_ns:
                    self._keyframe = item
                    if not item.is_again:
                        self._keyframes_ns.append(item.t_ns)
            case Looked():
                self._tracks.add(item)
                self._second_look.looked(item)
                self._settled_ns[item.detector] = max(self._settled_ns.get(item.detector, -1), item.t_ns)
            case Transcript(is_final=False):
                self._spoken = item
            case Transcript(text=text):
                self._spoken = None
                if text and item.t_ns not in self._not_asked:
                    self._waiting.append((item, self._now_ns() + self._options.join_wait_ms * MS))
            case Answer() if item.t_ns > self._interrupted_ns:
                self._turns = [*self._turns, (item.t_ns, Turn(item.question, item.text))][-2:]
            case Backchannel():
                self._not_asked.append(item.t_ns)
            case Interrupted():
                self._interrupted_ns = item.t_ns
                self._waiting = [w for w in self._waiting if w[0].end_ns > item.t_ns]
            case Spoken(is_final=True) if item.t_ns <= self._interrupted_ns:
                self._keep_heard(item)
            case _:
                pass
        asking = self._waiting[0][0] if self._waiting else self._spoken
        if asking is not None:
            end_ns = asking.end_ns if asking.is_final else None
            if (request := self._second_look.wanted(asking.text, end_ns)) is not None:
                yield request
        yield from self._release()
        # A question that waits for its detectors is drafted too: all but the newest look is known.
        spoken = self._waiting[0][0] if self._waiting else self._spoken
        if spoken is None and isinstance(item, Looked) and self._is_idle_draft_due(item.t_ns):
            spoken = Transcript(item.t_ns, item.t_ns, "", 0.0, is_final=False)
        if spoken is not None and not isinstance(item, Keyframe | Tick):
            yield Draft(self._query(spoken), is_whole=spoken.is_final or spoken.is_settled)

    def _is_idle_draft_due(self, t_ns: int) -> bool:
        every_ns = int(self._options.draft_every_s * S)
        if not every_ns or t_ns - self._drafted_ns < every_ns:
            return False
        self._drafted_ns = t_ns
        return True

    def _keep_heard(self, spoken: Spoken) -> None:
        """Of an interrupted answer, the words that were heard; without any, the question is as if never asked."""
        question = next((turn.question for t_ns, turn in self._turns if t_ns == spoken.t_ns), None)
        if question is None and self._asked[0] == spoken.t_ns:
            question = self._asked[1]
        self._turns = [(t_ns, turn) for t_ns, turn in self._turns if t_ns != spoken.t_ns]
        if question is not None and (text := spoken.text.strip()):
            self._turns = [*self._turns, (spoken.t_ns, Turn(question, text))][-2:]

    def _release(self) -> Iterator[Query]:
        """The questions whose wait is over, in order."""
        while self._waiting:
            transcript, due_ns = self._waiting[0]
            if self._now_ns() < self._over_ns(transcript, due_ns):
                return
            self._waiting.pop(0)
            self._asked = (transcript.end_ns, transcript.text)
            yield self._query(transcript)

    def _over_ns(self, transcript: Transcript, due_ns: int) -> int:
        """When the question's wait is over: at once when every detector is done with the newest keyframe of a new scene
        from before the end of the speech, and with its second look if it needs one.
        """
        scene_ns = max((t for t in self._keyframes_ns if t <= transcript.end_ns), default=-1)
        is_settled = all(t_ns >= scene_ns for t_ns in self._settled_ns.values())
        return max(-1 if is_settled else due_ns, self._second_look.due_ns(scene_ns, transcript.end_ns) or -1)

    def _query(self, transcript: Transcript) -> Query:
        """What was said, with the scene and the turns as they are now."""
        now_ns = self._now_ns()
        since_ns = transcript.end_ns - int(self._options.follow_up_s * S)
        earlier = tuple(turn for t_ns, turn in self._turns if t_ns >= since_ns)
        scene = Scene(now_ns, self._tracks.at(now_ns), self._device())
        return Query(transcript.end_ns, transcript.text, scene, self._keyframe, earlier)
