"""Whether a second answer says something else than the first: numbers, yes or no, and the words that matter; pure.

What "else" means here, and nothing more: one denies and the other does not; or a number in the first stands nowhere in the
second, which has numbers of its own; or less than half of the meaning-carrying words of the shorter answer are in the longer
one. Other words for the same thing count as a difference, a reversed order does not. A second answer that says that it does
not know never differs.
"""

from __future__ import annotations

import re
from typing import Final

SHARED: Final = 0.5
"""of the shorter answer's words"""
_WORD: Final = re.compile(r"\d+(?:[.,:]\d+)*|[^\W\d_]+(?:['’][^\W\d_]+)?")
_EMPTY: Final = frozenset((
    "a", "an", "the", "is", "are", "was", "were", "be", "been", "am", "it", "its", "this", "that", "these",
    "those", "there", "here", "of", "in", "on", "at", "to", "from", "for", "by", "with", "as", "and", "or",
    "but", "so", "if", "then", "than", "i", "you", "he", "she", "we", "they", "me", "my", "your", "his", "her",
    "our", "their", "do", "does", "did", "has", "have", "had", "can", "could", "will", "would", "may", "might",
    "about", "says", "say", "said", "answer", "yes", "yeah", "also", "which", "who", "what", "when", "where",
    "how", "just", "very",
))  # fmt: skip
_DENIES: Final = frozenset((
    "no", "not", "never", "none", "nothing", "nobody", "isn't", "aren't", "wasn't", "don't", "doesn't",
    "didn't", "can't", "cannot", "won't",
))  # fmt: skip
_UNSURE: Final = re.compile(
    r"(?i)\b(?:i (?:don['’]?t|do not) (?:know|see|have)|(?:i['’]?m|i am) not (?:sure|able)|i can(?:['’]?t|not)|unable to|"
    r"no information)\b"
)
_UP_TO_TWELVE: Final = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
)  # fmt: skip
_NUMBERS: Final = {word: str(n) for n, word in enumerate(_UP_TO_TWELVE)}


def differs(first: str, second: str) -> bool:
    """Whether the second answer corrects the first one."""
    if _UNSURE.search(second) or not second.strip():
        return False
    if _UNSURE.search(first):
        return True
    one, two = _words(first), _words(second)
    if _polarity(one) != _polarity(two):
        return True
    numbers_one, numbers_two = _numbers(one), _numbers(two)
    if numbers_one and numbers_two and not (numbers_one <= numbers_two or numbers_two <= numbers_one):
        return True
    carried = sorted((_carried(one), _carried(two)), key=len)
    if not carried[0]:
        return False
    return len(carried[0] & carried[1]) < SHARED * len(carried[0])


def _words(text: str) -> list[str]:
    return [_NUMBERS.get(w, w) for w in (m[0].replace("’", "'") for m in _WORD.finditer(text.casefold()))]


def _polarity(words: list[str]) -> bool:
    """Whether it denies: begins with no, or holds an odd number of denials."""
    return bool(sum(w in _DENIES for w in words) % 2)


def _numbers(words: list[str]) -> set[str]:
    return {w.replace(",", ".") for w in words if w[0].isdigit()}


def _carried(words: list[str]) -> set[str]:
    """Words that carry meaning, without the endings of number and tense."""
    return {re.sub(r"(?:'s|ing|ed|es|s)$", "", w) or w for w in words if w not in _EMPTY and w not in _DENIES}
