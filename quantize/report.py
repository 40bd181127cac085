"""The report of a fit: one HTML file with the Pareto plot, the bits of each tensor drawn by layer, and tables. No scripts.

Colours: one hue from light to dark for bits (a magnitude), two more for the chosen file and for single types (identities), which
also differ in shape and carry their names. Every figure that is drawn also stands in a table.
"""

# ruff: noqa: E501 - markup reads better on one line
from __future__ import annotations

import html
import math
import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

from quantize.files import written
from quantize.results import Fit, Unit

_WIDTH, _HEIGHT = 860, 380
_DECADES: Final = 1e-6
"""of the loss that are drawn: what is closer still lies on the axis"""
_LEFT, _RIGHT, _TOP, _BOTTOM = 70, 20, 16, 44
_STYLE: Final = """
:root { --page:#fcfcfb; --ink:#1d2330; --soft:#667085; --line:#e3e6ea; --card:#f5f7f9;
  --front:#2a78d6; --chosen:#d1495b; --beside:#8a6d3b; }
@media (prefers-color-scheme: dark) { :root { --page:#1a1a19; --ink:#e9ecf1; --soft:#9aa4b2; --line:#363b44; --card:#23262c;
  --front:#6aa9f4; --chosen:#ff7f8e; --beside:#d9b36c; } }
body { font: 15px/1.45 system-ui, sans-serif; color: var(--ink); background: var(--page); margin: 2rem auto;
  max-width: 900px; padding: 0 1rem; }
h1 { font-size: 1.5rem; margin: 0 0 .2rem } h2 { font-size: 1.1rem; margin: 2rem 0 .5rem } p { margin: .3rem 0 }
.soft { color: var(--soft) } .tiles { display: flex; flex-wrap: wrap; gap: .8rem; margin: 1rem 0 }
.tile { background: var(--card); border-radius: 10px; padding: .7rem 1rem; min-width: 9rem }
.tile b { display: block; font-size: 1.35rem } table { border-collapse: collapse; font-variant-numeric: tabular-nums }
td, th { padding: .25rem .8rem .25rem 0; text-align: right; border-bottom: 1px solid var(--line); font-weight: normal }
th { color: var(--soft) } td:first-child, th:first-child { text-align: left } .wide { overflow-x: auto }
svg { max-width: 100%; height: auto } svg text { fill: var(--ink); font: 12px system-ui, sans-serif }
svg .axis { fill: var(--soft) } svg .grid { stroke: var(--line) } summary { cursor: pointer; margin: .6rem 0 }
"""


def write(path: Path, fit: Fit) -> None:
    """Writes the report. Raises OutputError."""
    with written(path) as part:
        part.write_text(page(fit))


def page(fit: Fit) -> str:
    """The whole HTML text."""
    asked = ", ".join(_asked(key, value) for key, value in fit.request.items() if value is not None)
    verdict = "fits" if fit.feasible else "nothing fits"
    speed = "predicted for" if fit.speed_is_predicted else "measured on"
    parts = [
        f"<h1>{_text(fit.model.name)}: {verdict}</h1>",
        f"<p>{_text(fit.why)}</p>",
        f'<p class="soft">asked: {_text(asked or "the best of each size")} · speed {speed} {_text(fit.device)}</p>',
        _tiles(fit),
        "<h2>What a size costs</h2>",
        f'<p class="soft">{_loss_name(fit)} over the size of the file; every point is a plan that nothing beats.</p>',
        pareto(fit),
        _details("as a table", _front_table(fit)),
    ]
    if fit.units:
        parts += [
            "<h2>Bits of each tensor</h2>" if fit.kind == "gguf" else "<h2>What was done to each part</h2>",
            bits(fit.units),
            _details("as a table", _unit_table(fit.units)),
        ]
    if fit.beside:
        parts += ["<h2>Beside one type throughout</h2>", _beside_table(fit)]
    head = f"<meta charset=utf-8><title>{_text(fit.model.name)}, fitted</title><style>{_STYLE}</style>"
    return f"<!doctype html><html lang=en>{head}<body>{''.join(parts)}</body></html>\n"


