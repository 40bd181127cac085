"""Answers to public questions, given again for a while: nothing is sent and nothing paid (SQLite).

A question is public when every part of it may go to every row and nothing personal was found in it (`Permit.is_public`). Its
key is its words without case and signs, all else that the row would be told, and the row's model: when something else is in
view, it is another question.
"""

from __future__ import annotations

import hashlib
import re
import sqlite3
from contextlib import AbstractContextManager
from datetime import datetime
from pathlib import Path
from typing import Final

from edge.fallback.database import used
from edge.fallback.privacy import Permit

FILE: Final = "cache.db"
MOST: Final = 500
"""answers; the oldest go"""


class Cache:
    """Of one installation."""

    def __init__(self, folder: Path, keeps_s: float) -> None:
        """Opens or makes the file. Raises ConfigError when it cannot be."""
        self._path, self._keeps_s = folder / FILE, keeps_s
        with self._db() as db:
            db.execute("CREATE TABLE IF NOT EXISTS answers (key TEXT PRIMARY KEY, time REAL, answer TEXT)")

    def get(self, permit: Permit, now: datetime) -> str:
        """The answer of this row, or nothing."""
        if not permit.is_public or self._keeps_s <= 0:
            return ""
        with self._db() as db:
            since = now.timestamp() - self._keeps_s
            db.execute("DELETE FROM answers WHERE time < ?", (since,))
            row = db.execute("SELECT answer FROM answers WHERE key = ?", (key(permit),)).fetchone()
        return str(row[0]) if row else ""

    def put(self, permit: Permit, answer: str, now: datetime) -> None:
        """Keeps the whole answer of a row, when the question is public."""
        if not permit.is_public or self._keeps_s <= 0 or not answer.strip():
            return
        with self._db() as db:
            db.execute("INSERT OR REPLACE INTO answers VALUES (?, ?, ?)", (key(permit), now.timestamp(), answer))
            db.execute(
                "DELETE FROM answers WHERE key NOT IN (SELECT key FROM answers ORDER BY time DESC LIMIT ?)", (MOST,)
            )

    def count(self) -> int:
        """Answers that are kept."""
        with self._db() as db:
            return int(db.execute("SELECT COUNT(*) FROM answers").fetchone()[0])

    def clear(self) -> int:
        """Forgets all; how many there were."""
        with self._db() as db:
            return db.execute("DELETE FROM answers").rowcount

    def _db(self) -> AbstractContextManager[sqlite3.Connection]:
        return used(self._path, "where answers are kept")


def key(permit: Permit) -> str:
    """What two questions must have in common to have one answer; no words can be read from it."""
    *before, question = permit.chat.messages
    words = " ".join(re.findall(r"\w+", question.text.casefold()))
    told = (permit.row.url, permit.row.model, words, *(f"{m.role}: {m.text}" for m in before))
    return hashlib.sha256("\0".join(told).encode()).hexdigest()
