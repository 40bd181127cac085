"""Scenes described in JSON, as `edge ask` takes them, checked and turned into queries.

{"now_s": 12.5, "seen": [{"kind": "text", "label": "EXIT", "score": 0.9, "box_xyxy": [0, 0, 0.2, 0.1], "t_s": 12}],
 "device": {"battery": 63, "time": "14:05"}}
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final, cast, get_args

from edge.clock import S
from edge.errors import ConfigError
from edge.reasoning.tools import Tool, tool
from edge.types import Box, Device, Kind, Query, Scene, Seen, Turn

KINDS: Final = get_args(Kind)
LONGEST_S: Final = 1e11
"""no clock that counts from anywhere shows more: three thousand years"""
_AGAIN_S: Final = 3.0
"""Sightings of one label that are further apart in time are of one thing; closer ones, of two."""
_EMPTY: Final = "the question is empty: ask something"


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a batch."""

    query: Query
    tools: tuple[Tool, ...] = ()
    """offered beside the device's own"""


def query(path: Path | None, text: str) -> Query:
    """A question about the scene in a file; an empty scene without one.

    Raises:
        ConfigError: unreadable, not JSON, or not a scene.
    """
    if not text.strip():
        raise ConfigError(_EMPTY)
    return _query({} if path is None else _json(_text(path), str(path)), text, (), str(path))


def batch(path: Path) -> Iterator[Row]:
    """The questions of a JSON-lines file; keys that are unknown here, such as what is expected, are left alone.

    Raises:
        ConfigError: unreadable, or a line is not {scene, text}; the line is named.
    """
    for number, line in enumerate(_text(path).split("\n"), 1):
        where = f"{path} line {number}"
        if not line.strip():
            continue
        row = _json(line, where)
        if not isinstance(row, dict) or not isinstance(row.get("text"), str):
            raise ConfigError(f'{where} has no text: write {{"scene": …, "text": "the question"}}')
        if not row["text"].strip():
            raise ConfigError(f"{where}: {_EMPTY}")
        earlier, tools = _earlier(row.get("earlier") or [], where), _tools(row.get("tools") or [], where)
        yield Row(_query(row.get("scene") or {}, row["text"], earlier, where), tools)


def _query(raw: Any, text: str, earlier: tuple[Turn, ...], where: str) -> Query:
    if not isinstance(raw, dict):
        raise ConfigError(f"the scene in {where} must be an object with now_s and seen")
    things = raw.get("seen", [])
    if not isinstance(things, list):
        raise ConfigError(f"seen in {where} must be a list")
    now_s = _seconds(raw.get("now_s", 0.0), "now_s", where)
    seen = _tracked([_seen(thing, i, where, now_s) for i, thing in enumerate(things)])
    scene = Scene(int(now_s * S), seen, _device(raw.get("device") or {}, where))
    return Query(scene.now_ns, text, scene, None, earlier)


def _tracked(seen: Sequence[Seen]) -> tuple[Seen, ...]:
    """With a track for each thing: two cups are two, but a cup that was there a minute ago as well is one."""
    tracked: list[Seen] = []
    for s in seen:
        same = [t for t in tracked if (t.kind, t.label) == (s.kind, s.label)]
        near = {t.track for t in same if abs(t.t_ns - s.t_ns) <= _AGAIN_S * S}
        before = [t.track for t in same if t.track not in near]
        tracked.append(replace(s, track=before[0]) if before else s)
    return tuple(tracked)


def _earlier(raw: Any, where: str) -> tuple[Turn, ...]:
    if not isinstance(raw, list) or not all(isinstance(turn, dict) or _is_pair(turn) for turn in raw):
        raise ConfigError(f"earlier in {where} must be a list of objects with question and answer, or of such pairs")
    pairs = [(t.get("question", ""), t.get("answer", "")) if isinstance(t, dict) else t for t in raw]
    return tuple(Turn(str(question), str(answer)) for question, answer in pairs)


def _is_pair(turn: Any) -> bool:
    return isinstance(turn, list) and len(turn) == 2 and all(isinstance(text, str) for text in turn)


def _tools(raw: Any, where: str) -> tuple[Tool, ...]:
    if not isinstance(raw, list) or not all(map(_is_tool, raw)):
        raise ConfigError(f"tools in {where} must be a list of objects with name, description and parameters")
    return tuple(tool(t["name"], t["description"], t.get("parameters", {})) for t in raw)


def _is_tool(raw: Any) -> bool:
    if not isinstance(raw, dict) or not isinstance(raw.get("name"), str) or not isinstance(raw.get("description"), str):
        return False
    parameters = raw.get("parameters", {})
    return isinstance(parameters, dict) and all(isinstance(kind, str) for kind in parameters.values())


def _seen(raw: Any, index: int, where: str, now_s: float) -> Seen:
    what = f"seen[{index}] in {where}"
    if not isinstance(raw, dict) or raw.get("kind") not in KINDS or not isinstance(raw.get("label"), str):
        raise ConfigError(f"{what} needs a kind ({', '.join(KINDS)}) and a label")
    box = raw.get("box_xyxy", [0.0, 0.0, 1.0, 1.0])
    if not isinstance(box, list) or len(box) != 4:
        raise ConfigError(f"box_xyxy of {what} must be four numbers 0..1: left, top, right, bottom")
    corners = tuple(min(1.0, max(0.0, _number(v, "box_xyxy", what))) for v in box)
    t_s = _seconds(raw.get("t_s", now_s), "t_s", what)
    score = _number(raw.get("score", 1.0), "score", what)
    return Seen(int(t_s * S), cast(Kind, raw["kind"]), raw["label"], score, cast(Box, corners), track=index)


def _device(raw: Any, where: str) -> Device:
    if not isinstance(raw, Mapping):
        raise ConfigError(f"device in {where} must be an object with battery and time")
    battery = raw.get("battery")
    time = raw.get("time")
    return Device(
        None if battery is None else int(_number(battery, "battery", where)), None if time is None else str(time)
    )


def _number(value: Any, name: str, where: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise ConfigError(f"{name} in {where} must be a number, not {value!r}")
    return float(value)


def _seconds(value: Any, name: str, where: str) -> float:
    seconds = _number(value, name, where)
    if abs(seconds) > LONGEST_S:
        raise ConfigError(f"{name} in {where} must be a time in seconds, not {value!r}")
    return seconds


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", None) or "it is not text"
        raise ConfigError(f"{path} could not be read ({why}): check the path") from error


def _json(text: str, where: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ConfigError(f"{where} is not JSON ({error})") from error
