"""How the link to the glasses is: the words for it, which programs may show."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class State(Enum):
    """Where the session is."""

    CLOSED = "closed"
    OPENING = "opening"
    GREETING = "greeting"
    SNAPSHOT = "snapshot"
    OPEN = "open"
    WAITING = "waiting"


class Quality(Enum):
    """How the link is, by the time since the last answer to a ping."""

    GOOD = "good"
    LATE = "late"
    SUSPECT = "suspect"


@dataclass(frozen=True, slots=True)
class Status:
    """What a program may show."""

    state: State = State.CLOSED
    reason: str = ""
    """why it is not open, in a sentence"""
    quality: Quality = Quality.GOOD
    failures: int = 0
    """tries in a row that led to nothing"""
    connections: int = 0
    """times that the link was there"""
