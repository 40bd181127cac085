"""Groups of questions to one scene and one list of tools: what training packs together, as they share their prompt."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random
from typing import Final

from edge.reasoning.prompt import ESCALATE, MARKS, SAY, TOOLS, Prompt, Tool, build, resolve
from edge.types import Device, Query, Scene, Turn
from quantize.glance.dialogue import acting, beyond, looking, offering, reading, scenes
from quantize.glance.dialogue.asking import Asking, Example, Skill, could_do
from quantize.glance.dialogue.offering import Offer
from quantize.glance.network.marks import split_marks

_GROUPS: Final = ((0.36, reading.SKILLS), (0.34, looking.SKILLS), (0.30, acting.SKILLS))
_QUESTIONS: Final = 12


@dataclass(frozen=True, slots=True)
class Dialogue:
    """One prompt up to the question, and examples that each continue it on their own."""

    prompt: Prompt
    tools: tuple[Tool, ...]
    device: Device
    earlier: tuple[Turn, ...]
    examples: tuple[Example, ...]


@dataclass(frozen=True, slots=True)
class Offered:
    """A device's tools, and those of them that were made up."""

    tools: tuple[Tool, ...]
    offers: tuple[Offer, ...] = ()


def some_tools(rng: Random, *, held_out: bool = False) -> Offered:
    """What a device offers: mostly the default list, sometimes fewer, often a few that are new."""
    tools = list(TOOLS)
    if rng.random() < 0.3:
        tools = [t for t in tools if rng.random() < 0.8]
    known = [t for t in acting.INVENTED_TOOLS if (t.name in acting.HELD_OUT_TOOLS) == held_out]
    if held_out or rng.random() < 0.25:
        tools += rng.sample(known, rng.choice((1, 2)))
    offers = () if held_out or rng.random() < 0.3 else tuple(offering.offer(rng) for _ in range(rng.choice((1, 2, 3))))
    taken = {t.name for t in tools}
    offers = tuple(o for n, o in enumerate(offers) if o.tool.name not in taken | {e.tool.name for e in offers[:n]})
    tools += [o.tool for o in offers]
    if rng.random() < 0.2:
        rng.shuffle(tools)
    return Offered(tuple(tools), offers)


class Dialogues:
    """An endless, seeded supply of dialogues."""

    def __init__(self, seed: int, data: Path, *, held_out: bool = False, errors: float | None = None) -> None:
        self._rng = Random(seed)
        self._human = beyond.human(data, held_out=held_out)
        self._held_out = held_out
        self._errors = errors
        """Fraction of the words that recognition gets wrong; None for a mixture."""

    def next(self, offered: Offered) -> Dialogue:
        """One more dialogue about a new scene."""
        return self.next_with_scene(offered)[1]

    def next_with_scene(self, offered: Offered) -> tuple[Scene, Dialogue]:
        """The same, with the scene, for a check through the runtime."""
        rng, tools = self._rng, offered.tools
        scene = scenes.scene(rng)
        errors = self._errors if self._errors is not None else rng.choice((0.0, 0.0, 0.03, 0.08, 0.15))
        prompt = build(Query(scene.now_ns, "", scene), tools)
        asking = Asking(rng, prompt, tools, errors, self._held_out, offers=offered.offers)
        earlier: list[Turn] = []
        topic = None
        if rng.random() < 0.45:
            for _ in range(rng.choice((1, 1, 2))):
                before = self._one(replace(asking, topic=topic))
                if before is None or not before.reply.startswith(SAY):
                    continue
                earlier.append(Turn(before.question, resolve(before.reply.removeprefix(SAY), prompt.targets)))
                topic = next((line for line in prompt.lines if line.number == before.topic), None)
            prompt = build(Query(scene.now_ns, "", scene, earlier=tuple(earlier)), tools)
            asking = replace(asking, prompt=prompt, topic=topic)
        examples: list[Example] = []
        while len(examples) < _QUESTIONS:
            example = self._follow_up(asking) if earlier and rng.random() < 0.3 else self._one(asking)
            if example is not None and example.question:
                examples.append(example)
        return scene, Dialogue(prompt, tools, scene.device, tuple(earlier), tuple(examples))

    def _one(self, asking: Asking) -> Example | None:
        rng = asking.rng
        if rng.random() < 0.22:
            is_made = not self._human or rng.random() < 0.35
            example = beyond.generated(asking) if is_made else beyond.human_example(rng.choice(self._human))
            if example.reply == ESCALATE and could_do(asking.tools, example.question):
                return None
            if is_made:
                return example
            names = {t.name for t in asking.tools}
            if example.skill == "human tool" and not any(f'"{name}"' in example.reply for name in names):
                return None if "#time" not in example.reply or "#time" not in asking.prompt.targets else example
            return example
        (_, skills), *_ = rng.choices(_GROUPS, [weight for weight, _ in _GROUPS])
        return _draw(rng, skills)(asking)

    def _follow_up(self, asking: Asking) -> Example | None:
        if asking.topic is not None and asking.topic.kind == "text" and asking.rng.random() < 0.6:
            return reading.about_topic(asking)
        return looking.more(asking)


def _draw(rng: Random, skills: Sequence[tuple[float, Skill]]) -> Skill:
    return rng.choices([s for _, s in skills], [w for w, _ in skills])[0]


def plain_texts(seed: int, data: Path, count: int = 1500) -> Iterator[str]:
    """What the vocabulary is learned from: everything that a prompt or a reply holds, marks left out."""
    rng = Random(seed)
    dialogues = Dialogues(seed, data)
    for n in range(count):
        dialogue = dialogues.next(some_tools(rng))
        prompt = dialogue.prompt
        # The tools are the same nearly every time: once in five is enough to learn their words.
        pieces = (*(prompt.tools if n % 5 == 0 else ()), *prompt.turns, *prompt.scene)
        yield from (p.text for p in pieces if not p.is_mark)
        for example in dialogue.examples:
            yield example.question
            yield from (text for text in split_marks(example.reply) if text not in MARKS)
    yield from (asked.text for asked in beyond.human(data, held_out=False))
