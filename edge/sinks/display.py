"""A small text display: the answer as pages of few short lines, written to a file or FIFO that a display driver reads."""

from __future__ import annotations

import json
import os
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from edge.errors import ConfigError
from edge.types import Answer, Event, Spoken, Token


@dataclass(frozen=True, slots=True)
class Options:
    """The size of the display, in characters."""

    columns: int = 32
    lines: int = 4


class Display:
    """Stage: Token, Answer → one JSON line {page, lines} for each change of the shown page.

    Beside a voice it takes `Spoken` instead: the words are shown when they are heard.
    """

    def __init__(self, options: Options, path: Path, *, beside_voice: bool = False) -> None:
        """Open the file or FIFO for appending.

        Raises:
            ConfigError: it cannot be written.
        """
        self.takes: tuple[type, ...] = (Spoken,) if beside_voice else (Token, Answer)
        self._options = options
        self._text = ""
        try:
            flags = os.O_RDWR if path.is_fifo() else os.O_WRONLY | os.O_CREAT | os.O_APPEND
            self._out = os.fdopen(os.open(path, flags, 0o644), "w")
        except OSError as error:
            raise ConfigError(f"display {path} could not be written ({error.strerror}): set sinks.display") from error

    def process(self, item: Event) -> Iterator[Event]:
        match item:
            case Token(text=text, index=index):
                self._text = text if index == 0 else self._text + text
                self._show()
            case Answer(text=text) | Spoken(text=text) if text != self._text:
                self._text = text
                self._show()
            case _:
                pass
        yield from ()

    def close(self) -> None:
        """Close the file; the worker must have ended."""
        self._out.close()

    def _show(self) -> None:
        rows = textwrap.wrap(self._text, self._options.columns) or [""]
        page = (len(rows) - 1) // self._options.lines
        shown = rows[page * self._options.lines :][: self._options.lines]
        self._out.write(json.dumps({"page": page, "lines": shown}, ensure_ascii=False) + "\n")
        self._out.flush()
