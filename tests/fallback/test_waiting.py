"""Questions that wait: only what is allowed is written, few wait and not for long, and what comes back is what was kept."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from edge.clock import S
from edge.errors import ConfigError
from edge.fallback.waiting import FILE, Waiting, reduced
from edge.types import Frame, Keyframe
from tests.fallback.test_privacy import MARKS, QUERY

NOW = datetime(2026, 11, 22, 12, 0)
PICTURE = Keyframe(1, Frame(1, np.zeros((4, 4, 3), np.uint8), 1), 1.0)
WRITTEN = {
    "text_seen": "secretsign", "objects": "bicycle", "faces": "Marjorie", "memory": "oldthing", "place": "14:05",
}  # fmt: skip


@pytest.mark.parametrize("name", WRITTEN)
def test_what_is_not_of_an_allowed_class_is_never_on_the_disk(tmp_path: Path, name: str) -> None:
    waiting = Waiting(tmp_path, {"words", name}, 9, 24)
    earlier = tuple(replace(turn, answer="earlieranswer") for turn in QUERY.earlier)
    assert waiting.put(replace(QUERY, keyframe=PICTURE, earlier=earlier), NOW)
    written = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert (tmp_path / FILE).stat().st_mode & 0o777 == 0o600
    for other, mark in WRITTEN.items():
        assert (mark.encode() in written) == (other == name), other


def test_without_words_nothing_is_written(tmp_path: Path) -> None:
    assert not Waiting(tmp_path, {"objects"}, 9, 24).put(QUERY, NOW)
    assert b"who is that" not in (tmp_path / FILE).read_bytes()


def test_what_comes_back_after_a_restart_is_what_was_kept(tmp_path: Path) -> None:
    classes = {"words", *MARKS}
    Waiting(tmp_path, classes, 9, 24).put(QUERY, NOW)
    (kept,) = Waiting(tmp_path, classes, 9, 24).all()
    assert kept.query == reduced(QUERY, classes) == QUERY and kept.asked == NOW


def test_few_wait_and_one_more_is_refused_not_swapped(tmp_path: Path) -> None:
    waiting = Waiting(tmp_path, {"words"}, 2, 24)
    kept = [waiting.put(replace(QUERY, text=f"question {n}"), NOW) for n in range(3)]
    assert kept == [True, True, False]
    assert [k.query.text for k in waiting.all()] == ["question 0", "question 1"]


def test_what_waited_too_long_is_taken_out_and_named(tmp_path: Path) -> None:
    waiting = Waiting(tmp_path, {"words"}, 9, 2)
    waiting.put(replace(QUERY, text="old"), NOW - timedelta(hours=3))
    waiting.put(replace(QUERY, text="new"), NOW)
    assert [k.query.text for k in waiting.expired(NOW)] == ["old"]
    assert [k.query.text for k in waiting.all()] == ["new"]
    assert waiting.clear() == 1 and waiting.all() == []


def test_what_was_cleared_cannot_be_read_from_the_file(tmp_path: Path) -> None:
    waiting = Waiting(tmp_path, {"words"}, 9, 2)
    waiting.put(QUERY, NOW)
    waiting.clear()
    assert b"who is that" not in b"".join(path.read_bytes() for path in tmp_path.iterdir())


def test_a_file_that_is_no_queue_is_named(tmp_path: Path) -> None:
    (tmp_path / FILE).write_text("no database at all, and long enough to look at")
    with pytest.raises(ConfigError, match="cannot be opened"):
        Waiting(tmp_path, {"words"}, 9, 2)


def test_a_thing_that_is_remembered_is_memory_whatever_it_is() -> None:
    assert [s.label for s in reduced(QUERY, {"objects"}).scene.seen] == ["bicycle"]
    assert [s.label for s in reduced(QUERY, {"memory"}).scene.seen] == ["oldthing"]
    assert QUERY.scene.seen[0].t_ns < QUERY.scene.now_ns - 3 * S
