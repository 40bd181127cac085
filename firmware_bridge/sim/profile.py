"""What a pair of glasses has, as far as it is published: read from profiles/NAME.toml or a file of one's own."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from firmware_bridge.errors import AddressError
from firmware_bridge.framing import MAX_MTU, MIN_MTU
from firmware_bridge.messages import Codec
from firmware_bridge.sim.power import Energy

FOLDER: Final = Path(__file__).parent / "profiles"
Colour = tuple[int, int, int]
"""blue, green, red"""
COLOURS: Final[dict[str, Colour]] = {"white": (255, 255, 255), "green": (110, 255, 90), "amber": (60, 190, 255)}
CODECS: Final = {"pcm16": Codec.PCM16, "ulaw": Codec.ULAW, "opus": Codec.OPUS}
_KNOWN: Final = {
    "": {"name", "mtu", "interval_ms"}, "display": {"width", "height", "bits", "colour"},
    "camera": {"width", "height", "fps"},
    "microphone": {"rate_hz", "codecs"}, "imu": {"rate_hz"}, "device": {"buttons", "touch"},
    "battery": {"mah", "volts", "charge_ma"},
    "power": {"base_mw", "radio_mw", "byte_uj", "display_mw", "camera_mw", "frame_mj", "microphone_mw"},
    "heat": {"k_per_w", "tau_s", "ambient_c"},
}  # fmt: skip
_ENERGY: Final = ("battery", "power", "heat")
"""sections that are fields of Energy"""


@dataclass(frozen=True, slots=True)
class Profile:
    """Zero: the device has none of it, or it is not published."""

    name: str
    mtu: int = MIN_MTU
    interval_ms: int = 0
    """between two chances of the radio to send"""
    display_width: int = 0
    display_height: int = 0
    display_bits: int = 1
    display_colour: str = "white"
    """one of COLOURS; a display of many colours is drawn in white"""
    camera_width: int = 0
    camera_height: int = 0
    camera_fps: int = 0
    microphone_rate_hz: int = 0
    microphone_codecs: tuple[Codec, ...] = ()
    imu_rate_hz: int = 0
    buttons: int = 0
    touch: bool = False
    energy: Energy = field(default_factory=Energy)


def load(name: str) -> Profile:
    """A profile by its name, or by the path of a TOML file.

    Raises:
        AddressError: there is none, or it has a key that means nothing.
    """
    path = Path(name) if name.endswith(".toml") else FOLDER / f"{name or 'reference'}.toml"
    try:
        table = tomllib.loads(path.read_text())
    except (OSError, tomllib.TOMLDecodeError) as error:
        known = ", ".join(sorted(p.stem for p in FOLDER.glob("*.toml")))
        raise AddressError(
            f"sim:{name} is no profile ({error}): write one of {known}, or the path of a file"
        ) from error
    return _profile(path, table)


def _profile(path: Path, table: dict[str, Any]) -> Profile:
    values: dict[str, Any] = {}
    energy: dict[str, float] = {}
    rows = [("", {k: v for k, v in table.items() if not isinstance(v, dict)})]
    rows += [(k, v) for k, v in table.items() if isinstance(v, dict)]
    for section, row in rows:
        for key, value in row.items():
            if key not in _KNOWN.get(section, set()):
                where = f"{section}.{key}" if section else key
                raise AddressError(f"{path} has {where}, which means nothing: remove it")
            if section in _ENERGY:
                energy[f"{section}_{key}"] = _figure(path, f"{section}.{key}", value)
            else:
                values[key if section in ("", "device") else f"{section}_{key}"] = value
    try:
        values["microphone_codecs"] = tuple(CODECS[name] for name in values.get("microphone_codecs", ()))
        profile = Profile(**values, energy=Energy(**energy))
    except (KeyError, TypeError) as error:
        raise AddressError(f"{path} is not a profile: {error}") from error
    if not MIN_MTU <= profile.mtu <= MAX_MTU:
        raise AddressError(f"{path} has mtu {profile.mtu}, which is not between {MIN_MTU} and {MAX_MTU}")
    if profile.display_colour not in COLOURS:
        raise AddressError(f"{path} has display.colour {profile.display_colour!r}: write one of {', '.join(COLOURS)}")
    return profile


def _figure(path: Path, where: str, value: Any) -> float:
    """A number of 0 or more; voltage and time constant are divided by, so they are more than 0."""
    least = 1e-3 if where in ("battery.volts", "heat.tau_s") else -273.15 if where == "heat.ambient_c" else 0
    if isinstance(value, bool) or not isinstance(value, int | float) or not least <= value <= 1e6:
        raise AddressError(f"{path} has {where} = {value!r}: write a number of {least:g} or more")
    return float(value)
