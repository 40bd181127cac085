"""Personal data is hidden and shown again, wherever a stream is cut and however a model spells the placeholder."""

from __future__ import annotations

from random import Random

import pytest

from edge.fallback.placeholders import Found, Placeholders, Shower


def hidden() -> tuple[Placeholders, str]:
    names = Placeholders()
    text = "mail ann@example.org or bob@example.org, not ann@example.org"
    found = [Found(5, 20, "EMAIL"), Found(24, 39, "EMAIL"), Found(45, 60, "EMAIL")]
    return names, names.hide(text, found)


def test_the_same_value_has_the_same_placeholder_in_every_turn() -> None:
    names, text = hidden()
    assert text == "mail [EMAIL_1] or [EMAIL_2], not [EMAIL_1]"
    assert names.hide("Ann@Example.org", [Found(0, 15, "EMAIL")]) == "[EMAIL_1]"
    assert names.hide("+49 30 1234", [Found(0, 11, "PHONE")]) == "[PHONE_1]"


@pytest.mark.parametrize("spelt", ["[EMAIL_2]", "[Email 2]", "[ email_2 ]", "EMAIL_2", "[email-02]"])
def test_what_a_model_makes_of_a_placeholder_is_still_read(spelt: str) -> None:
    names, _ = hidden()
    assert names.show(f"Write to {spelt}.") == "Write to bob@example.org."


def test_a_placeholder_that_nobody_gave_stays_as_it_is() -> None:
    names, _ = hidden()
    assert names.show("[EMAIL_9] COVID_19 [NOTE 1]") == "[EMAIL_9] COVID_19 [NOTE 1]"


def test_arguments_are_shown_however_deep() -> None:
    names, _ = hidden()
    assert names.show_all({"to": ["[EMAIL_1]", {"cc": "[EMAIL_2]"}], "n": 3}) == {
        "to": ["ann@example.org", {"cc": "bob@example.org"}], "n": 3,
    }  # fmt: skip


def test_a_stream_says_the_same_wherever_it_is_cut() -> None:
    names, _ = hidden()
    whole = "Ask [EMAIL_1], then EMAIL_2 (see [1] and [EMAIL_1]). USA [ok] A_1 and [unended"
    wanted = names.show(whole)
    for seed in range(300):
        rng, shower, said, rest = Random(seed), Shower(names), "", whole
        while rest:
            n = rng.choice((1, 1, 2, 3, 5, 9))
            said += shower.feed(rest[:n])
            rest = rest[n:]
        assert said + shower.end() == wanted


def test_little_is_held_back_and_plain_words_are_said_at_once() -> None:
    names, _ = hidden()
    shower = Shower(names)
    assert shower.feed("The museum is open ") == "The museum is open "
    assert shower.feed("[" + "x" * 40) != ""


def test_pieces_that_overlap_are_hidden_once() -> None:
    names = Placeholders()
    assert names.hide("0123456789", [Found(2, 6, "CARD"), Found(4, 8, "PHONE")]) == "01[CARD_1]6789"
