"""Which lines of the scene a question speaks of, found by comparing words; pure.

Retrieval by rule, so that a small model only has to say what is asked of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from edge.reasoning.lines import Line

MAX_MENTIONS: Final = 4
SYNONYMS: Final = {
    "person": ("someone", "man", "woman", "somebody", "human", "guy"),
    "bicycle": ("bike",),
    "motorcycle": ("motorbike",),
    "airplane": ("plane",),
    "cell phone": ("phone", "mobile", "smartphone"),
    "couch": ("sofa",),
    "tv": ("television", "screen"),
    "potted plant": ("plant",),
    "dining table": ("table",),
    "refrigerator": ("fridge",),
    "remote": ("remote control",),
    "sports ball": ("ball",),
    "handbag": ("purse", "bag"),
    "backpack": ("rucksack", "bag"),
    "donut": ("doughnut",),
    "hair drier": ("hair dryer",),
    "cup": ("mug",),
    "trash can": ("bin", "garbage can"),
    "traffic light": ("light", "traffic lights"),
    "suitcase": ("luggage",),
    "laptop": ("computer",),
    "elevator": ("lift",),
}
"""Other words that people use for what detectors name."""
_IRREGULAR: Final = {"people": "person", "knives": "knife", "mice": "mouse", "shelves": "shelf", "men": "man"}
_COMMON: Final = frozenset(
    (  # noqa: SIM905 - a list of words reads better without its quotes
        "a an and any anything are at be can could did do does down for from give go hello hey how i in is it its left "
        "like look make me much many my near next of on one or our please read right see seen show sign signs so some "
        "tell text that the their them there these they thing things this to up us was we what when where which "
        "what's where's who whose will with would written you your say says here not no take get put let now "
        "open opens close closes"
    ).split()
)
"""Words that do not say what a question is about."""


def mentions(words: Sequence[str], lines: Sequence[Line], label_words: Sequence[Sequence[str]]) -> list[int]:
    """Numbers of the lines that the words speak of, best first, at most `MAX_MENTIONS`; `label_words` are the labels as
    words, in the order of the lines.
    """
    asked = [_stem(word) for word in words if word not in _COMMON]
    scores = [(_score(asked, line, said), -line.number) for line, said in zip(lines, label_words, strict=True)]
    best = max((score for score, _ in scores), default=0.0)
    # A line that matches half as well is about something else: "orange juice" when "apple juice" was asked for.
    return [-n for score, n in sorted(scores, reverse=True) if score > 0 and score > 0.6 * best][:MAX_MENTIONS]


def _score(asked: Sequence[str], line: Line, said: Sequence[str]) -> float:
    if line.kind == "object":
        names = (tuple(said), *(tuple(name.split()) for name in SYNONYMS.get(" ".join(said), ())))
        # "The phone" is the cell phone: the last word of a name is enough.
        return max((1 + 0.5 * sum(_is_in(w, asked) for w in n[:-1])) * _is_in(n[-1], asked) for n in names)
    return float(sum(_is_in(word, asked) for word in dict.fromkeys(said) if word not in _COMMON))


def _is_in(word: str, asked: Sequence[str]) -> bool:
    stem = _stem(word)
    return stem in asked or (len(stem) > 4 and any(_is_near(stem, other) for other in asked))


def _stem(word: str) -> str:
    word = _IRREGULAR.get(word, word.removesuffix("'s"))
    if len(word) > 4 and word.endswith(("ses", "xes", "ches", "shes")):
        return word[:-2]
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word


def _is_near(a: str, b: str) -> bool:
    """At most one letter added, dropped or changed: what recognition does to a word."""
    if abs(len(a) - len(b)) > 1 or len(b) < 4:
        return False
    head = 0
    while head < min(len(a), len(b)) and a[head] == b[head]:
        head += 1
    return a[head + 1 :] == b[head + 1 :] or a[head + 1 :] == b[head:] or a[head:] == b[head + 1 :]
