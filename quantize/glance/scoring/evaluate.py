"""The table of scores, through the runtime itself: every part with its goal beside it.

hand-written   three files, never trained on; the blind one was written by someone who saw neither grammar nor prompt,
               and is never looked at while the recipe is improved
misheard       the same with a tenth of the words got wrong; a copied argument is right when it is what was heard
generated      held-out templates, tools and people's questions, exact
escalation     the confidence of questions that are ours against real ones that are not, source by source
never invents  generated scenes without the thing that is asked for (`judging.outcome` has the rule)
quantized      the shipped file and smaller ones against the float one
speed          in a process of its own, one thread (`speed.py` has the definitions)
"""

from __future__ import annotations

import json
import os
import platform
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from edge.errors import ConfigError
from edge.reasoning import local
from quantize.glance.scoring import card, comparison, held_out, removing, scores, speed
from quantize.glance.scoring.answering import Asker
from quantize.glance.scoring.held_out import Question
from quantize.glance.scoring.judging import Score, score
from quantize.glance.scoring.table import Row, by_skill, plain

TITLES: Final = {
    "glance_questions": "written first",
    "glance_questions_blind": scores.BLIND,
    "glance_tools": "own tools",
}
"""What the files of `tests/data` are called in the tables; any other is called by its own name."""
_ERRORS: Final = 0.1


@dataclass(frozen=True, slots=True)
class Plan:
    """What to score, and what becomes of the scores."""

    model: Path
    questions: tuple[Path, ...]
    data: Path
    """human questions, read in place"""
    floating: Path
    """float GGUF of the same weights; where it is absent its part is left out"""
    card: Path = Path("docs/glance.md")
    generated: int = 400
    beyond: int = 300
    """at most, of each source"""
    removed: int = 500
    speed_runs: int = 7
    workers: int = os.cpu_count() or 1
    is_quick: bool = False
    """a tenth of everything"""
    is_json: bool = False
    """the last line is one JSON object"""
    is_kept: bool = False
    """written into the model's manifest and the card"""
    shows_wrong: bool = False
    shows_wrong_blind: bool = False


@dataclass(frozen=True, slots=True)
class _Asked:
    """All questions of a run."""

    clean: tuple[Question, ...]
    misheard: tuple[Question, ...]
    generated: tuple[Question, ...]
    beyond: tuple[Question, ...]
    removed: tuple[Question, ...]


