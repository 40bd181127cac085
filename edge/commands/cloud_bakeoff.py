"""`edge cloud bakeoff`: the owner's public questions asked of several rows in shadow, until it is known which is better."""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import json
import statistics
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from functools import partial
from pathlib import Path
from random import Random
from typing import Any, Final

from rich.progress import Progress

from edge.errors import ConfigError, ReasonError
from edge.fallback import judges, owner
from edge.fallback.audit import Audit
from edge.fallback.bakeoff import Ask, Bakeoff, Judge, Pair, Reply, Result
from edge.fallback.budget import Budget
from edge.fallback.chat import Chat, Finished, Message, Text, Usage
from edge.fallback.client import CallFailed, Client
from edge.fallback.guard import Guard
from edge.fallback.privacy import CLASSES, Permit, tokens
from edge.fallback.rate import Bucket
from edge.fallback.rows import Row, checked
from edge.fallback.turns import FILE, Turn, Turns
from edge.settings import Config

LEAST: Final = 1


def bakeoff(config: Config, args: argparse.Namespace) -> int:
    """Goes on where it ended; the last line, with `--json`, is what is known."""
    folder = owner.folder(config.fallback)
    known = {row.name: checked(row) for row in config.fallback.rows}
    for name in (*args.words, *([args.judge] if args.judge else [])):
        if name not in known:
            raise ConfigError(f"there is no row {name!r}: there are {', '.join(known) or 'none'}")
    if len(set(args.words)) < len(args.words):
        raise ConfigError("a row cannot be compared with itself: name different ones")
    if args.judge in args.words:
        raise ConfigError(f"{args.judge} cannot judge its own answers: name another row with --judge")
    if not args.usd > 0 and any(known[name].usd(1, 1) for name in args.words):
        raise ConfigError(f"--usd {args.usd:g} buys nothing: give what it may cost in all")
    turns = _turns(config, folder, needs_answer=not (args.judge or args.ask))
    rows = [known[name] for name in args.words]
    # The same rows and judge go on with the same journal and the same purse.
    told = [(row.name, row.url, row.model) for row in (*rows, *([known[args.judge]] if args.judge else []))]
    mark = hashlib.sha256(json.dumps([told, args.ask]).encode()).hexdigest()[:12]
    caps = replace(config.fallback.caps, usd_per_turn=args.usd)
    shadow = _Shadow(config, known, Budget(folder / "spent.db", caps), f"bakeoff-{mark}", folder)
    try:
        result = asyncio.run(_run(shadow, args, turns, folder / f"bakeoff-{mark}.jsonl"))
    except ReasonError as error:
        raise ConfigError(str(error)) from error
    print(json.dumps(_values(result)) if args.json else _words(result))
    return 0


def _turns(config: Config, folder: Path, *, needs_answer: bool) -> list[Turn]:
    """The public questions of the log that may still be asked."""
    consent = owner.consent(folder)
    public = [turn for turn in Turns(folder).read() if turn.chat]
    allowed = {c for c in CLASSES if consent.get(c) == "any"}
    usable = [turn for turn in public if set(turn.classes) <= allowed]
    if len(usable) < LEAST:
        raise ConfigError(
            f"{folder / FILE} has no public questions: set fallback.log = true, and edge cloud allow words any, which makes "
            "questions public that hold nothing personal and nothing else that is not"
        )
    if needs_answer and not any(turn.correct for turn in usable):
        raise ConfigError(
            "no question of the log has a right answer to judge by: name a row with --judge, judge yourself with --ask, or "
            "give right answers with edge cloud judge"
        )
    return [turn for turn in usable if turn.correct] if needs_answer else usable


