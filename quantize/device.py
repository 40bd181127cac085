"""Device profiles: what one token costs on a device, by type of weight; predicted ones say so, with their sources.

The model of a matrix-vector product in decode is a roofline: the slower of reading its bytes at the memory's rate and of
computing with its weights. Prefill is computing alone. Times are of all cores together.
"""

from __future__ import annotations

import difflib
import math
import os
import platform
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Final

from quantize.errors import OptionError
from quantize.files import written

FOLDER: Final = Path(__file__).parent / "devices"
OTHER: Final = "other"
"""the row for types that have none"""


@dataclass(frozen=True, slots=True)
class DeviceProfile:
    """One device."""

    name: str
    title: str
    isa: tuple[str, ...]
    cores: int
    memory_bytes: int
    """what a model and its KV cache may take at most"""
    bandwidth_gb_s: float
    """of reading weights in decode"""
    fixed_us: float
    """of a token that no weight explains: operators, threads that meet, attention over a short context"""
    is_predicted: bool
    fast: tuple[str, ...]
    """ggml types with kernels of their own for this device (repacked or native)"""
    decode_cost_ns: Mapping[str, float]
    """of one weight; keys are ggml types, their beginnings ("IQ2") or "other" """
    prefill_cost_ns: Mapping[str, float]
    """of one weight and token"""
    sources: Mapping[str, str]
    """of each figure"""

    @property
    def fixed_ns(self) -> float:
        """Of one token in decode."""
        return self.fixed_us * 1000

    def decode_ns(self, ggml_type: str, n_bytes: int, n_weights: int) -> float:
        """Time that one token spends in one matrix of `n_weights` in `n_bytes`."""
        return max(n_bytes / self.bandwidth_gb_s, n_weights * _row(self.decode_cost_ns, ggml_type))

    def prefill_ns(self, ggml_type: str, n_weights: int) -> float:
        """Time that one token of a batch spends in one matrix."""
        return n_weights * _row(self.prefill_cost_ns, ggml_type)


def names() -> tuple[str, ...]:
    """The profiles that come with the tool."""
    return tuple(sorted(path.stem for path in FOLDER.glob("*.toml")))


def load(name_or_path: str) -> DeviceProfile:
    """A profile by its name, or from a TOML file that `quantize devices measure` wrote.

    Raises:
        OptionError: there is none of that name, or the file is not one.
    """
    path = Path(name_or_path)
    if path.suffix != ".toml":
        if name_or_path not in names():
            close = difflib.get_close_matches(name_or_path, names(), 1)
            hint = f"did you mean {close[0]}? " if close else ""
            raise OptionError(f"no device profile {name_or_path!r}: {hint}there are {', '.join(names())}")
        path = FOLDER / f"{name_or_path}.toml"
    try:
        return _read(path.stem, tomllib.loads(path.read_text()))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise OptionError(f"{path} is no device profile ({error}): see quantize/devices for examples") from error
    except ValueError as error:
        raise OptionError(f"{path} is no device profile: {error}") from error


def save(profile: DeviceProfile, path: Path) -> None:
    """Writes a profile as TOML. Raises OutputError."""
    lines = [f"# Measured by `quantize devices measure` on {profile.title}.\n" if not profile.is_predicted else ""]
    for key in ("title", "isa", "cores", "memory_bytes", "bandwidth_gb_s", "fixed_us", "is_predicted", "fast"):
        lines.append(f"{key} = {_toml(getattr(profile, key))}\n")
    tables = {"decode_ns": profile.decode_cost_ns, "prefill_ns": profile.prefill_cost_ns, "sources": profile.sources}
    for name, table in tables.items():
        lines.append(f"\n[{name}]\n")
        lines += [f"{key} = {_toml(value)}\n" for key, value in table.items()]
    with written(path) as part:
        part.write_text("".join(lines))


def instruction_sets() -> tuple[str, ...]:
    """Those of this machine that matter to the kernels, as Linux names them."""
    wanted = (
        "asimd",
        "asimddp",
        "i8mm",
        "sve",
        "fphp",
        "avx2",
        "f16c",
        "fma",
        "avx512f",
        "avx512_vnni",
        "avx_vnni",
        "amx_int8",
    )
    cpuinfo = Path("/proc/cpuinfo")
    for line in cpuinfo.read_text().splitlines() if cpuinfo.is_file() else ():
        if line.lower().startswith(("flags", "features")):
            there = set(line.partition(":")[2].split())
            return tuple(name for name in wanted if name in there)
    return ()


def machine_title() -> str:
    """What this machine calls itself."""
    model = Path("/proc/device-tree/model")
    if model.is_file():
        return model.read_text().strip("\0\n ")
    for line in Path("/proc/cpuinfo").read_text().splitlines() if Path("/proc/cpuinfo").is_file() else ():
        if line.startswith("model name"):
            return f"{os.cpu_count()} cores of {line.partition(':')[2].strip()}"
    return platform.processor() or platform.machine()


def memory_bytes() -> int:
    """The memory of this machine."""
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")


def _row(table: Mapping[str, float], ggml_type: str) -> float:
    """The figure of a type: its own, that of its beginning, or that of others."""
    if ggml_type in table:
        return table[ggml_type]
    beginning = next((key for key in table if ggml_type.startswith(key)), OTHER)
    return table[beginning]


def _read(name: str, given: dict[str, Any]) -> DeviceProfile:
    renamed = {"decode_ns": "decode_cost_ns", "prefill_ns": "prefill_cost_ns"}
    given = {renamed.get(key, key): value for key, value in given.items()}
    wanted = {field.name for field in fields(DeviceProfile)} - {"name"}
    if wrong := sorted(wanted ^ set(given)):
        raise ValueError(f"{wrong[0]} is {'missing' if wrong[0] in wanted else 'not a field of it'}")
    for key in ("decode_cost_ns", "prefill_cost_ns"):
        table = given[key]
        if not isinstance(table, dict) or OTHER not in table or not all(_is_cost(v) for v in table.values()):
            raise ValueError(f"{key.replace('_cost', '')} must be a table of positive numbers with a row {OTHER!r}")
    for key in ("bandwidth_gb_s", "cores", "memory_bytes"):
        if not _is_cost(given[key]) or given[key] == 0:
            raise ValueError(f"{key} must be a number above 0")
    if not _is_cost(given["fixed_us"]) or not isinstance(given["sources"], dict):
        raise ValueError("fixed_us must be a number and sources a table")
    return DeviceProfile(name, **given | {"isa": tuple(given["isa"]), "fast": tuple(given["fast"])})


def _is_cost(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value) and value >= 0


def _toml(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return f"{value:.6g}" if value % 1 else f"{value:.1f}"
    if isinstance(value, int):
        return f"{value:_}"
    if isinstance(value, tuple):
        return f"[{', '.join(_toml(v) for v in value)}]"
    text = str(value).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{text}"'
