"""Prints what was heard and answered, word by word as it comes."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Final, TextIO

from edge.clock import MS
from edge.types import Answer, Event, Failure, Keyword, Query, Token, Transcript

CLEAR: Final = "\r\x1b[K"


class Console:
    """Stage: Transcript, Query, Token, Answer, Failure, Keyword → text. Partial words are shown on terminals only."""

    takes = (Transcript, Query, Token, Answer, Failure, Keyword)

    def __init__(self, out: TextIO | None = None) -> None:
        self._out = out or sys.stdout
        self._is_terminal = self._out.isatty()

    def process(self, item: Event) -> Iterator[Event]:
        match item:
            case Transcript(is_final=False, text=text) if self._is_terminal:
                self._write(f"{CLEAR}\x1b[2m  {text}\x1b[0m")
            case Transcript(is_final=True, text=text) if self._is_terminal and not text:
                self._write(CLEAR)
            case Query(text=text):
                self._write(f"{CLEAR if self._is_terminal else ''}you: {text}\n")
            case Token(text=text, index=index):
                self._write(("  → " if index == 0 else "") + text)
            case Answer():
                where = "" if item.source == "local" else f" ({item.source})"
                self._write(f"{where}  [first word {item.ttft_ns / MS:.0f} ms after the question]\n")
            case Failure(where=where, error=error):
                self._write(f"! {where}: {error}\n")
            case Keyword(name=name):
                self._write(f"[{name}]\n")
            case _:
                pass
        yield from ()

    def _write(self, text: str) -> None:
        self._out.write(text)
        self._out.flush()
