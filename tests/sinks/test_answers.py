"""Where answers go: console and small display, alone and beside a voice."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest

from edge.errors import ConfigError
from edge.sinks.console import Console
from edge.sinks.display import Display, Options
from edge.types import Answer, Failure, Query, Scene, Spoken, Token

QUERY = Query(0, "what does it say", Scene(0, ()))
WORDS = "It says that the platform was changed from seven to nine."


def answer(text: str) -> Answer:
    return Answer(0, QUERY.text, text, "local", 0.9, False, None, 5_000_000, 9_000_000)


def feed(sink: Any, *events: Any) -> None:
    for event in events:
        assert list(sink.process(event)) == []


def test_the_console_shows_question_words_as_they_come_and_failures() -> None:
    out = io.StringIO()
    feed(
        Console(out),
        QUERY,
        Token(0, "It says", 0),
        Token(0, " EXIT.", 1),
        answer("It says EXIT."),
        Failure(0, "camera 0", "is gone"),
    )
    assert "you: what does it say\n  → It says EXIT.  [first word 5 ms" in out.getvalue()
    assert "! camera 0: is gone\n" in out.getvalue()


def test_the_display_gets_pages_of_short_lines_and_ends_on_the_last(tmp_path: Path) -> None:
    path = tmp_path / "display"
    display = Display(Options(columns=12, lines=2), path)
    feed(display, *(Token(0, w + " ", i) for i, w in enumerate(WORDS.split())), answer(WORDS))
    display.close()
    pages = [json.loads(line) for line in path.read_text().splitlines()]
    assert all(len(line) <= 12 for page in pages for line in page["lines"])
    assert all(len(page["lines"]) <= 2 for page in pages)
    assert [p["page"] for p in pages] == sorted(p["page"] for p in pages)
    assert "nine." in pages[-1]["lines"][-1]


def test_beside_a_voice_words_are_shown_when_they_are_heard(tmp_path: Path) -> None:
    out, path = io.StringIO(), tmp_path / "display"
    console, display = Console(out, beside_voice=True), Display(Options(), path, beside_voice=True)
    assert Token not in console.takes and Token not in display.takes
    heard = [Spoken(0, "It says", False), Spoken(0, "It says EXIT.", False), Spoken(0, "It says EXIT.", True)]
    feed(console, QUERY, answer("It says EXIT."))
    assert "EXIT" not in out.getvalue()
    feed(console, *heard)
    feed(display, *heard)
    display.close()
    assert out.getvalue() == "you: what does it say\n  → It says EXIT.  [first word 5 ms after the question]\n"
    assert [json.loads(line)["lines"] for line in path.read_text().splitlines()] == [["It says"], ["It says EXIT."]]


def test_an_interrupted_answer_is_marked_as_such() -> None:
    out = io.StringIO()
    feed(Console(out, beside_voice=True), Spoken(0, "It says", False), Spoken(0, "It says", True), Spoken(1, "", True))
    assert out.getvalue() == "  → It says — [interrupted]\n"


def test_a_display_that_is_none_is_said(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="could not be written"):
        Display(Options(), tmp_path / "no" / "folder")
