"""Cuts an answer into pieces that can be spoken, while its words still come. Pure; the pieces joined are the text.

A piece is a whole sentence. The first one of an answer may end at a comma already, so that the voice begins early; a
very long sentence is cut at its commas, and at last at a space, so that no piece keeps the voice waiting.
"""

from __future__ import annotations

import re
from typing import Final

FIRST_CLAUSE: Final = 28
"""characters from which on the first piece of an answer may end at a comma"""
LONG_CLAUSE: Final = 120
"""characters from which on any sentence is cut at a comma"""
LONGEST: Final = 240
"""characters after which a piece is cut at a space, or anywhere in a script without spaces"""
ABBREVIATIONS: Final = frozenset(
    ("dr", "mr", "mrs", "ms", "prof", "st", "vs", "approx", "dept", "gen", "col", "sgt", "rev", "jr", "sr", "fig", "eq",
     "vol", "pp", "ca", "e.g", "i.e", "cf", "inc", "ltd", "co", "corp", "mt", "ft", "jan", "feb", "mar", "apr", "jun",
     "jul", "aug", "sep", "sept", "oct", "nov", "dec", "mon", "tue", "tues", "wed", "thu", "thur", "thurs", "fri")
)  # fmt: skip
"""a full stop after these, or after a single letter, ends no sentence"""
NUMBERED: Final = frozenset(("no", "nos", "nr", "art", "sec", "ch", "vol", "fig", "gate", "platform"))
"""the same, when a number follows"""
_CLOSERS: Final = "\"'”’»)]"
_END: Final = re.compile(rf"(?:[.!?…]+[{re.escape(_CLOSERS)}]*(?=\s)|[。！？।؟]+[{re.escape(_CLOSERS)}」』]*|\n)")
_CLAUSE: Final = re.compile(r"(?:[,;:](?=\s)|\s[–—](?=\s)|[，、；：])")
_WORD: Final = re.compile(r"([^\s(\"“‘]+)\.$")


class Sentences:
    """One answer's words in, pieces out."""

    def __init__(self) -> None:
        self._rest = ""
        self._first = True

    def feed(self, text: str) -> list[str]:
        """The pieces that these words complete."""
        self._rest += text
        pieces = []
        while (end := self._cut()) is not None:
            pieces.append(self._rest[:end])
            self._rest = self._rest[end:]
            self._first = False
        return pieces

    def flush(self) -> str:
        """What is left when the answer is over; may be empty."""
        rest, self._rest, self._first = self._rest, "", True
        return rest

    def _cut(self) -> int | None:
        """Where the first piece ends, if it is whole."""
        for found in _END.finditer(self._rest):
            if found.end() > LONGEST:
                break
            whole = self._ends_sentence(found)
            if whole is None:
                return self._clause(found.start())
            if whole and self._rest[: found.end()].strip():
                return found.end()
        return self._clause(len(self._rest))

    def _ends_sentence(self, found: re.Match[str]) -> bool | None:
        """Whether a sentence ends here; None: the next word will tell."""
        before = _WORD.search(self._rest[: found.end()])
        if before is None:
            return True
        word = before[1].lower()
        if word in ABBREVIATIONS or (len(word) == 1 and word.isalpha() and word != "i"):
            return False
        after = self._rest[found.end() :].lstrip()
        if word in NUMBERED:
            return None if not after else not after[0].isdigit()
        if word in ("a.m", "p.m", "etc"):
            return None if not after else not after[0].islower()
        return True

    def _clause(self, limit: int) -> int | None:
        """The end of a clause within the first `limit` characters, where the piece is long enough for one."""
        at_least = FIRST_CLAUSE if self._first else LONG_CLAUSE
        for found in _CLAUSE.finditer(self._rest[: min(limit + 1, LONGEST)]):
            if found.end() >= at_least:
                return found.end()
        if len(self._rest) <= LONGEST:
            return None
        space = self._rest.rfind(" ", 1, LONGEST)
        return space if space > 0 else LONGEST
