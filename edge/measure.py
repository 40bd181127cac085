"""What a session costs the machine: processor time, memory, wake-ups, and how much of each turn the trace explains."""

from __future__ import annotations

import os
import resource
import time
from collections.abc import Mapping
from dataclasses import asdict
from types import TracebackType
from typing import Any, Self

from edge import diagnosis, memory
from edge.event_log import EventLog, TurnRecord
from edge.evidence import Asked, Run, usual
from edge.results import results
from edge.runtime import Session
from edge.trace import Span, age_summary, covered_ns

PATH = ("hear", "listen", "fuse", "answer")
"""the nodes that a question passes through"""


class Usage:
    """Measures this process between entry and exit."""

    def __enter__(self) -> Self:
        self.cores = os.cpu_count() or 1
        self._start = (time.monotonic(), resource.getrusage(resource.RUSAGE_SELF))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        started_s, before = self._start
        after = resource.getrusage(resource.RUSAGE_SELF)
        self.wall_s = time.monotonic() - started_s
        self.cpu_s = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        self.wakeups = after.ru_nvcsw - before.ru_nvcsw
        """voluntary context switches of all threads: each is a sleep that ended"""
        self.peak_memory_mb = memory.peak_mb()


def turn_spans(session: Session, turn: TurnRecord) -> list[Span]:
    """The spans that lie on a turn's way from the end of the speech to the first word, in order."""
    if turn.first_token_ns is None:
        return []
    low, high = turn.query.t_ns, turn.first_token_ns
    spans = [s for s in session.trace.spans if s.track in PATH and s.end_ns > low and s.start_ns < high]
    joins = _join_wait(session.log, turn)
    return sorted([*spans, *joins], key=lambda s: (s.start_ns, s.end_ns))


def run_of(session: Session) -> Run:
    """What a diagnosis needs of a session."""
    asked = [Asked(turn.query.text, turn.asked_ns, turn.first_token_ns) for turn in session.log.turns]
    arrivals = {name: list(items) for name, items in session.trace.arrivals.items()}
    return Run(list(session.trace.spans), arrivals, asked, session.cores)


def attributed(session: Session, turn: TurnRecord) -> float:
    """Share 0..1 of the time from the end of the speech to the first word that spans explain."""
    if turn.first_token_ns is None or turn.first_token_ns <= turn.query.t_ns:
        return 1.0
    low, high = turn.query.t_ns, turn.first_token_ns
    return covered_ns(turn_spans(session, turn), low, high) / (high - low)


def figures(session: Session, usage: Usage, before: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """What `edge profile --json` prints; `before` is the same of an earlier run."""
    found, run = results(session), run_of(session)
    findings = diagnosis.diagnose(run, before.get("usual") if before else None)
    seconds = max(usage.wall_s, 1e-9)
    return {
        "stages": found["stages"],
        "age_ms": found["age_ms"],
        "age_ms_by_hop": {name: age_summary(list(ages)) for name, ages in sorted(session.trace.age_ms.items())},
        "dropped": found["dropped"],
        "cpu_percent": round(100 * usage.cpu_s / seconds, 1),
        "peak_memory_mb": round(usage.peak_memory_mb, 1),
        "wakeups_per_s": round(usage.wakeups / seconds, 1),
        "wall_s": round(usage.wall_s, 2),
        "turns": [
            fields | {"attributed": round(attributed(session, turn), 4)}
            for turn, fields in zip(session.log.turns, found["turns"], strict=True)
        ],
        "findings": [asdict(finding) for finding in findings],
        "verdict": diagnosis.verdict(findings, compared=before is not None and "usual" in before),
        "usual": usual(run),
    }


def _join_wait(log: EventLog, turn: TurnRecord) -> list[Span]:
    """Fusion holds a question until the detectors are done: that is no queue and no work, but it has a reason."""
    final = next((t for t in log.transcripts_at if t[0].end_ns == turn.query.t_ns and t[0].is_final), None)
    return [] if final is None else [Span("join", "fuse", final[1], turn.asked_ns, 0.0)]
