"""A bounded queue between two stages: it has a capacity, a drop policy, a maximum age and counters, always.

Not a `queue.Queue`: a full mailbox never blocks the sender, and what is too old is never handed out.
"""

from __future__ import annotations

import threading
from collections import deque
from dataclasses import dataclass
from typing import Any, Literal

from edge.clock import MS, Now
from edge.errors import ConfigError
from edge.types import AudioChunk, Draft, Frame, Keyframe, Keyword, LookCloser, Looked, Utterance

Drop = Literal["oldest", "join"]


@dataclass(frozen=True, slots=True)
class Policy:
    """What a mailbox does when its reader is slow."""

    capacity: int
    """items"""
    drop: Drop
    """oldest: the newest win. join: waiting items that follow each other become one, so that nothing is lost."""
    max_age_ms: float
    """An item older than this is dropped instead of handed out."""
    takes_refresh: bool = False
    """A newer picture of the same scene (`is_refresh`) may take the place of the one that waits."""

    def __post_init__(self) -> None:
        if self.capacity < 1 or self.max_age_ms <= 0 or self.drop not in ("oldest", "join"):
            raise ConfigError(f"a queue needs a capacity ≥ 1, a drop policy and a maximum age > 0, not {self}")


@dataclass(slots=True)
class Counters:
    """What went through one mailbox."""

    taken: int = 0
    dropped: int = 0
    """pushed out by newer items"""
    expired: int = 0
    """dropped for their age"""
    oldest_taken_ms: float = 0.0

    @property
    def lost(self) -> int:
        """All that went in and was never handed out."""
        return self.dropped + self.expired


def captured_ns(item: Any) -> int | None:
    """When the newest thing that this item is about was captured; None for items that do not age (answers, control)."""
    match item:
        case AudioChunk() | Frame() | Keyframe() | Looked() | Keyword():
            return item.t_ns
        case Utterance():
            return item.part_ns
        case _:
            return None


class Mailbox:
    """Many senders, one reader. Senders never wait."""

    def __init__(self, policy: Policy, now_ns: Now) -> None:
        self.policy = policy
        self.counters = Counters()
        self._now_ns = now_ns
        self._max_age_ns = int(policy.max_age_ms * MS)
        self._items: deque[tuple[int, Any]] = deque()
        self._closer: tuple[int, LookCloser] | None = None
        """waits beside the others"""
        self._changed = threading.Condition()
        self._closed = False
        self._in_hand = False

    def __len__(self) -> int:
        return len(self._items) + (self._closer is not None)

    @property
    def idle(self) -> bool:
        """Nothing waits and the reader has come back for more."""
        with self._changed:
            return not len(self) and not self._in_hand

    def put(self, item: Any) -> None:
        """Hand `item` over; a refresh only replaces an item that still waits. A `LookCloser`, for which a question may
        wait, goes first, takes nobody's place and replaces only an older one.
        """
        with self._changed:
            items = self._items
            if isinstance(item, LookCloser):
                self.counters.dropped += self._closer is not None
                self._closer = (self._now_ns(), item)
                self._changed.notify()
                return
            if getattr(item, "is_refresh", False):
                if items and self.policy.takes_refresh:
                    items[-1] = (items[-1][0], item)
                return
            if items and isinstance(items[-1][1], Draft):
                items.pop()
            since_ns = self._now_ns()
            if len(items) >= self.policy.capacity:
                oldest_ns, _ = items.popleft()
                self.counters.dropped += 1
                if not items:  # what takes its place goes on with its waiting: the reader is late since then
                    since_ns = oldest_ns
            items.append((since_ns, item))
            if len(items) == 1:  # a reader that found something is not asleep
                self._changed.notify()

    def take(self) -> tuple[int, Any] | None:
        """The next item that is young enough and since when it, or what it took the place of, waits; or None. Joins what
        can be joined.
        """
        with self._changed:
            return self._take()

    @property
    def outdates(self) -> bool:
        """Something waits that is newer than what the reader has in hand."""
        return bool(len(self))

    def wait(self, until_ns: int | None = None) -> tuple[int, Any] | None:
        """Like `take`, but sleeps until there is something, the mailbox is closed or `until_ns` has come."""
        with self._changed:
            self._in_hand = False
            while True:
                found = self._take()
                if found is not None or self._closed:
                    return found
                timeout_s = None if until_ns is None else (until_ns - self._now_ns()) / 1e9
                if timeout_s is not None and timeout_s <= 0:
                    return None
                self._changed.wait(timeout_s)

    def close(self) -> None:
        """Wake the reader for good; what still waits can be taken."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    @property
    def closed(self) -> bool:
        return self._closed

    def _take(self) -> tuple[int, Any] | None:
        items, now_ns = self._items, self._now_ns()
        if self._closer is not None:
            found, self._closer = self._closer, None
            self.counters.taken += 1
            self._in_hand = True
            return found
        while items:
            put_ns, item = items.popleft()
            if self.policy.drop == "join" and items and hasattr(item, "joins"):
                run = [item]
                while items and type(items[0][1]) is type(item) and run[-1].joins(items[0][1]):
                    run.append(items.popleft()[1])
                if len(run) > 1:
                    item = type(item).join(run)
            born_ns = captured_ns(item)
            age_ns = 0 if born_ns is None else now_ns - born_ns
            if age_ns > self._max_age_ns:
                self.counters.expired += 1
                continue
            self.counters.taken += 1
            self.counters.oldest_taken_ms = max(self.counters.oldest_taken_ms, age_ns / MS)
            self._in_hand = True
            return put_ns, item
        return None
