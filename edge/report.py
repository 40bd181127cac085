"""A session as one HTML file: annotated pictures, a waterfall per turn, percentiles. No script, no network."""

from __future__ import annotations

import base64
from html import escape
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.clock import MS, S
from edge.event_log import TurnRecord
from edge.measure import attributed, turn_spans
from edge.media import jpeg
from edge.runtime import Session
from edge.trace import Span, percentile
from edge.types import Keyframe, Seen

PICTURE_PX: Final = 640
WIDTH_PX: Final = 640
ROW_PX: Final = 18
COLOURS: Final = {
    "pause": "#c9cdd6", "wait": "#e3b505", "join": "#e8a87c", "hear": "#7fb7be", "asr": "#3d7ea6", "asr_final": "#27567b",
    "prefill": "#7a5ea8", "decode": "#4a9c6d",
}  # fmt: skip
MEANING: Final = {
    "pause": "silence that shows that the question is over", "wait": "in a queue", "join": "detectors still looking",
    "asr": "recognising", "asr_final": "last pass of recognition", "prefill": "reading scene and question",
    "decode": "making words", "hear": "voice activity",
}  # fmt: skip
BOX_BGR: Final = {"text": (80, 190, 60), "object": (220, 140, 40), "code": (60, 60, 220), "face": (200, 80, 200)}

STYLE: Final = """
:root{color-scheme:light dark;--bg:#f6f7f9;--card:#fff;--ink:#1d2430;--dim:#687182;--line:#e2e5ea}
@media(prefers-color-scheme:dark){:root{--bg:#14171c;--card:#1d2128;--ink:#e8eaee;--dim:#98a1b0;--line:#323843}}
*{box-sizing:border-box}body{margin:0;background:var(--bg);color:var(--ink);font:15px/1.5 system-ui,sans-serif}
main{max-width:1080px;margin:auto;padding:28px 20px 60px}h1{font-size:26px;margin:0}h2{font-size:18px;margin:34px 0 10px}
.dim{color:var(--dim)}.tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(150px,1fr));gap:12px;margin:20px 0}
.tile,.turn{background:var(--card);border:1px solid var(--line);border-radius:12px;padding:14px 16px}
.tile b{display:block;font-size:24px;font-weight:650}
.turn{display:grid;grid-template-columns:320px 1fr;gap:18px;margin:14px 0}
.turn img{width:100%;border-radius:8px;display:block}.ask{font-size:18px;font-weight:600;margin:0}
.say{font-size:17px;margin:2px 0 10px}.say::before{content:"→ ";color:var(--dim)}
.badge{float:right;background:var(--bg);border:1px solid var(--line);border-radius:99px;padding:1px 10px;font-size:13px}
table{border-collapse:collapse;width:100%;background:var(--card);border:1px solid var(--line);border-radius:12px}
th,td{padding:6px 12px;text-align:right;border-bottom:1px solid var(--line)}th:first-child,td:first-child{text-align:left}
svg{width:100%;height:auto;display:block}svg text{fill:currentColor;font:12px system-ui,sans-serif}
@media(max-width:760px){.turn{grid-template-columns:1fr}}
"""


def write_report(session: Session, path: Path) -> None:
    """Write the report to `path`.

    Raises:
        OSError: it cannot be written.
    """
    body = "".join([_head(session), _turns(session), _stages(session), _hops(session), _failures(session)])
    path.write_text(
        '<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f"<title>Glasspath session</title><style>{STYLE}</style><main>{body}</main></html>\n"
    )


def _head(session: Session) -> str:
    latencies = [ms for t in session.log.turns if (ms := t.glass_to_answer_ms) is not None]
    explained = [attributed(session, t) for t in session.log.turns if t.first_token_ns is not None]
    words = sum(len(t.text.split()) for t in session.log.transcripts)
    labels = {(s.kind, s.label) for look in session.log.looks for s in look.seen}
    tiles = [
        (f"{len(session.log.turns)}", "questions"),
        (f"{percentile(latencies, 50):.0f} ms", "glass-to-answer, median"),
        (f"{percentile(latencies, 95):.0f} ms", "glass-to-answer, p95"),
        (f"{100 * min(explained, default=1):.1f} %", "of each turn explained, at least"),
        (f"{len(labels)}", "different things seen"),
        (f"{words}", "words heard"),
        (f"{sum(session.dropped().values())}", "items dropped"),
    ]
    cells = "".join(f'<div class="tile"><b>{value}</b><span class="dim">{name}</span></div>' for value, name in tiles)
    return (
        f'<h1>Glasspath session</h1><div class="dim">{session.duration_ns / S:.1f} s. Glass-to-answer is the time from '
        f'the end of the speech to the first word of the answer.</div><div class="tiles">{cells}</div>'
    )


