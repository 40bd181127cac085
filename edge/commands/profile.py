"""`edge profile`: run a recording and say where the time goes and what is at fault; compare with an earlier run; keep what
work costs."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from edge import measure
from edge.commands.options import config_of
from edge.commands.output import check_outputs, write_outputs
from edge.commands.replay import add_replay_options, inputs_of, replayed
from edge.errors import ConfigError
from edge.machine import facts
from edge.profile import measured, save_profile

DEMO = Path(__file__).parent.parent / "assets" / "demo.mp4"


def add(commands: Any) -> None:
    parser = commands.add_parser("profile", help="where the time goes, stage by stage", description=__doc__)
    parser.add_argument("recording", nargs="?", type=Path, default=None, help="default: the bundled recording")
    parser.add_argument("--camera", metavar="FILE")
    parser.add_argument("--microphone", metavar="FILE")
    add_replay_options(parser)
    parser.add_argument("--save", type=Path, metavar="FILE.toml", help="write what work costs here, for 'replay --as'")
    parser.add_argument("--out", type=Path, metavar="FILE.json", help="write the figures, for a later --compare")
    parser.add_argument("--compare", type=Path, metavar="OLD.json", help="show what changed since OLD, and the culprit")
    parser.set_defaults(main=main, speed="real")


def main(args: argparse.Namespace) -> int:
    old = _read(args.compare) if args.compare else None
    if args.recording is None and args.camera is None and args.microphone is None:
        args.recording = DEMO
    if args.save and args.speed == "max":
        raise ConfigError("--save measures in real time: leave out --speed max, which spends the costs of a profile")
    config = config_of(args)
    camera, microphone = inputs_of(args)
    check_outputs(args.trace, args.report, args.events, args.save, args.out)
    with measure.Usage() as usage:
        session = replayed(args, config, camera, microphone)
    figures = measure.figures(session, usage, old)
    write_outputs(args, session)
    if args.save:
        machine = facts()
        save_profile(measured(session.trace, machine.get("board", "this device"), usage.cores), args.save, machine)
    if args.out:
        args.out.write_text(json.dumps(figures, indent=1) + "\n")
    if args.json:
        print(json.dumps(figures))
    else:
        _print(figures, old, Console())
    return 0


def _read(path: Path) -> dict[str, Any]:
    try:
        figures = json.loads(path.read_text())
    except (OSError, ValueError) as error:
        raise ConfigError(
            f"{path} could not be compared with ({error}): give a file that 'edge profile --out' wrote"
        ) from error
    if not isinstance(figures, dict) or "stages" not in figures or not _is_usual(figures.get("usual")):
        raise ConfigError(f"{path} could not be compared with: give a file that 'edge profile --out' wrote")
    return figures


def _is_usual(usual: Any) -> bool:
    """Whether a diagnosis can be held against it; files of earlier versions have none."""
    wanted = {"work": dict, "held": dict, "sources": dict, "turns": list}
    return usual is None or (
        isinstance(usual, dict) and all(isinstance(usual.get(key), kind) for key, kind in wanted.items())
    )


def _print(figures: dict[str, Any], old: dict[str, Any] | None, console: Console) -> None:
    table = Table("work", "n", "p50 ms", "p95 ms", "p99 ms", *(["p50 before", "change"] if old else []))
    for name, row in figures["stages"].items():
        cells = [name, f"{row['n']}", *(f"{row[f'p{q}_ms']:.2f}" for q in (50, 95, 99))]
        if old:
            before = old["stages"].get(name, {}).get("p50_ms")
            cells += ["–", "new"] if before is None else [f"{before:.2f}", _change(row["p50_ms"], before)]
        table.add_row(*cells)
    console.print(table)
    ages = Table("hop", "age p50 ms", "p99 ms", "max ms")
    for name, row in figures["age_ms_by_hop"].items():
        ages.add_row(name, *(f"{row[key]:.1f}" for key in ("p50", "p99", "max")))
    console.print(ages)
    for key in ("cpu_percent", "peak_memory_mb", "wakeups_per_s"):
        before = f" (before {old[key]:.1f})" if old and key in old else ""
        console.print(f"{key.replace('_', ' '):24}{figures[key]:10.1f}{before}", highlight=False)
    for turn in figures["turns"]:
        latency = "–" if turn["glass_to_answer_ms"] is None else f"{turn['glass_to_answer_ms']:.0f} ms"
        console.print(
            f"turn  {latency:>8}  {turn['attributed'] * 100:5.1f} % attributed  {escape(turn['heard'])}",
            highlight=False,
        )
    for sentence in figures["verdict"]:
        console.print(escape(sentence), highlight=False)


def _change(now: float, before: float) -> str:
    if before <= 0:
        return "–"
    percent = (now / before - 1) * 100
    mark = "[red]" if percent > 10 else "[green]" if percent < -10 else ""
    return f"{mark}{percent:+.0f} %"
