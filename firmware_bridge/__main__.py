"""`firmware-bridge COMMAND`: glasses from the command line.

scan     what is near and plugged in              ping     how long the glasses take to answer, and their clock
monitor  everything that they tell                hud      shows a text           photo   takes a picture
mic      records sound                            sim      simulated glasses on a TCP port
update   uploads a firmware image, tests and confirms it
soak     stream, display and reconnects again and again, and what went wrong
header   the C header of the protocol             tables   the tables of docs/protocol.md

Glasses are named by a URI: serial:/dev/ttyACM0, ble:NAME, g1:45, frame:4F, tcp:HOST:PORT, pty:PATH or sim:PROFILE (default).
Exit code 0: done; 1: the glasses refused or did not answer; 2: the request is wrong; 130: interrupted.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from pathlib import Path

from firmware_bridge import c_header, protocol_tables
from firmware_bridge.errors import AddressError, LinkError


def main(argv: list[str] | None = None) -> int:
    """Parses, runs one command, and says what went wrong in a sentence."""
    given = _parser().parse_args(argv)
    if given.command in ("header", "tables"):
        print(c_header.text() if given.command == "header" else protocol_tables.text(), end="")
        return 0
    from firmware_bridge import commands  # OpenCV and numpy only where glasses are

    try:
        return asyncio.run(commands.COMMANDS[given.command](given))
    except AddressError as error:
        print(f"firmware-bridge: {error}", file=sys.stderr)
        return 2
    except LinkError as error:
        print(f"firmware-bridge: {error}", file=sys.stderr)
        return 1
    except BrokenPipeError:
        return 0  # the reader of a pipe had enough
    except KeyboardInterrupt:
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="firmware-bridge", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")

    def add(name: str, summary: str, *, talks: bool = True) -> argparse.ArgumentParser:
        one = commands.add_parser(name, help=summary, description=summary)
        if talks:
            one.add_argument("--glasses", default="sim:", metavar="URI", help="which glasses (default sim:)")
            one.add_argument("--wait", type=float, default=15.0, metavar="S", help="seconds to wait for them")
        one.add_argument("--json", action="store_true", help="one JSON object per line")
        return one

    add("scan", "what is near and plugged in", talks=False)
    ping = add("ping", "how long the glasses take to answer, and their clock")
    ping.add_argument("--seconds", type=float, default=3.0)
    monitor = add("monitor", "everything that they tell, until Ctrl-C")
    monitor.add_argument("--seconds", type=float, help="end by itself")
    hud = add("hud", "shows a text")
    hud.add_argument("text")
    hud.add_argument("--png", type=Path, help="with sim: the display as a picture")
    photo = add("photo", "takes a picture")
    photo.add_argument("out", type=Path, nargs="?", default=Path("photo.jpg"))
    photo.add_argument("--width", type=int, default=0, help="pixels; the glasses' own size if not given")
    mic = add("mic", "records sound")
    mic.add_argument("out", type=Path, nargs="?", default=Path("mic.wav"))
    mic.add_argument("--seconds", type=float, default=3.0)
    mic.add_argument("--codec", choices=("pcm16", "ulaw", "opus"), default="pcm16")
    sim = add("sim", "simulated glasses on a TCP port, until Ctrl-C", talks=False)
    sim.add_argument("profile", nargs="?", default="", help="PROFILE?camera=FILE&microphone=FILE.wav&script=FILE.toml")
    sim.add_argument("--port", type=int, default=7777)
    sim.add_argument("--display", action="store_true", help="draw the display in the terminal when it changes")
    sim.add_argument(
        "--window", action="store_true", help="show the glasses in a window; its keys press, fold and plug"
    )
    sim.add_argument("--png", type=Path, help="write the display here when it changes")
    update = add("update", "uploads a firmware image, tests and confirms it")
    update.add_argument("image", type=Path)
    soak = add("soak", "stream, display and reconnects again and again, and what went wrong")
    soak.add_argument("--seconds", type=float, default=60.0)
    for name in ("header", "tables"):
        add(name, "the C header of the protocol" if name == "header" else "the tables of docs/protocol.md", talks=False)
    return parser


if __name__ == "__main__":
    sys.exit(main())