class _Shadow:
    """Asks rows past the router, through gate, purse and record."""

    def __init__(self, config: Config, rows: dict[str, Row], budget: Budget, turn: str, folder: Path) -> None:
        self._options, self._rows, self._budget, self._turn, self._folder = config.fallback, rows, budget, turn, folder
        self._audit = Audit(folder / "audit.log")
        self._buckets = {n: Bucket(row.per_minute) for n, row in rows.items() if row.per_minute is not None}
        self.client: Client | None = None

    async def ask(self, name: str, turn: Turn) -> Reply:
        """What a row answers to a question of the log; nothing when it fails."""
        messages = tuple(Message(role, text) for role, text in turn.chat)  # type: ignore[arg-type]  # it was written by us
        return await self._asked(name, Chat(messages, (), self._options.max_tokens), turn.classes, "bakeoff")

    async def judged(self, name: str, classes: tuple[str, ...], chat: Chat) -> str:
        return (await self._asked(name, chat, classes, "judge")).text

    async def _asked(self, name: str, chat: Chat, classes: tuple[str, ...], purpose: str) -> Reply:
        row = self._rows[name]
        assert self.client is not None
        while name in self._buckets and not self._buckets[name].takes(time.monotonic_ns()):
            await asyncio.sleep(1)  # its owner said how often it may be asked, and nobody waits here
        permit = Permit(row, chat, classes, True)  # type: ignore[arg-type]  # classes that were written by us
        guard = Guard(
            self.client, self._budget, self._audit, partial(owner.key, self._folder), datetime.now, self._turn,
            {name: permit}, purpose,
        )  # fmt: skip
        began_s, text, usage, is_whole = time.perf_counter(), "", Usage(0, 0), False
        with suppress(CallFailed, TimeoutError):
            async with asyncio.timeout(self._options.deadline_s):
                async for delta in guard.ask(row, chat):
                    text += delta.text if isinstance(delta, Text) else ""
                    usage = delta if isinstance(delta, Usage) else usage
                    is_whole = is_whole or isinstance(delta, Finished)
        usd = row.usd(usage.read or tokens(chat), usage.made or len(text) // 3, usage.cached)
        return Reply(text.strip() if is_whole else "", time.perf_counter() - began_s, usd)


async def _run(shadow: _Shadow, args: argparse.Namespace, turns: Sequence[Turn], journal: Path) -> Result:
    rng = Random()
    if args.ask:
        judge: Judge = partial(judges.by_person, partial(print, file=sys.stderr), sys.stdin.readline, rng)
    elif args.judge:

        async def judge(turn: Turn, first: Reply, second: Reply) -> float | None:
            return await judges.by_model(partial(shadow.judged, args.judge, turn.classes), turn, first, second)

    else:
        judge = judges.by_log
    is_shown = sys.stderr.isatty() and not args.ask
    async with Client() as client:
        shadow.client = client
        ask: Ask = shadow.ask
        with Progress(disable=not is_shown, transient=True) as bar:
            task = bar.add_task("asking", total=len(turns))
            run = Bakeoff(args.words, ask, judge, journal)
            return await run.run(turns, lambda result: bar.update(task, completed=result.questions))


def _values(result: Result) -> dict[str, Any]:
    return {
        "questions": result.questions,
        "ended": result.why,
        "pairs": [
            {
                "rows": [pair.first, pair.second],
                "better": {1: pair.first, -1: pair.second, 0: None}[pair.bets.better],
                "share": round(pair.bets.mean, 4),
                "interval": [round(bound, 4) for bound in pair.bets.interval],
                "judged": pair.bets.count,
            }
            for pair in result.pairs
        ],
        "rows": {row: _row(replies) for row, replies in result.replies.items()},
    }


def _row(replies: Sequence[Reply]) -> dict[str, Any]:
    answered = [reply for reply in replies if reply.text]
    return {
        "answered": len(answered),
        "seconds": round(statistics.median(r.seconds for r in answered), 3) if answered else None,
        "usd": round(sum(reply.usd for reply in replies), 6),
    }


def _words(result: Result) -> str:
    lines = [f"{result.questions} questions; it ended because {result.why}" if result.questions else result.why]
    lines += [_sentence(pair) for pair in result.pairs]
    for row, replies in result.replies.items():
        told = _row(replies)
        took = f", {told['seconds']:.1f} s each" if told["seconds"] is not None else ""
        lines.append(f"{row} answered {told['answered']} of {len(replies)}{took}, ${told['usd']:.4f} in all")
    return "\n".join(lines)


def _sentence(pair: Pair) -> str:
    low, high = pair.bets.interval
    figures = f"{pair.bets.mean:.0%} of {pair.bets.count} ({low:.0%} to {high:.0%} with 95 % certainty)"
    if pair.bets.better == 1:
        return f"{pair.first} is better than {pair.second}: it wins {figures}"
    if pair.bets.better == -1:
        return f"{pair.second} is better than {pair.first}, which wins {figures}"
    return f"nothing can be said yet: {pair.first} wins {figures} against {pair.second}"
