"""What each kind of work costs on one device: measured by `edge profile`, kept as TOML, spent on a virtual clock."""

from __future__ import annotations

import json
import math
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from edge.clock import MS
from edge.errors import ConfigError
from edge.trace import Trace, percentile


@dataclass(frozen=True, slots=True)
class Profile:
    """Costs per unit of work on one device."""

    device: str
    cores: int
    cost_ms: Mapping[str, float]
    """per unit of work, by the name of the work"""
    source: str = "measured"

    def cost_ns(self, name: str, units: float) -> int:
        """Time that `units` of `name` take.

        Raises:
            ConfigError: the profile does not know this work.
        """
        try:
            return int(self.cost_ms[name] * units * MS)
        except KeyError:
            raise ConfigError(
                f"profile {self.device!r} has no cost for {name!r}: measure one with 'edge profile --save FILE.toml' "
                f"or add a line '{name} = MILLISECONDS' under [cost_ms]"
            ) from None


def load_profile(path: Path) -> Profile:
    """Read a profile file.

    Raises:
        ConfigError: missing, not TOML, or with values that are not times.
    """
    try:
        raw = tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise ConfigError(
            f"profile {path} could not be read ({error.strerror}): give the path of a TOML file"
        ) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"profile {path} is not valid TOML ({error})") from error
    costs = raw.get("cost_ms")
    cores = raw.get("cores", 4)
    bad = [name for name, ms in costs.items() if not _is_time(ms)] if isinstance(costs, dict) else []
    if not isinstance(costs, dict) or bad or type(cores) is not int or cores < 1:
        what = f"{bad[0]!r} is not a time" if bad else "it needs cores ≥ 1 and a table [cost_ms]"
        raise ConfigError(f"profile {path} cannot be used: {what} (see docs/profiles.md)")
    return Profile(str(raw.get("device", path.stem)), cores, costs, str(raw.get("source", "unknown")))


def _is_time(ms: object) -> bool:
    return isinstance(ms, int | float) and not isinstance(ms, bool) and 0 <= ms < math.inf


def measured(trace: Trace, device: str, cores: int) -> Profile:
    """The profile that a run's trace shows: per kind of work the median time per unit."""
    costs = {
        name: percentile([ms / units for ms, units in samples if units > 0], 50)
        for name, samples in sorted(trace.work_ms.items())
        if any(units > 0 for _, units in samples)
    }
    return Profile(device, cores, costs)


def save_profile(profile: Profile, path: Path, machine: Mapping[str, str] | None = None) -> None:
    """Write a profile that `load_profile` reads; `machine` is what it was measured on, for whoever reads the file."""
    lines = [
        "# What each kind of work costs on this device, in ms per unit. Made by 'edge profile --save'.",
        f"device = {_quoted(profile.device)}",
        f"cores = {profile.cores}",
        f"source = {_quoted(profile.source)}",
        "",
        "[cost_ms]",
        *(f"{name} = {ms:.6g}" for name, ms in profile.cost_ms.items()),
    ]
    if machine:
        lines += ["", "[machine]", *(f"{name} = {_quoted(value)}" for name, value in machine.items())]
    path.write_text("\n".join(lines) + "\n", "utf-8")


def _quoted(text: str) -> str:
    """A TOML basic string; JSON's escapes are among TOML's."""
    return json.dumps(text, ensure_ascii=False)
