"""The answer as a page for the display of glasses: the newest lines that fit, taken by whoever holds the link."""

from __future__ import annotations

import textwrap
import threading
from collections.abc import Iterator
from dataclasses import dataclass

from edge.types import Answer, Event, Spoken, Token


@dataclass(frozen=True, slots=True)
class Options:
    """The size of the display, in characters."""

    columns: int = 32
    lines: int = 4


class Hud:
    """Stage: Token, Answer (beside a voice: Spoken) → pages, of which only the newest counts."""

    def __init__(self, options: Options, *, beside_voice: bool = False) -> None:
        self.takes: tuple[type, ...] = (Spoken,) if beside_voice else (Token, Answer)
        self._options = options
        self._text = ""
        self._lock = threading.Lock()
        self._page: str | None = None

    def process(self, item: Event) -> Iterator[Event]:
        match item:
            case Token(text=text, index=index):
                self._show(text if index == 0 else self._text + text)
            case Answer(text=text) | Spoken(text=text) if text != self._text:
                self._show(text)
            case _:
                pass
        yield from ()

    def newest(self) -> str | None:
        """The page to show, once; None: nothing has changed. Called from the link's thread."""
        with self._lock:
            page, self._page = self._page, None
        return page

    def _show(self, text: str) -> None:
        self._text = text
        rows = textwrap.wrap(text, self._options.columns) or [""]
        first = (len(rows) - 1) // self._options.lines * self._options.lines
        with self._lock:
            self._page = "\n".join(rows[first : first + self._options.lines])