def _turns(session: Session) -> str:
    if not session.log.turns:
        return '<h2>Turns</h2><p class="dim">Nobody asked anything.</p>'
    legend = "".join(
        f'<span style="margin-right:14px"><span style="display:inline-block;width:10px;height:10px;border-radius:2px;'
        f'background:{COLOURS[name]}"></span> {escape(meaning)}</span>'
        for name, meaning in MEANING.items()
    )
    return f'<h2>Turns</h2><div class="dim">{legend}</div>' + "".join(_turn(session, t) for t in session.log.turns)


def _turn(session: Session, turn: TurnRecord) -> str:
    latency_ms = turn.glass_to_answer_ms
    badge = "no answer" if latency_ms is None else f"{latency_ms:.0f} ms"
    answer = turn.answer.text if turn.answer else "no answer"
    source = f" · {turn.answer.source}" if turn.answer else ""
    picture = _picture(turn.query.keyframe, session) if turn.query.keyframe else '<div class="dim">no picture</div>'
    return (
        f'<div class="turn"><div>{picture}</div><div><span class="badge">{badge}{source}</span>'
        f'<p class="dim" style="margin:0">at {turn.query.t_ns / S:.1f} s</p>'
        f'<p class="ask">{escape(turn.query.text)}</p><p class="say">{escape(answer)}</p>'
        f"{_waterfall(session, turn)}</div></div>"
    )


def _picture(keyframe: Keyframe, session: Session) -> str:
    seen = [s for look in session.log.looks if look.t_ns == keyframe.t_ns for s in look.seen]
    data = base64.b64encode(jpeg(annotated(keyframe.frame.image, seen), 80)).decode()
    return f'<img alt="what the camera saw" src="data:image/jpeg;base64,{data}">'


def annotated(image: NDArray[np.uint8], seen: list[Seen]) -> NDArray[np.uint8]:
    """A copy of a BGR picture, at most PICTURE_PX wide, with boxes and labels."""
    height, width = image.shape[:2]
    scale = min(1.0, PICTURE_PX / width)
    out = cv2.resize(image, (round(width * scale), round(height * scale)), interpolation=cv2.INTER_AREA)
    height, width = out.shape[:2]
    for thing in seen:
        x0, y0, x1, y1 = thing.box_xyxy
        colour = BOX_BGR[thing.kind]
        left, top = int(x0 * width), int(y0 * height)
        cv2.rectangle(out, (left, top), (int(x1 * width), int(y1 * height)), colour, 2)
        label = "".join(c if 32 <= ord(c) < 127 else "?" for c in thing.label[:40])  # OpenCV's font is ASCII
        (text_width, text_height), _ = cv2.getTextSize(label, cv2.FONT_HERSHEY_SIMPLEX, 0.5, 1)
        bottom = max(top, text_height + 6)
        cv2.rectangle(out, (left, bottom - text_height - 6), (left + text_width + 6, bottom), colour, -1)
        cv2.putText(out, label, (left + 3, bottom - 4), cv2.FONT_HERSHEY_SIMPLEX, 0.5, (255, 255, 255), 1, cv2.LINE_AA)
    return np.asarray(out, np.uint8)


def _waterfall(session: Session, turn: TurnRecord) -> str:
    if turn.first_token_ns is None:
        return ""
    rows = _rows(turn_spans(session, turn), turn.query.t_ns, turn.first_token_ns)
    height = len(rows) * ROW_PX + 4
    return f'<svg viewBox="0 0 {WIDTH_PX} {height}" role="img">{_bars(rows, turn)}</svg>'


