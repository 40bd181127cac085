"""The bundled recording through the real path, held against its own truth."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from edge.clock import S
from edge.commands.profile import DEMO
from edge.commands.replay import profile_of
from edge.config import load_config
from edge.measure import attributed
from edge.runtime import Session, replay_virtual
from edge.sources import replay

CUT_S = 13.0
"""the first two questions and the signs that they are about: the whole takes a minute"""


@pytest.fixture(scope="module")
def session() -> Session:
    pytest.importorskip("llama_cpp")
    events = replay.files(str(DEMO), str(DEMO), width=640, height=480, block_ms=80)
    cut = (timed for timed in events if timed[0] < CUT_S * S)
    return replay_virtual(load_config(), cut, (True, True), profile_of("desktop"))


@pytest.fixture(scope="module")
def truth() -> list[dict[str, object]]:
    film = json.loads(Path(DEMO).with_suffix(".json").read_text())
    return [q for q in film["questions"] if q["t_end_s"] < CUT_S - 1]


def test_every_question_is_heard_word_for_word(session: Session, truth: list[dict[str, object]]) -> None:
    assert len(truth) == 2
    assert [t.text for t in session.log.transcripts if t.text] == [q["text"] for q in truth]


def test_the_signs_are_read(session: Session) -> None:
    labels = {seen.label for turn in session.log.turns for seen in turn.query.scene.seen}
    assert {"CAFE LUNA", "ESPRESSO 2.50"} <= labels


def test_the_price_that_is_asked_for_is_the_one_on_the_sign(session: Session) -> None:
    answer = session.log.turns[-1].answer
    assert answer is not None
    assert "2.50" in answer.text
    assert answer.source == "local"


def test_every_turns_time_is_explained_to_the_last_per_cent(session: Session) -> None:
    for turn in session.log.turns:
        latency_ms = turn.glass_to_answer_ms
        assert latency_ms is not None
        assert 300 < latency_ms < 3000
        assert attributed(session, turn) >= 0.99


def test_nothing_failed_and_no_sound_was_dropped(session: Session) -> None:
    assert not session.log.failures
    dropped = session.dropped()
    assert dropped["hear"] == dropped["listen"] == dropped["fuse"] == dropped["answer"] == 0
