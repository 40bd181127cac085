"""Instructions executed by each stage, and by a whole turn: a figure for cost that a busy machine does not change.

Each stage gets what it is given in the first turn of the bundled recording (the OCR one picture of it), alone in a process,
on one thread, under QEMU with a plug-in that counts. The emulated processor is always the same one, so that libraries
choose the same code on every machine. An instruction is not a time: one that waits for memory counts as one, and so does
one that works on eight numbers. Compare a stage with itself, never with another.

    python -m benchmarks.instructions           every stage; --quick: those that take seconds; --stage NAME: one
    python -m benchmarks.instructions --check   status 1 and a sentence for each stage that grew by more than 5 %
    python -m benchmarks.instructions --keep    writes the figures into instructions.json

Needs qemu-user 6 to 8 and a C compiler. A Raspberry Pi's figures on a PC: `python .ci/arm64.py --only instructions`.
"""

from __future__ import annotations

import argparse
import json
import platform
import shlex
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Final

from benchmarks.claims import Claim, show
from benchmarks.instruction_count import CPUS, Counted, Tool, measure, tool, why_not
from benchmarks.instruction_record import record
from benchmarks.instruction_turn import NEEDS
from edge.errors import EdgeError

KEPT: Final = Path(__file__).with_name("instructions.json")
GROWTH: Final = 0.05
"""more than this is said; the same program repeats within a hundredth of it"""
QUICK: Final = ("hear", "listen", "gate")
KEEP: Final = "python -m benchmarks.instructions --keep"


def processor() -> str:
    """The key of the kept figures."""
    return f"{platform.machine()} {CPUS.get(platform.machine(), '')}".strip()


def kept(file: Path) -> Counted | None:
    """What was kept for this processor."""
    found = json.loads(file.read_text()).get(processor()) if file.is_file() else None
    return Counted(**found) if found else None


def keep(counted: Counted, file: Path) -> None:
    """Writes the figures; those of other processors stay, and those of other stages where nothing else changed."""
    figures = json.loads(file.read_text()) if file.is_file() else {}
    before = kept(file)
    stages = {**(before.stages if before and before.versions == counted.versions else {}), **counted.stages}
    figures[processor()] = asdict(counted) | {"stages": {name: stages[name] for name in NEEDS if name in stages}}
    file.write_text(json.dumps(dict(sorted(figures.items())), indent=2) + "\n")


def incomparable(counted: Counted, before: Counted | None) -> str:
    """Why the kept figures say nothing about these; empty if they do."""
    if before is None:
        return f"no figures are kept for {processor()}: look at these, then keep them with {KEEP}"
    others = [
        f"{name} is {version} and was {before.versions.get(name, 'unknown')}"
        for name, version in counted.versions.items()
        if before.versions.get(name) != version
    ]
    if not others:
        return ""
    return f"not held against the kept figures, because {', '.join(others)}: look at these, then keep them with {KEEP}"


def grown(counted: Counted, before: Counted) -> list[str]:
    """One sentence for each stage that costs more than GROWTH more, or that could be counted and cannot be now."""
    sentences = []
    for name, was in before.stages.items():
        if name in counted.left_out:
            sentences.append(f"{name} could not be counted: {counted.left_out[name]}.")
        elif name in counted.stages and counted.stages[name] > was * (1 + GROWTH):
            more = 100 * (counted.stages[name] / was - 1)
            sentences.append(
                f"{name} executes {counted.stages[name] / 1e6:,.1f} million instructions, {more:.1f} % more than the "
                f"{was / 1e6:,.1f} million that were kept: make it cheaper, or keep the new figure with {KEEP}."
            )
    return sentences


def claims(counted: Counted, before: Counted | None) -> list[Claim]:
    """A row for each stage, with the kept figure as its goal where it can be held against it."""

    def row(name: str, value: int | None, was: int | None) -> Claim:
        goal = f"<= {was * (1 + GROWTH) / 1e6:.6g}" if was else ""
        peer = f"kept {was / 1e6:.5g}, {100 * (value / was - 1):+.2f} %" if was and value else ""
        return Claim(name, None if value is None else value / 1e6, "million instructions", goal, peer)

    old = before.stages if before else {}
    rows = [
        row(name, counted.stages[name], old.get(name))
        if name in counted.stages
        else row(f"{name}: left out, {counted.left_out[name]}", None, None)
        for name in NEEDS
        if name in counted.stages or name in counted.left_out
    ]
    if counted.turn is not None:
        rows.append(row("the turn, all of them", counted.turn, before.turn if before else None))
    return rows


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.instructions", description=__doc__.partition("\n")[0])
    parser.add_argument("--quick", action="store_true", help=f"only {', '.join(QUICK)}")
    parser.add_argument("--stage", action="append", choices=tuple(NEEDS), help="only this one; may be repeated")
    parser.add_argument("--check", action="store_true", help="fail when a stage grew by more than 5 %%")
    parser.add_argument("--keep", action="store_true", help="write the figures into that file")
    parser.add_argument("--kept", type=Path, metavar="FILE", default=KEPT, help=f"instead of {KEPT.name}")
    parser.add_argument("--record", type=Path, metavar="FOLDER", help="only write what the stages are given there")
    parser.add_argument("--turn", type=Path, metavar="FOLDER", help="written by --record, on this machine or another")
    parser.add_argument("--emulator", metavar="COMMAND", help="another than the one in the path; with --plugin")
    parser.add_argument("--plugin", type=Path, metavar="FILE", help="the counter, compiled")
    args = parser.parse_args(arguments)
    stages = args.stage or (QUICK if args.quick else tuple(NEEDS))
    missing = "" if args.emulator or args.record else why_not()
    if missing:
        print(f"instructions are not counted: {missing}")
        return 0
    with tempfile.TemporaryDirectory() as name:
        turn = args.record or args.turn or Path(name) / "turn"
        try:
            if args.turn is None:
                record(turn, stages)
        except EdgeError as error:
            print(f"the turn could not be recorded: {error}")
            return 1
        if args.record:
            return 0
        using = Tool(tuple(shlex.split(args.emulator)), args.plugin) if args.emulator else tool(Path(name))
        counted = measure(stages, turn, using)
    before = kept(args.kept)
    why = incomparable(counted, before)
    sentences = grown(counted, before) if before and not why else []
    if args.keep:
        keep(counted, args.kept)
    if args.check:
        print("\n".join([why] if why else sentences or ["no stage grew by more than 5 %"]))
    show("instructions", claims(counted, None if why else before))
    return 1 if args.check and sentences else 0


if __name__ == "__main__":
    sys.exit(main())
