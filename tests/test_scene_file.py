"""Scenes in JSON become queries: with defaults where something is left out, and numbers in their bounds."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from edge.clock import MS, S
from edge.errors import ConfigError
from edge.scene_file import batch, query
from edge.types import Device, Scene, Seen, Turn


def of(path: Path, scene: Any, text: str = "what is this") -> Any:
    path.write_text(json.dumps(scene, ensure_ascii=False), "utf-8")
    return query(path, text)


def test_a_whole_scene_becomes_a_query(tmp_path: Path) -> None:
    scene = {
        "now_s": 12.5,
        "seen": [
            {"kind": "text", "label": "Ausgang → 出口", "score": 0.9, "box_xyxy": [0, 0, 0.2, 0.1], "t_s": 12},
            {"kind": "object", "label": "person", "score": 1, "box_xyxy": [0.5, 0.5, 1, 1], "t_s": 3.25},
        ],
        "device": {"battery": 63, "time": "14:05"},
    }
    made = of(tmp_path / "s.json", scene)
    assert (made.text, made.t_ns, made.keyframe, made.earlier) == ("what is this", 12_500 * MS, None, ())
    assert made.scene == Scene(
        12_500 * MS,
        (
            Seen(12 * S, "text", "Ausgang → 出口", 0.9, (0, 0, 0.2, 0.1), track=0),
            Seen(3_250 * MS, "object", "person", 1.0, (0.5, 0.5, 1, 1), track=1),
        ),
        Device(63, "14:05"),
    )


def test_what_is_left_out_has_a_default(tmp_path: Path) -> None:
    """Seen now, surely, all over the picture, on a device that says nothing of itself."""
    made = of(tmp_path / "s.json", {"now_s": 5, "seen": [{"kind": "code", "label": "x"}]})
    assert made.scene == Scene(5 * S, (Seen(5 * S, "code", "x", 1.0, (0.0, 0.0, 1.0, 1.0), track=0),), Device())
    assert query(None, "hello").scene == Scene(0, (), Device())
    assert of(tmp_path / "s.json", {"device": None}).scene.device == Device()


def test_corners_outside_the_picture_are_moved_to_its_edge(tmp_path: Path) -> None:
    """A box that a tracker has predicted may leave it."""
    made = of(tmp_path / "s.json", {"seen": [{"kind": "text", "label": "a", "box_xyxy": [-0.5, 0.1, 1.5, 2]}]})
    assert made.scene.seen[0].box_xyxy == (0.0, 0.1, 1.0, 1.0)


def test_a_batch_keeps_order_skips_blank_lines_and_takes_earlier_turns(tmp_path: Path) -> None:
    rows = [
        {"scene": {"now_s": 1}, "text": "first"},
        {"text": "second"},
        {"scene": None, "text": "third", "earlier": [{"question": "what is this", "answer": "A sign."}]},
    ]
    path = tmp_path / "b.jsonl"
    path.write_text("\n\n".join(json.dumps(row) for row in rows) + "\n")
    made = list(batch(path))
    assert [row.query.text for row in made] == ["first", "second", "third"]
    assert made[0].query.scene.now_ns == S
    assert made[2].query.earlier == (Turn("what is this", "A sign."),)


def test_a_label_may_hold_a_line_separator(tmp_path: Path) -> None:
    """Unicode's line separator is a letter like others in JSON; only a line feed ends a line."""
    row = {"scene": {"seen": [{"kind": "text", "label": "two\u2028lines\x85and\x0cmore"}]}, "text": "read it"}
    path = tmp_path / "b.jsonl"
    path.write_text(json.dumps(row, ensure_ascii=False) + "\n", "utf-8")
    assert [row.query.scene.seen[0].label for row in batch(path)] == ["two\u2028lines\x85and\x0cmore"]


def test_a_file_with_a_byte_order_mark_and_carriage_returns_is_read(tmp_path: Path) -> None:
    """As editors on Windows write it."""
    path = tmp_path / "b.jsonl"
    path.write_bytes(b'\xef\xbb\xbf{"text": "first"}\r\n{"text": "second"}\r\n')
    assert [row.query.text for row in batch(path)] == ["first", "second"]


@pytest.mark.parametrize("value", [1e308, 1e15])
def test_a_time_that_no_clock_shows_is_said(tmp_path: Path, value: float) -> None:
    with pytest.raises(ConfigError, match=r"now_s in .*s\.json"):
        of(tmp_path / "s.json", {"now_s": value})


def test_a_missing_batch_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"nowhere\.jsonl could not be read .*: check the path"):
        list(batch(tmp_path / "nowhere.jsonl"))


def test_a_batch_takes_earlier_turns_as_pairs_and_tools_beside_the_devices_own(tmp_path: Path) -> None:
    """As the hand-written questions have them; what is expected of the answer is not read."""
    row = {
        "text": "and now off",
        "earlier": [["lights on", "Okay."]],
        "tools": [
            {"name": "lights", "description": "switch the lights", "parameters": {"state": "on|off", "room": "text?"}}
        ],
        "skill": "tool",
        "expect": {"escalate": True},
    }
    path = tmp_path / "b.jsonl"
    path.write_text(json.dumps(row))
    (made,) = batch(path)
    assert made.query.earlier == (Turn("lights on", "Okay."),)
    assert [t.line for t in made.tools] == ["lights(state on|off, room?): switch the lights"]


@pytest.mark.parametrize(
    "tools", [5, ["lights"], [{"name": "lights"}], [{"name": "a", "description": "b", "parameters": {"c": 1}}]]
)
def test_tools_that_are_none_are_named(tmp_path: Path, tools: Any) -> None:
    path = tmp_path / "b.jsonl"
    path.write_text(json.dumps({"text": "a", "tools": tools}))
    with pytest.raises(ConfigError, match="tools in .* line 1 must be a list"):
        list(batch(path))


def test_a_label_seen_again_much_later_is_the_same_thing(tmp_path: Path) -> None:
    """And one seen at nearly the same time is another: two cups."""
    times = [("cup", 59.8), ("cup", 59.6), ("cup", 20), ("dog", 20), ("cup", 19.5)]
    seen = [{"kind": "object", "label": label, "t_s": t_s} for label, t_s in times]
    made = of(tmp_path / "s.json", {"now_s": 60, "seen": seen})
    assert [s.track for s in made.scene.seen] == [0, 1, 0, 3, 1]
