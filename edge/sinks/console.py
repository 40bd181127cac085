"""Prints what was heard and answered, word by word as it comes."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Final, TextIO

from edge.clock import MS
from edge.types import Answer, Event, Failure, Keyword, Query, Spoken, Token, Transcript

CLEAR: Final = "\r\x1b[K"


class Console:
    """Stage: Transcript, Query, Token, Answer, Failure, Keyword → text. Partial words are shown on terminals only.

    Beside a voice it takes `Spoken` in place of `Token`: each word is shown when it is heard.
    """

    takes: tuple[type, ...] = (Transcript, Query, Token, Answer, Failure, Keyword)

    def __init__(self, out: TextIO | None = None, *, beside_voice: bool = False) -> None:
        if beside_voice:
            self.takes = (Transcript, Query, Spoken, Answer, Failure, Keyword)
        self._out = out or sys.stdout
        self._is_terminal = self._out.isatty()
        self._beside_voice = beside_voice
        self._shown = Spoken(-1, "", True)
        self._answer: Answer | None = None

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
            case Answer() if self._beside_voice:
                self._answer = item
            case Spoken():
                self._spoken(item)
            case Answer():
                self._end(item)
            case Failure(where=where, error=error):
                self._write(f"! {where}: {error}\n")
            case Keyword(name=name):
                self._write(f"[{name}]\n")
            case _:
                pass
        yield from ()

    def _spoken(self, item: Spoken) -> None:
        before = self._shown.text if item.t_ns == self._shown.t_ns else None
        if before is None and item.text:
            self._write("  → ")
        self._write(item.text[len(before or "") :])
        self._shown = item
        if item.is_final:
            answer = self._answer if self._answer is not None and self._answer.t_ns == item.t_ns else None
            if answer is not None and answer.text.strip() == item.text.strip():
                self._end(answer)
            elif item.text:
                self._write(" — [interrupted]\n")

    def _end(self, answer: Answer) -> None:
        where = "" if answer.source == "local" else f" ({answer.source}{f': {answer.row}' * bool(answer.row)})"
        self._write(f"{where}  [first word {answer.ttft_ns / MS:.0f} ms after the question]\n")

    def _write(self, text: str) -> None:
        self._out.write(text)
        self._out.flush()
