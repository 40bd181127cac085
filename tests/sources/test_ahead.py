"""Reading ahead changes when things are read, never what comes out."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from edge.errors import SourceError
from edge.sources.ahead import ahead


def test_the_same_items_come_in_the_same_order() -> None:
    assert list(ahead(range(500), items=3)) == list(range(500))
    assert list(ahead([])) == []


def test_an_error_comes_after_what_was_read_before_it() -> None:
    def broken() -> Iterator[int]:
        yield 1
        yield 2
        raise SourceError("cut off")

    items = ahead(broken())
    assert [next(items), next(items)] == [1, 2]
    with pytest.raises(SourceError, match="cut off"):
        next(items)


def test_who_stops_early_leaves_no_thread_behind() -> None:
    def endless() -> Iterator[int]:
        n = 0
        while True:
            yield n
            n += 1

    items = ahead(endless(), items=2)
    assert [next(items), next(items)] == [0, 1]
    items.close()  # type: ignore[attr-defined]  # a generator
    assert not any(t.name == "decode" for t in threading.enumerate())
