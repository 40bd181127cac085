"""What a benchmark prints: a table for people and, as its last line, one JSON object for machines. Nothing by hand."""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from edge.machine import facts

DATA = Path(os.environ.get("GLASSPATH_DATA", Path(__file__).parent.parent.parent / "shared" / "data"))
"""real recordings and models, used in place where they are there"""


@dataclass(frozen=True, slots=True)
class Claim:
    """One measured figure beside its goal and its peer."""

    claim: str
    value: float | None
    """None: it could not be measured here, `claim` says why"""
    unit: str
    goal: str
    """a comparison such as "<= 0.5"; empty: reported without a goal"""
    peer: str = ""
    """what it is compared with, and that one's figure in the same run"""

    @property
    def holds(self) -> bool | None:
        """Whether the value meets the goal; None when there is no value or no goal."""
        if self.value is None or not self.goal:
            return None
        sign, _, bound = self.goal.partition(" ")
        return {"<=": self.value <= float(bound), ">=": self.value >= float(bound), "=": self.value == float(bound)}[
            sign
        ]


def machine() -> dict[str, str | int]:
    """Where the figures were measured."""
    found = facts()
    cpu = found.get("board", found["machine"])
    packages = {name: found[name] for name in ("onnxruntime", "numpy", "opencv-python")}
    return {"cpu": cpu, "cores": int(found["cores"]), "python": found["python"], **packages}


def main(name: str, doc: str | None, measure: Callable[[bool], Sequence[Claim]]) -> None:
    """Run a benchmark from the command line."""
    parser = argparse.ArgumentParser(prog=f"python -m benchmarks.{name}", description=doc)
    parser.add_argument("--quick", action="store_true", help="a short form, at most 60 s")
    show(name, measure(parser.parse_args().quick))


def show(name: str, claims: Sequence[Claim]) -> None:
    """The table, then the line."""
    from rich.console import Console  # not at the top: a peer's Python that imports this file may lack it
    from rich.table import Table

    table = Table("claim", "value", "unit", "goal", "peer", "holds")
    for c in claims:
        value = "–" if c.value is None else f"{c.value:.4g}"
        table.add_row(c.claim, value, c.unit, c.goal, c.peer, {True: "yes", False: "NO", None: "–"}[c.holds])
    Console().print(table)
    rows = [asdict(c) | {"holds": c.holds} for c in claims]
    print(json.dumps({"name": name, "machine": machine(), "claims": rows}))
