"""A question that is with the cloud, as the router's thread sees it: words and calls as they come, or why there are none."""

from __future__ import annotations

import queue
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from edge.types import ToolCall


@dataclass(frozen=True, slots=True)
class Said:
    """The next words of a cloud answer, placeholders put back."""

    text: str
    row: str


Out = Said | ToolCall


class Asked:
    """A question that is with the cloud; iterate it once for the answer as it comes.

    Iterating raises PrivacyRefused when nobody may be told, and BudgetExceeded, DeadlineExceeded or RemoteUnavailable when
    nobody answers; what was yielded before stands.
    """

    def __init__(self, cancel: Callable[[], None]) -> None:
        self.came: queue.SimpleQueue[Out | Exception | None] = queue.SimpleQueue()
        self.has_spoken = False
        """whether there is a first word"""
        self._cancel = cancel

    def put(self, item: Out | Exception | None) -> None:
        """From the network's thread; None: it is over."""
        self.has_spoken = self.has_spoken or isinstance(item, Said)
        self.came.put(item)

    def __iter__(self) -> Iterator[Out]:
        while (item := self.came.get()) is not None:
            if isinstance(item, Exception):
                raise item
            yield item

    def cancel(self) -> None:
        """Gives it up."""
        self._cancel()
