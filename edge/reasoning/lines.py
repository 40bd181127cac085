"""The scene as a short numbered list: things merged, placed, aged and sorted; pure."""

from __future__ import annotations

import functools
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Literal

from edge.reasoning.parts import code_parts, parts
from edge.types import Box, Device, Kind, Scene, Seen

MAX_LINES: Final = 24
"""Lines that the prompt shows at most: with labels of `LABEL_CHARS` they fit the default context with room to spare."""
LABEL_CHARS: Final = 56
"""Characters of a label that the model reads; a reference still gives the person up to `SHOWN_CHARS` of it."""
SHOWN_CHARS: Final = 400
_NOW_S: Final = 3.0
"""A thing seen this recently counts as in view: a slow detector looks about once a second."""
_NEW_S: Final = 10.0
"""How far the memory must reach back before a first sighting can be called new."""
_AGES: Final = ((8, "5s"), (15, "10s"), (25, "20s"), (45, "30s"), (90, "1m"), (200, "2m"), (450, "5m"), (1800, "10m"))
_SAID: Final = {
    "5s": "a few seconds ago",
    "10s": "about ten seconds ago",
    "20s": "about twenty seconds ago",
    "30s": "about half a minute ago",
    "1m": "about a minute ago",
    "2m": "about two minutes ago",
    "5m": "about five minutes ago",
    "10m": "about ten minutes ago",
    "1h": "a long while ago",
}

Side = Literal["left", "centre", "right"]


@dataclass(frozen=True, slots=True)
class Line:
    """One thing of the scene as the model reads it."""

    number: int
    """What the reference is called: 3 for `#3`."""
    kind: Kind
    label: str
    """Cleaned, at most `SHOWN_CHARS` long."""
    side: Side
    depth: str
    """"nearest" (of its kind in view), "near", "far"; out of view: "last" for the latest text, "gone" for the rest"""
    age: str
    """"now", "new" (in view, and not there before), or how long ago in buckets: 5s … 1h"""
    parts: dict[str, str]
    """Typed parts of the label: price, time, number, …"""
    box_xyxy: Box

    @property
    def is_in_view(self) -> bool:
        """Seen just now, not only remembered."""
        return self.age in ("now", "new")

    @property
    def where(self) -> str:
        """The place in words that follow a verb: "on the left, close by"."""
        side = {"left": "on the left", "centre": "straight ahead", "right": "on the right"}[self.side]
        return side + {"nearest": ", close by", "near": ", close by", "far": ", further away"}.get(self.depth, "")

    @property
    def thing(self) -> str:
        """The thing as one speaks of it: "a cup", "a sign that says EXIT", "Anna"."""
        if self.kind == "text":
            return f"a sign that says {self.label}"
        if self.kind == "code":
            return "a code"
        if self.kind == "face" and self.label != "face":
            return self.label
        return f"{'an' if self.label[0] in 'aeiouAEIOU' else 'a'} {self.label}"

    @property
    def ago(self) -> str:
        """The age in words."""
        return _SAID.get(self.age, "just now")


def listed(line: Line, label: str) -> str:
    """The line as a chat model reads it, its label given: cleaned, or with placeholders in it."""
    kind = {"text": "a text that reads", "object": "a", "code": "a code that holds", "face": "a person,"}[line.kind]
    return f'- {kind} "{label}" {line.where}{"" if line.is_in_view else f", {line.ago}"}'


def told(device: Device) -> list[str]:
    """What a chat model reads of the device itself."""
    battery = [] if device.battery is None else [f"- battery at {device.battery} percent"]
    return battery + ([] if device.time is None else [f"- the time is {clean(device.time, 12)}"])


@functools.lru_cache(4096)
def clean(text: str, limit: int = SHOWN_CHARS) -> str:
    """Text from outside made harmless: no control or format characters, single spaces, at most `limit` long."""
    # Unassigned and private characters go too: no font of the glasses could show them.
    kept = "".join(" " if unicodedata.category(c)[0] in "CZ" else c for c in text[: 4 * limit])
    kept = re.sub(r" +", " ", kept).strip()
    return kept if len(kept) <= limit else kept[: limit - 1].rstrip() + "…"


