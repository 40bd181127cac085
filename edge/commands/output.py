"""What people see while a recording runs and when it is over."""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bar
from rich.table import Table

from edge.clock import S
from edge.errors import ConfigError
from edge.runtime import Session
from edge.sources.replay import Timed
from edge.trace import write_perfetto


class Progress:
    """A bar over a recording's length, on stderr and only for people."""

    def __init__(self, total_s: float, *, quiet: bool) -> None:
        show = not quiet and sys.stderr.isatty() and total_s > 0
        columns = (TextColumn("{task.description}"), BarColumn(), TimeRemainingColumn())
        self._bar = Bar(*columns, console=Console(stderr=True), disable=not show, transient=True)
        self._task = self._bar.add_task("replaying", total=total_s or None)

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bar.stop()

    def watch(self, events: Iterator[Timed]) -> Iterator[Timed]:
        """The same events; the bar follows them."""
        shown_s = 0.0
        for t_ns, event in events:
            if t_ns / S - shown_s >= 0.25:
                shown_s = t_ns / S
                self._bar.update(self._task, completed=shown_s)
            yield t_ns, event


def print_session(session: Session, console: Console) -> None:
    """What was seen, heard, asked and answered, and what it cost."""
    seen = Counter((s.kind, s.label) for look in session.log.looks for s in look.seen)
    if seen:
        shown = ", ".join(f"{escape(label)} ({kind} ×{n})" for (kind, label), n in seen.most_common(12))
        console.print(f"[bold]seen[/]  {shown}", highlight=False)
    for transcript in session.log.transcripts:
        if transcript.text:
            console.print(f"[bold]heard[/] {transcript.t_ns / S:6.1f} s  {escape(transcript.text)}", highlight=False)
    for turn in session.log.turns:
        latency_ms = turn.glass_to_answer_ms
        shown = "–" if latency_ms is None else f"{latency_ms:.0f} ms"
        answer = turn.answer.text if turn.answer else "no answer"
        asked = escape(turn.query.text)
        console.print(f"[bold]asked[/] {asked}\n   [bold]→[/]  {escape(answer)}  [dim]{shown}[/]", highlight=False)
    console.print(stage_table(session))
    for failure in session.log.failures:
        console.print(f"[bold red]failed[/] {escape(failure.where)}: {escape(failure.error)}", highlight=False)


def stage_table(session: Session) -> Table:
    """Time per kind of work."""
    table = Table("work", "n", "p50 ms", "p95 ms", "p99 ms")
    for name, row in session.trace.stages().items():
        table.add_row(name, f"{row['n']:.0f}", *(f"{row[f'p{q}_ms']:.1f}" for q in (50, 95, 99)))
    return table


def check_outputs(*paths: Path | None) -> None:
    """Say before a long run that what it finds could not be written.

    Raises:
        ConfigError: a path's folder is not there, or the path is a folder.
    """
    for path in paths:
        if path is not None and (path.is_dir() or not path.parent.is_dir()):
            why = "it is a folder" if path.is_dir() else f"there is no folder {path.parent}"
            raise ConfigError(f"{path} could not be written ({why}): give another path")


def write_outputs(args: argparse.Namespace, session: Session) -> None:
    """The files that the command line asks for.

    Raises:
        ConfigError: one cannot be written.
    """
    from edge.report import write_report

    try:
        if args.trace:
            write_perfetto(session.trace.spans, args.trace)
        if args.report:
            write_report(session, args.report)
        if args.events:
            args.events.write_text("\n".join(session.log.lines) + "\n", "utf-8")
    except OSError as error:
        raise ConfigError(f"{error.filename} could not be written ({error.strerror}): give another path") from error
