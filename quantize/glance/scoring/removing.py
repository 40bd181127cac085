"""Questions about a thing that was taken out of the scene: whatever is answered as if it were there is made up.

A generated scene and a question about one thing in it (where it is, whether it is there, how many, its price, time or
number, what its sign says, when it was seen); then every sighting of that thing, of all that is called like it and of
all that the question's words could speak of is removed. At least two other things stay, to be taken for it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Final

from edge.reasoning.lines import Line, clean, lines
from edge.reasoning.mentions import mentions
from edge.reasoning.prompt import SAY, TOOLS, question_words
from edge.types import Query, Scene
from quantize.glance.dialogue.asking import Example
from quantize.glance.dialogue.dialogues import Dialogues, Offered
from quantize.glance.scoring.held_out import Question

_SKILLS: Final = frozenset(
    ["where", "is there", "how many", "recall", "find text", "price of", "time of", "number of", "recall part",
     "read named", "which"]
)  # fmt: skip
_DENIED: Final = ("I don't", "I haven't", "No, I don't")
_LEFT_OVER: Final = 2
_NO_NAME: Final = frozenset(
    (  # noqa: SIM905 - a list of words reads better without its quotes
        "open opening hours daily mon tue wed thu fri sat sun monday tuesday wednesday thursday friday saturday sunday "
        "mon-fri use best before exp eur usd gbp"
    ).split()
)
"""Words of a sign that name no thing: "opening hours" is asked rightly of any other sign with hours."""


def removed(data: Path, count: int, seed: int = 4321) -> Iterator[Question]:
    """One question to each of `count` scenes without what is asked for, the skills in turn as far as they come."""
    dialogues, rng, asked = Dialogues(seed, data, held_out=True, errors=0.0), Random(seed), Counter[str]()
    while asked.total() < count:
        scene, dialogue = dialogues.next_with_scene(Offered(TOOLS))
        able = [e for e in dialogue.examples if is_about_a_thing(e)]
        rng.shuffle(able)
        for example in sorted(able, key=lambda e: asked[e.skill]):
            rest = without(scene, example)
            if rest is not None:
                asked[example.skill] += 1
                # Earlier turns might speak of the thing: what was said before is no invention.
                query = Query(rest.now_ns, example.question, rest)
                yield Question("removed", example.skill, query, TOOLS, {"gone": True})
                break


def is_about_a_thing(example: Example) -> bool:
    """Whether a question asks for one thing of the scene, and its answer found it."""
    text = example.reply.removeprefix(SAY)
    return example.skill in _SKILLS and example.reply.startswith(SAY) and not text.startswith(_DENIED)


def without(scene: Scene, example: Example) -> Scene | None:
    """The scene without what a question asks for; None where the question names nothing, or too little is left."""
    words, shown = question_words(example.question), lines(scene)
    spoken = mentions(words, shown, [question_words(line.label) for line in shown])
    if not {word for mention in spoken for word in mention.words} - _NO_NAME:
        return None
    found = [line for line in shown if line.number == example.topic] + _meant(words, shown)
    rest = scene
    while found:
        gone = {(line.kind, line.label) for line in found}
        has_person = any(line.kind == "face" or line.label == "person" for line in found)
        rest = replace(
            rest,
            seen=tuple(
                s
                for s in rest.seen
                if (s.kind, clean(s.label)) not in gone
                # A face is a person, named or not.
                and not (has_person and (s.kind == "face" or s.label == "person"))
            ),
        )
        found = _meant(words, lines(rest))
    return rest if len(lines(rest)) >= _LEFT_OVER else None


def _meant(words: tuple[str, ...], shown: tuple[Line, ...]) -> list[Line]:
    """The lines that the question's words may speak of, by the runtime's own rule."""
    numbers = {m.number for m in mentions(words, shown, [question_words(line.label) for line in shown])}
    return [line for line in shown if line.number in numbers]
