"""What one training example is, and the few things every skill needs to make one."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

from edge.reasoning.alike import others
from edge.reasoning.cues import able
from edge.reasoning.mentions import mentions
from edge.reasoning.prompt import ESCALATE, SAY, TOOL, TOOLS, Line, Prompt, Tool, question_words
from quantize.glance.dialogue import phrases, words
from quantize.glance.dialogue.offering import Offer


@dataclass(frozen=True, slots=True)
class Example:
    """A question to a scene and the reply that is right."""

    skill: str
    question: str
    reply: str
    is_partial: bool = False
    """The reply is only the beginning of the right one: nothing is known of what follows."""
    topic: int = 0
    """Number of the line that a follow-up question would be about; 0 for none."""


@dataclass(frozen=True, slots=True)
class Asking:
    """Where a skill gets its chance from, how badly is heard, and which templates may be used."""

    rng: Random
    prompt: Prompt
    tools: Sequence[Tool]
    errors: float = 0.0
    held_out: bool = False
    topic: Line | None = None
    """What the turn before was about."""
    offers: Sequence[Offer] = ()
    """Made-up tools among those, with ways of asking for them."""

    def hear(self, templates: Sequence[str], sure: Sequence[str] = (), **slots: str) -> phrases.Heard:
        """One of the templates as heard, normalised as the runtime does it."""
        template = phrases.pick(self.rng, templates, held_out=self.held_out)
        if self.rng.random() < 0.3:
            template = phrases.polite(self.rng, template)
        heard = phrases.hear(self.rng, template, slots, self.errors, sure)
        return phrases.Heard(plain(heard.text), {name: plain(text) for name, text in heard.slots.items()})

    @property
    def in_view(self) -> list[Line]:
        """What is seen now, left to right."""
        return [line for line in self.prompt.lines if line.is_in_view]

    @property
    def gone(self) -> list[Line]:
        """What is only remembered, latest first."""
        return [line for line in self.prompt.lines if not line.is_in_view]

    @property
    def texts(self) -> list[Line]:
        """The texts in view."""
        return [line for line in self.in_view if line.kind == "text"]

    @property
    def objects(self) -> list[Line]:
        """The objects in view."""
        return [line for line in self.in_view if line.kind == "object"]


Skill = Callable[[Asking], Example | None]


def plain(text: str) -> str:
    """Text as it would be spoken to the recogniser and come back."""
    return " ".join(question_words(text))


def say(skill: str, heard: phrases.Heard | str, text: str, topic: int = 0) -> Example:
    """An answer in words and references."""
    return Example(skill, heard if isinstance(heard, str) else heard.text, SAY + text, topic=topic)


def act(heard: phrases.Heard | str, name: str, arguments: dict[str, Any] | None = None, skill: str = "") -> Example:
    """A tool call; compact JSON, because every token costs time."""
    call = json.dumps({"name": name, "arguments": arguments or {}}, separators=(",", ":"), ensure_ascii=False)
    return Example(skill or f"tool {name}", heard if isinstance(heard, str) else heard.text, TOOL + call)


def escalate(skill: str, heard: phrases.Heard | str) -> Example:
    """Not ours."""
    return Example(skill, heard if isinstance(heard, str) else heard.text, ESCALATE)


def could_do(tools: Sequence[Tool], question: str) -> bool:
    """Whether a tool that is not the device's own shares a word with a question."""
    own = {t.name for t in TOOLS}
    return bool(able(question.split(), [t for t in tools if t.name not in own]))


def listed(references: Iterable[str], word: str = "and") -> str:
    """`a, b and c`."""
    every = list(references)
    return every[0] if len(every) == 1 else f"{', '.join(every[:-1])} {word} {every[-1]}"


def called(rng: Random, label: str) -> str:
    """One of the words that people use for a thing."""
    name = label.lower()
    if name in words.SYNONYMS and rng.random() < 0.45:
        return rng.choice(words.SYNONYMS[name])
    return name


def plural(name: str) -> str:
    """`knives`."""
    if name in words.PLURALS:
        return words.PLURALS[name]
    if name.endswith("y") and name[-2] not in "aeiou":
        return f"{name[:-1]}ies"
    return name + ("es" if name.endswith(("s", "x", "ch", "sh")) else "s")


def spoken_of(asking: Asking, thing: str) -> list[int]:
    """Numbers of the lines that the words of a thing point at, as the runtime finds them."""
    lines = asking.prompt.lines
    return [m.number for m in mentions(thing.split(), lines, [question_words(line.label) for line in lines])]


def in_other_words(rng: Random, thing: str) -> str:
    """The same, now and then with a word that people use instead."""
    return " ".join(
        rng.choice(instead) if (instead := others(word)) and rng.random() < 0.4 else word for word in thing.split()
    )


def missing(asking: Asking) -> str:
    """The label of a thing that is not in the scene, nor any of its other names."""
    there = {line.label.lower() for line in asking.prompt.lines}
    there |= {s for label in there for s in words.SYNONYMS.get(label, ())}
    while True:
        label = asking.rng.choice(words.OBJECTS if asking.rng.random() < 0.6 else words.OTHER_OBJECTS)
        if not {label, *words.SYNONYMS.get(label, ())} & there:
            return label
