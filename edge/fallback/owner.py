"""What the owner of the device decided: how far each class of data may go, and the keys; in files for them alone."""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from edge.errors import ConfigError
from edge.fallback.options import Options
from edge.fallback.privacy import CLASSES, REACHES, Class, Reach

CONSENT: Final = "consent.json"
KEYS: Final = "keys.json"


def folder(options: Options) -> Path:
    """Where all of it is kept."""
    home = os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share"
    return Path(options.folder) if options.folder else Path(home) / "glasspath" / "cloud"


def consent(at: Path) -> dict[Class, Reach]:
    """How far each class may go; what is missing, or not readable, may go nowhere."""
    try:
        given = json.loads((at / CONSENT).read_text())
    except (OSError, ValueError):
        return {}
    if not isinstance(given, dict):
        return {}
    return {c: given[c] for c in CLASSES if given.get(c) in REACHES}


def allow(at: Path, name: str, reach: str) -> dict[Class, Reach]:
    """Sets how far a class may go ("never" takes consent back); "all" stands for every class.

    Raises:
        ConfigError: there is no such class or reach, or it cannot be written.
    """
    if name not in (*CLASSES, "all"):
        raise ConfigError(f"there is no class {name!r} of data: it is one of all, {', '.join(CLASSES)}")
    if reach not in REACHES:
        raise ConfigError(f"data cannot go as far as {reach!r}: it is one of {', '.join(REACHES)}")
    changed = consent(at) | dict.fromkeys(CLASSES if name == "all" else [c for c in CLASSES if c == name], reach)
    _write(at / CONSENT, json.dumps(changed, indent=1))
    return consent(at)


def key(at: Path, name: str) -> str:
    """A row's key: from the environment, else from the key file; empty where the row needs none.

    Raises:
        ConfigError: there is none of that name, or others can read the file.
    """
    if not name:
        return ""
    if found := os.environ.get(name, ""):
        return found.strip()
    path = at / KEYS
    try:
        if path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
            raise ConfigError(f"{path} can be read by others: chmod 600 {path}")
        given = json.loads(path.read_text())
    except (OSError, ValueError):
        given = {}
    if not isinstance(given, Mapping) or not isinstance(given.get(name), str):
        raise ConfigError(f"there is no key {name}: set the variable, or edge cloud key {name}")
    return str(given[name]).strip()


def keep_key(at: Path, name: str, value: str) -> None:
    """Puts a key into the key file. Raises ConfigError when it cannot be written."""
    path = at / KEYS
    try:
        given = json.loads(path.read_text())
    except (OSError, ValueError):
        given = {}
    _write(path, json.dumps({**(given if isinstance(given, dict) else {}), name: value}))


def _write(path: Path, text: str) -> None:
    """Whole or not at all, and for the owner alone."""
    part = path.with_suffix(".part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except OSError as error:
        raise ConfigError(f"{path} cannot be written ({error.strerror or error}): check the folder") from error
