"""Stages that follow a recorded run: the runtime's own logic around scripted models.

Hear, Fusion, Router, Ahead and the mailboxes are the runtime's own. Scripted are the VAD's chances, the recogniser's words,
the gate's choice, what detectors see and the language model: it has a cache, and a prompt of tools, scene, earlier turns and
question in this order, but says nothing of use.
"""

from __future__ import annotations

import random
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from benchmarks.recorded import NEW, REFRESH, Cost, Look, Recorded, Words
from edge.clock import MS, Now, S
from edge.fusion import Fusion
from edge.fusion import Options as FusionOptions
from edge.graph import NEWEST_FRAME, SEEING_NICE
from edge.mailbox import Policy
from edge.perception import turn_words
from edge.perception.hear import WINDOW, Hear
from edge.perception.hear import Options as HearOptions
from edge.reasoning.ahead import Ahead, common
from edge.reasoning.router import Router
from edge.runtime import no_device
from edge.stage import Node
from edge.types import (
    Answer,
    AudioChunk,
    Draft,
    Frame,
    Keyframe,
    Looked,
    Query,
    Seen,
    SpeechStarted,
    Token,
    Transcript,
    Utterance,
    Work,
)

RATE_HZ: Final = 16_000
BLOCK: Final = 1280
BATCH: Final = 64
TOOLS: Final = "a tool and what it is for; " * 22
"""as long as those of the embedded model: 200 tokens"""
ANSWER: Final = ("It", "says", "what", "was", "seen", "there")
JOIN: Final = Policy(512, "join", 30_000)


