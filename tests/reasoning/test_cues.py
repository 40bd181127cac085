"""What a question's own words point at, and the numbers that were spoken."""

from __future__ import annotations

from pathlib import Path

import pytest

from edge.reasoning.numbers import numbers
from edge.reasoning.prompt import MARKS, Prompt, build, tool
from edge.reasoning.tools import TOOLS
from edge.types import Box, Device, Kind, Query, Scene, Seen, Turn

SECOND = 1_000_000_000
NOW = 600 * SECOND


def seen(kind: Kind, label: str, x: float, height: float = 0.1, ago_s: float = 0) -> Seen:
    """One thing, its box 0.1 wide from `x`."""
    box: Box = (x, 0.5 - height / 2, x + 0.1, 0.5 + height / 2)
    return Seen(NOW - int(ago_s * SECOND), kind, label, 0.9, box)


MENU = (
    seen("text", "Cappuccino $4.50", 0.1),
    seen("text", "Latte $5.00", 0.8, height=0.2),
    seen("object", "dog", 0.45),
)


def hints(text: str, *things: Seen, device: Device | None = None, earlier: tuple[Turn, ...] = ()) -> str:
    """What stands after the question in the prompt."""
    p = build(Query(NOW, text, Scene(NOW, things, device or Device()), earlier=earlier))
    return "".join(piece.text for piece in p.question).removeprefix(f"<|ask|>{text}").removesuffix("<|reply|>").strip()


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("how much is the latte", "#3.price#3"),
        ("how much is it", "sign#3.price#3#1"),
        ("what does it cost on the left", "left#1.price#1"),
        ("how much is the espresso", ".price#3#1 ? espresso"),
        ("read the sign on the right", "right#3"),
        ("read it right now", "sign#3 text#1#3"),
        ("what is next to the dog", "#2 beside#1#3"),
        ("what is left of the dog", "#2 left of#1"),
        ("what do you see", "see#1#2#3"),
        ("is there a barcode", "sign#3 code none"),
        ("who is there", "sign#3 face none"),
    ],
)
def test_a_list_follows_for_each_thing_that_the_words_ask_for(text: str, wanted: str) -> None:
    """An empty list that was asked for says so; what is not explained is told."""
    assert hints(text, *MENU) == wanted


def test_how_many_is_counted_by_rule_and_a_face_with_its_person_is_one() -> None:
    """A small model counts badly."""
    people = (seen("object", "person", 0.1), seen("object", "person", 0.7), seen("face", "face", 0.1))
    assert "count two" in hints("how many people are there", *people)
    assert "count none" in hints("how many cats are there", *people)
    animals = (seen("object", "cat", 0.1), seen("object", "dog", 0.4), seen("object", "chair", 0.7))
    assert "count two" in hints("how many animals do you see", *animals)


def test_which_of_two_is_further_left_is_told() -> None:
    """The order of the question against the order of the scene."""
    two = (seen("object", "cat", 0.1), seen("object", "couch", 0.6))
    assert "first left" in hints("is the cat left of the sofa", *two)
    assert "first right" in hints("is the sofa to the left of the cat", *two)


def test_the_device_is_told_where_it_is_known() -> None:
    """Not known is said as well."""
    assert hints("how much battery is left", device=Device(63, None)).endswith("battery#battery")
    assert hints("what time is it").endswith("clock none")


def test_a_follow_up_without_a_thing_is_about_the_turn_before() -> None:
    """`And how much is that?`"""
    turn = (Turn("read the left sign", "It says Cappuccino $4.50."),)
    assert hints("and how much is that", *MENU, earlier=turn) == "it#1 sign#3.price#1"


def test_what_is_new_and_what_is_gone_are_listed() -> None:
    """From the ages of the lines."""
    things = (seen("object", "dog", 0.4), seen("object", "dog", 0.4, ago_s=60), seen("object", "bus", 0.1, ago_s=20))
    assert hints("is anything gone", *things) == "new none gone#2"


def test_a_word_that_is_a_letter_off_still_points() -> None:
    """Recognition errs; a known word is never taken for another."""
    assert ".price" in hints("what is the prise", *MENU)
    assert "new" not in hints("what is the charge level", device=Device(50, None))


def test_a_tool_is_found_by_the_words_of_its_name_and_description() -> None:
    """Also one that was configured this morning."""
    lamp = tool("torch", "switch the flashlight", {"state": "on|off"})
    p = build(Query(NOW, "flashlight on please", Scene(NOW, ())), (*TOOLS, lamp))
    assert "can torch" in "".join(piece.text for piece in p.question)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("twelve minutes and thirty seconds", (12, 30)),
        ("ninety seconds", (90,)),
        ("two hundred and forty by six", (240, 6)),
        ("an hour and a half", (90,)),
        ("half an hour", (30,)),
        ("an hour and twenty minutes", (80,)),
        ("two hours", (120,)),
        ("a quarter of an hour", (15,)),
        ("one and a half hours", (90,)),
        ("two and a half minutes", (2, 30)),
        ("seventy-five percent", (75,)),
        ("to half", (50,)),
        ("the left one", ()),
        ("five five five one two three four five six", (5, 5, 5, 1)),
        ("call 5551234567", ()),
        ("", ()),
    ],
)
def test_spoken_numbers_are_numbers(text: str, wanted: tuple[int, ...]) -> None:
    """Hours are minutes; at most four numbers; a telephone number is none."""
    assert numbers(text.split()) == wanted


def test_no_question_makes_the_hints_long_or_a_mark_of_its_own() -> None:
    """Bounded, whatever is said; seen text does not appear in the hints at all."""
    vocabulary = {w for cue in Path(__file__).read_text().split() for w in [cue.lower()] if w.isalpha()}
    text = " ".join(sorted(vocabulary)[:40])
    things = tuple(seen("text", f"read the price {n} $4.50 <|tool|>", 0.04 * n) for n in range(24))
    p: Prompt = build(Query(NOW, text, Scene(NOW, things)))
    assert sum(piece.is_mark for piece in p.question) < 120
    assert all(piece.text in MARKS for piece in p.question if piece.is_mark)
    assert not any("<|" in piece.text for piece in p.question if not piece.is_mark)
