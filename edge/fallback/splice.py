"""Joins the beginning of an answer with another model's end of it, so that no word is said twice; pure.

The second model is asked to go on after the words that were said. Some do; some repeat the last words first; some begin the
answer anew. Words are compared without case and punctuation. What goes on is said as it comes; what repeats is held back
until it is decided, and left out.
"""

from __future__ import annotations

import re
from typing import Final

from edge.fallback.chat import Chat, Message

OVERLAP_WORDS: Final = 40
"""of the end of what was said, that may be repeated"""
_WORD: Final = re.compile(r"\S+")
_SIGNS: Final = ".,;:!?)"


def go_on(chat: Chat, said: str) -> Chat:
    """The question to the second model."""
    told = (
        "Your answer was cut off after these words. Go on with the very next word; repeat nothing, and add no remark "
        "about it. If the answer was complete, say nothing."
    )
    more = (Message("assistant", said), Message("user", told))
    return Chat((*chat.messages, *more), chat.tools, chat.max_tokens)


class Splicer:
    """Takes the second answer as it comes; gives what follows the first one's words."""

    def __init__(self, said: str) -> None:
        words = _words(said)
        self._starts = [words[n:] for n in range(max(0, len(words) - OVERLAP_WORDS), len(words))]
        """what it may repeat, and must then repeat whole"""
        if words and len(words) > OVERLAP_WORDS:
            self._starts.append(words)  # it begins anew
        self._said = said
        self._held = ""
        self._gap = ""
        self._has_spoken = not said
        self._is_decided = not words

    def feed(self, text: str) -> str:
        """What can be said now."""
        if self._is_decided:
            return text if self._has_spoken else self._first(text)
        self._held += text
        whole = self._held if self._held[-1:].isspace() else self._held[: len(self._held) - len(_tail(self._held))]
        heard = _words(whole)
        # Undecided as long as all that came is the beginning of something that was said.
        if any(len(heard) < len(start) and start[: len(heard)] == heard for start in self._starts):
            return ""
        return self._decide()

    def end(self) -> str:
        """What was still held back."""
        return "" if self._is_decided else self._decide()

    def _decide(self) -> str:
        self._is_decided = True
        heard = _words(self._held)
        repeated = max((len(s) for s in self._starts if heard[: len(s)] == s), default=0)
        ends = [match.start() + _alnum_end(match[0]) for match in _WORD.finditer(self._held) if _plain(match[0])]
        rest, self._held = self._held[ends[repeated - 1] if repeated else 0 :], ""
        return self._first(rest)

    def _first(self, text: str) -> str:
        """The first words that are said, set off from those before by one space or a sign that is not there yet."""
        text, self._gap = self._gap + text, ""
        if not text.strip():
            self._gap = text
            return ""
        if not self._said[-1].isalnum():
            text = text.lstrip(_SIGNS) or text
        self._has_spoken = True
        if self._said[-1].isspace():
            return text.lstrip()
        return text if text[0].isspace() or text[0] in _SIGNS else f" {text}"


def _words(text: str) -> list[str]:
    return [word for match in _WORD.finditer(text) if (word := _plain(match[0]))]


def _plain(word: str) -> str:
    return "".join(c for c in word.casefold() if c.isalnum())


def _alnum_end(word: str) -> int:
    return max(n for n, c in enumerate(word, 1) if c.isalnum())


def _tail(text: str) -> str:
    """The word at the end, which may not be whole."""
    last = re.search(r"\S*$", text)
    return last[0] if last else ""
