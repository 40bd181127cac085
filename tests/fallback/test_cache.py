"""Answers given again: only to public questions, only for a while, and only to the same question."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from edge.errors import ConfigError
from edge.fallback.cache import FILE, Cache, key
from edge.fallback.placeholders import Placeholders
from edge.fallback.privacy import Class, Permit, Reach, permit
from edge.types import Device, Query, Scene, Seen
from tests.fallback.rows import changed

NOW = datetime(2026, 11, 22, 12, 0)
ROW = changed(name="muse")
BOX = (0.1, 0.1, 0.3, 0.3)
PUBLIC: dict[Class, Reach] = {"words": "any", "objects": "any"}


def asked(text: str, consent: dict[Class, Reach] = PUBLIC, thing: str = "", **row: object) -> Permit:
    seen = (Seen(1, "object", thing, 0.9, BOX, 1),) if thing else ()
    query = Query(1, text, Scene(1, seen, Device(63, "14:05")))
    return permit(query, replace(ROW, **row), consent, Placeholders())  # type: ignore[arg-type]  # names of its fields


def test_an_answer_is_given_again_whatever_the_signs_and_case(tmp_path: Path) -> None:
    cache = Cache(tmp_path, 60)
    cache.put(asked("Who painted the Milkmaid?"), "Vermeer.", NOW)
    assert cache.get(asked("who painted the milkmaid"), NOW + timedelta(seconds=59)) == "Vermeer."
    assert cache.get(asked("who painted the milkmaid"), NOW + timedelta(seconds=61)) == ""
    assert cache.count() == 0


@pytest.mark.parametrize(
    "other",
    [
        asked("who painted the milkman"),
        asked("who painted this", model="other"),
        asked("who painted this", thing="cup"),
    ],
)
def test_another_question_model_or_thing_in_view_is_another_key(other: Permit) -> None:
    assert key(other) != key(asked("who painted this"))


@pytest.mark.parametrize(
    "private",
    [
        asked("who painted this", {"words": "private"}),
        asked("who painted this", {"words": "any", "objects": "private"}, thing="cup"),
        asked("who is ann@example.org"),
    ],
)
def test_what_is_not_public_is_neither_kept_nor_given(tmp_path: Path, private: Permit) -> None:
    cache = Cache(tmp_path, 60)
    assert not private.is_public
    cache.put(private, "Vermeer.", NOW)
    assert cache.count() == 0 and cache.get(private, NOW) == ""


def test_the_words_of_a_question_cannot_be_read_from_the_file_and_all_is_forgotten_when_asked(tmp_path: Path) -> None:
    cache = Cache(tmp_path, 60)
    cache.put(asked("who painted the milkmaid"), "Vermeer.", NOW)
    assert b"milkmaid" not in (tmp_path / FILE).read_bytes()
    assert cache.clear() == 1 and cache.count() == 0
    assert b"Vermeer" not in (tmp_path / FILE).read_bytes()


def test_the_oldest_go_when_there_are_too_many(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("edge.fallback.cache.MOST", 3)
    cache = Cache(tmp_path, 60)
    for n in range(5):
        cache.put(asked(f"question {n}"), f"answer {n}", NOW + timedelta(seconds=n))
    assert [cache.get(asked(f"question {n}"), NOW) for n in range(5)] == ["", "", "answer 2", "answer 3", "answer 4"]


def test_a_cache_that_is_off_keeps_nothing_and_a_file_that_is_none_is_named(tmp_path: Path) -> None:
    off = Cache(tmp_path, 0)
    off.put(asked("who painted this"), "Vermeer.", NOW)
    assert off.count() == 0
    (tmp_path / FILE).write_text("no database at all, and long enough to look at")
    with pytest.raises(ConfigError, match="cannot be opened"):
        Cache(tmp_path, 60)
