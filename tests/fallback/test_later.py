"""What comes after the turn, against real servers: corrections, questions that waited, the cache, the log."""

from __future__ import annotations

import queue
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from edge.errors import RemoteUnavailable
from edge.fallback import owner
from edge.fallback.audit import Audit
from edge.fallback.turns import Turns
from edge.types import Answer, Notice, Query, Scene
from tests.fallback.server import STALL, Script
from tests.fallback.test_cloud import QUERY, cloud_at, said, servers

PLAIN = Query(5, "when does the museum open", Scene(5, ()))
DOWN = Script([b"oops"], 500)


def answer(text: str) -> Answer:
    return Answer(PLAIN.t_ns, PLAIN.text, text, "local", 0.6, False, None, 1, 2)


def words(text: str) -> Script:
    piece = b'data: {"choices":[{"delta":{"content":"%s"}}]}\n\n' % text.encode()
    return Script([piece, b'data: {"choices":[{"delta":{},"finish_reason":"stop"}]}\n\n', b"data: [DONE]\n\n"])


def refined(folder: Path, scripts: Sequence[Script], local: str) -> list[Notice]:
    owner.allow(folder, "words", "lan")
    told: list[Notice] = []
    with servers(scripts) as made, cloud_at(folder, made, mode="refine") as cloud:
        cloud.listen(told.append)
        cloud.note(PLAIN, answer(local))
        cloud.settle()
        assert len(made[0].asked) >= 1
    return told


def test_a_local_answer_that_holds_is_not_talked_about(tmp_path: Path) -> None:
    assert refined(tmp_path, [Script()], "It opens at 9.") == []


def test_one_that_does_not_is_corrected_by_a_notice_that_names_its_question(tmp_path: Path) -> None:
    (notice,) = refined(tmp_path, [Script()], "It opens at eleven.")
    assert (notice.t_ns, notice.row, notice.question) == (5, "a", PLAIN.text)
    assert notice.text == (
        "A correction from a, about “when does the museum open”: The museum opens at nine."
    )  # fmt: skip
    assert [sent.purpose for sent in Audit(tmp_path / "audit.log").read()] == ["refine"]


def test_when_nobody_answers_the_local_answer_stands_in_silence(tmp_path: Path) -> None:
    assert refined(tmp_path, [DOWN], "It opens at eleven.") == []


def test_a_person_who_keeps_it_here_is_not_refined(tmp_path: Path) -> None:
    owner.allow(tmp_path, "words", "lan")
    with servers([Script()]) as made, cloud_at(tmp_path, made, mode="refine") as cloud:
        cloud.note(PLAIN, answer("It opens at eleven."), may_refine=False)
        cloud.settle()
        assert made[0].asked == []


def test_a_question_that_nobody_answered_waits_and_its_answer_comes_as_a_notice(tmp_path: Path) -> None:
    owner.allow(tmp_path, "words", "lan")
    came: queue.SimpleQueue[Notice] = queue.SimpleQueue()
    with (
        servers([DOWN, DOWN, Script()]) as made,
        cloud_at(tmp_path, made, queue=("words",)) as cloud,
    ):
        with pytest.raises(RemoteUnavailable, match="I keep the question and tell you"):
            said(cloud, PLAIN)
        cloud._later._poll_s = 0.01  # minutes are not waited for
        cloud.listen(came.put)
        notice = came.get(timeout=20)
    assert notice.text == "About your question “when does the museum open”: a says: The museum opens at nine."
    assert [sent.purpose for sent in Audit(tmp_path / "audit.log").read()] == ["answer", "again", "queue"]


def test_a_queue_that_cannot_be_written_is_said_beside_why_nobody_answered(tmp_path: Path) -> None:
    owner.allow(tmp_path, "words", "lan")
    with servers([DOWN]) as made, cloud_at(tmp_path, made, queue=("words",)) as cloud:
        (tmp_path / "queue.db").write_text("no database any more, and long enough to look at")
        (tmp_path / "cache.db").write_text("no database any more, and long enough to look at")
        with pytest.raises(RemoteUnavailable, match="no cloud model answered.*nor can the question wait"):
            said(cloud, PLAIN)


