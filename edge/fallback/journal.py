"""Appends lines to a file that is for the owner alone; a line that was cut off by a crash spoils no other."""

from __future__ import annotations

import os
from pathlib import Path

from edge.errors import ConfigError


def append(path: Path, line: str) -> None:
    """Adds a line. Raises ConfigError when it cannot be written."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600), "rb+") as file:
            is_cut = file.seek(0, os.SEEK_END) > 0 and (file.seek(-1, os.SEEK_END), file.read(1))[1] != b"\n"
            file.write(b"\n" * is_cut + line.encode() + b"\n")
    except OSError as error:
        raise ConfigError(f"{path} cannot be written ({error.strerror or error}): check the folder") from error
