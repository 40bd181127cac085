"""Scores the shipped file through the runtime itself: by skill, on templates and tools it was never trained on, on the
hand-written questions, and how well it tells its own questions from all others.

right: the reply's text and references, or the call, are exactly those wanted (generated), or the answer holds every
wanted string and none that is unwanted (hand-written). AUROC and ECE are of the confidence (the chance that a question
is ours) over in-scope questions and human out-of-scope ones.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from edge.reasoning.prompt import ESCALATE, SAY, TOOL, TOOLS, resolve
from edge.types import Answer, Device, Query, Scene, Seen, Turn
from quantize.glance import phrases
from quantize.glance.beyond import human
from quantize.glance.dialogues import Dialogues, Offered, some_tools

_ABSENT = re.compile(r"\b(don't|no|not|nothing|haven't|can't)\b", re.I)


@dataclass(frozen=True, slots=True)
class Score:
    """One answered question."""

    part: str
    skill: str
    is_right: bool
    confidence: float
    is_ours: bool
    detail: str = ""


def evaluate(
    model: Path, questions: Path, data: Path, each: int, *, as_json: bool = False, is_kept: bool = False
) -> int:
    """Prints the tables; the last line is JSON where wanted; keeps the scores in the model's manifest where wanted."""
    scores = [*generated(model, data, each), *hand_written(model, questions)]
    scores += [*hand_written(model, questions, errors=0.1), *beyond(model, data, each)]
    console = Console(width=100)
    summary: dict[str, Any] = {}
    for part in dict.fromkeys(s.part for s in scores):
        table = Table("skill", "right", "of", "%", title=part)
        groups: dict[str, list[bool]] = defaultdict(list)
        for s in scores:
            if s.part == part:
                groups[s.skill].append(s.is_right)
                groups["all"].append(s.is_right)
        for skill in sorted(groups, key=lambda g: (g == "all", g)):
            right = groups[skill]
            table.add_row(skill, str(sum(right)), str(len(right)), f"{100 * sum(right) / len(right):.1f}")
        console.print(table)
        summary[part] = {skill: round(sum(r) / len(r), 4) for skill, r in groups.items()}
    ours = np.array([s.confidence for s in scores if s.is_ours and s.part != "hand-written, 10 % misheard"])
    others = np.array([s.confidence for s in scores if not s.is_ours and s.part != "hand-written, 10 % misheard"])
    summary["auroc"] = round(auroc(ours, others), 4)
    summary["ece"] = round(ece(ours, others), 4)
    kept = np.quantile(ours, 0.05)
    summary["answered_out_of_scope_at_95_kept"] = round(float((others >= kept).mean()), 4)
    console.print({k: v for k, v in summary.items() if not isinstance(v, dict)})
    if as_json:
        print(json.dumps(summary))
    manifest = model.with_suffix(".json")
    if is_kept and manifest.exists():
        kept_before = json.loads(manifest.read_text())
        manifest.write_text(json.dumps(kept_before | {"scores": summary}, indent=2) + "\n")
    return 0


def generated(model: Path, data: Path, each: int, seed: int = 987) -> Iterator[Score]:
    """Held-out templates, held-out tools, human questions held out; about `each` of them."""
    from edge.reasoning import local

    rng, dialogues, n = Random(seed), Dialogues(seed, data, held_out=True, errors=0.0), 0
    while n < each:
        offered = some_tools(rng, held_out=True)
        scene, dialogue = dialogues.next_with_scene(offered)
        asked = local.build(local.Options(model=str(model)), offered.tools)
        for example in dialogue.examples:
            if example.is_partial:
                continue
            answer = _ask(asked, Query(scene.now_ns, example.question, scene, None, dialogue.earlier))
            n += 1
            if example.reply.startswith(SAY):
                wanted: Any = resolve(example.reply.removeprefix(SAY), dialogue.prompt.targets)
                got: Any = answer.text if not answer.escalate and answer.tool_call is None else None
            elif example.reply.startswith(TOOL):
                call = json.loads(example.reply.removeprefix(TOOL))
                given = call["arguments"].items()
                targets = dialogue.prompt.targets
                wanted = (call["name"], {k: resolve(v, targets) if isinstance(v, str) else v for k, v in given})
                got = (answer.tool_call.name, dict(answer.tool_call.arguments)) if answer.tool_call else None
            else:
                wanted, got = True, answer.escalate
            detail = f"{example.question} | {wanted} | {got if got is not None else answer.text}"
            is_ours = example.reply != ESCALATE
            yield Score("held-out templates", example.skill, wanted == got, answer.confidence, is_ours, detail)
        asked.close()


