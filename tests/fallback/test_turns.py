"""The log of turns: what was written is read, a broken line is left out, and it does not grow without end."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from edge.errors import ConfigError
from edge.fallback.calibration import read
from edge.fallback.turns import FILE, Turn, Turns

TURN = Turn("who painted this", "A cup.", 0.9, "local", chat=(("user", "who painted this"),), classes=("words",))


def test_what_was_written_is_read_by_the_owner_alone(tmp_path: Path) -> None:
    log = Turns(tmp_path)
    log.add(TURN)
    log.add(replace(TURN, question="ünï"))
    assert log.read() == [TURN, replace(TURN, question="ünï")]
    assert log.path.stat().st_mode & 0o777 == 0o600


def test_a_line_that_was_cut_off_is_left_out(tmp_path: Path) -> None:
    log = Turns(tmp_path)
    log.add(TURN)
    with log.path.open("a") as file:
        file.write('{"question": "half')
    log.add(replace(TURN, question="next"))
    assert log.read() == [TURN, replace(TURN, question="next")]


def test_the_oldest_go_when_there_are_too_many(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("edge.fallback.turns.KEPT", 10)
    log = Turns(tmp_path)
    for n in range(13):
        log.add(replace(TURN, question=str(n)))
    assert [turn.question for turn in log.read()] == [str(n) for n in range(3, 13)]


def test_what_was_judged_can_be_calibrated_from_and_the_rest_is_left_out(tmp_path: Path) -> None:
    log = Turns(tmp_path)
    for n in range(30):
        log.add(replace(TURN, question=f"q{n}", right=n % 3 > 0))
    log.add(TURN)
    log.add(replace(TURN, source="cloud", right=True))
    turns = read(tmp_path / FILE)
    assert len(turns) == 30 and turns[0].question == "q0" and not turns[0].right


def test_a_log_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / FILE).mkdir()
    with pytest.raises(ConfigError, match="cannot be written"):
        Turns(tmp_path).add(TURN)
