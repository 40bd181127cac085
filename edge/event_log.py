"""What happened, as plain values: one line an event, a hash over the lines, and the turns put together."""

from __future__ import annotations

import hashlib
import json
import threading
from collections import deque
from dataclasses import dataclass
from typing import Any, Final

from edge.clock import MS, Now, S
from edge.types import (
    Answer,
    AudioChunk,
    Backchannel,
    Event,
    Failure,
    Frame,
    Interrupted,
    Keyframe,
    Keyword,
    LookCloser,
    Looked,
    Notice,
    Played,
    Query,
    Speech,
    SpeechStarted,
    Spoken,
    Token,
    Transcript,
    Utterance,
    VoiceLevel,
)  # fmt: skip

RAW: Final = (Frame, AudioChunk, Played)
"""what goes in: there is too much of it for a log"""
TURNS_KEPT: Final = 50
"""in a live session; each holds its picture"""
EVENTS_KEPT_LIVE: Final = 2_000


@dataclass(slots=True)
class TurnRecord:
    """One question, from the end of the speech to the end of the answer."""

    query: Query
    asked_ns: int
    """when the query was put together"""
    first_token_ns: int | None = None
    answer: Answer | None = None

    @property
    def glass_to_answer_ms(self) -> float | None:
        """From the end of the speech to the first word of the answer."""
        return None if self.first_token_ns is None else (self.first_token_ns - self.query.t_ns) / MS


class EventLog:
    """A tap of the bus: called in the thread that publishes, so it locks and only notes."""

    def __init__(self, now_ns: Now, keep: int | None = None) -> None:
        """`keep` events of each kind, the newest; None: all, for a recording that ends."""
        self._now_ns = now_ns
        self._lock = threading.Lock()
        self.lines: deque[str] = deque(maxlen=keep)
        self.transcripts_at: deque[tuple[Transcript, int]] = deque(maxlen=keep)
        """final ones and when each was published"""
        self.looks: deque[Looked] = deque(maxlen=keep)
        self.turns: deque[TurnRecord] = deque(maxlen=None if keep is None else TURNS_KEPT)
        self.failures: deque[Failure] = deque(maxlen=keep)

    def __call__(self, event: Event) -> None:
        if type(event) in RAW:  # most events of a quiet session
            return
        fields = described(event)
        if fields is None:
            return
        with self._lock:
            now_ns = self._now_ns()
            self.lines.append(json.dumps({"at_ns": now_ns} | fields, ensure_ascii=False, separators=(",", ":")))
            self._collect(event, now_ns)

    @property
    def transcripts(self) -> list[Transcript]:
        return [transcript for transcript, _ in self.transcripts_at]

    def sha256(self, closing: dict[str, Any]) -> str:
        """Over all lines and `closing` (the drop counters)."""
        text = "\n".join([*self.lines, json.dumps(closing, sort_keys=True)])
        return hashlib.sha256(text.encode()).hexdigest()

    def _collect(self, event: Event, now_ns: int) -> None:
        match event:
            case Transcript(is_final=True):
                self.transcripts_at.append((event, now_ns))
            case Looked():
                self.looks.append(event)
            case Query():
                self.turns.append(TurnRecord(event, now_ns))
            case Token():
                turn = self._turn(event.t_ns)
                if turn is not None and turn.first_token_ns is None:
                    turn.first_token_ns = now_ns
            case Answer():
                turn = self._turn(event.t_ns)
                if turn is not None:
                    turn.answer = event
            case Failure():
                self.failures.append(event)
            case _:
                pass

    def _turn(self, t_ns: int) -> TurnRecord | None:
        return next((turn for turn in reversed(self.turns) if turn.query.t_ns == t_ns), None)


def described(event: Event) -> dict[str, Any] | None:
    """An event as plain values, without its arrays; None for raw input, of which there is too much."""
    name = type(event).__name__
    match event:
        case SpeechStarted() | Interrupted() | Backchannel():
            return {"event": name, "t_ns": event.t_ns}
        case Utterance():
            return {
                "event": name, "t_ns": event.t_ns, "end_ns": event.end_ns, "samples": len(event.samples),
                "is_final": event.is_final,
            }  # fmt: skip
        case Transcript():
            return {
                "event": name, "t_ns": event.t_ns, "end_ns": event.end_ns, "text": event.text,
                "confidence": round(event.confidence, 4), "is_final": event.is_final, "is_settled": event.is_settled,
            }  # fmt: skip
        case Keyword():
            return {"event": name, "t_ns": event.t_ns, "name": event.name, "score": round(event.score, 4)}
        case Keyframe():
            return None if event.is_refresh else {"event": name, "t_ns": event.t_ns, "seq": event.frame.seq}
        case Looked():
            fields = {
                "event": name, "t_ns": event.t_ns, "detector": event.detector,
                "seen": [seen_fields(seen) for seen in event.seen],
            }  # fmt: skip
            return fields | ({"is_closer": True} if event.is_closer else {})
        case LookCloser():
            return {"event": name, "t_ns": event.t_ns, "boxes": len(event.boxes)}
        case Query():
            return {
                "event": name, "t_ns": event.t_ns, "text": event.text,
                "scene": [seen_fields(seen) | {"track": seen.track} for seen in event.scene.seen],
            }  # fmt: skip
        case Token():
            return {"event": name, "t_ns": event.t_ns, "text": event.text, "index": event.index}
        case Answer():
            tool = None if event.tool_call is None else {
                "name": event.tool_call.name, "arguments": dict(event.tool_call.arguments)
            }  # fmt: skip
            return {
                "event": name, "t_ns": event.t_ns, "question": event.question, "text": event.text,
                "source": event.source, "escalate": event.escalate, "tool_call": tool,
                "confidence": round(event.confidence, 4), **({"row": event.row} if event.row else {}),
            }  # fmt: skip
        case Speech():
            return {"event": name, "t_ns": event.t_ns, "text": event.text, "samples": len(event.samples)}
        case Spoken():
            return {"event": name, "t_ns": event.t_ns, "text": event.text, "is_final": event.is_final}
        case VoiceLevel():
            return {"event": name, "t_ns": event.t_ns, "level": event.level}
        case Notice():
            return {"event": name, "question": event.question, "text": event.text, "row": event.row}
        case Failure():
            return {"event": name, "where": event.where, "error": event.error}
        case _:
            return None


def seen_fields(seen: Any) -> dict[str, Any]:
    """One thing, as the command line prints it."""
    return {
        "kind": seen.kind, "label": seen.label, "score": round(seen.score, 3), "t_s": round(seen.t_ns / S, 3),
        "box_xyxy": [round(v, 4) for v in seen.box_xyxy],
    }  # fmt: skip
