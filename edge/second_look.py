"""Vision on demand: which question needs what was too small to read, and how long it may wait for it. Pure.

A detector that took a reduced picture says where it is unsure. When the words of a question, while they are still being
spoken, ask for something to read, those parts are asked for again in full resolution; most often they are there before
the question is.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from edge.clock import MS
from edge.types import LookCloser, Looked

Reads = Callable[[str], bool]
"""Whether the words so far ask for something to read: texts, numbers, codes."""


@dataclass(frozen=True, slots=True)
class Options:
    """When a question is worth a second look."""

    enabled: bool = True
    wait_ms: int = 700
    """a question waits for its second look until this long after the end of the speech, at most; then the answer is made
    of what is known (the words themselves are whole after 400 to 500 ms), and the better reading is there for the next"""


class SecondLook:
    """The newest look that was unsure, and what was asked of it."""

    def __init__(self, options: Options, reads: Reads) -> None:
        self._options, self._reads = options, reads
        self._unsure: Looked | None = None
        self._asked_ns = self._done_ns = -1
        self._pending: list[int] = []
        """looks that were asked for again, and are not done"""

    def looked(self, looked: Looked) -> None:
        """What a detector says after its first look, or after its second."""
        if looked.is_closer:
            self._done_ns = max(self._done_ns, looked.t_ns)
            self._pending = [t_ns for t_ns in self._pending if t_ns > looked.t_ns]
        elif looked.unsure:
            self._unsure = looked
        elif self._unsure is not None and looked.detector == self._unsure.detector:
            self._unsure = None

    def wanted(self, words: str, end_ns: int | None = None) -> LookCloser | None:
        """What to look at again for these words, of what was in view until the speech ended, if it has; each look is
        asked for once.
        """
        unsure = self._unsure
        if not self._options.enabled or unsure is None or unsure.t_ns <= self._asked_ns or not self._reads(words):
            return None
        if end_ns is not None and unsure.t_ns > end_ns:
            return None
        self._asked_ns = unsure.t_ns
        self._pending.append(unsure.t_ns)
        return LookCloser(unsure.t_ns, unsure.unsure)

    def due_ns(self, scene_ns: int, end_ns: int) -> int | None:
        """Until when a question, whose speech ended at `end_ns` and whose scene came into view at `scene_ns`, waits for
        what was asked for. None: for nothing; one second look at a scene is enough to answer.
        """
        if self._done_ns >= scene_ns or not any(t_ns <= end_ns for t_ns in self._pending):
            return None
        return end_ns + self._options.wait_ms * MS
