"""Asks for consent by voice, once for each class of data, and takes it back the same way.

A question that the local model passes on asks at most one thing: the first class of which nothing was decided, the words and
then what the question is about: nobody who asks for a painter is asked for the battery. "Yes" allows it as far as the first
row needs and asks the question that waits; "no" is kept as a no and never asked again; else nothing is decided, and the
class is not asked for again in this session. Nothing leaves before there is an answer.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from edge.fallback import owner
from edge.fallback.privacy import CLASSES, REACHES, Class, Reach, classes_of, may
from edge.fallback.rows import Row
from edge.types import Query

NAMES: Final[dict[Class, str]] = {
    "words": "your words", "text_seen": "the texts in view", "objects": "what is in view",
    "faces": "that people are in view", "memory": "what was seen and said before", "picture": "pictures, with faces hidden",
    "place": "the time and the battery",
}  # fmt: skip
_YES: Final = re.compile(r"^(?:(?:yes|yeah|yep|yup|sure|okay|ok|please|allow it|you may|go ahead|do)\b[ ,.!]*)+$", re.I)
_NO: Final = re.compile(
    r"^(?:no|nope|never|don'?t|do not|rather not|keep it here)\b"
    r"(?:[ ,.!]*(?:thanks|thank you|please|don'?t|do not))*[ .!]*$",
    re.I,
)
_BACK: Final = re.compile(
    r"^(?:please )?(?:stop (?:sending|sharing)|never (?:send|share)|take back (?:my |the )?(?:consent|permission)(?: for)?|"
    r"withdraw (?:my |the )?(?:consent|permission)(?: for)?)\b(?P<what>[\w ,']*?)"
    r"(?: to (?:the cloud|anyone|anybody|the internet))?(?: any ?more| again)?(?: please)?[.!]?$",
    re.I,
)
_THINGS: Final[dict[Class, str]] = {
    "words": r"\b(?:words|questions|what i say)\b", "text_seen": r"\b(?:texts?|signs?|what i read)\b",
    "objects": r"\b(?:objects|things|what i see|what is in view)\b", "faces": r"\b(?:people|faces)\b",
    "memory": r"\b(?:memory|before|history)\b", "picture": r"\b(?:pictures?|photos?|images?)\b",
    "place": r"\b(?:time|place|location|battery)\b",
}  # fmt: skip
_ABOUT: Final[dict[Class, str]] = {
    "words": "", "text_seen": r"\b(?:read|signs?|says?|text|written|write|price|costs?|much|menu|label|opens?|closes?)\b",
    "objects": r"\b(?:see|this|that|these|those|there|here|thing|front|view)\b",
    "faces": r"\b(?:who|whose|person|people|man|woman|child|face)\b",
    "memory": r"\b(?:before|earlier|last|ago|again|just|did|was|were)\b",
    "picture": r"\b(?:see|this|that|these|those|look|looks|colou?r|picture)\b",
    "place": r"\b(?:time|late|today|now|battery|charge)\b",
}  # fmt: skip
"""in a question, what makes it about a class; the words are in each"""
_ALL: Final = re.compile(r"^(?: (?:anything|everything|all|my data|data|it all))?$", re.I)


@dataclass(frozen=True, slots=True)
class Heard:
    """What a person's words decided."""

    says: str
    """in answer; empty: the question that waits is asked now"""
    question: Query | None = None
    """the one that waits"""


class Permission:
    """The consent of one owner, asked for by one session."""

    def __init__(self, folder: Path, rows: Sequence[Row], *, sends_pictures: bool = False) -> None:
        self._folder, self._rows, self._sends_pictures = folder, rows, sends_pictures
        self._asked: set[Class] = set()
        self._open: tuple[Class, Reach, Query] | None = None
        """what was asked last, how far it would go, and the question that waits for it"""

    def ask(self, query: Query) -> str:
        """What must be asked before this question goes to a row; nothing when all of it is decided."""
        decided = owner.consent(self._folder)
        held = classes_of(query) + (["picture"] if self._sends_pictures and query.keyframe else [])
        if decided.get("words") == "never":
            return ""
        about = [c for c in CLASSES if c in held and re.search(_ABOUT[c], query.text, re.I)]
        name = next((c for c in about if c not in decided and c not in self._asked), None)
        if name is None or not self._rows:
            return ""
        row = self._rows[0]
        reach = next(r for r in REACHES if may(r, row))
        self._asked.add(name)
        self._open = (name, reach, query)
        terms = [
            t
            for t, is_so in (("may train on it", row.trains_on_data), ("may let people read it", row.human_review))
            if is_so
        ]
        who = row.name + (f", which {' and '.join(terms)}" if terms and not row.is_local else "")
        return f"May I send {NAMES[name]} to {who}? Say yes or no."

    def hear(self, text: str) -> Heard | None:
        """What a question decides, if it is an answer to `ask` or takes consent back; None: it is a question."""
        waiting, self._open = self._open, None
        if (classes := taken_back(text)) is not None:
            for name in classes:
                owner.allow(self._folder, name, "never")
            what = "nothing" if len(classes) == len(CLASSES) else "nothing of that kind"
            return Heard(f"Okay, {what} is sent any more.")
        if waiting is None:
            return None
        name, reach, query = waiting
        if _YES.search(text.strip()):
            owner.allow(self._folder, name, reach)
            return Heard("", query)
        if _NO.search(text.strip()):
            owner.allow(self._folder, name, "never")
            if name == "words":
                return Heard("Okay, your words stay here.")
            return Heard("", query)
        return None


def taken_back(text: str) -> tuple[Class, ...] | None:
    """The classes whose consent these words take back; None: they take none back."""
    found = _BACK.search(text.strip())
    if found is None:
        return None
    what = found["what"].rstrip(" ,.")
    if _ALL.search(what):
        return CLASSES
    return tuple(c for c in CLASSES if re.search(_THINGS[c], what, re.I)) or None
