"""Opens a SQLite file that is for the owner alone."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from edge.errors import ConfigError


def opened(path: Path) -> sqlite3.Connection:
    """A connection in autocommit; the file is made with mode 0600. Raises OSError or sqlite3.Error."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    db = sqlite3.connect(path, timeout=5, isolation_level=None)
    try:
        db.execute("PRAGMA secure_delete=ON")  # what was taken out is not to be found in the file
        db.execute("PRAGMA schema_version")  # reads the file: one that is no database shows here
    except sqlite3.Error:
        db.close()
        raise
    return db


@contextmanager
def used(path: Path, what: str) -> Iterator[sqlite3.Connection]:
    """A connection for one piece of work. Raises ConfigError, with what the file is for, when anything of it fails."""
    try:
        with closing(opened(path)) as db:
            yield db
    except (OSError, sqlite3.Error) as error:
        raise ConfigError(f"{path}, {what}, cannot be opened or changed ({error}): delete it") from error
