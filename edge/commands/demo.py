"""`edge demo`: the bundled recording through the real path, on embedded models, without network."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from rich.console import Console

from edge.commands.options import config_of
from edge.commands.output import print_session, write_outputs
from edge.commands.profile import DEMO
from edge.commands.replay import add_replay_options, replayed
from edge.live import CONTROL
from edge.results import results
from edge.sinks.console import Console as ConsoleSink
from edge.stage import Node


def add(commands: Any) -> None:
    parser = commands.add_parser("demo", help="the bundled recording, seen, heard and answered", description=__doc__)
    add_replay_options(parser)
    parser.set_defaults(main=main, speed="real", report=Path("out/demo.html"), trace=Path("out/demo.trace.json"))


def main(args: argparse.Namespace) -> int:
    config = config_of(args)
    for path in (args.report, args.trace):
        path.parent.mkdir(parents=True, exist_ok=True)
    sinks = [] if args.json else [Node("console", ConsoleSink(), ConsoleSink.takes, CONTROL)]
    if sinks and args.speed == "real":
        print("A walk of one minute, as it happened; what is heard and answered comes as it comes.\n", flush=True)
    session = replayed(args, config, str(DEMO), str(DEMO), sinks)
    write_outputs(args, session)
    if args.json:
        print(json.dumps(results(session), ensure_ascii=False))
    else:
        print_session(session, Console())
        print(f"\nreport: {args.report}\ntrace:  {args.trace} (open it at https://ui.perfetto.dev)")
    return 0
