"""Questions that wait on the disk until a row answers again: opt-in, class by class, few, and not for long (SQLite).

What is not of an allowed class is taken out before anything is written; a picture is never written. When a question is sent,
it passes the gate like any other, by the consent of that moment.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Final

from edge.clock import S
from edge.fallback.database import used
from edge.types import Device, Query, Scene, Seen, Turn

FILE: Final = "queue.db"
IN_VIEW_S: Final = 3.0
"""what was seen longer ago belongs to the class `memory`"""
_CLASSES: Final = {"text": "text_seen", "code": "text_seen", "object": "objects", "face": "faces"}


@dataclass(frozen=True, slots=True)
class Kept:
    """One question that waits."""

    number: int
    asked: datetime
    query: Query


class Waiting:
    """The queue of one installation."""

    def __init__(self, folder: Path, classes: Collection[str], most: int, hours: float) -> None:
        """Opens or makes the file. Raises ConfigError when it cannot be."""
        self._path, self._classes, self._most, self._hours = folder / FILE, frozenset(classes), most, hours
        with self._db() as db:
            db.execute("CREATE TABLE IF NOT EXISTS waiting (id INTEGER PRIMARY KEY, asked REAL, query TEXT)")

    def put(self, query: Query, now: datetime) -> bool:
        """Keeps a question, reduced to what may be written; whether it is kept."""
        if "words" not in self._classes:
            return False
        text = json.dumps(asdict(reduced(query, self._classes)), ensure_ascii=False)
        with self._db() as db:
            db.execute("BEGIN IMMEDIATE")
            (count,) = db.execute("SELECT COUNT(*) FROM waiting").fetchone()
            if count < self._most:
                db.execute("INSERT INTO waiting (asked, query) VALUES (?, ?)", (now.timestamp(), text))
            db.execute("COMMIT")
            return bool(count < self._most)

    def all(self) -> list[Kept]:
        """Oldest first."""
        with self._db() as db:
            rows = db.execute("SELECT id, asked, query FROM waiting ORDER BY id").fetchall()
        return [Kept(number, datetime.fromtimestamp(asked), _query(json.loads(text))) for number, asked, text in rows]

    def expired(self, now: datetime) -> list[Kept]:
        """Those that waited too long; they are taken out."""
        old = [kept for kept in self.all() if (now - kept.asked).total_seconds() > self._hours * 3600]
        for kept in old:
            self.drop(kept.number)
        return old

    def drop(self, number: int) -> None:
        """Takes one out."""
        with self._db() as db:
            db.execute("DELETE FROM waiting WHERE id = ?", (number,))

    def clear(self) -> int:
        """Takes all out; how many there were."""
        with self._db() as db:
            return db.execute("DELETE FROM waiting").rowcount

    def _db(self) -> AbstractContextManager[sqlite3.Connection]:
        return used(self._path, "where questions wait")


def reduced(query: Query, classes: Collection[str]) -> Query:
    """The question with nothing in it but what is of these classes."""
    scene = query.scene
    seen = [
        s for s in scene.seen
        if ("memory" if scene.now_ns - s.t_ns > IN_VIEW_S * S else _CLASSES[s.kind]) in classes
    ]  # fmt: skip
    device = scene.device if "place" in classes else Device()
    earlier = query.earlier if "memory" in classes else ()
    return replace(query, scene=Scene(scene.now_ns, tuple(seen), device), keyframe=None, earlier=earlier)


def _query(given: dict[str, object]) -> Query:
    """What was written, read back."""
    made: dict[str, object] = dict(given)
    scene = dict(made["scene"])  # type: ignore[call-overload]  # it is what `asdict` made of a scene
    seen = tuple(Seen(**{**s, "box_xyxy": tuple(s["box_xyxy"])}) for s in scene["seen"])
    made["scene"] = Scene(scene["now_ns"], seen, Device(**scene["device"]))
    made["earlier"] = tuple(Turn(**turn) for turn in made["earlier"])  # type: ignore[attr-defined]  # as above
    return Query(**made)  # type: ignore[arg-type]  # as above
