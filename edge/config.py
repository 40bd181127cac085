"""TOML and `--set a.b=value` become frozen dataclasses; what does not fit is one sentence with the nearest right word."""

from __future__ import annotations

import difflib
import importlib
import os
import tomllib
import types
import typing
from collections.abc import Iterable, Mapping
from dataclasses import MISSING, fields, is_dataclass
from pathlib import Path
from typing import Any, Final, Literal, TypeVar, Union

from edge.errors import ConfigError
from edge.settings import Config, Plugin

T = TypeVar("T")

PLUGINS: Final = {
    "hearing.vad": "edge.perception.vad_{}",
    "hearing.asr": "edge.perception.asr_{}",
    "hearing.wake": "edge.perception.wake_{}",
    "hearing.turn": "edge.perception.turn_{}",
    "perception.text": "edge.perception.ocr_{}",
    "perception.objects": "edge.perception.objects_{}",
    "perception.faces": "edge.perception.faces_{}",
    "reasoning.local": "edge.reasoning.local",
    "sinks.voice": "edge.sinks.voice_{}",
}
"""where the file of a plug-in lies, by the table that chooses it"""


def load_config(path: Path | None = None, overrides: Iterable[str] = ()) -> Config:
    """The defaults, changed by a TOML file and then by `key=value` texts.

    Raises:
        ConfigError: unreadable file, unknown key (with a suggestion), wrong type.
    """
    table: dict[str, Any] = {}
    where = "the command line"
    if path is not None:
        where = str(path)
        try:
            table = tomllib.loads(path.read_text())
        except OSError as error:
            raise ConfigError(f"configuration {path} could not be read ({error.strerror}): check the path") from error
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise ConfigError(f"configuration {path} is not valid TOML: {error}") from error
    for override in overrides:
        _override(table, override)
    return from_table(Config, table, where)


def _override(table: dict[str, Any], text: str) -> None:
    key, equals, value = text.partition("=")
    if not equals or not key.strip():
        raise ConfigError(f"--set {text!r} is not of the form key=value, for example perception.objects.min_score=0.5")
    try:
        parsed = tomllib.loads(f"v = {value}")["v"]
    except tomllib.TOMLDecodeError:
        parsed = value  # a text without quotes, as people type paths
    *parents, last = key.strip().split(".")
    for parent in parents:
        table = table.setdefault(parent, {})
        if not isinstance(table, dict):
            raise ConfigError(f"--set {text!r} does not fit: {parent!r} is a value, not a table")
    table[last] = parsed


def from_table(cls: type[T], table: Mapping[str, Any], where: str, prefix: str = "") -> T:
    """A dataclass from a table; each value is checked against the field's type."""
    hints = typing.get_type_hints(cls)
    known = [f.name for f in fields(cls)]  # type: ignore[arg-type]  # every caller gives a dataclass
    values = {}
    for key, value in table.items():
        name = prefix + key
        if key not in known:
            raise ConfigError(f"unknown key {name!r} in {where}{_nearest(key, known, prefix)}")
        values[key] = _value(hints[key], value, name, where)
    for field in fields(cls):  # type: ignore[arg-type]  # a dataclass; the type cannot say so
        if field.name not in values and field.default is MISSING and field.default_factory is MISSING:
            raise ConfigError(f"{prefix}{field.name} is missing in {where}: it must be said, nothing is guessed")
    return cls(**values)


