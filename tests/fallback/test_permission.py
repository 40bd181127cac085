"""Consent by voice: asked once for each class, given as far as it is needed, kept, and taken back."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from edge.fallback import owner
from edge.fallback.permission import Permission, taken_back
from edge.fallback.privacy import CLASSES
from tests.fallback.test_privacy import LAN, PRIVATE, QUERY, TRAINS


def test_yes_is_kept_as_far_as_the_row_needs_and_the_question_goes_on(tmp_path: Path) -> None:
    permission = Permission(tmp_path, (PRIVATE,))
    assert permission.ask(QUERY) == "May I send your words to private? Say yes or no."
    heard = permission.hear("yes please")
    assert heard is not None and heard.question is QUERY
    assert owner.consent(tmp_path) == {"words": "private"}
    assert permission.hear("yes") is None  # it answers nothing now


def test_each_class_is_asked_for_once_one_question_at_a_time(tmp_path: Path) -> None:
    permission, asked = Permission(tmp_path, (LAN,)), []
    query = replace(QUERY, text="who was here before, what does that sign say and what time is it now")
    while sentence := permission.ask(query):
        asked.append(sentence.split("send ")[1].split(" to lan")[0])
        assert permission.hear("yes" if len(asked) % 2 else "no") is not None
    assert asked == [
        "your words", "the texts in view", "what is in view", "that people are in view",
        "what was seen and said before", "the time and the battery",
    ]  # fmt: skip
    assert set(owner.consent(tmp_path).values()) == {"lan", "never"}
    assert Permission(tmp_path, (LAN,)).ask(query) == ""  # the next session knows


def test_nobody_is_asked_for_what_the_question_is_not_about(tmp_path: Path) -> None:
    owner.allow(tmp_path, "words", "lan")
    assert Permission(tmp_path, (LAN,)).ask(replace(QUERY, text="name the capital of france")) == ""
    assert "the texts in view" in Permission(tmp_path, (LAN,)).ask(replace(QUERY, text="how much is the espresso"))


def test_no_stays_a_no_and_another_question_decides_nothing(tmp_path: Path) -> None:
    permission = Permission(tmp_path, (LAN,))
    permission.ask(QUERY)
    assert permission.hear("what time is it") is None and owner.consent(tmp_path) == {}
    other = Permission(tmp_path, (LAN,))
    other.ask(QUERY)
    heard = other.hear("no thanks")
    assert heard is not None and heard.says == "Okay, your words stay here." and heard.question is None
    assert owner.consent(tmp_path) == {"words": "never"} and other.ask(QUERY) == ""


def test_what_a_row_does_with_it_is_said(tmp_path: Path) -> None:
    assert "trains, which may train on it?" in Permission(tmp_path, (TRAINS,)).ask(QUERY)


@pytest.mark.parametrize(
    "text", ["yes but what is that", "no idea who that is", "do you see it", "never mind the sign"]
)
def test_a_question_that_begins_like_an_answer_is_none(tmp_path: Path, text: str) -> None:
    permission = Permission(tmp_path, (LAN,))
    permission.ask(QUERY)
    assert permission.hear(text) is None and owner.consent(tmp_path) == {}


@pytest.mark.parametrize(
    ("text", "classes"),
    [
        ("stop sending my words", ("words",)),
        ("please stop sending pictures and texts to the cloud", ("text_seen", "picture")),
        ("take back my permission", CLASSES),
        ("withdraw my consent", CLASSES),
        ("stop sending anything to the cloud", CLASSES),
        ("never share my location again", ("place",)),
        ("stop sending me to the wrong bus", None),
        ("where do I send this letter", None),
        ("stop", None),
    ],
)
def test_consent_is_taken_back_in_plain_words(text: str, classes: tuple[str, ...] | None) -> None:
    assert taken_back(text) == classes


def test_taking_back_works_at_any_time_and_is_kept(tmp_path: Path) -> None:
    owner.allow(tmp_path, "all", "any")
    heard = Permission(tmp_path, (LAN,)).hear("stop sending pictures")
    assert heard is not None and heard.question is None
    assert owner.consent(tmp_path) == {**dict.fromkeys(CLASSES, "any"), "picture": "never"}
