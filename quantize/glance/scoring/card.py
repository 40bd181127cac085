"""Writes the printed scores into the model card and the manifest, so that all three always say the same."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from edge.errors import ConfigError
from quantize.glance.scoring.table import Row, Table

BEGIN: Final = "<!-- scores -->"
END: Final = "<!-- /scores -->"


def with_section(card: str, section: str) -> str:
    """A text with what stands between the two marks replaced.

    Raises:
        ConfigError: the marks are not there, each once and in order.
    """
    before, begin, rest = card.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end or BEGIN in rest or END in before or END in after:
        raise ConfigError(
            f"the model card needs the lines {BEGIN} and {END} once each, in this order, around its scores"
        )
    return f"{before}{BEGIN}\n{section.strip()}\n{END}{after}"


def section(tables: Sequence[Table], said: str) -> str:
    """A sentence about the run, then the tables."""
    return "\n\n".join((said, *(table.markdown() for table in tables)))


def write_card(path: Path, text: str) -> None:
    """Replaces the scores in the card."""
    try:
        card = path.read_text("utf-8")
    except OSError as error:
        raise ConfigError(f"{path} could not be read ({error.strerror}): run this where the project is") from error
    path.write_text(with_section(card, text), "utf-8")


def compact(rows: Sequence[Row], skills: Mapping[str, Mapping[str, tuple[int, int]]]) -> dict[str, Any]:
    """The rows that hold or do not, and percentages by skill: few enough lines to be read in the manifest."""
    goals = [{k: v for k, v in r.record().items() if k != "unit"} for r in rows if r.holds is not None]
    percent = {
        column: {skill: round(100 * right / of, 1) for skill, (right, of) in found.items() if of}
        for column, found in skills.items()
    }
    return {"goals": goals, "by_skill_percent": percent}


def write_manifest(path: Path, scores: Mapping[str, Any]) -> None:
    """Replaces the scores in a manifest, each goal and each column of skills on one line."""
    try:
        manifest = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise ConfigError(f"{path} is no manifest that scores could be written into: export the model first") from error
    lines = json.dumps(manifest | {"scores": "@"}, indent=2, ensure_ascii=False)
    goals = ",\n      ".join(json.dumps(goal, ensure_ascii=False) for goal in scores["goals"])
    skills = ",\n      ".join(
        f"{json.dumps(column)}: {json.dumps(found, ensure_ascii=False)}"
        for column, found in scores["by_skill_percent"].items()
    )
    written = f'{{\n    "goals": [\n      {goals}\n    ],\n    "by_skill_percent": {{\n      {skills}\n    }}\n  }}'
    path.write_text(lines.replace('"scores": "@"', f'"scores": {written}', 1) + "\n", "utf-8")
