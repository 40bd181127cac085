"""Which lines of the scene a question speaks of, found by comparing words; pure.

Retrieval by rule, so that a small model only has to say what is asked of them.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from edge.reasoning.alike import is_alike
from edge.reasoning.lines import Line
from edge.reasoning.numbers import numbers

MAX_MENTIONS: Final = 4
"""of the lines that a question speaks of, this many are shown"""
SYNONYMS: Final = {
    "person": (
        "someone",
        "man",
        "woman",
        "somebody",
        "human",
        "guy",
        "anyone",
        "anybody",
        "lady",
        "kid",
        "boy",
        "girl",
    ),
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
GROUPS: Final = {
    "animal": "bird cat dog horse sheep cow elephant bear zebra giraffe",
    "pet": "cat dog bird",
    "vehicle": "bicycle car motorcycle bus train truck van taxi tram scooter",
    "fruit": "banana apple orange",
    "food": "banana apple sandwich orange broccoli carrot pizza donut cake",
    "vegetable": "broccoli carrot",
    "furniture": "chair couch bed desk shelf bench",
    "bag": "backpack handbag suitcase",
}
_MEMBER: Final = {
    label: tuple(group for group, labels in GROUPS.items() if label in labels.split())
    for labels in GROUPS.values()
    for label in labels.split()
}
"""Words for several kinds of thing: "which animals do you see"."""
_IRREGULAR: Final = {"people": "person", "knives": "knife", "mice": "mouse", "shelves": "shelf", "men": "man"}
_ALIKE: Final = 0.7
"""What another word for it counts: less than the word itself."""
COMMON: Final = frozenset(
    (  # noqa: SIM905 - a list of words reads better without its quotes
        "a an and any anything are at be can could did do does down for from give go hello hey how i in is it its left "
        "like look make me much many my near next of on one or our please read right see seen show sign signs so some "
        "tell text that the their them there these they thing things this to up us was we what when where which "
        "what's where's who whose will with would written you your say says here not no take get put let now "
        "open opens close closes im i'm i'd i've it's that's there's want need find take hey please okay um uh have has had "
        "was were been saw seen tell told about just then also else too if than more most very really bit little still "
        "another other every each all both out off over under into onto through back again ever never always "
        "should might must may shall am being got getting gets goes going gone come comes coming say saying said something "
        "anything everything nothing everyone thank thanks him her his he she who's whom "
        "wonder know think guess mean excuse hello hi well alright so quick question could would looking looks see "
        "actually anyway exactly quickly maybe oh ah yeah yes sorry listen um uh hm hmm er kindly perhaps "
        "camera glasses whats wheres"
    ).split()
)
"""Words that do not say what a question is about."""


@dataclass(frozen=True, slots=True)
class Mention:
    """A line that a question speaks of."""

    number: int
    at: int
    """place of its first word in the question"""
    words: tuple[str, ...]
    """the question's words that speak of it"""


def mentions(words: Sequence[str], lines: Sequence[Line], label_words: Sequence[Sequence[str]]) -> list[Mention]:
    """The lines that the words speak of, best first; `label_words` are the labels as words, in
    the order of the lines.
    """
    asked = [*(stem(word) for word in words if word not in COMMON), *map(str, numbers(words))]
    scores = [
        (_score(asked, words, line, said), -line.number, said) for line, said in zip(lines, label_words, strict=True)
    ]
    best = max((score for score, _, _ in scores), default=0.0)
    # A line that matches half as well is about something else: "orange juice" when "apple juice" was asked for.
    close = sorted((s[:2], s) for s in scores if s[0] > 0 and s[0] > 0.6 * best)[::-1]
    by_number = {line.number: line for line in lines}
    return [_mention(by_number[-n], words, said) for _, (_, n, said) in close]


def _mention(line: Line, words: Sequence[str], said: Sequence[str]) -> Mention:
    names = [word for name in _names(line, said) for word in name]
    spoken = [
        (at, w)
        for at, w in enumerate(words)
        if w not in COMMON
        and any(_is_in(name, [stem(w)]) or (line.kind == "text" and is_alike(stem(name), [stem(w)])) for name in names)
    ]
    return Mention(line.number, spoken[0][0] if spoken else 0, tuple(w for _, w in spoken))


def _names(line: Line, said: Sequence[str]) -> tuple[tuple[str, ...], ...]:
    """All that a thing is called, each as words."""
    label = "person" if line.kind == "face" and line.label == "face" else " ".join(said)
    return (tuple(said), *(tuple(name.split()) for name in (*SYNONYMS.get(label, ()), *_MEMBER.get(label, ()))))


def _score(asked: Sequence[str], heard: Sequence[str], line: Line, said: Sequence[str]) -> float:
    if line.kind in ("object", "face"):
        # "The phone" is the cell phone: the last word of a name is enough.
        if said and said[-1] in COMMON:
            # "The stop sign": a name that ends in a common word counts as a whole.
            heard_stems = [stem(word) for word in heard]
            whole = [stem(word) for word in said]
            return float(any(heard_stems[n : n + len(whole)] == whole for n in range(len(heard_stems))))
        return (
            max(
                (1 + 0.5 * sum(_is_in(w, asked) for w in n[:-1])) * _is_in(n[-1], asked)
                for n in _names(line, said)
                if n
            )
            if said
            else 0.0
        )
    content = [word for word in dict.fromkeys(said) if word not in COMMON]
    if not content:
        # "OPEN", "Do Not Enter": a text of common words only counts when all of them were said.
        return float(bool(said) and all(word in heard for word in said))
    return float(sum(1.0 if _is_in(word, asked) else _ALIKE * is_alike(stem(word), asked) for word in content))


def _is_in(word: str, asked: Sequence[str]) -> bool:
    root = stem(word)
    return root in asked or (len(root) > 4 and any(is_near(root, other) for other in asked))


@functools.lru_cache(4096)
def stem(word: str) -> str:
    """A word without its plural."""
    word = _IRREGULAR.get(word, word.removesuffix("'s"))
    if len(word) > 4 and word.endswith(("ses", "xes", "ches", "shes")):
        return word[:-2]
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word


def is_near(a: str, b: str) -> bool:
    """At most one letter added, dropped or changed: what recognition does to a word."""
    if abs(len(a) - len(b)) > 1 or len(b) < 4:
        return False
    head = 0
    while head < min(len(a), len(b)) and a[head] == b[head]:
        head += 1
    return a[head + 1 :] == b[head + 1 :] or a[head + 1 :] == b[head:] or a[head:] == b[head + 1 :]