@dataclass(slots=True)
class _Thing:
    last: Seen
    first_ns: int
    score: float


def lines(scene: Scene, max_lines: int = MAX_LINES) -> tuple[Line, ...]:
    """The scene's lines: what is in view from left to right, then what is remembered, latest first."""
    things = [t for t in _merge(scene.seen) if clean(t.last.label)]
    # The oldest and least likely go first.
    things.sort(key=lambda t: (_age_s(scene, t) > _NOW_S, -t.last.t_ns if _age_s(scene, t) > _NOW_S else 0, -t.score))
    things = things[:max_lines]
    in_view = [t for t in things if _age_s(scene, t) <= _NOW_S]
    gone = [t for t in things if _age_s(scene, t) > _NOW_S]
    in_view.sort(key=lambda t: (_centre_x(t.last.box_xyxy), t.last.box_xyxy[1], t.last.label))
    gone.sort(key=lambda t: (-t.last.t_ns, t.last.label))
    nearest = {id(max((t for t in in_view if t.last.kind == k), key=_nearness, default=None)) for k in _KINDS}
    last_text = next((id(t) for t in gone if t.last.kind == "text"), None)
    reach_s = max((scene.now_ns - t.first_ns for t in _merge(scene.seen)), default=0) / 1e9
    out = []
    for number, t in enumerate((*in_view, *gone), start=1):
        label = clean(t.last.label)
        if _age_s(scene, t) <= _NOW_S:
            is_new = reach_s > _NEW_S and (scene.now_ns - t.first_ns) / 1e9 <= _NOW_S
            age = "new" if is_new else "now"
            depth = "nearest" if id(t) in nearest else "near" if _nearness(t) >= _NEAR[t.last.kind] else "far"
        else:
            age = next((name for limit, name in _AGES if _age_s(scene, t) <= limit), "1h")
            depth = "last" if id(t) == last_text else "gone"
        typed = parts(label) if t.last.kind == "text" else code_parts(label) if t.last.kind == "code" else {}
        out.append(Line(number, t.last.kind, label, _side(t.last.box_xyxy), depth, age, typed, t.last.box_xyxy))
    return tuple(out)


_KINDS: Final = ("text", "object", "code", "face")
_NEAR: Final = {"text": 0.06, "object": 0.35, "code": 0.2, "face": 0.2}
"""Height of the box, as a fraction of the frame, from which a thing of this kind is near: a door fills a third of the
frame at about three metres with a 60° lens, a sign's line of text a fifteenth at about one."""


def _merge(seen: Iterable[Seen]) -> list[_Thing]:
    """One thing per track, or per kind and label where there are no tracks and the sightings are of different times."""
    things: dict[tuple[object, ...], _Thing] = {}
    for n, s in enumerate(sorted(seen, key=lambda s: s.t_ns)):
        if s.track >= 0:
            key: tuple[object, ...] = ("track", s.kind, s.track)
        else:
            # Two cups in one frame are two cups; the same text twice in one frame is one text read twice.
            key = (s.kind, s.label)
            if s.kind != "text" and key in things and things[key].last.t_ns == s.t_ns:
                key = (s.kind, s.label, n)
        if key in things:
            things[key] = _Thing(s, things[key].first_ns, max(things[key].score, s.score))
        else:
            things[key] = _Thing(s, s.t_ns, s.score)
    return list(things.values())


def _age_s(scene: Scene, thing: _Thing) -> float:
    return (scene.now_ns - thing.last.t_ns) / 1e9


def _centre_x(box: Box) -> float:
    return (box[0] + box[2]) / 2


def _side(box: Box) -> Side:
    x = _centre_x(box)
    return "left" if x < 1 / 3 else "right" if x > 2 / 3 else "centre"


def _nearness(thing: _Thing) -> float:
    return thing.last.box_xyxy[3] - thing.last.box_xyxy[1]