def _value(hint: Any, value: Any, name: str, where: str) -> Any:
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin in (Union, types.UnionType):
        return None if value is None else _value(next(a for a in arguments if a is not type(None)), value, name, where)
    if hint is Plugin:
        return _plugin(value, name, where)
    if is_dataclass(hint):
        if not isinstance(value, dict):
            raise _wrong(name, where, "a table", value)
        return from_table(typing.cast(type, hint), value, where, name + ".")
    if origin is Literal:
        if value not in arguments:
            raise _wrong(name, where, "one of " + ", ".join(map(str, arguments)), value)
        return value
    if origin is tuple:
        if not isinstance(value, list | tuple):
            raise _wrong(name, where, "a list", value)
        return tuple(_value(arguments[0], v, f"{name}[{i}]", where) for i, v in enumerate(value))
    if origin in (dict, Mapping) or (isinstance(origin, type) and issubclass(origin, Mapping)):
        if not isinstance(value, dict):
            raise _wrong(name, where, "a table", value)
        return {k: _value(arguments[1], v, f"{name}.{k}", where) for k, v in value.items()}
    if hint is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if hint is str and isinstance(value, int) and not isinstance(value, bool):
        return str(value)  # camera.source=0 is a text that looks like a number
    if hint is not Any and (not isinstance(value, hint) or (hint is int and isinstance(value, bool))):
        word = {"str": "a text", "int": "a whole number", "float": "a number", "bool": "true or false"}
        raise _wrong(name, where, word.get(hint.__name__, hint.__name__), value)
    return value


def _plugin(value: Any, name: str, where: str) -> Plugin:
    if not isinstance(value, dict):
        example = f"{name}.kind={kinds(name)[0]}"
        if name == "sinks.voice" and isinstance(value, str):  # until 0.1 it was espeak-ng's voice
            example += f" and {name}.voice={value}"
        raise _wrong(name, where, f'a table with a key "kind", such as {example}', value)
    default = default_plugin(name)
    kind = value.get("kind", default.kind)
    options = {k: v for k, v in value.items() if k != "kind"}
    if kind == default.kind:
        options = {**default.options, **options}
    plugin = Plugin(kind, options)
    options_of(name, plugin, where)  # checks the kind and the options now, not when the camera runs
    return plugin


def default_plugin(name: str) -> Plugin:
    """What the table `name` holds when nobody says anything."""
    value: Any = Config()
    for part in name.split("."):
        value = getattr(value, part)
    assert isinstance(value, Plugin)
    return value


def options_of(name: str, plugin: Plugin, where: str = "the configuration") -> Any:
    """The checked options of a plug-in as its file's `Options`; None for kind "none".

    Raises:
        ConfigError: there is no such kind, or it has no such option.
    """
    if plugin.kind == "none":
        return None
    module = plugin_module(name, plugin, where)
    return from_table(module.Options, plugin.options, where, name + ".")


def plugin_module(name: str, plugin: Plugin, where: str = "the configuration") -> Any:
    """The file of a plug-in, imported."""
    pattern = PLUGINS[name]
    known = kinds(name)
    if plugin.kind not in known:
        raise ConfigError(f"unknown kind {plugin.kind!r} for {name} in {where}{_nearest(plugin.kind, known, '')}")
    return importlib.import_module(pattern.format(plugin.kind))


def kinds(name: str) -> list[str]:
    """The kinds that the table `name` may choose from."""
    package, _, stem = PLUGINS[name].rpartition(".")
    if "{}" not in stem:
        return ["llama", "none"]
    folder = Path(str(importlib.import_module(package).__file__)).parent
    found = folder.glob(stem.format("*") + ".py")
    return [*sorted(p.stem.removeprefix(stem.format("")) for p in found), "none"]


def cache_folder(config: Config) -> Path:
    """Where models and things made once are kept, outside the project and outside any virtual environment."""
    if config.cache:
        return Path(config.cache).expanduser()
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "glasspath"


def _nearest(word: str, known: Iterable[str], prefix: str) -> str:
    known = list(known)
    close = difflib.get_close_matches(word, known, n=1, cutoff=0.5)
    if close:
        return f": did you mean {prefix + close[0]!r}?"
    return f": it knows {', '.join(sorted(known))}"


def _wrong(name: str, where: str, wanted: str, value: Any) -> ConfigError:
    return ConfigError(f"{name} in {where} must be {wanted}, not {value!r}")
