"""Where in the sound of a text its words end: made regular from a voice's own word times, or estimated by letters."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from edge.types import Mark

PAUSES: Final = {",": 3.0, ";": 4.0, ":": 3.0, ".": 6.0, "!": 6.0, "?": 6.0}
"""how many letters a pause takes as long as"""


def regular(marks: Sequence[Mark], chars: int, samples: int) -> tuple[Mark, ...]:
    """The marks that grow in both fields, then the end of text and sound."""
    kept: list[Mark] = []
    for mark in marks:
        after = kept[-1] if kept else Mark(0, 0)
        if after.chars < mark.chars < chars and after.samples < mark.samples < samples:
            kept.append(mark)
    return (*kept, Mark(chars, samples))


def estimated(text: str, samples: int) -> tuple[Mark, ...]:
    """Marks for a voice that does not say when it says what: each letter takes as long as any other."""
    marks, weight = [], 0.0
    for word in re.finditer(r"\S+", text):
        weight += len(word[0]) + 1 + PAUSES.get(word[0][-1], 0.0)
        marks.append((word.end(), weight))
    whole = max(weight, 1.0)
    return regular([Mark(end, round(samples * w / whole)) for end, w in marks], len(text), samples)