def hand_written(model: Path, questions: Path, errors: float = 0.0) -> Iterator[Score]:
    """The questions of `tests/data`, as they are or with a fraction of the words misheard."""
    from edge.reasoning import local

    asked, rng = local.build(local.Options(model=str(model)), TOOLS), Random(7)
    part = "hand-written" if not errors else f"hand-written, {100 * errors:.0f} % misheard"
    for row in map(json.loads, questions.read_text().splitlines()):
        text = phrases.misheard(rng, row["text"], errors)
        earlier = tuple(Turn(q, a) for q, a in row.get("earlier", ()))
        scene = read_scene(row["scene"])
        answer = _ask(asked, Query(scene.now_ns, text, scene, None, earlier))
        expect = row["expect"]
        if errors and "tool" in expect:
            # An argument that was misheard is copied as it was heard: the name of the tool is what can be judged.
            is_right = answer.tool_call is not None and answer.tool_call.name == expect["tool"]["name"]
        else:
            is_right = judge(expect, answer)
        call = f" {answer.tool_call}" if answer.tool_call else ""
        detail = f"{text} | {expect} | {answer.text}{call}"
        yield Score(part, row["skill"], is_right, answer.confidence, not expect.get("escalate"), detail)
    asked.close()


def beyond(model: Path, data: Path, each: int) -> Iterator[Score]:
    """Human questions that were never trained on, to one plain scene."""
    from edge.reasoning import local

    asked, rng = local.build(local.Options(model=str(model)), TOOLS), Random(11)
    by_source: dict[str, list[str]] = defaultdict(list)
    for h in human(data, held_out=True):
        if not h.tool:
            by_source[h.source].append(h.text)
    dialogues = Dialogues(3, data, held_out=True)
    for source, texts in by_source.items():
        for text in rng.sample(texts, min(len(texts), each // 4)):
            scene, _ = dialogues.next_with_scene(Offered(TOOLS))
            answer = _ask(asked, Query(scene.now_ns, text, scene))
            detail = f"{text} | {answer.text} {answer.tool_call}"
            yield Score("human, not ours", source, answer.escalate, answer.confidence, False, detail)
    asked.close()


def judge(expect: dict[str, Any], answer: Answer) -> bool:
    """Whether an answer is what a line of the hand-written set expects."""
    if "escalate" in expect:
        return answer.escalate
    if answer.escalate:
        return False
    if "tool" in expect:
        call, wanted = answer.tool_call, expect["tool"]
        return call is not None and call.name == wanted["name"] and dict(call.arguments) == wanted["arguments"]
    if answer.tool_call is not None:
        return False
    if "absent" in expect:
        return _ABSENT.search(answer.text) is not None
    text = answer.text.lower()
    return all(w.lower() in text for w in expect["has"]) and not any(w.lower() in text for w in expect.get("not", ()))


def read_scene(row: dict[str, Any]) -> Scene:
    """A scene from its JSON form, times in seconds."""
    seen = sorted(
        (Seen(int(s["t_s"] * 1e9), s["kind"], s["label"], s["score"], tuple(s["box_xyxy"])) for s in row["seen"]),
        key=lambda s: s.t_ns,
    )
    device = row.get("device", {})
    return Scene(int(row["now_s"] * 1e9), tuple(seen), Device(device.get("battery"), device.get("time")))


def auroc(ours: NDArray[np.float64], others: NDArray[np.float64]) -> float:
    """The chance that one of ours scores above one of the others, ties half (Mann-Whitney)."""
    both = np.concatenate((ours, others))
    _, inverse, counts = np.unique(both, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(counts) - (counts - 1) / 2)[inverse]
    return float((ranks[: len(ours)].sum() - len(ours) * (len(ours) + 1) / 2) / (len(ours) * len(others)))


def ece(ours: NDArray[np.float64], others: NDArray[np.float64], bins: int = 10) -> float:
    """Expected calibration error of "this is ours" over equal bins of the confidence."""
    both = np.concatenate((ours, others))
    truth = np.concatenate((np.ones(len(ours)), np.zeros(len(others))))
    at = np.minimum((both * bins).astype(int), bins - 1)
    inside = [at == b for b in range(bins) if (at == b).any()]
    return float(sum(abs(both[i].mean() - truth[i].mean()) * i.mean() for i in inside))


def _ask(model: Any, query: Query) -> Answer:
    answers = [event for event in model.process(query) if isinstance(event, Answer)]
    if not answers:
        raise RuntimeError("the model was interrupted")
    return answers[0]


def wrong(scores: Sequence[Score]) -> list[str]:
    """What went wrong, a line each, for a person who improves the recipe."""
    return [f"{s.part} | {s.skill} | {s.detail}" for s in scores if not s.is_right]
