"""How real runs went, as scripts that stand-in stages follow: what was heard and seen, and what each work cost.

Not a replay of the stages: nothing is recognised again, so that a run of a minute takes a tenth of a second and can be
bent (late, lost, slow) at will. Recorded once on real threads with the default models, from the bundled recording and clips
of shared/data, into recorded.json; costs are processor time per unit. Made by `python -m benchmarks.recorded`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from benchmarks.claims import DATA
from edge.clock import MS

FILE: Final = Path(__file__).parent / "recorded.json"
COSTS_KEPT: Final = 300
"""of each work; a run draws from them"""
Cost = tuple[float, float]
"""units, and the ms of processor time that they took"""
REFRESH, NEW = 1, 2
"""what the gate made of a frame; 0 is nothing"""


@dataclass(frozen=True, slots=True)
class Look:
    """What one look at a picture found, and how much work each step was."""

    t_ns: int
    works: tuple[tuple[str, float], ...]
    seen: tuple[tuple[str, str, float, tuple[float, float, float, float]], ...]


@dataclass(frozen=True, slots=True)
class Words:
    """One utterance: its words as they became known, by the end of the sound that they were known from."""

    t_ns: int
    end_ns: int
    partials: tuple[tuple[int, str], ...]
    text: str


@dataclass(frozen=True, slots=True)
class Recorded:
    """One real run."""

    name: str
    seconds: float
    """of sound"""
    frames: tuple[tuple[int, int], ...]
    """capture time in ns, and what the gate made of it"""
    speech: tuple[float, ...]
    """the chance of speech in each window of 512 samples"""
    words: tuple[Words, ...]
    looks: dict[str, tuple[Look, ...]]
    """by detector"""
    costs: dict[str, list[Cost]]
    """by work, in order of units"""


def load() -> list[Recorded]:
    """The recorded runs."""
    raw = json.loads(FILE.read_text("utf-8"))
    return [
        Recorded(
            run["name"],
            run["seconds"],
            tuple((round(t_ms * MS), made) for t_ms, made in run["frames"]),
            tuple(percent / 100 for percent in run["speech"]),
            tuple(
                Words(w["t_ns"], w["end_ns"], tuple((at, text) for at, text in w["partials"]), w["text"])
                for w in run["words"]
            ),
            {
                detector: tuple(
                    Look(look["t_ns"], tuple((n, u) for n, u in look["works"]),
                         tuple((k, label, score, tuple(box)) for k, label, score, box in look["seen"]))
                    for look in looks
                )
                for detector, looks in run["looks"].items()
            },
            {name: [(units, ms) for units, ms in costs] for name, costs in run["costs"].items()},
        )
        for run in raw
    ]  # fmt: skip


def record(name: str, camera: str, microphone: str) -> dict[str, Any]:
    """Run one recording on real threads and write down how it went."""
    from edge.config import load_config
    from edge.perception.hear import WINDOW
    from edge.perception.vad_silero import SileroVad
    from edge.runtime import Live, paced
    from edge.sources import replay
    from edge.types import AudioChunk, Event, Frame, Keyframe, Transcript

    frames: dict[int, list[float]] = {}
    words: dict[int, dict[str, Any]] = {}
    sound: list[AudioChunk] = []

    def tap(event: Event) -> None:
        match event:
            case AudioChunk():
                sound.append(event)
            case Frame():
                frames[event.t_ns] = [round(event.t_ns / MS, 3), 0]
            case Keyframe():
                frames[event.t_ns][1] = REFRESH if event.is_refresh else NEW
            case Transcript():
                said = words.setdefault(event.t_ns, {"t_ns": event.t_ns, "partials": []})
                said |= {"end_ns": event.end_ns, "text": event.text}
                if not event.is_final:
                    said["partials"].append([event.end_ns, event.text])

    events = replay.files(camera, microphone, width=640, height=480, block_ms=80)
    session = Live(load_config(), paced(events), (True, True), taps=[tap], retry=False).run()
    works = [span for span in session.trace.spans if span.units]
    costs: dict[str, list[Cost]] = {}
    for span in works:
        costs.setdefault(span.name, []).append((round(span.units, 4), round(span.cpu_ns / MS, 4)))
    looks: dict[str, list[dict[str, Any]]] = {}
    for detector in ("ocr", "codes"):
        own = iter([[s.name, round(s.units, 3)] for s in works if s.track == detector])
        step = next(own, None)
        for look in (one for one in session.log.looks if one.detector == detector):
            done = []
            while step is not None and not (done and step[0] in ("ocr_detect", "codes_qr")):
                done.append(step)
                step = next(own, None)
            seen = [[s.kind, s.label, round(s.score, 3), [round(v, 3) for v in s.box_xyxy]] for s in look.seen]
            looks.setdefault(detector, []).append({"t_ns": look.t_ns, "works": done, "seen": seen})
    whole = AudioChunk.join(sound).samples
    vad = SileroVad()
    speech = [round(100 * vad.probability(whole[at : at + WINDOW])) for at in range(0, len(whole) - WINDOW + 1, WINDOW)]
    return {
        "name": name, "seconds": round(len(whole) / 16_000, 3), "frames": list(frames.values()), "speech": speech,
        "words": list(words.values()), "looks": looks,
        "costs": {work: sorted(all_)[:: -(-len(all_) // COSTS_KEPT)] for work, all_ in sorted(costs.items())},
    }  # fmt: skip


def recordings() -> Iterator[tuple[str, str, str]]:
    """Name, pictures and sound of what is recorded."""
    from edge.commands.profile import DEMO

    yield "demo", str(DEMO), str(DEMO)
    for name, camera, microphone in CLIPS:
        if (DATA / camera).is_file() and (DATA / microphone).is_file():
            yield name, str(DATA / camera), str(DATA / microphone)


CLIPS: Final = (
    ("cars", "video/car-detection.mp4", "audio/moonshine/intent.wav"),
    ("bottles", "video/bottle-detection.mp4", "audio/realtimestt/asr-reference-short.wav"),
)

if __name__ == "__main__":
    found = [record(*which) for which in recordings()]
    FILE.write_text(json.dumps(found, separators=(",", ":")), "utf-8")
