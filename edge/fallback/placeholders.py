"""Personal data leaves as stable placeholders and comes back in the answer, across the borders of chunks and in arguments.

`[EMAIL_1]` stands for the first e-mail address of a conversation, wherever it is said. A model may write it in another way
("email_1", "[Email 1]"): what is read back is a little wider than what was written.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from threading import Lock
from typing import Any, Final

LONGEST: Final = 24
"""characters of a placeholder, brackets and spaces included"""
_FORM: Final = re.compile(r"\[\s*([A-Za-z]{2,12})[ _-]?(\d{1,4})\s*\]|\b([A-Z]{2,12})_(\d{1,4})\b")


@dataclass(frozen=True, slots=True)
class Found:
    """One piece of personal data in a text."""

    start: int
    end: int
    kind: str
    """EMAIL, PHONE, CARD, IBAN, NAME, …"""


@dataclass(slots=True)
class Placeholders:
    """The names of one conversation: the same value has the same placeholder in each of its turns."""

    _by_value: dict[tuple[str, str], str] = field(default_factory=dict)
    _by_name: dict[str, str] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)
    """two questions at once must not give one name to two values"""

    def hide(self, text: str, found: Iterable[Found]) -> str:
        """The text with each piece replaced. Pieces do not overlap."""
        out, at = [], 0
        for piece in sorted(found, key=lambda f: f.start):
            if piece.start < at:
                continue
            out += [text[at : piece.start], f"[{self._name(piece.kind, text[piece.start : piece.end])}]"]
            at = piece.end
        return "".join((*out, text[at:]))

    def show(self, text: str) -> str:
        """The text with what the placeholders stand for; those that nobody gave stay as they are."""
        return _FORM.sub(self._value, text)

    def show_all(self, value: Any) -> Any:
        """The same within arguments of a call, however deep."""
        if isinstance(value, str):
            return self.show(value)
        if isinstance(value, Mapping):
            return {key: self.show_all(item) for key, item in value.items()}
        if isinstance(value, Sequence):
            return [self.show_all(item) for item in value]
        return value

    def _name(self, kind: str, value: str) -> str:
        key = (kind, " ".join(value.split()).casefold())
        with self._lock:
            if key not in self._by_value:
                number = 1 + sum(known == kind for known, _ in self._by_value)
                self._by_value[key] = f"{kind}_{number}"
                self._by_name[f"{kind}_{number}"] = value
            return self._by_value[key]

    def _value(self, match: re.Match[str]) -> str:
        kind, number = (match[1], match[2]) if match[1] else (match[3], match[4])
        return self._by_name.get(f"{kind.upper()}_{int(number)}", match[0])


class Shower:
    """Shows what placeholders stand for in a stream: what may be the beginning of one is held back until it is decided."""

    def __init__(self, placeholders: Placeholders) -> None:
        self._placeholders = placeholders
        self._held = ""

    def feed(self, text: str) -> str:
        """What can be said now."""
        self._held += text
        cut = self._undecided()
        said, self._held = self._held[:cut], self._held[cut:]
        return self._placeholders.show(said)

    def end(self) -> str:
        """What was still held back."""
        said, self._held = self._held, ""
        return self._placeholders.show(said)

    def _undecided(self) -> int:
        """From where on the text may be the beginning of a placeholder."""
        tail_at = max(0, len(self._held) - LONGEST)
        opened = self._held.rfind("[", tail_at)
        if opened >= 0 and "]" not in self._held[opened:]:
            return opened
        bare = re.search(r"\b[A-Z]{1,12}(_\d{0,4})?$", self._held[tail_at:])
        return tail_at + bare.start() if bare else len(self._held)
