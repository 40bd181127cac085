"""Speaking into a spoken answer: what stops it, what does not, and how soon it is silent; with and without the canceller.

Answers spoken by espeak-ng are played into synthetic rooms and come back to the microphone 6 dB below the far end, with a
noise floor of −65 dBFS. The person, real recorded commands and espeak-ng's backchannels at −26 dBFS, speaks into them at
seeded times. Player, echo canceller, VAD, endpointing, the default recogniser and the dialogue are the runtime's own, in a
closed loop on a virtual clock: an answer that is held or cut is heard no more, by the microphone either.

Metrics: self-interruption = the voice falls silent or the answer is interrupted while nobody speaks. Caught = the answer is
interrupted by a real command. False stop = the voice falls silent, or the answer is interrupted, on a backchannel. Abort to
silence = from the decision to the last sample that sounds; on the real path, through PortAudio and a PulseAudio null sink,
from the same call to the last sound in the sink's monitor. ERLE = power of the microphone over power of what is let
through, while the far end plays and nobody speaks, after the first 3 s in a room.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from benchmarks.claims import DATA, Claim, main
from benchmarks.rooms import ROOMS, Echo, Room
from edge import media
from edge.clock import S, VirtualClock
from edge.config import load_config, options_of, plugin_module
from edge.dialogue import Dialogue
from edge.dialogue import Options as DialogueOptions
from edge.errors import EdgeError
from edge.graph import asr_plugin
from edge.perception.echo import EchoCanceller
from edge.perception.hear import Hear, Options
from edge.perception.vad_silero import SileroVad
from edge.sinks import voice_espeak
from edge.sinks.clocked import ClockedOutput
from edge.sinks.marks import estimated
from edge.sinks.player import Player
from edge.sinks.speech import RATE_HZ, resampled
from edge.trace import percentile
from edge.types import (
    AudioChunk,
    Interrupted,
    Mark,
    Played,
    Speech,
    Spoken,
    Tick,
    Transcript,
    Utterance,
    VoiceLevel,
)  # fmt: skip

BLOCK = 1_280
ECHO_DB = -6.0
PERSON_DBFS = -26.0
NOISE_DBFS = -65.0
ANSWERS = (
    "The platform was changed from seven to nine, and the train to the airport leaves at ten thirty. Hurry.",
    "The espresso is two fifty and the cappuccino is three twenty. There is a menu of the day for eleven ninety.",
    "There is a red sign above the door on the left that says exit. Behind it I see two people and a bicycle.",
    "It says that dogs must be kept on a lead, that swimming is not allowed, and that the park closes at nine.",
    "The label says best before the fourth of March. It holds five hundred grams and should be kept in a dry place.",
    "I see three books on the table. The one on the right is called The Old Man and the Sea, by Ernest Hemingway.",
)
BACKCHANNELS = ("mhm.", "uh-huh.", "okay.", "yeah.", "right.", "I see.", "yes.", "hmm.", "oh.", "sure.")
VOICES = ("en-us+f2", "en-us+m3", "en-us+f4", "en-us+m7")


@dataclass(slots=True)
class Outcome:
    """What one answer came to."""

    interrupted: bool = False
    fell_silent: bool = False
    abort_ms: float | None = None
    """from the decision to silence"""
    person_ms: float | None = None
    """from the person's first sound to silence"""


