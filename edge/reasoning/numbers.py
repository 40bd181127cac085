"""Numbers that were spoken, by rule: "twelve minutes and thirty seconds" holds 12 and 30; pure."""

# ruff: noqa: SIM905 - word lists read better without quotes and commas
from __future__ import annotations

from collections.abc import Sequence
from typing import Final

_ONES: Final = {
    word: n
    for n, word in enumerate(
        "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
        "seventeen eighteen nineteen".split()
    )
}
_TENS: Final = {
    word: 10 * n for n, word in enumerate("twenty thirty forty fifty sixty seventy eighty ninety".split(), start=2)
}
_MOST: Final = {"maximum": 100, "max": 100, "full": 100, "fully": 100, "minimum": 0}
SPELLED: Final = (*_ONES, *_TENS, "hundred", "half", "quarter")
"""Words that numbers are made of."""
_POINTED: Final = [
    "the",
    "this",
    "that",
    "which",
    "left",
    "right",
    "other",
    "another",
    "nearest",
    "closest",
    "next",
    "last",
    "middle",
    "far",
    "first",
    "no",
    "any",
]
"""Words after which "one" is no number: "the left one"."""
MAX_NUMBERS: Final = 4


def numbers(words: Sequence[str]) -> tuple[int, ...]:
    """The whole numbers of a question in their order, at most `MAX_NUMBERS`, each below 10,000.

    Hours are minutes ("two hours": 120, "half an hour": 30), half a minute is 30, "half" alone 50 and "full" 100, as
    levels are percents; "a minute" is 1.
    """
    found: list[int] = []
    at = 0
    while at < len(words):
        value, used = _number(words, at)
        if value is None:
            at += 1
            continue
        at += used
        unit = words[at] if at < len(words) else ""
        if unit in ("hour", "hours"):
            value *= 60
            at += 1
            more = {"half": 30, "quarter": 15}.get("".join(words[at + 2 : at + 3]), 0)
            if more and tuple(words[at : at + 2]) == ("and", "a"):
                value, at = value + more, at + 3
        elif tuple(words[at : at + 3]) == ("and", "a", "half"):
            at += 3
            is_hours = tuple(words[at : at + 1]) == ("hours",)
            found += [60 * value + 30] if is_hours else [value, 30]
            continue
        elif found and found[-1] % 60 == 0 and found[-1] and _is_after_hour(words, at - used):
            # "An hour and twenty minutes" is one span.
            value += found.pop()
        found.append(value)
    return tuple(n for n in found if n < 10_000)[:MAX_NUMBERS]


def _number(words: Sequence[str], at: int) -> tuple[int | None, int]:
    """The number that begins at a word, and how many words it takes."""
    word, rest = words[at], tuple(words[at + 1 : at + 5])
    if word.isdecimal() and word.isascii() and len(word) <= 4:
        return int(word), 1
    if word == "half":
        if rest[:2] in (("an", "hour"), ("a", "minute")):
            return 30, 3
        return (30, 2) if rest[:1] == ("hour",) else (50, 1)
    if word == "quarter" and rest[-3:][:1] and "hour" in rest[:3]:
        return 15, 2 + rest.index("hour")
    if word == "three" and rest[:4] == ("quarters", "of", "an", "hour"):
        return 45, 5
    if word in ("a", "an") and rest[:1] in (("minute",), ("second",), ("hour",)):
        return 1, 1
    if word in _MOST:
        return _MOST[word], 1
    if word in ("a", "one") and rest[:1] == ("hundred",):
        return _after_hundred(words, 100, at + 2, at)
    if word == "hundred":
        return 100, 1
    if word in _ONES and rest[:1] == ("hundred",):
        return _after_hundred(words, 100 * _ONES[word], at + 2, at)
    if word == "one" and at and words[at - 1] in _POINTED:
        return None, 0
    if word in _ONES:
        return _ONES[word], 1
    if word in _TENS:
        ones = _ONES.get(rest[0], 0) if rest else 0
        return (_TENS[word] + ones, 2) if 0 < ones < 10 else (_TENS[word], 1)
    tens, _, ones_word = word.partition("-")
    if tens in _TENS and 0 < _ONES.get(ones_word, 0) < 10:
        return _TENS[tens] + _ONES[ones_word], 1
    return None, 0


def _after_hundred(words: Sequence[str], hundred: int, at: int, start: int) -> tuple[int, int]:
    skip = at + 1 if at < len(words) and words[at] == "and" else at
    if skip < len(words) and (words[skip] in _ONES or words[skip] in _TENS):
        value, used = _number(words, skip)
        if value is not None and value < 100:
            return hundred + value, skip + used - start
    return hundred, at - start


def _is_after_hour(words: Sequence[str], at: int) -> bool:
    before = [w for w in words[max(0, at - 2) : at] if w != "and"]
    return bool(before) and before[-1] in ("hour", "hours")