def waterfall_picture(session: Session, turn: TurnRecord) -> str:
    """One turn's waterfall as an SVG file of its own, with what was asked and answered above it and the legend below."""
    start_ns, end_ns = turn.query.t_ns, turn.first_token_ns or turn.query.t_ns
    rows = _rows(turn_spans(session, turn), start_ns, end_ns)
    asked, answer = escape(turn.query.text), escape(turn.answer.text if turn.answer else "")
    names = [name for name in MEANING if name in {name for name, _, _ in rows}]
    below = 62 + len(rows) * ROW_PX
    legend = "".join(
        f'<rect x="{(n % 2) * 320}" y="{below + 12 + n // 2 * 18}" width="10" height="10" rx="2" fill="{COLOURS[name]}"/>'
        f'<text x="{(n % 2) * 320 + 15}" y="{below + 21 + n // 2 * 18}" class="dim">{escape(MEANING[name])}</text>'
        for n, name in enumerate(names)
    )
    height = below + 24 + (len(names) + 1) // 2 * 18
    style = (
        "text{font:12px system-ui,sans-serif;fill:#1d2430}.dim{fill:#687182}.big{font-size:15px;font-weight:600}"
        "@media(prefers-color-scheme:dark){text{fill:#e8eaee}.dim{fill:#98a1b0}.card{fill:#1d2128}}"
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="-16 -12 {WIDTH_PX + 32} {height + 16}" role="img">'
        f'<style>{style}</style><rect class="card" x="-16" y="-12" width="{WIDTH_PX + 32}" height="{height + 16}" '
        f'rx="12" fill="#f6f7f9"/><text x="0" y="14" class="big">{asked}</text>'
        f'<text x="{WIDTH_PX}" y="14" class="big" text-anchor="end">{(end_ns - start_ns) / MS:.0f} ms</text>'
        f'<text x="0" y="34">→ {answer}</text><text x="0" y="52" class="dim">from the end of the speech to the first '
        f'word of the answer</text><g transform="translate(0 60)">{_bars(rows, turn)}</g>{legend}</svg>\n'
    )


def _bars(rows: list[tuple[str, str, list[tuple[int, int]]]], turn: TurnRecord) -> str:
    """One row a kind of work, to scale."""
    start_ns, end_ns = turn.query.t_ns, turn.first_token_ns or turn.query.t_ns
    left = 150
    scale = (WIDTH_PX - left - 70) / max(end_ns - start_ns, 1)
    parts = []
    for i, (name, track, pieces) in enumerate(rows):
        y = i * ROW_PX
        total_ms = sum(b - a for a, b in pieces) / MS
        parts.append(f'<text x="0" y="{y + 13}">{escape(track)} · {escape(name)}</text>')
        for a, b in pieces:
            x = left + (a - start_ns) * scale
            parts.append(f'<rect x="{x:.1f}" y="{y + 3}" width="{max((b - a) * scale, 1):.1f}" height="12" rx="2" '
                         f'fill="{COLOURS.get(name, "#888")}"/>')  # fmt: skip
        last = left + (pieces[-1][1] - start_ns) * scale
        parts.append(f'<text x="{min(last + 5, WIDTH_PX - 62):.1f}" y="{y + 13}">{total_ms:.1f} ms</text>')
    return "".join(parts)


def _rows(spans: list[Span], start_ns: int, end_ns: int) -> list[tuple[str, str, list[tuple[int, int]]]]:
    """Spans of one name on one track share a row; those that would not be seen are left out."""
    rows: dict[tuple[str, str], list[tuple[int, int]]] = {}
    for span in spans:
        a, b = max(span.start_ns, start_ns), min(span.end_ns, end_ns)
        if b > a:
            rows.setdefault((span.name, span.track), []).append((a, b))
    least_ns = (end_ns - start_ns) / 500
    kept = {key: pieces for key, pieces in rows.items() if sum(b - a for a, b in pieces) >= least_ns}
    return [(name, track, pieces) for (name, track), pieces in sorted(kept.items(), key=lambda kv: kv[1][0])]


def _stages(session: Session) -> str:
    rows = [
        [name, f"{row['n']:.0f}", *(f"{row[f'p{q}_ms']:.2f}" for q in (50, 95, 99))]
        for name, row in session.trace.stages().items()
    ]
    return "<h2>Work</h2>" + _table(["work", "n", "p50 ms", "p95 ms", "p99 ms"], rows)


def _hops(session: Session) -> str:
    dropped = session.dropped()
    rows = [
        [name, f"{len(ages)}", f"{percentile(list(ages), 50):.1f}", f"{percentile(list(ages), 99):.1f}",
         f"{max(ages, default=0):.1f}", f"{dropped.get(name, 0)}"]
        for name, ages in sorted(session.trace.age_ms.items())
    ]  # fmt: skip
    return "<h2>Age of the data at each hop</h2>" + _table(
        ["hop", "items", "p50 ms", "p99 ms", "max ms", "dropped"], rows
    )


def _failures(session: Session) -> str:
    if not session.log.failures:
        return ""
    rows = [[f.where, f"{f.t_ns / S:.1f} s", f.error] for f in session.log.failures]
    return "<h2>Failures</h2>" + _table(["where", "when", "what"], rows)


def _table(head: list[str], rows: list[list[Any]]) -> str:
    cells = "".join(f"<tr>{''.join(f'<td>{escape(str(c))}</td>' for c in row)}</tr>" for row in rows)
    return f"<table><tr>{''.join(f'<th>{escape(h)}</th>' for h in head)}</tr>{cells}</table>"
