"""The settings of the cloud side: who may be asked, when, for how much, and how long it may take."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from edge.fallback.budget import Caps
from edge.fallback.rows import Row

Mode = Literal["local-only", "local-first", "race", "cloud-first"]


@dataclass(frozen=True, slots=True)
class Options:
    """Nothing is asked unless there are rows and the owner allowed it (`edge cloud allow`)."""

    mode: Mode = "local-first"
    rows: tuple[Row, ...] = ()
    """in the order of preference"""
    deadline_s: float = 8.0
    """from the question to the end of the answer, over all rows and retries"""
    hedge_s: float = 2.0
    """a row that is silent for so long is raced by the next one, or followed in the middle of its answer; 0: never"""
    max_tokens: int = 300
    """of an answer"""
    caps: Caps = field(default_factory=Caps)
    sends_pictures: bool = False
    """the question's picture too, where the class `picture` may go: faces hidden"""
    phone_region: str = "US"
    """of phone numbers that are written without a country, ISO 3166"""
    names: tuple[str, ...] = ()
    """of people, that are never sent"""
    announces: bool = True
    """a cloud answer begins by saying from which row it comes"""
    folder: str = ""
    """for consent, keys, spending and the record of what left; empty: $XDG_DATA_HOME/glasspath/cloud"""
