"""A session's results as plain values: what `--json` prints and reports are made from."""

from __future__ import annotations

from typing import Any

from edge.clock import S
from edge.event_log import TurnRecord, seen_fields
from edge.runtime import Session


def results(session: Session) -> dict[str, Any]:
    """The object that `edge replay --json` prints; others script against it."""
    log, dropped = session.log, session.dropped()
    return {
        "events_sha256": log.sha256(dropped),
        "duration_s": round(session.duration_ns / S, 3),
        "transcripts": [
            {"text": t.text, "t_start_s": round(t.t_ns / S, 3), "t_end_s": round(t.end_ns / S, 3)}
            for t in log.transcripts
            if t.text
        ],
        "seen": [seen_fields(seen) for look in log.looks for seen in look.seen],
        "turns": [turn_fields(turn) for turn in log.turns],
        "stages": session.trace.stages(),
        "age_ms": session.trace.ages(),
        "dropped": dropped,
        "failures": [{"where": f.where, "error": f.error} for f in log.failures],
    }


def turn_fields(turn: TurnRecord) -> dict[str, Any]:
    """One turn as the command line prints it."""
    answer, latency_ms = turn.answer, turn.glass_to_answer_ms
    return {
        "heard": turn.query.text,
        "answer": answer.text if answer else None,
        "source": answer.source if answer else "none",
        "glass_to_answer_ms": None if latency_ms is None else round(latency_ms, 3),
    }
