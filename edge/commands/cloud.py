"""`edge cloud`: who may be asked, what may be told, what it cost and what left.

rows               the rows of the configuration, and whether they may be told words
allow CLASS REACH  how far a class of data may go (never, lan, private, any); "never" takes consent back
key NAME           puts a key into the key file; it is read from the terminal or standard input
try ROW QUESTION   asks one row, past the router, through the gate
calibrate FILE α   how sure the local model must be, so that at most a share α of the turns is kept and wrong
spend              what was spent, by row
audit              what left, and whether the record is whole
"""

from __future__ import annotations

import argparse
import getpass
import json
import sys
from dataclasses import asdict, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from edge import live
from edge.commands.options import add_config, config_of
from edge.errors import ConfigError, ReasonError
from edge.fallback import calibration, owner
from edge.fallback.audit import Audit
from edge.fallback.budget import Budget
from edge.fallback.options import Options
from edge.fallback.privacy import CLASSES, may
from edge.fallback.rows import checked
from edge.settings import Config
from edge.types import Query, Scene, ToolCall


def add(commands: Any) -> None:
    plain = argparse.RawDescriptionHelpFormatter
    parser = commands.add_parser(
        "cloud", help="who may be asked, told what, for how much", description=__doc__, formatter_class=plain
    )
    parser.add_argument("action", choices=tuple(_ACTIONS))
    parser.add_argument("words", nargs="*", metavar="…", help="as above")
    add_config(parser)
    parser.set_defaults(main=main)


def main(args: argparse.Namespace) -> int:
    config = config_of(args)
    wanted, action = _ACTIONS[args.action]
    if len(args.words) != wanted:
        raise ConfigError(f"edge cloud {args.action} takes {wanted} words: see edge cloud --help")
    status: int = action(config, args)
    return status


def _rows(config: Config, args: argparse.Namespace) -> int:
    options = config.fallback
    reach = owner.consent(owner.folder(options))
    rows: list[dict[str, Any]] = []
    for row in map(checked, options.rows):
        try:
            has_key = bool(owner.key(owner.folder(options), row.key)) or not row.key
        except ConfigError:
            has_key = False
        told = [c for c in CLASSES if may(reach.get(c, "never"), row)]
        prices = [row.usd_per_million_read, row.usd_per_million_made]
        rows.append(
            {"name": row.name, "model": row.model, "url": row.url, "usd_per_million": prices, "region": row.region,
             "trains_on_data": row.trains_on_data, "human_review": row.human_review, "has_key": has_key, "may_be_told": told}
        )  # fmt: skip
    if args.json:
        print(json.dumps({"mode": options.mode, "rows": rows, "consent": reach}))
        return 0
    if not rows:
        print("there are no rows: see docs/fallback.md for some to paste into glasspath.toml")
        return 0
    table = Table("row", "model", "$ per million, read/made", "trains", "people read", "region", "key", "may be told")
    for r in rows:
        price = "/".join(f"{usd:g}" for usd in r["usd_per_million"])
        table.add_row(r["name"], r["model"], price, _yes(r["trains_on_data"]), _yes(r["human_review"]), r["region"],
                      "there" if r["has_key"] else "missing", ", ".join(r["may_be_told"]) or "nothing")  # fmt: skip
    Console().print(table)
    return 0


def _allow(config: Config, args: argparse.Namespace) -> int:
    name, reach = args.words
    now = owner.allow(owner.folder(config.fallback), name, reach)
    if args.json:
        print(json.dumps(now))
    else:
        for c in CLASSES:
            print(f"{c:<10} {now.get(c, 'never')}")
    return 0


def _key(config: Config, args: argparse.Namespace) -> int:
    (name,) = args.words
    value = getpass.getpass(f"{name}: ") if sys.stdin.isatty() else sys.stdin.readline()
    if not value.strip():
        raise ConfigError(f"{name}: the key is empty")
    owner.keep_key(owner.folder(config.fallback), name, value.strip())
    print(f"{name} is kept in {owner.folder(config.fallback) / owner.KEYS}")
    return 0


