"""What the commands print for people."""

from __future__ import annotations

from typing import Any

from rich.console import Console
from rich.table import Table

from quantize.results import Fit


def answer(fitted: Fit) -> None:
    """The answer, for people."""
    console = Console()
    console.print(fitted.why)
    if fitted.out is not None and fitted.measured is not None:
        speed = "" if fitted.measured.speed is None else f", {fitted.measured.speed:.4g} tokens a second"
        if fitted.kind == "onnx" and fitted.measured.speed is not None:
            speed = f", {fitted.measured.speed:.3g} times as fast as float"
        told = " (predicted for the device)" if fitted.speed_is_predicted else ""
        console.print(f"{fitted.out}: {fitted.measured.bytes:,} bytes, loss {fitted.measured.loss:.3g}{speed}{told}")
    for name, path in (("manifest", fitted.manifest), ("report", fitted.report)):
        if path is not None:
            console.print(f"{name}: {path}")


def table(rows: list[dict[str, Any]]) -> None:
    """Rows with the same columns."""
    shown = Table(*rows[0])
    for row in rows:
        shown.add_row(*(f"{v:.5g}" if isinstance(v, float) else "–" if v is None else str(v) for v in row.values()))
    Console().print(shown)
