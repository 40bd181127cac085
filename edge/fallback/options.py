"""The settings of the cloud side: who may be asked, when, for how much, and how long it may take."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from edge.fallback.budget import Caps
from edge.fallback.rows import Row

Mode = Literal["local-only", "local-first", "refine", "race", "cloud-first"]
Kept = Literal["words", "text_seen", "objects", "faces", "memory", "place"]
"""classes of data (`privacy.py`) that may wait on the disk; never a picture"""


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
    queue: tuple[Kept, ...] = ()
    """classes of a question that may wait on the disk until a row answers again; without `words` none waits"""
    queue_most: int = 20
    """questions; one more is not kept, and the person is not told that it is"""
    queue_hours: float = 24.0
    """what waited longer is not asked any more"""
    cache_s: float = 3600.0
    """how long the answer to a public question may be given again; 0: never"""
    hides_text: bool = False
    """in pictures too: whatever may be text"""
    log: bool = False
    """keeps each question and answer on this device, to be judged, learned from and compared by (`edge cloud judge`)"""
    folder: str = ""
    """for consent, keys, spending and the record of what left; empty: $XDG_DATA_HOME/glasspath/cloud"""
