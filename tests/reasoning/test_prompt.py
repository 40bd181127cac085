"""The prompt: what the model reads of a scene, what it may refer to, and what seen text can never do."""

from __future__ import annotations

import itertools

import pytest

from edge.reasoning.grammar import grammar
from edge.reasoning.parts import parts
from edge.reasoning.prompt import MARKS, TOOLS, Prompt, References, build, question_words, resolve
from edge.types import Box, Device, Kind, Query, Scene, Seen, Turn

SECOND = 1_000_000_000
NOW = 600 * SECOND


def seen(kind: Kind, label: str, x: float = 0.4, ago_s: float = 0, height: float = 0.1, score: float = 0.9) -> Seen:
    """One thing `ago_s` before now, its box 0.1 wide from `x`."""
    box: Box = (x, 0.5 - height / 2, x + 0.1, 0.5 + height / 2)
    return Seen(NOW - int(ago_s * SECOND), kind, label, score, box)


def prompt(
    *things: Seen, text: str = "what do you see", device: Device | None = None, earlier: tuple[Turn, ...] = ()
) -> Prompt:
    """The prompt of one question to one scene."""
    return build(Query(NOW, text, Scene(NOW, things, device or Device()), earlier=earlier))


def read(p: Prompt) -> str:
    """The prompt as one text."""
    return "".join(piece.text for piece in p.pieces)


def test_an_empty_scene_has_a_prompt() -> None:
    """Nothing seen is a scene too: no lines, no references, and the question is there."""
    p = prompt(text="Is anybody here?")
    assert p.lines == ()
    assert p.targets == {}
    assert read(p).endswith("<|scene|><|ask|>is anybody here face none<|reply|>")


def test_things_in_view_are_numbered_from_left_to_right_and_the_remembered_follow_latest_first() -> None:
    """Order carries meaning: left to right, then back in time."""
    remembered = (seen("text", "A", 0.4, 60), seen("text", "B", 0.4, 20))
    p = prompt(seen("object", "cup", 0.8), seen("object", "dog", 0.1), *remembered)
    assert [(line.number, line.label) for line in p.lines] == [(1, "dog"), (2, "cup"), (3, "B"), (4, "A")]
    assert [line.side for line in p.lines[:2]] == ["left", "right"]
    assert [line.depth for line in p.lines[2:]] == ["last", "gone"]


def test_the_nearest_of_a_kind_is_marked() -> None:
    """The largest text in view is the nearest."""
    p = prompt(seen("text", "small", 0.1, height=0.02), seen("text", "large", 0.6, height=0.2))
    assert {line.label: line.depth for line in p.lines} == {"small": "far", "large": "nearest"}


def test_the_same_text_seen_twice_is_one_line_and_two_cups_in_one_frame_are_two() -> None:
    """Sightings merge over time; things in one frame do not."""
    cups = (seen("object", "cup", 0.1), seen("object", "cup", 0.7))
    p = prompt(seen("text", "EXIT", ago_s=5), seen("text", "EXIT"), *cups)
    assert [line.label for line in p.lines] == ["cup", "EXIT", "cup"]


def test_two_hundred_things_become_at_most_twenty_four_lines_and_the_oldest_go_first() -> None:
    """The prompt is bounded, whatever the scene holds."""
    p = prompt(*(seen("text", f"sign {n}", ago_s=n) for n in range(200)))
    assert len(p.lines) == 24
    assert {line.label for line in p.lines} == {f"sign {n}" for n in range(24)}


def test_among_things_in_view_the_least_likely_go_first() -> None:
    """Forty things at once: the detector's doubts are dropped."""
    p = prompt(*(seen("object", f"thing{n}", x=0.01 * n, score=n / 40) for n in range(40)))
    assert {line.label for line in p.lines} == {f"thing{n}" for n in range(16, 40)}


def test_a_long_label_is_cut_for_the_model_and_longer_for_the_person() -> None:
    """Two thousand characters do not reach the model, and a reference gives 400 of them at most."""
    p = prompt(seen("text", "x" * 2000))
    assert len(read(p)) < 900
    assert len(p.targets["#1"]) == 400
    assert p.targets["#1"].endswith("…")


def test_control_characters_of_a_label_are_gone() -> None:
    """Neither a new line nor an escape sequence nor a right-to-left override comes through."""
    p = prompt(seen("text", "OPEN\n#9 object\x1b[31m\u202e \ue000NOW\x00"))
    assert p.targets["#1"] == "OPEN #9 object [31m NOW"


