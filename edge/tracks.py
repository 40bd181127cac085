"""Merges what was seen again and again into tracks: one sign is one thing however many frames showed it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from typing import Final

from edge.clock import MS, S
from edge.types import Box, Looked, Seen

CLOSER_WEIGHT: Final = 3
"""how many first looks a reading in full resolution counts for"""
EDGE: Final = 0.008
"""a box that ends this close to the picture's side goes on outside it"""


@dataclass(frozen=True, slots=True)
class Options:
    """When two sightings are one thing, and how long things are remembered."""

    memory_s: float = 120.0
    max_tracks: int = 200
    """the oldest are forgotten first"""
    same_text: float = 0.75
    """share of characters that two readings of one sign have in common (difflib's ratio)"""
    same_place: float = 0.25
    """distance of the centres, as a fraction of the frame, up to which two boxes may be one thing"""
    merge_ms: int = 4_000
    """a thing that comes into view again after this time elsewhere in the picture is a new one, unless it is a text"""
    sure_score: float = 0.9
    """a text that was read once with less is not yet believed; a sign is read again a moment later"""
    in_view_ms: int = 6_000
    """what the latest look showed counts as in view for this long: a still scene is not looked at again before"""


@dataclass(slots=True)
class Track:
    """One thing over time."""

    number: int
    seen: Seen
    """the label that most sightings speak for, at the newest sighting's place and time"""
    votes: dict[str, float]
    """for each reading, the sum of its sightings' weights"""
    hits: int = 1


@dataclass(frozen=True, slots=True)
class _View:
    """What one detector's newest look showed."""

    t_ns: int
    tracks: frozenset[int] = frozenset()
    unsure: tuple[Box, ...] = ()


class Tracks:
    """Takes detectors' looks in any order of time and says what is remembered at a moment."""

    def __init__(self, options: Options) -> None:
        self._options = options
        self._tracks: list[Track] = []
        self._latest: dict[str, _View] = {}
        self._count = 0

    def add(self, looked: Looked) -> None:
        """Merge one look. A second look comes on top of what the first one showed; what it read stays in view while the
        detector sees, in later looks, that something small is still there.
        """
        shown: set[int] = set()
        weight = CLOSER_WEIGHT if looked.is_closer else 1
        for seen in looked.seen:
            track = self._match(seen, taken=shown)
            if track is None and _is_cut_off(seen):
                continue
            if track is None:
                self._count += 1
                track = Track(self._count, replace(seen, track=self._count), {seen.label: weight * _weight(seen)})
                self._tracks.append(track)
            else:
                self._merge(track, seen, weight)
            shown.add(track.number)
        self._latest[looked.detector] = self._in_view(looked, shown)
        horizon_ns = looked.t_ns - int(self._options.memory_s * S)
        kept = [t for t in self._tracks if t.seen.t_ns >= horizon_ns]
        self._tracks = sorted(kept, key=lambda t: t.seen.t_ns)[-self._options.max_tracks :]

    def at(self, now_ns: int) -> tuple[Seen, ...]:
        """What is remembered, oldest first; what the latest looks showed is in view now."""
        in_view = {
            number
            for view in self._latest.values()
            if now_ns - view.t_ns <= self._options.in_view_ms * MS
            for number in view.tracks
        }
        believed = [t for t in self._tracks if t.hits > 1 or t.seen.score >= self._options.sure_score]
        things = [replace(t.seen, t_ns=max(now_ns, t.seen.t_ns)) if t.number in in_view else t.seen for t in believed]
        return tuple(sorted(things, key=lambda s: (s.t_ns, s.track)))

    def _in_view(self, looked: Looked, shown: set[int]) -> _View:
        """What the detector's newest look showed, with what its second looks read there."""
        latest = self._latest.get(looked.detector, _View(-1))
        if looked.is_closer and looked.t_ns == latest.t_ns:
            return replace(latest, tracks=latest.tracks | shown)
        if looked.is_closer:
            return replace(latest, tracks=latest.tracks | (shown & self._at(latest.unsure)))
        if looked.t_ns < latest.t_ns:
            return latest
        return _View(looked.t_ns, frozenset(shown | (latest.tracks & self._at(looked.unsure))), looked.unsure)

    def _at(self, boxes: tuple[Box, ...]) -> set[int]:
        """Tracks of texts whose middle is in one of the boxes."""
        return {t.number for t in self._tracks if any(_is_at(t.seen, box) for box in boxes)}

    def _match(self, seen: Seen, taken: set[int]) -> Track | None:
        near = [t for t in self._tracks if t.number not in taken and self._is_same(t.seen, seen)]
        return min(near, key=lambda t: (distance(t.seen.box_xyxy, seen.box_xyxy), -t.seen.t_ns), default=None)

    def _is_same(self, old: Seen, new: Seen) -> bool:
        if old.kind != new.kind:
            return False
        recent = new.t_ns - old.t_ns <= self._options.merge_ms * MS
        close = recent and distance(old.box_xyxy, new.box_xyxy) <= self._options.same_place
        match new.kind:
            case "text":
                alike = similarity(old.label, new.label)
                return alike >= 0.9 or (close and (alike >= self._options.same_text or _contains(old.label, new.label)))
            case "code":
                return old.label == new.label
            case _:
                return old.label == new.label and close

    def _merge(self, track: Track, seen: Seen, weight: int) -> None:
        old = track.seen
        if not _is_cut_off(seen):
            track.votes[seen.label] = track.votes.get(seen.label, 0.0) + weight * _weight(seen)
        label = max(track.votes, key=lambda reading: track.votes[reading])
        newest = seen if seen.t_ns >= old.t_ns else old
        track.seen = replace(newest, label=label, score=max(old.score, seen.score), track=track.number)
        track.hits += 1


def similarity(a: str, b: str) -> float:
    """0..1, case and spaces aside."""
    a, b = "".join(a.lower().split()), "".join(b.lower().split())
    return 1.0 if a == b else SequenceMatcher(None, a, b, autojunk=False).ratio()


def distance(a: Box, b: Box) -> float:
    """Between the centres, as a fraction of the frame's sides."""
    dx, dy = (a[0] + a[2] - b[0] - b[2]) / 2, (a[1] + a[3] - b[1] - b[3]) / 2
    return float((dx * dx + dy * dy) ** 0.5)


def _contains(a: str, b: str) -> bool:
    """One reading is a part of the other: the sign was cut off by the picture's edge."""
    a, b = a.lower().replace(" ", ""), b.lower().replace(" ", "")
    return len(min(a, b, key=len)) >= 3 and (a in b or b in a)


def _is_at(seen: Seen, box: Box) -> bool:
    """The middle of the text is in the box."""
    x, y = (seen.box_xyxy[0] + seen.box_xyxy[2]) / 2, (seen.box_xyxy[1] + seen.box_xyxy[3]) / 2
    return seen.kind == "text" and box[0] <= x <= box[2] and box[1] <= y <= box[3]


def _is_cut_off(seen: Seen) -> bool:
    """A text that runs out of the picture: half a word is no new sign."""
    return seen.kind == "text" and (seen.box_xyxy[0] < EDGE or seen.box_xyxy[2] > 1 - EDGE)


def _weight(seen: Seen) -> float:
    """How much a reading counts: by its score and its height, for what is near is read better."""
    return seen.score * (seen.box_xyxy[3] - seen.box_xyxy[1] + 0.01)
