"""An answer that breaks off is finished by another model without a repeated or lost word, wherever its stream is cut."""

from __future__ import annotations

from random import Random

import pytest

from edge.fallback.chat import Chat, Message
from edge.fallback.splice import Splicer, go_on

SAID = "The museum opens at nine and closes"


@pytest.mark.parametrize(
    ("second", "whole"),
    [
        (" at six.", "The museum opens at nine and closes at six."),
        ("at six.", "The museum opens at nine and closes at six."),
        ("and closes at six.", "The museum opens at nine and closes at six."),
        ("And closes, at six.", "The museum opens at nine and closes, at six."),
        ("closes at six.", "The museum opens at nine and closes at six."),
        ("The museum opens at nine and closes at six.", "The museum opens at nine and closes at six."),
        ("The museum opens at nine and closes", "The museum opens at nine and closes"),
        ("and the café, too.", "The museum opens at nine and closes and the café, too."),
        ("", SAID),
        (", they say, at six.", "The museum opens at nine and closes, they say, at six."),
    ],
)
def test_what_repeats_is_left_out_and_what_goes_on_is_said(second: str, whole: str) -> None:
    for seed in range(30):
        rng, splicer, out, rest = Random(seed), Splicer(SAID), SAID, second
        while rest:
            n = rng.choice((1, 2, 3, 8))
            out += splicer.feed(rest[:n])
            rest = rest[n:]
        assert out + splicer.end() == whole


def test_an_answer_that_was_not_begun_is_said_as_it_comes() -> None:
    splicer = Splicer("")
    assert splicer.feed("The ") == "The " and splicer.feed("mu") == "mu" and splicer.end() == ""


def test_words_that_do_not_repeat_are_held_back_for_one_word_only() -> None:
    splicer = Splicer(SAID)
    assert splicer.feed("every ") == " every "


def test_a_long_answer_that_begins_anew_is_left_out_too() -> None:
    said = " ".join(f"word{n}" for n in range(120))
    splicer = Splicer(said)
    assert splicer.feed(said + " and more") + splicer.end() == " and more"


def test_the_second_model_sees_what_was_said() -> None:
    chat = go_on(Chat((Message("user", "when"),), max_tokens=9), SAID)
    assert [m.role for m in chat.messages] == ["user", "assistant", "user"]
    assert chat.messages[1].text == SAID and chat.max_tokens == 9