def chunks(run: Recorded) -> list[AudioChunk]:
    """The run's sound in blocks of 80 ms; each sample is the number of its window, so that the VAD knows its chance."""
    numbers = (np.arange(int(run.seconds * RATE_HZ)) // WINDOW).astype(np.int16)
    numbers.flags.writeable = False
    starts = range(0, len(numbers) - BLOCK + 1, BLOCK)
    return [AudioChunk(at * S // RATE_HZ, numbers[at : at + BLOCK], RATE_HZ) for at in starts]


def frames(run: Recorded) -> list[Frame]:
    """The run's pictures, one grey point each: nobody looks at them."""
    point = np.zeros((1, 1, 3), np.uint8)
    point.flags.writeable = False
    return [Frame(t_ns, point, seq) for seq, (t_ns, _) in enumerate(run.frames)]


@dataclass(slots=True)
class Vad:
    """The recorded chances of speech."""

    speech: tuple[float, ...]

    def probability(self, window: NDArray[np.int16]) -> float:
        return self.speech[min(int(window[len(window) // 2]), len(self.speech) - 1)]

    def reset(self) -> None: ...


class Recogniser:
    """Says what the real one said of this stretch of sound; where it was too busy for partial words, as many as fit."""

    def __init__(self, words: tuple[Words, ...]) -> None:
        self._words = words
        self._heard_s = 0.0
        self._said = ""

    def process(self, part: Utterance) -> Iterator[Transcript | Work]:
        seconds = len(part.samples) / part.rate_hz
        until_ns = part.part_ns + int(seconds * S)
        self._heard_s += seconds
        if seconds:
            yield Work("asr", seconds)
        words = max(self._words, key=lambda w: min(w.end_ns, until_ns) - max(w.t_ns, part.t_ns))
        if part.is_final:
            yield Work("asr_final", max(self._heard_s, 0.1))
            yield Transcript(part.t_ns, part.end_ns, words.text, 0.9, is_final=True)
            self._heard_s, self._said = 0.0, ""
        elif (said := self._partial(words, until_ns)) and said != self._said:
            self._said = said
            yield Transcript(part.t_ns, part.end_ns, said, 0.9, is_final=False)

    def _partial(self, words: Words, until_ns: int) -> str:
        if len(words.partials) > 2:
            return next((text for at_ns, text in reversed(words.partials) if at_ns <= until_ns), "")
        every = words.text.split()
        share = (until_ns - words.t_ns) / max(1, words.end_ns - words.t_ns)
        return " ".join(every[: max(0, int(share * len(every)))])


class Gate:
    """Lets through what the real one let through."""

    def __init__(self, run: Recorded) -> None:
        self._made = {t_ns: made for t_ns, made in run.frames if made in (REFRESH, NEW)}

    def process(self, frame: Frame) -> Iterator[Keyframe]:
        if made := self._made.get(frame.t_ns):
            yield Keyframe(frame.t_ns, frame, 1.0, is_refresh=made == REFRESH)


class Detector:
    """Sees what the real one saw nearest in time, with as much work."""

    def __init__(self, name: str, looks: tuple[Look, ...]) -> None:
        self._name, self._looks = name, looks

    def process(self, keyframe: Keyframe) -> Iterator[Looked | Work]:
        look = min(self._looks, key=lambda one: abs(one.t_ns - keyframe.t_ns))
        for name, units in look.works:
            yield Work(name, units)
        seen = tuple(Seen(keyframe.t_ns, kind, label, score, box) for kind, label, score, box in look.seen)  # type: ignore[arg-type]  # kinds that were recorded
        yield Looked(keyframe.t_ns, self._name, seen)


class Model:
    """A local model without a network, three characters a token."""

    def __init__(self, now_ns: Now) -> None:
        self._now_ns = now_ns
        self._ahead = Ahead()
        self.held = _tokens(TOOLS)

    def interrupt(self) -> None: ...

    def prepare(self, query: Query, *, is_whole: bool = False) -> Iterator[Work]:
        """As the real one: what is sure of a draft, a batch at a time."""
        ids = _prompt(query, query.text.split()[:-1])
        until, kept = self._ahead.wanted(ids, self.held), common(self.held, ids)
        if until <= kept:
            return
        self._ahead.cut(kept)
        self.held = self.held[:kept]
        for at in range(kept, until, BATCH):
            part = ids[at : min(until, at + BATCH)]
            self.held = self.held + part
            self._ahead.add(len(part), len(self.held))
            yield Work("prefill", len(part))

    def process(self, query: Query, *, must: bool = False) -> Iterator[Work | Token | Answer]:
        ids = [*_prompt(query, query.text.split()), "<say>"]
        kept = common(self.held, ids[:-1])
        missed = self._ahead.over(kept, ids)
        self.held = ids
        yield Work("prefill", len(ids) - kept, kept, missed)
        for index, word in enumerate(ANSWER):
            yield Work("decode", 1)
            yield Token(query.t_ns, f"{word} ", index)
        self.held = [*ids, *ANSWER]
        yield Answer(query.t_ns, query.text, " ".join(ANSWER), "local", 0.9, False, None, 0, 0)


def _prompt(query: Query, words: list[str]) -> list[str]:
    """From stable to volatile, as the real one; the words of a question are its last tokens."""
    scene = "".join(f"\n{seen.kind} {seen.label}" for seen in query.scene.seen[-24:])
    turns = "".join(f"\n{turn.question} {turn.answer}" for turn in query.earlier)
    return [*_tokens(TOOLS), *_tokens(scene), *_tokens(turns), *words]


def _tokens(text: str) -> list[str]:
    return [text[at : at + 3] for at in range(0, len(text), 3)]


def nodes(run: Recorded, now_ns: Now) -> tuple[list[Node], Model]:
    """The graph of `edge.graph` with these stages, and its model."""
    model = Model(now_ns)
    hear = Hear(HearOptions(), Vad(run.speech), None, turn_words.Words())
    looking = [
        Node(n, Detector(n, looks), (Keyframe,), NEWEST_FRAME, nice=SEEING_NICE) for n, looks in run.looks.items()
    ]
    fusion = Fusion(FusionOptions(), tuple(run.looks), no_device, now_ns)
    takes = (SpeechStarted, Keyframe, Looked, Transcript, Answer)
    return [
        Node("hear", hear, (AudioChunk, Transcript), JOIN),
        Node("listen", Recogniser(run.words), (Utterance,), JOIN),
        Node("gate", Gate(run), (Frame,), None),
        Node("fuse", fusion, takes, Policy(256, "oldest", 60_000)),
        Node("answer", Router(model), (Query, Draft), Policy(16, "oldest", 60_000)),
        *looking,
    ], model


class Costs:
    """What work costs in one run: drawn from the recorded costs of works of the same size. In place of a `Profile`."""

    def __init__(self, recorded: dict[str, list[Cost]], rng: random.Random, cores: int) -> None:
        self.cores = cores
        self._recorded = {name: sorted(costs) for name, costs in recorded.items()}
        self._rng = rng

    def draw_ms(self, name: str, units: float) -> float:
        """Processor time of `units`, as it was once for a work of nearly that size."""
        costs = self._recorded[name]
        low = bisect_left(costs, (units, 0.0))
        near = costs[max(0, low - 10) : low + 10]
        size, ms = self._rng.choice(near)
        return ms * units / size

    def cost_ns(self, name: str, units: float) -> int:
        return int(self.draw_ms(name, units) * MS)