def _asked(key: str, value: object) -> str:
    """A bound as a person would say it: "size 3.5 MB"."""
    if key.endswith("_bytes") and isinstance(value, int | float):
        return f"{key.removesuffix('_bytes')} {value / 1e6:g} MB"
    return f"{key.replace('_', ' ')} {value}"


def pareto(fit: Fit) -> str:
    """Loss over bytes as SVG: the front as a line, the chosen file, one type throughout."""
    marks = [(name, score.bytes, score.loss) for name, score in fit.beside]
    measured = None if fit.measured is None else (fit.measured.bytes, fit.measured.loss)
    points = [(p.bytes, p.loss) for p in fit.front]
    every = [*points, *((b, loss) for _, b, loss in marks), *([measured] if measured else [])]
    positive = [loss for _, loss in every if loss > 0]
    if len(every) < 2 or not positive:
        return '<p class="soft">There is only one plan: nothing to draw.</p>'
    floor = max(min(positive) / 2, max(positive) * _DECADES)
    x = _Scale(min(b for b, _ in every) * 0.97, max(b for b, _ in every) * 1.03, _LEFT, _WIDTH - _RIGHT)
    y = _Scale(math.log10(floor), math.log10(max(positive) * 1.5), _HEIGHT - _BOTTOM, _TOP)

    def at(n_bytes: float, loss: float) -> tuple[float, float]:
        return x(n_bytes), y(math.log10(max(loss, floor)))

    out = [f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" aria-label="loss over size">']
    for power in range(math.floor(y.low), math.ceil(y.high) + 1):
        if y.low <= power <= y.high:
            out.append(
                f'<line class="grid" x1="{_LEFT}" x2="{_WIDTH - _RIGHT}" y1="{y(power):.1f}" y2="{y(power):.1f}"/>'
            )
            out.append(
                f'<text class="axis" x="{_LEFT - 8}" y="{y(power) + 4:.1f}" text-anchor="end">{10.0**power:g}</text>'
            )
    for tick in _ticks(x.low, x.high):
        out.append(
            f'<text class="axis" x="{x(tick):.1f}" y="{_HEIGHT - 22}" text-anchor="middle">{tick / 1e6:g} MB</text>'
        )
    cap = fit.request.get("size_bytes")
    if isinstance(cap, int | float) and x.low <= cap <= x.high:
        out.append(
            f'<line x1="{x(cap):.1f}" x2="{x(cap):.1f}" y1="{_TOP}" y2="{_HEIGHT - _BOTTOM}" stroke="var(--soft)" stroke-dasharray="4 4"/>'
        )
        out.append(f'<text class="axis" x="{x(cap) - 6:.1f}" y="{_TOP + 10}" text-anchor="end">size asked for</text>')
    ordered = sorted(points)
    # What is larger and farther only is there because it is faster: it has its point, and the line passes it by.
    closer = [p for n, p in enumerate(ordered) if all(p[1] < before[1] for before in ordered[:n])]
    if len(closer) > 1:
        line = " ".join(f"{px:.1f},{py:.1f}" for px, py in (at(*p) for p in closer))
        out.append(f'<polyline points="{line}" fill="none" stroke="var(--front)" stroke-width="2"/>')
    for b, loss in ordered:
        px, py = at(b, loss)
        out.append(
            f'<circle cx="{px:.1f}" cy="{py:.1f}" r="4" fill="var(--front)"><title>{b / 1e6:.3f} MB, {loss:.3g}</title></circle>'
        )
    for name, b, loss in marks:
        px, py = at(b, loss)
        out.append(
            f'<path d="M{px:.1f},{py - 6:.1f} l6,6 l-6,6 l-6,-6 z" fill="var(--beside)"><title>{_text(name)}: {b / 1e6:.3f} MB, {loss:.3g}</title></path>'
        )
        out.append(f'<text x="{px + 9:.1f}" y="{py + 4:.1f}">{_text(name)}</text>')
    if measured:
        px, py = at(*measured)
        out.append(
            f'<rect x="{px - 6:.1f}" y="{py - 6:.1f}" width="12" height="12" rx="2" fill="var(--chosen)" stroke="var(--page)" stroke-width="2"><title>chosen: {measured[0] / 1e6:.3f} MB, {measured[1]:.3g}</title></rect>'
        )
        side, anchor = (10, "start") if px < _LEFT + 120 else (-10, "end")
        out.append(f'<text x="{px + side:.1f}" y="{py + 20:.1f}" text-anchor="{anchor}">chosen, measured</text>')
    return "".join(out) + "</svg>"


def bits(units: Sequence[Unit]) -> str:
    """A cell for each unit: columns are layers, rows kinds of tensor; darker is more bits."""
    layers = sorted({unit.layer for unit in units if unit.layer is not None})
    inside = [unit for unit in units if unit.layer is not None]
    outside = [unit for unit in units if unit.layer is None]
    kinds = list(dict.fromkeys(_kind(unit) for unit in inside))
    rows: list[tuple[str, dict[int, Unit]]] = [
        (kind, {unit.layer: unit for unit in inside if _kind(unit) == kind and unit.layer is not None})
        for kind in kinds
    ]
    left, cell_h = 150, 24
    cell_w = max(16.0, min(64.0, (_WIDTH - left - _RIGHT) / max(1, len(layers))))
    width = max(_WIDTH, left + cell_w * len(layers) + _RIGHT)
    wide = 190
    per_row = max(1, int((width - left) // wide))
    outside_rows = -(-len(outside) // per_row)
    height = 24 + cell_h * (len(rows) + outside_rows) + 16
    out = [
        f'<div class="wide"><svg viewBox="0 0 {width:.0f} {height}" style="min-width:{min(width, 2400):.0f}px" role="img" aria-label="bits of each tensor">'
    ]
    for n, layer in enumerate(layers):
        if cell_w >= 24 or n % 4 == 0:
            out.append(
                f'<text class="axis" x="{left + cell_w * (n + 0.5):.1f}" y="14" text-anchor="middle">{layer}</text>'
            )
    for row, (kind, cells) in enumerate(rows):
        y = 22 + row * cell_h
        out.append(f'<text x="{left - 8}" y="{y + 16}" text-anchor="end">{_text(kind)}</text>')
        for n, layer in enumerate(layers):
            if layer in cells:
                out.append(_cell(cells[layer], left + cell_w * n, y, cell_w, cell_h, cells[layer].choice))
    for n, unit in enumerate(outside):
        y = 22 + (len(rows) + n // per_row) * cell_h + 8
        text = f"{unit.name.removesuffix('.weight')[-20:]} {unit.choice}"
        out.append(_cell(unit, left + wide * (n % per_row), y, wide, cell_h, text))
    return "".join(out) + "</svg></div>"


def _cell(unit: Unit, x: float, y: float, width: float, height: float, text: str) -> str:
    share = min(1.0, unit.bits / 16)
    lightness = 92 - 62 * share**0.6
    ink = "#fff" if lightness < 62 else "#14213d"
    loss = "" if unit.loss is None else f", adds {unit.loss:.2g}"
    title = f"<title>{_text(unit.name)}: {_text(unit.choice)}, {unit.bits:.2f} bits of {unit.weights:,} weights{loss}</title>"
    box = f'<rect x="{x + 1:.1f}" y="{y + 1}" width="{width - 2:.1f}" height="{height - 2}" rx="3" fill="hsl(212 62% {lightness:.0f}%)">{title}</rect>'
    if width < 7 * len(text) * 0.85:
        return box
    return (
        box
        + f'<text x="{x + width / 2:.1f}" y="{y + 16}" text-anchor="middle" style="fill:{ink};font-size:11px;pointer-events:none">{_text(text)}</text>'
    )


def _kind(unit: Unit) -> str:
    return re.sub(r"^blk\.\d+\.|\.weight$", "", unit.name)


class _Scale:
    """A linear map from values to pixels."""

    def __init__(self, low: float, high: float, start: float, end: float) -> None:
        self.low, self.high = low, high
        self._start, self._slope = start, (end - start) / ((high - low) or 1.0)

    def __call__(self, value: float) -> float:
        return self._start + (value - self.low) * self._slope


def _ticks(low: float, high: float) -> Iterable[float]:
    step = 10 ** math.floor(math.log10((high - low) / 2))
    step *= next((n for n in (1, 2, 5) if (high - low) / (step * n) <= 8), 10)
    at = math.ceil(low / step) * step
    while at <= high:
        yield at
        at += step


def _tiles(fit: Fit) -> str:
    tiles = [("float model", f"{fit.float_bytes / 1e6:.2f} MB", "")]
    if fit.measured is not None:
        predicted = fit.predicted
        tiles.append(
            ("size", f"{fit.measured.bytes / 1e6:.3f} MB", f"{fit.float_bytes / fit.measured.bytes:.2f} × smaller")
        )
        tiles.append(
            (_loss_name(fit), f"{fit.measured.loss:.3g}", f"predicted {predicted.loss:.3g}" if predicted else "")
        )
        if fit.measured.speed is not None:
            tiles.append(
                ("speed", _speed(fit, fit.measured.speed), "predicted" if fit.speed_is_predicted else "measured")
            )
    cells = "".join(
        f'<div class="tile">{_text(a)}<b>{_text(b)}</b><span class="soft">{_text(c)}</span></div>' for a, b, c in tiles
    )
    return f'<div class="tiles">{cells}</div>'


def _loss_name(fit: Fit) -> str:
    return "KL divergence, nats a token" if fit.kind == "gguf" else "noise to signal"


def _speed(fit: Fit, speed: float | None) -> str:
    if speed is None:
        return "–"
    return f"{speed:,.1f} tok/s" if fit.kind == "gguf" else f"{speed:.2f} × float"


def _front_table(fit: Fit) -> str:
    rows = [
        (f"{p.bytes / 1e6:.3f}", f"{p.loss:.4g}", _speed(fit, p.speed))
        for p in sorted(fit.front, key=lambda p: p.bytes)
    ]
    return _table(("MB", "loss, predicted", "speed, predicted"), rows)


def _unit_table(units: Sequence[Unit]) -> str:
    rows = [
        (u.name, u.choice, f"{u.bits:.2f}", f"{u.weights:,}", "–" if u.loss is None else f"{u.loss:.3g}") for u in units
    ]
    return _table(("part", "what", "bits", "weights", "adds to the loss"), rows)


def _beside_table(fit: Fit) -> str:
    chosen = [] if fit.measured is None else [("chosen", fit.measured)]
    rows = [
        (name, f"{score.bytes / 1e6:.3f}", f"{score.loss:.4g}", _speed(fit, score.speed))
        for name, score in (*chosen, *fit.beside)
    ]
    return _table(("file", "MB", "loss", "speed"), rows)


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    body = "".join(f"<tr>{''.join(f'<td>{_text(cell)}</td>' for cell in row)}</tr>" for row in rows)
    return (
        f'<div class="wide"><table><tr>{"".join(f"<th>{_text(name)}</th>" for name in head)}</tr>{body}</table></div>'
    )


def _details(summary: str, body: str) -> str:
    return f"<details><summary>{_text(summary)}</summary>{body}</details>"


def _text(text: str) -> str:
    return html.escape(str(text))
