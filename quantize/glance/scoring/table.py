"""Figures beside their goals, and tables that print the same on a console and in the model card; pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import rich.table


@dataclass(frozen=True, slots=True)
class Row:
    """One measured figure and its goal."""

    part: str
    name: str
    value: float | None
    """None: it could not be measured here, `name` says why"""
    unit: str
    goal: str = ""
    """a comparison such as "<= 5"; empty: reported without a goal"""

    @property
    def holds(self) -> bool | None:
        """Whether the value meets the goal; None when there is no value or no goal."""
        if self.value is None or not self.goal:
            return None
        sign, _, bound = self.goal.partition(" ")
        return {"<=": self.value <= float(bound), ">=": self.value >= float(bound)}[sign]

    @property
    def verdict(self) -> str:
        """`holds` in a word."""
        return {True: "yes", False: "no", None: ""}[self.holds]

    def record(self) -> dict[str, Any]:
        """As JSON."""
        value = None if self.value is None else round(self.value, 4)
        return asdict(self) | {"value": value, "holds": self.holds}


@dataclass(frozen=True, slots=True)
class Table:
    """Cells that are ready to be shown."""

    title: str
    head: tuple[str, ...]
    cells: tuple[tuple[str, ...], ...]

    def rich(self) -> rich.table.Table:
        """For a console: numbers to the right."""
        table = rich.table.Table(title=self.title, title_justify="left")
        for n, name in enumerate(self.head):
            table.add_column(name, justify="right" if n else "left")
        for row in self.cells:
            table.add_row(*("[red]no[/]" if cell == "no" else cell for cell in row))
        return table

    def markdown(self) -> str:
        """For the model card."""
        lines = [self.head, tuple("---" if not n else "--:" for n in range(len(self.head))), *self.cells]
        return f"**{self.title}**\n\n" + "\n".join(f"| {' | '.join(line)} |" for line in lines)


def shown(value: float | None, unit: str = "") -> str:
    """A figure with as many digits as one can use."""
    if value is None:
        return "–"
    digits = {"%": 1, "points": 1, "": 3, "ms": 1, "MB": 1, "tok/s": 0}.get(unit, 1)
    return f"{value:,.{digits}f}"


def plain(rows: list[Row], title: str) -> Table:
    """Rows as they are: name, value, goal, whether it holds."""
    cells = tuple((r.name, shown(r.value, r.unit), r.unit, r.goal, r.verdict) for r in rows)
    return Table(title, ("", "value", "unit", "goal", "holds"), cells)


def by_skill(columns: Mapping[str, Mapping[str, tuple[int, int]]], title: str) -> Table:
    """Percentages of each skill in each column, from how many were right of how many."""
    skills = sorted({skill for column in columns.values() for skill in column})
    cells = tuple((skill, *(_share(*column.get(skill, (0, 0))) for column in columns.values())) for skill in skills)
    return Table(title, ("skill", *columns), cells)


def _share(right: int, of: int) -> str:
    return f"{100 * right / of:.0f} ({of})" if of else ""
