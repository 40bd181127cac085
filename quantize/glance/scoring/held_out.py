"""The questions that make the score: hand-written ones, held-out generated ones, and real ones that are not ours."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any, Final

from edge.errors import ConfigError
from edge.reasoning.prompt import ESCALATE, SAY, TOOL, TOOLS, Tool, resolve, tool
from edge.types import Device, Query, Scene, Seen, Turn
from quantize.glance.dialogue.beyond import human
from quantize.glance.dialogue.dialogues import Dialogues, Offered, some_tools
from quantize.glance.scoring.mishearing import mishear

_KINDS: Final = frozenset(["has", "absent", "tool", "escalate"])


@dataclass(frozen=True, slots=True)
class Question:
    """One question to a scene, and what is expected of its answer (see `judging.judge`)."""

    source: str
    skill: str
    query: Query
    tools: tuple[Tool, ...]
    expect: Mapping[str, Any]

    @property
    def is_ours(self) -> bool:
        """Whether the model should answer it itself."""
        return "escalate" not in self.expect


def hand_written(path: Path, source: str, *, errors: float = 0.0, seed: int = 7) -> Iterator[Question]:
    """The questions of a file, as they are or with a fraction of the words misheard.

    Raises:
        ConfigError: unreadable, or a line is not {scene, text, skill, expect}; the line is named.
    """
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", None) or "it is not text"
        raise ConfigError(f"{path} could not be read ({why}): check the path") from error
    rng = Random(seed)
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
            scene, tools = read_scene(row["scene"]), (*TOOLS, *_tools(row))
            asked, expect, skill = str(row["text"]), dict(row["expect"]), str(row["skill"])
            earlier = tuple(Turn(q, a) for q, a in row.get("earlier", ()))
            if len(_KINDS & set(expect)) != 1:
                raise ValueError(f"expect needs one of {', '.join(sorted(_KINDS))}")
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise ConfigError(
                f"{path} line {number} is no question with scene, text, skill and expect: {error}"
            ) from error
        if errors:
            asked, expect = mishear(rng, asked, expect, tools, errors)  # type: ignore[assignment]  # a tuple of the same things
        yield Question(source, skill, Query(scene.now_ns, asked, scene, None, earlier), tools, expect)


def generated(data: Path, count: int, seed: int = 987) -> Iterator[Question]:
    """About `count` questions from templates, with tools and from people that the model was not trained on."""
    rng, dialogues, n = Random(seed), Dialogues(seed, data, held_out=True, errors=0.0), 0
    while n < count:
        offered = some_tools(rng, held_out=True)
        scene, dialogue = dialogues.next_with_scene(offered)
        targets = dialogue.prompt.targets
        for example in dialogue.examples:
            if example.is_partial:
                continue
            if example.reply == ESCALATE:
                expect: dict[str, Any] = {"escalate": True}
            elif example.reply.startswith(TOOL):
                call = json.loads(example.reply.removeprefix(TOOL))
                given = call["arguments"].items()
                arguments = {k: resolve(v, targets) if isinstance(v, str) else v for k, v in given}
                expect = {"tool": {"name": call["name"], "arguments": arguments}}
            else:
                expect = {"says": resolve(example.reply.removeprefix(SAY), targets)}
            n += 1
            query = Query(scene.now_ns, example.question, scene, None, dialogue.earlier)
            yield Question("generated", example.skill, query, offered.tools, expect)


def beyond(data: Path, each: int) -> Iterator[Question]:
    """Real questions that are not ours and were never trained on, at most `each` of a source, each to a plain scene."""
    by_source: dict[str, list[str]] = defaultdict(list)
    for h in human(data, held_out=True):
        if not h.tool:
            by_source[h.source].append(h.text)
    rng, dialogues = Random(11), Dialogues(3, data, held_out=True)
    for source, texts in by_source.items():
        for text in rng.sample(texts, min(len(texts), each)):
            scene, _ = dialogues.next_with_scene(Offered(TOOLS))
            yield Question(source, source, Query(scene.now_ns, text, scene), TOOLS, {"escalate": True})


def read_scene(row: dict[str, Any]) -> Scene:
    """A scene from its JSON form, times in seconds."""
    seen = sorted(
        (Seen(int(s["t_s"] * 1e9), s["kind"], s["label"], s["score"], tuple(s["box_xyxy"])) for s in row["seen"]),
        key=lambda s: s.t_ns,
    )
    device = row.get("device", {})
    return Scene(int(row["now_s"] * 1e9), tuple(seen), Device(device.get("battery"), device.get("time")))


def _tools(row: dict[str, Any]) -> Iterator[Tool]:
    for described in row.get("tools", ()):
        yield tool(described["name"], described["description"], described.get("parameters", {}))
