"""The options that several commands share."""

from __future__ import annotations

import argparse
from pathlib import Path

from edge.config import load_config
from edge.settings import Config


def add_config(parser: argparse.ArgumentParser) -> None:
    """`--config FILE` and `--set key=value`."""
    parser.add_argument("--config", type=Path, metavar="FILE.toml", help="configuration (default: ./glasspath.toml)")
    parser.add_argument(
        "--set", action="append", default=[], metavar="KEY=VALUE", dest="overrides",
        help="override one key, for example perception.objects.min_score=0.5; may be repeated",
    )  # fmt: skip
    parser.add_argument("--json", action="store_true", help="the last line printed is one JSON object")


def config_of(args: argparse.Namespace) -> Config:
    """The configuration that the command line asks for.

    Raises:
        ConfigError: it does not hold together.
    """
    path: Path | None = args.config
    if path is None and Path("glasspath.toml").is_file():
        path = Path("glasspath.toml")
    return load_config(path, args.overrides)