def _try(config: Config, args: argparse.Namespace) -> int:
    name, question = args.words
    rows = tuple(row for row in config.fallback.rows if row.name == name)
    if not rows:
        raise ConfigError(
            f"there is no row {name!r}: there are {', '.join(r.name for r in config.fallback.rows) or 'none'}"
        )
    cloud = live.cloud(replace(config, fallback=replace(config.fallback, rows=rows)))
    assert cloud is not None
    try:
        said = ""
        for piece in cloud.start(Query(0, question, Scene(0, ()))):
            text = json.dumps({piece.name: dict(piece.arguments)}) if isinstance(piece, ToolCall) else piece.text
            said += text
            if not args.json:
                print(text, end="", flush=True)
        print(json.dumps({"row": name, "answer": said}) if args.json else "")
    except ReasonError as error:
        raise ConfigError(str(error)) from error
    finally:
        cloud.close()
    return 0


def _calibrate(config: Config, args: argparse.Namespace) -> int:
    path, share = args.words
    try:
        alpha = float(share)
    except ValueError:
        alpha = 0.0
    if not 0 < alpha < 1:
        raise ConfigError(f"{share} is no share of turns: give a number between 0 and 1, such as 0.1")
    turns = calibration.read(Path(path))
    promise = calibration.choose(turns, alpha)
    above = round(max(0.0, 1 - promise.threshold), 4)
    if args.json:
        print(json.dumps(asdict(promise) | {"turns": len(turns), "escalate_above": above}))
        return 0
    print(
        f"of {len(turns)} judged turns {promise.kept:.0%} would be kept on the device; {promise.wrong:.1%} of all are kept "
        f"and wrong, at most {promise.bound:.1%} with 95 % certainty\nreasoning.local.escalate_above = {above}"
    )
    return 0


def _spend(config: Config, args: argparse.Namespace) -> int:
    options: Options = config.fallback
    budget = Budget(owner.folder(options) / "spent.db", options.caps)
    now = datetime.now()
    spans = {"today": now.strftime("%Y-%m-%d"), "this month": now.strftime("%Y-%m"), "in all": ""}
    spent = {span: dict(budget.spent(since)) for span, since in spans.items()}
    caps = {"today": options.caps.usd_per_day, "this month": options.caps.usd_per_month, "in all": None}
    if args.json:
        print(json.dumps({"spent": spent, "caps": caps}))
        return 0
    for span, rows in spent.items():
        cap = f" of ${caps[span]:g}" if caps[span] is not None else ""
        told = ", ".join(f"{row} ${usd:.4f}" for row, usd in rows.items())
        print(f"{span:<11} ${sum(rows.values()):.4f}{cap}{f'  ({told})' if told else ''}")
    return 0


def _audit(config: Config, args: argparse.Namespace) -> int:
    audit = Audit(owner.folder(config.fallback) / "audit.log")
    broken = audit.broken()
    by_row = dict(audit.bytes_by_row()) if not broken else {}
    if args.json:
        print(json.dumps({"whole": not broken, "why": broken, "bytes": by_row}))
        return 1 if broken else 0
    if broken:
        print(broken)
        return 1
    table = Table("when", "row", "host", "bytes", "what")
    for sent in audit.read():
        table.add_row(sent.time, sent.row, sent.host, f"{sent.bytes:,}", ", ".join(sent.classes))
    Console().print(table)
    print(
        "the record is whole; "
        + (", ".join(f"{row} was sent {n:,} bytes" for row, n in by_row.items()) or "nothing left")
    )
    return 0


def _yes(value: object) -> str:
    return "yes" if value else "no"


_ACTIONS = {
    "rows": (0, _rows), "allow": (2, _allow), "key": (1, _key), "try": (2, _try), "calibrate": (2, _calibrate),
    "spend": (0, _spend), "audit": (0, _audit),
}  # fmt: skip
