"""What happens to simulated glasses, as data: a TOML file of `[[at]]` tables with `s`, `do` and sometimes `value`."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from firmware_bridge.errors import AddressError

ACTIONS: Final = {
    "don": "put on", "doff": "taken off", "fold": "folded", "click": "button number `value`",
    "double": "that button twice", "tap": "gesture `value`",
    "battery": "the charge is `value` percent", "heat": "the temperature is `value` °C",
    "plug": "on the charging cable", "unplug": "off it",
    "light_fails": "no light any more", "restart": "says so and starts anew", "reboot": "starts anew without a word",
    "cut": "the link breaks", "mute": "answers nothing for `value` seconds", "log": "logs `value`",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that happens `s` seconds after the start."""

    s: float
    do: str
    value: float | str = 0


def load(path: Path) -> list[Step]:
    """The steps of a script, in the order of time.

    Raises:
        AddressError: it cannot be read, or asks for what is not known.
    """
    try:
        table = tomllib.loads(path.read_text())
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise AddressError(f"script {path} cannot be read: {error}") from error
    return sorted((_step(path, row) for row in table.get("at", [])), key=lambda step: step.s)


def _step(path: Path, row: dict[str, Any]) -> Step:
    if row.get("do") not in ACTIONS:
        raise AddressError(f"script {path}: do = {row.get('do')!r} is not one of {', '.join(ACTIONS)}")
    if not isinstance(row.get("s"), int | float) or set(row) - {"s", "do", "value"}:
        raise AddressError(f"script {path}: {row} needs s (seconds) and do, and may have value")
    return Step(float(row["s"]), row["do"], row.get("value", 0))
