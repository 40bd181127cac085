"""`edge cloud`: who may be asked, what may be told, what it cost and what left.

rows               the rows of the configuration, and whether they may be told words
allow CLASS REACH  how far a class of data may go (never, lan, private, any); "never" takes consent back
key NAME           puts a key into the key file; it is read from the terminal or standard input
try ROW QUESTION   asks one row, past the router, through the gate
judge              asks you, turn by turn, whether the local model's answers in your log were right (fallback.log)
calibrate [FILE] α learns which questions to keep, so that at most a share α of the turns is kept and wrong; from your log
bakeoff ROW ROW …  asks several rows the public questions of your log and says which is better; --usd, --judge, --ask
queue [send|clear] the questions that wait for the network
cache [clear]      the answers that are kept for public questions
spend              what was spent, by row
audit              what left, and whether the record is whole
"""

from __future__ import annotations

import argparse
import getpass
import json
import sys
from dataclasses import replace
from datetime import datetime
from typing import Any

from rich.console import Console
from rich.table import Table

from edge import live
from edge.commands.cloud_learn import calibrate, judge
from edge.commands.options import add_config, config_of
from edge.errors import ConfigError, ReasonError
from edge.fallback import owner
from edge.fallback.audit import Audit
from edge.fallback.budget import Budget
from edge.fallback.cache import Cache
from edge.fallback.options import Options
from edge.fallback.privacy import CLASSES, may
from edge.fallback.rows import checked
from edge.fallback.waiting import Waiting
from edge.settings import Config
from edge.types import Query, Scene, ToolCall


def add(commands: Any) -> None:
    plain = argparse.RawDescriptionHelpFormatter
    parser = commands.add_parser(
        "cloud", help="who may be asked, told what, for how much", description=__doc__, formatter_class=plain
    )
    parser.add_argument("action", choices=tuple(_ACTIONS))
    parser.add_argument("words", nargs="*", metavar="…", help="as above")
    parser.add_argument("--usd", type=float, default=0.5, metavar="N", help="bakeoff: the most that it may cost in all")
    parser.add_argument("--judge", default="", metavar="ROW", help="bakeoff: the row that judges answers")
    parser.add_argument("--ask", action="store_true", help="bakeoff: you judge, without seeing which row said what")
    add_config(parser)
    parser.set_defaults(main=main)


def main(args: argparse.Namespace) -> int:
    config = config_of(args)
    least, most, action = _ACTIONS[args.action]
    if not least <= len(args.words) <= most:
        wanted = (
            f"{least} words" if least == most else f"{least} to {most} words" if most < _MANY else f"{least} or more"
        )
        raise ConfigError(f"edge cloud {args.action} takes {wanted}: see edge cloud --help")
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


def _bakeoff(config: Config, args: argparse.Namespace) -> int:
    try:
        from edge.commands.cloud_bakeoff import bakeoff  # httpx2 is loaded only where rows are asked
    except ImportError as error:
        raise ConfigError(f"edge cloud bakeoff needs {error.name}: pip install glasspath[cloud]") from error
    return bakeoff(config, args)


def _queue(config: Config, args: argparse.Namespace) -> int:
    options, what = config.fallback, _word(args, ("send", "clear"))
    waiting = Waiting(owner.folder(options), options.queue, options.queue_most, options.queue_hours)
    if what == "clear":
        return _told(args, {"cleared": waiting.clear()}, "{cleared} questions were taken out")
    if what == "send":
        return _send(config, args)
    kept = waiting.all()
    if args.json:
        rows = [{"asked": k.asked.isoformat(timespec="seconds"), "question": k.query.text} for k in kept]
        print(json.dumps({"classes": list(options.queue), "waiting": rows}))
        return 0
    for k in kept:
        print(f"{k.asked:%Y-%m-%d %H:%M}  {k.query.text}")
    if not kept:
        print("nothing waits" if options.queue else 'nothing waits, and nothing will: set fallback.queue = ["words"]')
    return 0


def _send(config: Config, args: argparse.Namespace) -> int:
    """What waits is asked now."""
    cloud = live.cloud(config)
    if cloud is None:
        raise ConfigError("there are no rows to ask: see docs/fallback.md for some to paste into glasspath.toml")
    told: list[dict[str, str]] = []
    try:
        cloud.listen(lambda notice: told.append({"question": notice.question, "row": notice.row, "text": notice.text}))
        answered = cloud.send_waiting()
    finally:
        cloud.close()
    text = "\n".join(each["text"] for each in told) or "no question was answered"
    return _told(args, {"answered": answered, "notices": told}, text.replace("{", "{{").replace("}", "}}"))


def _cache(config: Config, args: argparse.Namespace) -> int:
    cache = Cache(owner.folder(config.fallback), config.fallback.cache_s)
    if _word(args, ("clear",)) == "clear":
        return _told(args, {"cleared": cache.clear()}, "{cleared} answers were forgotten")
    return _told(args, {"answers": cache.count(), "keeps_s": config.fallback.cache_s}, "{answers} answers are kept")


def _word(args: argparse.Namespace, known: tuple[str, ...]) -> str:
    """The word after the action, if there is one."""
    word = args.words[0] if args.words else ""
    if word and word not in known:
        raise ConfigError(f"edge cloud {args.action} knows no {word!r}: it knows {', '.join(known)}")
    return str(word)


def _told(args: argparse.Namespace, values: dict[str, Any], sentence: str) -> int:
    print(json.dumps(values, ensure_ascii=False) if args.json else sentence.format(**values))
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


_MANY = 99
_ACTIONS = {
    "rows": (0, 0, _rows), "allow": (2, 2, _allow), "key": (1, 1, _key), "try": (2, 2, _try), "judge": (0, 0, judge),
    "calibrate": (1, 2, calibrate), "bakeoff": (2, _MANY, _bakeoff), "queue": (0, 1, _queue), "cache": (0, 1, _cache),
    "spend": (0, 0, _spend), "audit": (0, 0, _audit),
}  # fmt: skip
"""least and most words, and what is done"""
