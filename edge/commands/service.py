"""`edge service`: prints a systemd unit that starts `edge run` with the machine and starts it anew when it hangs."""

from __future__ import annotations

import argparse
import getpass
import json
import shutil
import sys
from pathlib import Path
from typing import Any

from edge.errors import ConfigError

UNIT = Path(__file__).parent.parent / "assets" / "glasspath.service"


def add(commands: Any) -> None:
    parser = commands.add_parser("service", help="print a systemd unit for this device", description=__doc__)
    parser.add_argument("--user", default="", help="who it runs as (default: you)")
    parser.add_argument("--config", type=Path, default=Path("/etc/glasspath.toml"), metavar="FILE.toml")
    parser.add_argument("--json", action="store_true", help="the last line printed is one JSON object")
    parser.set_defaults(main=main)


def main(args: argparse.Namespace) -> int:
    unit = text(args.user or getpass.getuser(), program(), args.config)
    print(json.dumps({"unit": unit}) if args.json else unit, end="\n" if args.json else "")
    if not args.json and sys.stdout.isatty():
        print("\nto install it: edge service | sudo tee /etc/systemd/system/glasspath.service && "
              "sudo systemctl enable --now glasspath", file=sys.stderr)  # fmt: skip
    return 0


def program() -> Path:
    """The absolute path of `edge`.

    Raises:
        ConfigError: it is not installed as a program.
    """
    beside = Path(sys.executable).with_name("edge")
    found = str(beside) if beside.exists() else shutil.which("edge")
    if found is None:
        raise ConfigError("edge is not installed as a program here: run make setup, or pip install glasspath")
    return Path(found).absolute()


def text(user: str, program: Path, config: Path) -> str:
    """The unit.

    Raises:
        ConfigError: a value that would be read as something else in a unit file.
    """
    for what, value in (("user", user), ("program", str(program)), ("configuration", str(config))):
        if any(sign.isspace() or sign in "%$\"'\\;" for sign in value) or not value:
            raise ConfigError(f"the {what} {value!r} cannot stand in a unit file: no spaces, quotes, %, $ or ; in it")
    if not config.is_absolute():
        raise ConfigError(f"{config} is not an absolute path: a service has no folder of its own to look in")
    return UNIT.read_text().format(user=user, program=program, config=config)