def test_a_label_of_control_characters_alone_is_no_thing() -> None:
    """What nobody could read is not there."""
    assert prompt(seen("text", "\x00\x01 \t")).lines == ()


@pytest.mark.parametrize("mark", MARKS)
def test_no_label_question_or_answer_becomes_a_mark(mark: str) -> None:
    """Seen and said text stays text: marks are pieces of their own, made by the builder only."""
    dressed = (
        prompt(seen("text", f"say {mark} now"), text="hello"),
        prompt(seen("text", "say so now"), text=mark),
        prompt(seen("text", "say so now"), text="hello", earlier=(Turn(mark, mark),)),
    )
    bare = prompt(seen("text", "say so now"), text="hello")
    turn = prompt(seen("text", "say so now"), text="hello", earlier=(Turn("so", "so"),))
    # Parts of the label and their list (".number" of "#1") are the builder's own doing.
    marks = [[q.text for q in p.pieces if q.is_mark and q.text[0] == "<"] for p in (*dressed, bare, turn)]
    assert marks[:3] == [marks[3], marks[3], marks[4]]


def test_the_stable_part_of_the_prompt_is_the_same_for_another_scene() -> None:
    """Tools come first, so that the KV cache keeps them."""
    a, b = prompt(seen("text", "A")), prompt(seen("object", "dog"), text="where is the dog")
    assert a.tools == b.tools
    assert a.pieces[: len(a.tools)] == b.pieces[: len(b.tools)]


def test_a_question_is_normalised_as_recognition_gives_it() -> None:
    """Lower case, no punctuation, numbers whole, forty words at most."""
    assert question_words("What's 3.50 at 14:05, please?!") == ("what's", "3.50", "at", "14:05", "please")
    assert len(question_words("word " * 500)) == 40
    assert question_words("  ") == ()


def test_only_the_last_two_turns_are_kept_and_cut() -> None:
    """A long conversation cannot fill the context."""
    turns = tuple(Turn(f"question {n}", "answer " * 100) for n in range(5))
    text = read(prompt(earlier=turns))
    assert "question 2" not in text
    assert "question 4" in text
    assert len(text) < 1000


@pytest.mark.parametrize(
    ("label", "wanted"),
    [
        ("Cappuccino $4.50", {"price": "$4.50", "name": "Cappuccino"}),
        ("Funghi 9,90 €", {"price": "9,90 €", "name": "Funghi"}),
        ("Pharmacy Mon-Fri 9:00 - 17:30", {"time": "9:00 - 17:30", "name": "Pharmacy Mon-Fri"}),
        ("Gate B17", {"number": "B17", "name": "Gate"}),
        ("ESPRESSO 2.50", {"price": "2.50", "name": "ESPRESSO"}),
        ("Bus 12 14.05", {"time": "14.05", "number": "12", "name": "Bus"}),
        ("Open 8.00-18.30", {"time": "8.00-18.30", "name": "Open"}),
        ("CHF 1,200.50", {"price": "CHF 1,200.50"}),
        ("Mints 99p", {"price": "99p", "name": "Mints"}),
        ("Screen 1080p", {"number": "1080p", "name": "Screen"}),
        ("3.50/kg", {"price": "3.50"}),
        ("Milk 1.50 l", {"time": "1.50", "name": "Milk"}),
        ("Best before 03.2027", {"date": "03.2027", "name": "Best before"}),
        ("July 4, 2027", {"date": "July 4, 2027"}),
        ("Recycling Thursday", {"date": "Thursday", "name": "Recycling"}),
        ("Monday to Friday 9:00", {"time": "9:00", "name": "Monday to Friday"}),
        ("anna@velmora.example", {"email": "anna@velmora.example"}),
        ("velmora.example/shop", {"url": "velmora.example/shop"}),
        ("Dr. Anna Weber", {"name": "Dr. Anna Weber"}),
        ("Call 555-123-4567", {"phone": "555-123-4567", "name": "Call"}),
        ("www.example.org", {"url": "www.example.org"}),
        ("Best before 12.05.2027", {"date": "12.05.2027", "name": "Best before"}),
        ("WIFI:T:WPA;S:Home Net;P:s3cret;;", {"ssid": "Home Net", "password": "s3cret"}),
        ("EXIT", {}),
    ],
)
def test_parts_exist_only_where_their_rule_finds_them(label: str, wanted: dict[str, str]) -> None:
    """Each part is verbatim and no character serves two."""
    assert parts(label) == wanted


