"""Progress bars with the time left, on standard error, so that standard output stays for results."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol


class Bar(Protocol):
    """One long piece of work."""

    def __call__(self, done: int = 1, *, total: int | None = None, says: str | None = None) -> None:
        """So much more is done; the total or the text may change on the way."""


@contextmanager
def bar(text: str, total: int | None) -> Iterator[Bar]:
    """A bar with the time gone and left; a line at its end where standard error is no terminal."""
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    columns = (TextColumn("{task.description:<34}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, TextColumn("left"), TimeRemainingColumn(), console=Console(stderr=True)) as progress:
        task = progress.add_task(text, total=total)

        def advance(done: int = 1, *, total: int | None = None, says: str | None = None) -> None:
            progress.update(task, advance=done, total=total, description=says)

        yield advance


def silent(done: int = 1, *, total: int | None = None, says: str | None = None) -> None:
    """A bar that shows nothing, for tests and workers."""
