"""Where answers go: console, small display, spoken into a file."""

from __future__ import annotations

import io
import json
import shutil
import wave
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from edge.errors import ConfigError
from edge.sinks.console import Console
from edge.sinks.display import Display, Options
from edge.sinks.speaker import Speaker
from edge.types import Answer, Failure, Query, Scene, Token

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


def test_answers_are_spoken_one_after_the_other_into_a_file(tmp_path: Path) -> None:
    if shutil.which("espeak-ng") is None:
        pytest.skip("espeak-ng is not installed")
    path = tmp_path / "said.wav"
    speaker = Speaker(str(path), "en-us")
    feed(speaker, answer("It says exit."))
    feed(speaker, answer(WORDS))
    speaker.close()
    with wave.open(str(path)) as wav:
        sound = np.frombuffer(wav.readframes(wav.getnframes()), np.int16)
        seconds = wav.getnframes() / wav.getframerate()
    assert 2 < seconds < 12
    assert np.abs(sound).max() > 3000


def test_a_sound_file_is_not_written_over_and_a_display_that_is_none_is_said(tmp_path: Path) -> None:
    if shutil.which("espeak-ng") is not None:
        (tmp_path / "there.wav").write_bytes(b"mine")
        with pytest.raises(ConfigError, match=r"there\.wav exists already and is not written over"):
            Speaker(str(tmp_path / "there.wav"), "en-us")
        assert (tmp_path / "there.wav").read_bytes() == b"mine"
    with pytest.raises(ConfigError, match="could not be written"):
        Display(Options(), tmp_path / "no" / "folder")
