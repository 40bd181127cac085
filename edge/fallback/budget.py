"""Money: caps per turn, day and month that hold across restarts, processes and turns at the same time (SQLite).

A question is paid for before it is asked: the most it can cost is reserved, and what it did cost is settled when it is over.
What was reserved and never settled (a crash) counts as spent.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from edge.errors import BudgetExceeded
from edge.fallback.database import opened


@dataclass(frozen=True, slots=True)
class Caps:
    """The most that may be spent, in dollars; None: no cap."""

    usd_per_turn: float | None = 0.05
    usd_per_day: float | None = 0.5
    usd_per_month: float | None = 5.0


class Budget:
    """The purse of one installation."""

    def __init__(self, path: Path, caps: Caps) -> None:
        """Opens or makes the file.

        Raises:
            BudgetExceeded: it cannot be opened: what cannot be counted is not spent.
        """
        self._path, self._caps = path, caps
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with closing(self._open()) as db:
                db.execute("PRAGMA journal_mode=WAL")
                db.execute(
                    "CREATE TABLE IF NOT EXISTS spent (id INTEGER PRIMARY KEY, time TEXT NOT NULL, turn TEXT NOT NULL, "
                    "row TEXT NOT NULL, usd REAL NOT NULL, read INTEGER, made INTEGER)"
                )
                db.execute("CREATE INDEX IF NOT EXISTS by_time ON spent (time)")
        except (OSError, sqlite3.Error) as error:
            raise BudgetExceeded(f"{path}, which counts what is spent, cannot be opened ({error})") from error

    def reserve(self, turn: str, row: str, usd: float, now: datetime) -> int:
        """Puts the most that a question can cost aside; its number, to settle with.

        Raises:
            BudgetExceeded: a cap would be passed; the sentence names it.
        """
        try:
            with closing(self._open()) as db:
                db.execute("BEGIN IMMEDIATE")  # nobody else may reserve between the sum and the row
                for name, cap, where, key in (
                    ("turn", self._caps.usd_per_turn, "turn = ?", turn),
                    ("day", self._caps.usd_per_day, "substr(time, 1, 10) = ?", now.strftime("%Y-%m-%d")),
                    ("month", self._caps.usd_per_month, "substr(time, 1, 7) = ?", now.strftime("%Y-%m")),
                ):
                    (spent,) = db.execute(f"SELECT COALESCE(SUM(usd), 0) FROM spent WHERE {where}", (key,)).fetchone()
                    if cap is not None and spent + usd > cap + 1e-12:
                        raise BudgetExceeded(
                            f"asking {row} may cost ${usd:.4f}, and ${spent:.4f} of ${cap:g} for this {name} are spent"
                        )
                added = db.execute(
                    "INSERT INTO spent (time, turn, row, usd) VALUES (?, ?, ?, ?)",
                    (now.isoformat(timespec="seconds"), turn, row, usd),
                )
                db.execute("COMMIT")
                return int(added.lastrowid or 0)
        except sqlite3.Error as error:
            raise BudgetExceeded(f"{self._path}, which counts what is spent, cannot be written ({error})") from error

    def settle(self, number: int, usd: float, read: int, made: int) -> None:
        """What a question did cost. Raises BudgetExceeded when it cannot be written."""
        try:
            with closing(self._open()) as db:
                db.execute("UPDATE spent SET usd = ?, read = ?, made = ? WHERE id = ?", (usd, read, made, number))
        except sqlite3.Error as error:
            raise BudgetExceeded(f"{self._path}, which counts what is spent, cannot be written ({error})") from error

    def spent(self, since: str = "") -> Mapping[str, float]:
        """Dollars by row, from a date on ("2026-11", "2026-11-22")."""
        with closing(self._open()) as db:
            rows = db.execute("SELECT row, SUM(usd) FROM spent WHERE time >= ? GROUP BY row ORDER BY row", (since,))
            return dict(rows.fetchall())

    def _open(self) -> sqlite3.Connection:
        return opened(self._path)