class Scene:
    """One room with a voice in it, and the runtime's ears."""

    def __init__(self, room: Room, seed: int, listen: Any, *, cancel: bool) -> None:
        self._clock = VirtualClock(S)
        self._rng = np.random.default_rng(seed)
        self._echo = Echo(room.response(seed), 10 ** (ECHO_DB / 20))
        self._canceller = EchoCanceller() if cancel else None
        self._hear = Hear(Options(), SileroVad())  # the canceller is asked here, so that it can be measured
        self._listen = listen
        self._dialogue = Dialogue(DialogueOptions(), self._clock)
        self._player = Player(ClockedOutput(self._clock), self._clock)
        self._played = np.zeros(0, np.float32)
        self._begun_ns = 0
        self.minutes = 0.0
        self.mic_power = self.out_power = self.cost_s = self.worked_s = 0.0

    def answer(self, sound: NDArray[np.int16], person: NDArray[np.float32], at_s: float) -> Outcome:
        """Say it while the person speaks from `at_s` on, until all is quiet."""
        outcome = Outcome()
        self._begun_ns = begun_ns = self._clock()
        seconds = max(len(sound) / RATE_HZ, at_s + len(person) / RATE_HZ) + 2.0
        blocks = int(seconds * RATE_HZ / BLOCK)
        self._played = np.zeros((blocks + 2) * BLOCK, np.float32)
        near = np.zeros(blocks * BLOCK, np.float32)
        place = int(at_s * RATE_HZ)
        near[place : place + len(person)] = person[: max(0, len(near) - place)]
        list(self._dialogue.process(Transcript(begun_ns - S, begun_ns, "what is this sign here about", 0.9, True)))
        text = "word " * (len(sound) * 3 // RATE_HZ)  # three words a second
        whole = Speech(begun_ns, text, sound, estimated(text, len(sound)), is_last=False)
        for speech in (whole, Speech(begun_ns, "", NOTHING, (Mark(0, 0),), is_last=True)):
            self._take(self._player.process(speech))
        decided: int | None = None
        for i in range(blocks):
            start_ns, end_ns = self._clock(), begun_ns + (i + 1) * BLOCK * S // RATE_HZ
            while (due := self._player.due_ns()) is not None and due <= end_ns:
                self._clock.advance_to(max(due, self._clock()))
                self._take(self._player.process(Tick(due)))
            self._clock.advance_to(end_ns)
            if self._player.due_ns() is not None:
                self._take(self._player.process(Tick(end_ns)))  # all that sounded in this stretch
            part = slice(i * BLOCK, (i + 1) * BLOCK)
            alone = not near[: part.stop].any()
            for out in self._decisions(start_ns, near[part], self._played[part], alone=alone):
                stops = isinstance(out, Interrupted) or (isinstance(out, VoiceLevel) and out.level == "silent")
                if stops and decided is None and self._player.due_ns() is not None:
                    decided = part.stop
                outcome.interrupted |= isinstance(out, Interrupted)
                outcome.fell_silent |= stops
        self.minutes += blocks * BLOCK / RATE_HZ / 60
        if decided is not None:
            after = np.flatnonzero(self._played[decided : decided + RATE_HZ // 2])
            run = np.flatnonzero(np.diff(after) > 1)
            last = after[run[0]] if len(run) else (after[-1] if len(after) else 0)
            outcome.abort_ms = float(last) * 1000 / RATE_HZ
            outcome.person_ms = (decided - place + float(last)) * 1000 / RATE_HZ
        return outcome

    def _decisions(
        self, start_ns: int, near: NDArray[np.float32], played: NDArray[np.float32], *, alone: bool
    ) -> Iterator[Any]:
        """80 ms of microphone through hearing, recognition and dialogue; the player is told at once."""
        noise = self._rng.normal(0, 10 ** (NOISE_DBFS / 20), BLOCK)
        mic = self._echo.hear(played) + near + noise.astype(np.float32)
        samples = np.clip(mic * 32_768, -32_768, 32_767).astype(np.int16)
        chunk = AudioChunk(start_ns, samples, RATE_HZ)
        if self._canceller is not None:
            before_s = time.process_time()
            chunk, blocks = self._canceller.clean(chunk)
            self.cost_s += (time.process_time() - before_s) * bool(blocks)
            self.worked_s += blocks * 256 / RATE_HZ
        if alone and played.any() and self.minutes > 0.05:
            self.mic_power += float(np.mean(np.square(samples.astype(np.float32))))
            self.out_power += float(np.mean(np.square(chunk.samples.astype(np.float32)))) if len(chunk.samples) else 0.0
        for event in self._hear.process(chunk) if len(chunk.samples) else ():
            for out in self._dialogue.process(event) if type(event) in Dialogue.takes else ():
                yield self._told(out)
            for transcript in self._listen.process(event) if isinstance(event, Utterance) else ():
                for out in self._dialogue.process(transcript) if isinstance(transcript, Transcript) else ():
                    yield self._told(out)

    def _told(self, out: Any) -> Any:
        if type(out) in Player.controls:
            self._player.control(out)
            self._take(self._player.process(out))
        return out

    def _take(self, events: Any) -> None:
        """Played sound goes into the room and to the canceller; what was heard, to the dialogue."""
        for event in events:
            if isinstance(event, Played):
                start = (event.t_ns - self._begun_ns) * RATE_HZ // S
                room = self._played[start : start + len(event.samples)]
                room[:] = event.samples[: len(room)] / np.float32(32_768)
                if self._canceller is not None:
                    self._canceller.far(event)
            elif isinstance(event, Spoken):
                list(self._dialogue.process(event))


NOTHING = np.zeros(0, np.int16)


def spoken(text: str, voice: str = "en-us") -> NDArray[np.int16]:
    """A text as espeak-ng says it, at 16 kHz."""
    if voice not in _VOICES:
        _VOICES[voice] = voice_espeak.build(voice_espeak.Options(voice=voice))
    return resampled(_VOICES[voice].say(text)[0], _VOICES[voice].rate_hz, RATE_HZ)


_VOICES: dict[str, voice_espeak.Espeak] = {}


def at_level(samples: NDArray[np.int16]) -> NDArray[np.float32]:
    """Without silence at its ends, its loudest half at PERSON_DBFS."""
    sound = samples.astype(np.float32) / 32_768
    loud = np.flatnonzero(np.abs(sound) > 0.05 * np.abs(sound).max())
    sound = sound[loud[0] : loud[-1] + 1]
    power = np.square(sound)
    return sound * np.float32(10 ** (PERSON_DBFS / 20) / np.sqrt(power[power > np.median(power)].mean() / 1.5))


def commands() -> list[NDArray[np.float32]]:
    """Real people who ask for something."""
    found = sorted((DATA / "audio" / "speech_to_intent" / "clean").glob("*.wav"))
    clips = [np.concatenate([c.samples for c in media.sound(str(p), RATE_HZ, RATE_HZ)]) for p in found]
    return [at_level(c) for c in clips]


def recogniser() -> Any:
    """The runtime's default one."""
    plugin = asr_plugin(load_config())
    return plugin_module("hearing.asr", plugin).build(options_of("hearing.asr", plugin))


@dataclass(slots=True)
class Side:
    """With or without the canceller."""

    alone: list[Outcome] = field(default_factory=list)
    commands: list[Outcome] = field(default_factory=list)
    backchannels: list[Outcome] = field(default_factory=list)
    hours: float = 0.0
    erle_db: list[float] = field(default_factory=list)
    cost: float = 0.0
    """share of a core while it works"""


def run(rooms: tuple[Room, ...], answers: int, listen: Any, *, cancel: bool) -> Side:
    """In each room: `answers` of each kind, in turn."""
    side, people = Side(), commands()
    sounds = [spoken(text) for text in ANSWERS]
    small = [at_level(spoken(t, v)) for v in VOICES for t in BACKCHANNELS]
    nobody = np.zeros(0, np.float32)
    for number, room in enumerate(rooms):
        rng = np.random.default_rng(number)
        scene = Scene(room, number, listen, cancel=cancel)
        scene.answer(sounds[0], nobody, 0.0)  # the first answer in a room: the path is learned
        for i in range(answers):
            before = scene.minutes
            side.alone.append(scene.answer(sounds[i % len(sounds)], nobody, 0.0))
            side.hours += (scene.minutes - before) / 60
            start_s = float(rng.uniform(0.3, 3.0))
            if people:
                side.commands.append(
                    scene.answer(sounds[(i + 1) % len(sounds)], people[int(rng.integers(len(people)))], start_s)
                )
            start_s = float(rng.uniform(0.3, 4.0))
            voice = small[int(rng.integers(len(small)))]
            side.backchannels.append(scene.answer(sounds[(i + 2) % len(sounds)], voice, start_s))
        if scene.out_power > 0:
            side.erle_db.append(float(10 * np.log10(scene.mic_power / scene.out_power)))
        side.cost += scene.cost_s / max(scene.worked_s, 1e-9) / len(rooms)
    return side


def share(outcomes: list[Outcome], of: Callable[[Outcome], bool]) -> float | None:
    return 100 * sum(map(of, outcomes)) / len(outcomes) if outcomes else None


def measure(quick: bool) -> list[Claim]:
    try:
        listen = recogniser()
        spoken("a")
    except EdgeError as error:
        return [Claim(f"not measured: {error}", None, "", "")]
    rooms, answers = (ROOMS[:3], 2) if quick else (ROOMS, 12)
    ours = run(rooms, answers, listen, cancel=True)
    without = run(rooms[:2] if quick else rooms, 1 if quick else 4, listen, cancel=False)
    table = Table("", "with the canceller", "without")
    rows: list[tuple[str, Callable[[Side], float | None]]] = [
        ("answers that nobody spoke into and that stopped, %", lambda s: share(s.alone, lambda o: o.fell_silent)),
        ("real commands that interrupted, %", lambda s: share(s.commands, lambda o: o.interrupted)),
        ("backchannels that made the voice fall silent, %", lambda s: share(s.backchannels, lambda o: o.fell_silent)),
        ("backchannels that ended the answer, %", lambda s: share(s.backchannels, lambda o: o.interrupted)),
        ("ERLE, mean over rooms, dB", lambda s: float(np.mean(s.erle_db)) if s.erle_db else None),
    ]
    for name, figure in rows:
        table.add_row(name, *("–" if (v := figure(side)) is None else f"{v:.1f}" for side in (ours, without)))
    Console().print(table)
    aborts = [o.abort_ms for side in (ours, without) for o in side.commands if o.abort_ms is not None]
    waits = [o.person_ms for o in ours.commands if o.person_ms is not None and o.interrupted]
    selfs = sum(o.fell_silent or o.interrupted for o in ours.alone)
    peer_self = sum(o.fell_silent or o.interrupted for o in without.alone) / max(without.hours, 1e-9)
    real_ms, why = real_abort_ms(10 if quick else 60)
    return [
        Claim(f"self-interruptions an hour, over {ours.hours * 60:.1f} min", selfs / ours.hours, "1/h", "= 0",
              f"without canceller {peer_self:.0f}"),
        Claim(f"real barge-ins caught, of {len(ours.commands)}", rows[1][1](ours), "%", ">= 95"),
        Claim(f"false stops on backchannels, of {len(ours.backchannels)}", rows[2][1](ours), "%", "<= 2"),
        Claim("answers ended by backchannels", rows[3][1](ours), "%", ""),
        Claim("abort to silence, p99, virtual path", percentile(aborts, 99), "ms", "<= 60"),
        Claim(f"abort to silence, p99, real path{why}", real_ms, "ms", "<= 60"),
        Claim("from the person's first sound to silence, p50", percentile(waits, 50), "ms", ""),
        Claim("from the person's first sound to silence, p95", percentile(waits, 95), "ms", ""),
        Claim("ERLE, mean over rooms", rows[4][1](ours), "dB", ""),
        Claim("ERLE, worst room", min(ours.erle_db), "dB", ""),
        Claim("canceller, while it works", 100 * ours.cost, "% of a core", "<= 5"),
    ]  # fmt: skip


def real_abort_ms(times: int) -> tuple[float | None, str]:
    """p99 from the call to silence in the sink's monitor; None and why where there is no PulseAudio."""
    from benchmarks.null_sink import aborts_ms

    found, why = aborts_ms(times)
    return (percentile(found, 99), f", of {len(found)}") if found else (None, f": {why}")


if __name__ == "__main__":
    main("barge_in", __doc__, measure)
