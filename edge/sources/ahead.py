"""Decodes a few items ahead in a thread of its own, so that a file is read while the stages work."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterable, Iterator
from typing import Final, TypeVar

T = TypeVar("T")

ITEMS: Final = 8
"""pictures of 640×480 are a megabyte each"""


def ahead(source: Iterable[T], items: int = ITEMS) -> Iterator[T]:
    """The same items in the same order; the source's error is raised where it would have been."""
    ready: deque[T] = deque()
    changed = threading.Condition()
    ended = stopped = False
    failed: list[BaseException] = []

    def read() -> None:
        nonlocal ended
        try:
            for item in source:
                with changed:
                    changed.wait_for(lambda: len(ready) < items or stopped)
                    if stopped:
                        return
                    ready.append(item)
                    changed.notify()
        except BaseException as error:  # handed over, not handled
            failed.append(error)
        finally:
            with changed:
                ended = True
                changed.notify()

    thread = threading.Thread(target=read, name="decode", daemon=True)
    thread.start()
    try:
        while True:
            with changed:
                changed.wait_for(lambda: ready or ended)
                if not ready:
                    break
                item = ready.popleft()
                changed.notify()
            yield item
        if failed:
            raise failed[0]
    finally:
        with changed:
            stopped = True
            changed.notify()
        thread.join(5)
