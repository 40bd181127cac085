"""Decides whether an answer is right, whether it copied letter by letter, and whether it made something up; pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from edge.reasoning.lines import clean
from edge.reasoning.prompt import question_words
from edge.types import Answer, Seen
from quantize.glance.scoring.held_out import Question

_ABSENT: Final = re.compile(r"\b(don't|no|not|nothing|haven't|can't)\b", re.I)
_VERBATIM: Final = frozenset(["verbatim", "codes", "url", "email", "phone", "recall text", "injection"])
"""Skills whose answer is a text that was seen; those that begin with "read" are others."""
_DENIERS: Final = frozenset(["no", "nothing", "none", "zero", "don't", "haven't", "not", "can't"])
_EMPTY: Final = frozenset(
    (  # noqa: SIM905 - a list of words reads better without its quotes
        "i see seen know have anything anyone any one a an the that it is was there here now for of or and text sign signs "
        "things code price time date number name phone web address e-mail"
    ).split()
)
"""Words that a denial is made of and that place or name no thing."""

Outcome = Literal["denied", "escalated", "called", "invented"]


@dataclass(frozen=True, slots=True)
class Score:
    """One answered question."""

    question: Question
    answer: Answer
    is_right: bool
    is_copied: bool | None
    """Whether the text was copied letter by letter; None where no text was to be copied."""

    @property
    def kind(self) -> Literal["scene", "tool", "escalate"]:
        """What the right reply would be."""
        expect = self.question.expect
        return "escalate" if "escalate" in expect else "tool" if "tool" in expect else "scene"

    def __str__(self) -> str:
        call = f" {self.answer.tool_call}" if self.answer.tool_call else ""
        asked = self.question
        return f"{asked.source} | {asked.skill} | {asked.query.text} | {dict(asked.expect)} | {self.answer.text}{call}"


def score(question: Question, answer: Answer) -> Score:
    """Judges an answer by all that its question expects."""
    seen = question.query.scene.seen
    is_right = judge(question.expect, answer, [s.label for s in seen], question.query.text)
    is_reading = question.skill in _VERBATIM or question.skill.startswith("read ")
    wanted = question.expect.get("has", ()) if is_reading else ()
    written = [_written(text, seen) for text in wanted]
    if not written or not all(written):
        return Score(question, answer, is_right, None)
    is_copied = is_right and all(any(text in answer.text for text in texts) for texts in written)
    return Score(question, answer, is_right, is_copied)


def judge(expect: Mapping[str, Any], answer: Answer, labels: Iterable[str] = (), asked: str = "") -> bool:
    """Whether an answer is the expected one: a call is no answer, an escalation is no answer, every argument counts.

    expect: `{"escalate": true}`, `{"tool": {name, arguments}}`, `{"says": text}` (exactly), `{"absent": true}` (it says
    that it is not there), `{"gone": true}` (nothing is made up, see `outcome`), or `{"has": texts, "not": texts}`.
    """
    if "gone" in expect:
        return outcome(answer, labels, asked) != "invented"
    if "escalate" in expect:
        return answer.escalate
    if answer.escalate:
        return False
    if "tool" in expect:
        call, wanted = answer.tool_call, expect["tool"]
        return call is not None and call.name == wanted["name"] and dict(call.arguments) == wanted["arguments"]
    if answer.tool_call is not None:
        return False
    if "says" in expect:
        return bool(answer.text == expect["says"])
    if "absent" in expect:
        return _ABSENT.search(_without(answer.text, labels)) is not None
    text = answer.text.lower()
    return all(w.lower() in text for w in expect["has"]) and not any(w.lower() in text for w in expect.get("not", ()))


def outcome(answer: Answer, labels: Iterable[str], asked: str) -> Outcome:
    """What became of a question about a thing that is not in the scene.

    The grammar lets no answer state a text that was not seen, so what can go wrong is an answer that refers to another
    thing as if it were the one that was asked for ("Yes, on the left" for a dog that is not there). The rule is
    strict. An answer in words is a denial only if it holds a word of denial, and nothing but such words, empty words
    ("I", "see", "any", "there") and the question's own: with "left", "another", "two", a price or a label in it, it is
    an invention, even if it begins with "No" and even if what it names can be seen. A call is an invention if one of
    its arguments is a text of the scene that the question does not hold; a call with the question's own words states
    nothing.
    """
    if answer.escalate:
        return "escalated"
    own = set(question_words(asked))
    if answer.tool_call is not None:
        said = [set(question_words(str(v))) for v in answer.tool_call.arguments.values() if isinstance(v, str)]
        seen = [set(question_words(clean(label))) for label in labels]
        return "invented" if any(not words <= own and any(words <= s for s in seen) for words in said) else "called"
    words = set(question_words(answer.text))
    return "denied" if words & _DENIERS and words <= _DENIERS | _EMPTY | own else "invented"


def _without(text: str, labels: Iterable[str]) -> str:
    """An answer without what it cites: the "No" of a sign NO PARKING denies nothing."""
    for label in sorted({clean(label) for label in labels} - {""}, key=len, reverse=True):
        text = text.replace(label, " ")
    return text


def _written(wanted: str, seen: Iterable[Seen]) -> set[str]:
    """The ways in which a text stands in the scene: an answer must copy one of them, capital letters included."""
    return {m[0] for s in seen for m in re.finditer(re.escape(wanted), clean(s.label), re.I)}