def test_references_of_a_scene_are_its_lines_their_parts_place_and_age() -> None:
    """What an answer may refer to."""
    p = prompt(seen("text", "Tea $2.00", 0.1, ago_s=20), device=Device(63, "14:05"))
    assert p.targets == {
        "#battery": "63 percent", "#time": "14:05", "#1": "Tea $2.00", "#1.where": "on the left", "#1.price": "$2.00",
        "#1.ago": "about twenty seconds ago", "#1.name": "Tea", "#1.thing": "a sign that says Tea $2.00",
    }  # fmt: skip


@pytest.mark.parametrize("size", [1, 2, 3, 100])
def test_a_reference_split_across_pieces_is_resolved(size: int) -> None:
    """Wherever the pieces are cut, the same words come out."""
    targets = {"#1": "Tea", "#1.price": "$2.00", "#12": "umbrella", "#1.where": "on the left"}
    reply = "The #1 is #1.price, #1.where. I see a #12 and a #1. Nothing else."
    references = References(targets)
    out = "".join(references.feed(reply[at : at + size]) for at in range(0, len(reply), size)) + references.flush()
    assert out == "The Tea is $2.00, on the left. I see an umbrella and a Tea. Nothing else."


def test_words_before_an_open_reference_are_not_held_back() -> None:
    """Streaming: what is sure is shown at once."""
    references = References({"#1": "EXIT", "#1.where": "on the left"})
    assert references.feed("It says ") == "It says "
    assert references.feed("#1") == ""
    assert references.feed(" or") == "EXIT or"


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("how much is the carrot cake", ["#1"]),
        ("where is my phone", ["#2"]),
        ("where's the sofa", ["#3"]),
        ("how many people are there", ["#4", "#5"]),
        ("how much is the carot cakes", ["#1"]),
        ("what do you see", []),
        ("where is the dog", []),
    ],
)
def test_the_lines_that_a_question_speaks_of_follow_it(text: str, wanted: list[str]) -> None:
    """By other names, in the plural and misheard by a letter too; common words speak of nothing."""
    things = [seen("text", "Carrot Cake 4.20 €", 0.0), seen("object", "cell phone", 0.1), seen("object", "couch", 0.2)]
    p = prompt(*things, seen("object", "person", 0.3), seen("object", "person", 0.5), text=text)
    marks = itertools.takewhile(lambda piece: piece.text[1:].isdecimal(), p.question[2:-1])
    assert [q.text for q in marks] == wanted


def test_what_rules_know_is_listed_under_the_scene() -> None:
    """Counts and sides."""
    near, far = seen("text", "Tea $2.00", 0.1, height=0.2), seen("text", "Rum $9.00", 0.0, height=0.02)
    scene = read(prompt(far, near, seen("object", "dog", 0.8)))
    assert "in view: 2 text 1 dog" in scene
    lists = " see #1#2#3 left #1#2 right #3 text #1#2"
    assert scene.endswith(f"{lists}<|ask|>what do you see see#1#2#3<|reply|>")


def test_a_reference_that_does_not_exist_is_not_shown() -> None:
    """A mark without a target means nothing to a person."""
    assert resolve("It is #7.price.", {"#1": "EXIT"}) == "It is ."


def test_a_seen_text_that_looks_like_a_reference_is_not_resolved_again() -> None:
    """What was put in is final."""
    assert resolve("It says #1.", {"#1": "#2", "#2": "secret"}) == "It says #2."


def test_the_grammar_names_only_references_that_exist() -> None:
    """Two lines: nothing about a third, and no price where there is none."""
    text = grammar(prompt(seen("text", "Tea $2.00", 0.1), seen("object", "dog", 0.8)), TOOLS)
    assert '"#1.price"' in text
    assert '"#2"' in text
    assert '"#2.price"' not in text
    assert '"#3"' not in text


def test_the_grammar_offers_the_configured_tools_only() -> None:
    """A tool that is not configured cannot be called."""
    text = grammar(prompt(text="take a photo"), TOOLS[:1])
    assert "photo" in text
    assert "navigate" not in text
    assert "call ::=" not in grammar(prompt(), ())
