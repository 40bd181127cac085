"""Mishears a question word by word and rewrites what is expected of its answer to what was heard; pure.

A text argument copies what was heard, so that is what is wanted of it. Words of numbers are heard as they are: an
integer argument could not be told from a number that was misheard.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from random import Random
from typing import Any, Final

from edge.reasoning.numbers import SPELLED
from edge.reasoning.prompt import question_words
from edge.reasoning.tools import Tool
from quantize.glance.dialogue import phrases

_NUMBER_WORDS: Final = frozenset(
    [*SPELLED, "hour", "hours", "minute", "minutes", "second", "seconds", "percent", "quarters",
     "full", "fully", "max", "maximum", "minimum"]
)  # fmt: skip
_JOINING: Final = frozenset(["a", "an", "and", "of"])
"""Part of a number beside a word of one: "an hour and a half"."""


def mishear(
    rng: Random, text: str, expect: Mapping[str, Any], tools: Sequence[Tool], errors: float
) -> tuple[str, Mapping[str, Any]]:
    """The question with a fraction `errors` of its words misheard, and what is expected then."""
    words = question_words(text)
    sure = _of_numbers(words)
    heard = _aligned(rng, words, errors)
    for n in sure:
        heard[n] = [words[n]]
    if "tool" not in expect:
        return _joined(heard), expect
    call = expect["tool"]
    copied = {p.name for t in tools if t.name == call["name"] for p in t.parameters if p.kind == "text"}
    arguments: dict[str, Any] = {}
    for name, value in call["arguments"].items():
        at = find(words, question_words(value)) if name in copied else None
        if at is not None:
            if not _joined(heard[at.start : at.stop]):
                # Of an argument something is always heard: there would be nothing to call otherwise.
                heard[at.start : at.stop] = [[word] for word in words[at.start : at.stop]]
            changed = _joined(heard[at.start : at.stop])
            value = changed if changed != " ".join(words[at.start : at.stop]) else value
        arguments[name] = value
    return _joined(heard), {**expect, "tool": {**call, "arguments": arguments}}


def find(words: Sequence[str], part: Sequence[str]) -> range | None:
    """Where some words stand one after the other in a question; None where they do not: they were seen, or meant."""
    starts = range(len(words) - len(part) + 1) if part else range(0)
    return next((range(n, n + len(part)) for n in starts if tuple(words[n : n + len(part)]) == tuple(part)), None)


def _aligned(rng: Random, words: Sequence[str], errors: float) -> list[list[str]]:
    return [list(question_words(" ".join(heard))) for heard in phrases.alignment(rng, words, errors)]


def _of_numbers(words: Sequence[str]) -> set[int]:
    """Places of the words that numbers and their units are made of."""
    found = {
        n
        for n, word in enumerate(words)
        if word in _NUMBER_WORDS or any(c.isdigit() for c in word) or word.partition("-")[0] in SPELLED
    }
    near = {n for n, word in enumerate(words) if word in _JOINING and {n - 1, n + 1} & found}
    # "and a half": the first of two joining words is beside the second.
    return found | near | {n for n, word in enumerate(words) if word in _JOINING and {n + 1} & near}


def _joined(heard: Sequence[Sequence[str]]) -> str:
    return " ".join(word for words in heard for word in words)
