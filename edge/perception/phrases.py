"""Phrases with alternatives and slots, as a person writes them in the configuration, and the sentences they stand for.

    [can i get, give me] [a, an] {size} {drink} [please, with {milk}]?

`[a, b]` is one of these, `[a, b]?` one of these or nothing, `{name}` one value of the slot of that name.
"""

from __future__ import annotations

import random
import re
from collections.abc import Mapping, Sequence
from typing import Final

from edge.errors import ConfigError

Slots = Mapping[str, Sequence[str]]
Places = list[list[str]]
"""for each place of a phrase, what may stand there; slots are still to be filled"""

_PLACE: Final = re.compile(r"\[([^\[\]]*)\](\?)?|[^\[\]]+")
_SLOT: Final = re.compile(r"\{(\w+)\}")


def parse(phrase: str, slots: Slots) -> Places:
    """The places of a phrase and what may stand in each.

    Raises:
        ConfigError: a bracket is not closed, or a slot is not configured.
    """
    places: Places = []
    at = 0
    for match in _PLACE.finditer(phrase):
        if match.start() != at:
            break
        at = match.end()
        options = [match[0]] if match[1] is None else [*match[1].split(","), *([""] if match[2] else [])]
        places.append(options)
    for name in _SLOT.findall(phrase):
        if not slots.get(name):
            known = ", ".join(sorted(slots)) or "none"
            raise ConfigError(f"phrase {phrase!r} asks for the slot {name!r}, which has no values (slots: {known})")
    if at != len(phrase) or re.search(r"[{}]", _SLOT.sub("", phrase)):
        raise ConfigError(f"phrase {phrase!r} has a bracket that does not fit: write [a, b] or {{slot}}")
    return places


def sentences(phrases: Sequence[Places], slots: Slots, count: int, seed: int) -> list[list[str]]:
    """`count` sentences drawn evenly over the phrases, as lists of words; the same for the same seed."""
    rng = random.Random(seed)

    def fill(text: str) -> str:
        return _SLOT.sub(lambda m: rng.choice(slots[m[1]]), text)

    return [
        spoken(" ".join(fill(rng.choice(options)) for options in rng.choice(phrases))).split()
        for _ in range(count if phrases else 0)
    ]


def spoken(text: str) -> str:
    """Lower case without punctuation, as recognition writes it."""
    return " ".join(re.sub(r"[^\w' ]", " ", text.lower()).split())