def test_without_the_queue_nothing_waits_and_it_survives_a_restart_with_it(tmp_path: Path) -> None:
    owner.allow(tmp_path, "words", "lan")
    told: list[Notice] = []
    with servers([DOWN, DOWN, DOWN, DOWN, Script()]) as made:
        with cloud_at(tmp_path, made) as cloud, pytest.raises(RemoteUnavailable) as error:
            said(cloud, PLAIN)
        assert "I keep" not in str(error.value) and not (tmp_path / "queue.db").exists()
        with cloud_at(tmp_path, made, queue=("words",)) as cloud, pytest.raises(RemoteUnavailable, match="I keep"):
            said(cloud, PLAIN)
        with cloud_at(tmp_path, made, queue=("words",)) as cloud:
            cloud.listen(told.append)
            assert cloud.send_waiting() == 1 and cloud.send_waiting() == 0
    assert len(told) == 1 and told[0].t_ns == 0


def test_a_question_that_waited_too_long_is_given_up_and_that_is_said_although_nobody_is_there(tmp_path: Path) -> None:
    owner.allow(tmp_path, "words", "lan")
    came: queue.SimpleQueue[Notice] = queue.SimpleQueue()
    with servers([DOWN]) as made, cloud_at(tmp_path, made, queue=("words",), queue_hours=0.0) as cloud:
        with pytest.raises(RemoteUnavailable, match="I keep"):
            said(cloud, PLAIN)
        asked = len(made[0].asked)
        cloud._later._poll_s = 0.01
        cloud.listen(came.put)
        assert "I have given it up" in came.get(timeout=20).text
        assert len(made[0].asked) == asked


def test_consent_that_was_taken_back_takes_the_question_out_unsent(tmp_path: Path) -> None:
    owner.allow(tmp_path, "words", "lan")
    told: list[Notice] = []
    with servers([DOWN, DOWN, Script()]) as made, cloud_at(tmp_path, made, queue=("words",)) as cloud:
        with pytest.raises(RemoteUnavailable):
            said(cloud, PLAIN)
        owner.allow(tmp_path, "words", "never")
        cloud.listen(told.append)
        assert cloud.send_waiting() == 0 and len(made[0].asked) == 2
    assert "it is not asked any more: your words may not go to a" in told[0].text


def test_a_public_question_is_answered_again_from_the_cache_and_says_so(tmp_path: Path) -> None:
    owner.allow(tmp_path, "words", "any")
    with servers([Script()]) as made, cloud_at(tmp_path, made) as cloud:
        first, again = list(cloud.start(PLAIN)), list(cloud.start(replace(PLAIN, text="When does the museum open?")))
        assert len(made[0].asked) == 1
        assert {p.row for p in first} == {"a"}  # type: ignore[union-attr]  # None would fail here
        (only,) = again
        assert (only.text, only.row) == ("The museum opens at nine.", "a (from the cache)")  # type: ignore[union-attr]  # None would fail here
        owner.allow(tmp_path, "words", "lan")
        assert said(cloud, PLAIN) == "The museum opens at nine." and len(made[0].asked) == 2


def test_an_answer_that_was_not_whole_or_holds_personal_data_is_not_kept(tmp_path: Path) -> None:
    owner.allow(tmp_path, "all", "any")
    with servers([words("Half an"), words("Wrote to [EMAIL_1].")]) as made, cloud_at(tmp_path, made) as cloud:
        stream = iter(cloud.start(PLAIN))
        next(stream)
        cloud.interrupt()
        said(cloud, QUERY)
        said(cloud, QUERY)
        assert len(made[0].asked) == 3
    stalled = Script([*words("Half").pieces[:1], STALL])
    with servers([stalled]) as made, cloud_at(tmp_path, made, deadline_s=0.3) as cloud:
        for _ in range(2):
            with pytest.raises(Exception, match="in time"):
                said(cloud, replace(PLAIN, text="another question"))
        assert len(made[0].asked) == 2


def test_the_log_holds_the_turn_and_what_is_public_of_it(tmp_path: Path) -> None:
    owner.allow(tmp_path, "words", "any")
    with servers([Script()]) as made, cloud_at(tmp_path, made, log=True) as cloud:
        cloud.note(PLAIN, answer("It opens at eleven."))
        cloud.note(QUERY, answer("Okay."))
    public, private = Turns(tmp_path).read()
    assert public.chat[-1] == ("user", PLAIN.text) and public.classes == ("words",) and public.confidence == 0.6
    assert private.chat == () and private.question == QUERY.text
    with servers([Script()]) as made, cloud_at(tmp_path / "other", made) as cloud:
        cloud.note(PLAIN, answer("It opens at eleven."))
    assert not (tmp_path / "other" / "turns.jsonl").exists()
