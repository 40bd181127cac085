"""An answer is cut into pieces that can be spoken while its words still come; nothing is lost or changed."""

from __future__ import annotations

import pytest

from edge.sinks.sentences import LONGEST, Sentences


def cut(text: str, step: int = 3) -> list[str]:
    """The pieces, when the text comes `step` characters at a time."""
    sentences = Sentences()
    pieces = [p for i in range(0, len(text), step) for p in sentences.feed(text[i : i + step])]
    return [*pieces, rest] if (rest := sentences.flush()) else pieces


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("It says EXIT. It is red.", ["It says EXIT.", " It is red."]),
        ("It costs 4.50 today. Cash only!", ["It costs 4.50 today.", " Cash only!"]),
        ("Dr. Smith is in. Ask Mr. J. Bach.", ["Dr. Smith is in.", " Ask Mr. J. Bach."]),
        ("At 10:30 a.m. it opens. Wait.", ["At 10:30 a.m. it opens.", " Wait."]),
        ("It opens at ten a.m. Then wait.", ["It opens at ten a.m.", " Then wait."]),
        ("Take No. 5 now. The answer is no. Go.", ["Take No. 5 now.", " The answer is no.", " Go."]),
        ('He said "stop." Then he left.', ['He said "stop."', " Then he left."]),
        ("Really?! Yes... It is.", ["Really?!", " Yes...", " It is."]),
        ("Red\nGreen\n", ["Red\n", "Green\n"]),
        ("出口です。右へ。", ["出口です。", "右へ。"]),
        ("यह निकास है। दाएँ जाएँ।", ["यह निकास है।", " दाएँ जाएँ।"]),
        ("", []),
        ("   ", ["   "]),
    ],
)
@pytest.mark.parametrize("step", [1, 3, 1_000])
def test_sentences_are_whole(text: str, pieces: list[str], step: int) -> None:
    """However the words come."""
    assert cut(text, step) == pieces


def test_the_first_piece_may_end_at_a_comma_the_next_ones_do_not() -> None:
    text = "The platform of your train was changed, it leaves from platform nine, not from seven."
    assert cut(text) == ["The platform of your train was changed,", " it leaves from platform nine, not from seven."]
    assert cut("Yes, it is the red one, I think.") == ["Yes, it is the red one, I think."]


def test_a_very_long_sentence_is_cut_at_its_commas_and_then_at_spaces() -> None:
    pieces = cut("There are " + "apples, pears, " * 40 + "and plums.")
    assert all(p.endswith(",") for p in pieces[:-1])
    assert max(map(len, pieces)) <= LONGEST
    assert max(map(len, cut("word " * 400))) <= LONGEST
    assert max(map(len, cut("字" * 1_000))) <= LONGEST


@pytest.mark.parametrize("text", ["a" * 10_000, "one two. " * 1_200, "שלום עולם. " * 300, ". ! ? , ; " * 50])
def test_the_pieces_joined_are_the_text(text: str) -> None:
    assert "".join(cut(text, 7)) == text


def test_a_sentence_is_out_with_the_space_behind_it() -> None:
    sentences = Sentences()
    assert sentences.feed("It says EXIT.") == []
    assert sentences.feed(" It") == ["It says EXIT."]
