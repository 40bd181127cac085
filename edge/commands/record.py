"""`edge record`: a live session into an MCAP file that Foxglove opens and `edge replay` runs again."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from edge.commands.run import add_live_options, run_live


def add(commands: Any) -> None:
    parser = commands.add_parser("record", help="record a live session as MCAP", description=__doc__)
    parser.add_argument("out", type=Path, metavar="FILE.mcap")
    add_live_options(parser)
    parser.set_defaults(main=main)


def main(args: argparse.Namespace) -> int:
    return run_live(args, args.out)