def evaluate(plan: Plan) -> None:
    """Prints the tables.

    Raises:
        ConfigError: a file of questions is missing or broken, or the scores cannot be kept.
        ModelError: a model is missing or broken.
    """
    if plan.is_kept and plan.is_quick:
        raise ConfigError("--quick scores are too rough to be kept: leave out --quick or --keep")
    # Before anything takes long: the model can be loaded, and the card and the manifest can be written.
    local.build(local.Options(model=str(plan.model))).close()
    if plan.is_kept:
        card.with_section(_text(plan.card), "")
        _text(plan.model.with_suffix(".json"))
    asked = _questions(plan)
    has_float = plan.floating.is_file()
    passes = (comparison.PASSES if has_float else 0) * len(asked.clean)
    total = passes + sum(map(len, (asked.clean, asked.misheard, asked.generated, asked.beyond, asked.removed)))
    with _progress() as progress:
        task = progress.add_task("starting", total=total)
        with Asker(plan.workers, lambda n: progress.advance(task, n)) as asker:

            def scored(name: str, questions: Sequence[Question]) -> list[Score]:
                progress.update(task, description=name)
                return [score(q, a) for q, a in zip(questions, asker.answers(plan.model, questions), strict=True)]

            clean, misheard = scored("hand-written", asked.clean), scored("misheard", asked.misheard)
            generated, beyond = scored("generated", asked.generated), scored("not ours", asked.beyond)
            removed = scored("never invents", asked.removed)
            files: list[comparison.File] = []
            if has_float:
                progress.update(task, description="against float")
                with tempfile.TemporaryDirectory() as folder:
                    answers = [s.answer for s in clean]
                    files = comparison.compare(asker, plan.model, plan.floating, Path(folder), asked.clean, answers)
        progress.update(task, description="speed")
        fast = speed.measured(plan.model, runs=3 if plan.is_quick else plan.speed_runs)

    first, misheard_first = _by_source(clean), _by_source(misheard)
    parts = [scores.hand_written(first, misheard_first)]
    notes = []
    ours = [s.answer.confidence for s in (*clean, *generated) if s.question.is_ours]
    if beyond:
        others = {name: [s.answer.confidence for s in found] for name, found in _by_source(beyond).items()}
        parts.append(scores.escalation(ours, others))
    else:
        notes.append(f"Escalation left out: no human questions in {plan.data} (--data or GLASSPATH_DATA).")
    parts.append(scores.removed(removed))
    if files:
        parts.append(comparison.table(files))
    else:
        notes.append(f"Comparison with float left out: no file {plan.floating} (--float; `export` writes it).")
    rows, tables = [row for made, _ in parts for row in made], [table for _, table in parts]
    fast_rows, fast_tables = scores.speed(fast)
    rows, tables = rows + fast_rows, tables + fast_tables
    exact = [Row("generated", "held-out templates, tools and people, exact", _right(generated), "%")]
    rows += exact
    skills = {name: scores.skills(found) for name, found in first.items()}
    skills |= {"all": scores.skills(clean), "misheard": scores.skills(misheard)}
    tables += [by_skill(skills, "Hand-written by skill, % right (of)"), plain(exact, f"Generated: {len(generated)}")]

    console = Console(width=None if Console().is_terminal else 160)
    for table in (*tables, by_skill({"generated": scores.skills(generated)}, "Generated by skill, % right (of)")):
        console.print(table.rich())
        console.print()
    met = [r.holds for r in rows if r.holds is not None]
    for line in (*notes, f"{sum(met)} of {len(met)} goals hold."):
        console.print(line)
    for s in _wrong(plan, (*clean, *generated, *removed)):
        console.print(str(s), markup=False, highlight=False, soft_wrap=True)
    if plan.is_kept:
        kept = card.compact(rows, {k: skills[k] for k in ("all", "misheard")} | {"generated": scores.skills(generated)})
        said = "Made by `python -m quantize.glance evaluate --keep`, which writes this section and the manifest."
        card.write_manifest(plan.model.with_suffix(".json"), kept)
        card.write_card(plan.card, card.section(tables, " ".join((said, *notes))))
    if plan.is_json:
        machine = {"cpu": platform.processor() or platform.machine(), "cores": os.cpu_count()}
        record = [r.record() for r in rows]
        print(json.dumps({"rows": record, "by_skill": skills, "speed": fast, "notes": notes, "machine": machine}))


def _questions(plan: Plan) -> _Asked:
    part = 10 if plan.is_quick else 1

    def written(errors: float) -> tuple[Question, ...]:
        files = [list(held_out.hand_written(p, TITLES.get(p.stem, p.stem), errors=errors)) for p in plan.questions]
        return tuple(q for questions in files for q in questions[::part])

    if not (clean := written(0.0)):
        raise ConfigError(f"there are no questions in {', '.join(map(str, plan.questions))}")
    return _Asked(
        clean,
        written(_ERRORS),
        tuple(held_out.generated(plan.data, plan.generated // part)),
        tuple(held_out.beyond(plan.data, plan.beyond // part)),
        tuple(removing.removed(plan.data, plan.removed // part)),
    )


def _by_source(found: Sequence[Score]) -> dict[str, list[Score]]:
    return {source: list(s) for source, s in groupby(found, lambda s: s.question.source)}


def _right(found: Sequence[Score]) -> float | None:
    return 100 * sum(s.is_right for s in found) / len(found) if found else None


def _wrong(plan: Plan, found: Sequence[Score]) -> list[Score]:
    """What went wrong, for a person who improves the recipe; the blind questions only where they are asked for."""
    blind, shown = plan.shows_wrong_blind, plan.shows_wrong
    return [s for s in found if not s.is_right and (blind if s.question.source == scores.BLIND else shown)]


def _progress() -> Progress:
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("left"),
    )
    return Progress(*columns, TimeRemainingColumn(), console=Console(stderr=True), transient=True)


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except OSError as error:
        raise ConfigError(
            f"{path} could not be read ({error.strerror}), and the scores are to be kept in it"
        ) from error
