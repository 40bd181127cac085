"""The scores of the embedded model: mishearing, removing and judging are fair, the statistics are what they are called."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pytest

from edge import scene_file
from edge.errors import ConfigError
from edge.reasoning.lines import lines
from edge.reasoning.prompt import build, question_words
from edge.reasoning.tools import TOOLS, tool
from edge.types import Answer, Box, Kind, Query, Scene, Seen, ToolCall
from quantize.glance import __main__
from quantize.glance.dialogue import phrases
from quantize.glance.dialogue.asking import Example
from quantize.glance.scoring import calibration, card, comparison, held_out, judging, mishearing, removing, scores
from quantize.glance.scoring.held_out import Question
from quantize.glance.scoring.table import Row, Table, by_skill, shown

NOWHERE = Path("no/such/data")
DATA = Path(__file__).parents[1] / "data"
MODEL = Path(__file__).parents[2] / "edge" / "assets" / "glance.gguf"
FILES = ("glance_questions", "glance_questions_blind", "glance_tools")
S = 1_000_000_000
HERE: Box = (0.1, 0.1, 0.2, 0.4)


def answer(text: str = "", call: ToolCall | None = None, *, escalate: bool = False, confidence: float = 1.0) -> Answer:
    return Answer(0, "q", text, "local", confidence, escalate, call, 0, 0)


def scene(*labels: str) -> Scene:
    """Labels that begin with a small letter are objects, others texts; all in view."""
    kinds: list[Kind] = ["object" if label[0].islower() else "text" for label in labels]
    seen = [Seen(10 * S, kinds[n], label, 0.9, HERE, n) for n, label in enumerate(labels)]
    return Scene(10 * S, tuple(seen))


def question(
    expect: Mapping[str, Any], *labels: str, skill: str = "any", text: str = "what", source: str = "x"
) -> Question:
    shown_now = scene(*labels)
    return Question(source, skill, Query(shown_now.now_ns, text, shown_now), TOOLS, expect)


def test_the_scores_need_neither_pytorch_nor_tokenizers() -> None:
    """They run wherever the runtime does. In a process of its own: here others may have imported them."""
    import subprocess

    heavy = "{'torch', 'tokenizers', 'gguf'}"
    code = f"import sys, quantize.glance.scoring.evaluate; print(sorted({heavy} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


# The questions


@pytest.mark.parametrize("name", FILES)
def test_the_hand_written_sets_are_well_formed(name: str) -> None:
    """Each line has a scene, a question and exactly one kind of expectation."""
    questions = list(held_out.hand_written(DATA / f"{name}.jsonl", name))
    assert len(questions) >= 60
    assert all(q.query.text and q.skill for q in questions)


def test_there_are_as_many_questions_and_scenes_as_were_promised() -> None:
    """At least 400 over at least 60 scenes."""
    questions = [q for name in FILES for q in held_out.hand_written(DATA / f"{name}.jsonl", name)]
    assert len(questions) >= 400
    assert len({q.query.scene for q in questions}) >= 60


@pytest.mark.parametrize("name", FILES)
def test_edge_ask_asks_the_very_questions_that_are_scored(name: str) -> None:
    """The same prompts, so `edge ask --batch` gives the answers that were judged."""
    path = DATA / f"{name}.jsonl"
    for row, scored in zip(scene_file.batch(path), held_out.hand_written(path, name), strict=True):
        assert build(row.query, (*TOOLS, *row.tools)) == build(scored.query, scored.tools)


@pytest.mark.parametrize(
    "line",
    ["{", "[]", '{"text": "a"}', '{"scene": {"now_s": 1, "seen": []}, "text": "a", "skill": "b", "expect": {}}',
     '{"scene": {"now_s": 1, "seen": [{}]}, "text": "a", "skill": "b", "expect": {"escalate": true}}'],
)  # fmt: skip
def test_a_broken_line_is_named(tmp_path: Path, line: str) -> None:
    path = tmp_path / "q.jsonl"
    path.write_text(f"\n{line}\n")
    with pytest.raises(ConfigError, match="line 2 is no question"):
        list(held_out.hand_written(path, "x"))


def test_generated_questions_are_the_same_each_time_and_need_no_data() -> None:
    one, two = (list(held_out.generated(NOWHERE, 30)) for _ in range(2))
    assert one == two
    assert len(one) >= 30
    assert list(held_out.beyond(NOWHERE, 5)) == []


# Mishearing


def test_what_was_heard_of_each_word_is_known_and_adds_up_to_what_was_heard() -> None:
    words = ["where", "did", "i", "leave", "the", "umbrella", "that", "i", "had", "on", "the", "train"]
    for seed in range(30):
        aligned = phrases.alignment(Random(seed), words, 0.3)
        assert len(aligned) == len(words)
        assert " ".join(w for heard in aligned for w in heard) == phrases.misheard(Random(seed), " ".join(words), 0.3)


CALL = {"tool": {"name": "message", "arguments": {"who": "anna", "text": "the train is late"}}}


def test_an_argument_that_was_misheard_is_expected_as_it_was_heard() -> None:
    """Its words are those at the same place of what was heard, and the other argument is not touched."""
    changed = 0
    for seed in range(60):
        heard, expect = mishearing.mishear(Random(seed), "tell anna the train is late", CALL, TOOLS, 0.3)
        arguments = expect["tool"]["arguments"]
        said = question_words(heard)
        assert mishearing.find(said, question_words(arguments["who"])) is not None, (heard, expect)
        assert mishearing.find(said, question_words(arguments["text"])) is not None, (heard, expect)
        changed += arguments != CALL["tool"]["arguments"]
    assert changed > 20
    assert CALL["tool"]["arguments"] == {"who": "anna", "text": "the train is late"}


def test_of_an_argument_something_is_always_heard() -> None:
    expect = {"tool": {"name": "call", "arguments": {"who": "anna"}}}
    for seed in range(200):
        heard, wanted = mishearing.mishear(Random(seed), "call anna", expect, TOOLS, 1.0)
        assert wanted["tool"]["arguments"]["who"]
        assert wanted["tool"]["arguments"]["who"] in heard


@pytest.mark.parametrize(
    ("text", "arguments", "tools"),
    [
        ("set timer for an hour and a half", {"minutes": 90}, TOOLS),
        ("timer twenty-five minutes and 30 seconds", {"minutes": 25, "seconds": 30}, TOOLS),
        ("lights off in two hours", {"hours": 2}, (tool("timer", "lights", {"hours": "integer"}),)),
    ],
)
def test_words_of_numbers_are_heard_as_they_are(text: str, arguments: dict[str, int], tools: Any) -> None:
    expect = {"tool": {"name": "timer", "arguments": arguments}}
    spoken = {*question_words(text)} - {"set", "timer", "for", "lights", "off", "in"}
    numbers = [word for word in question_words(text) if word in spoken]
    for seed in range(40):
        heard, wanted = mishearing.mishear(Random(seed), text, expect, tools, 1.0)
        kept = iter(heard.split())
        assert all(word in kept for word in numbers), heard
        assert wanted == expect


def test_what_was_seen_or_is_a_choice_is_expected_as_it_is() -> None:
    """Neither is copied from the question."""
    for arguments in ({"text": "Hall 3 Bronze Age", "language": "french"}, {"text": "Exit"}):
        expect = {"tool": {"name": "translate", "arguments": arguments}}
        for seed in range(20):
            _, wanted = mishearing.mishear(Random(seed), "translate the sign", expect, TOOLS, 1.0)
            assert wanted == expect
    expect = {"tool": {"name": "volume", "arguments": {"change": "up"}}}
    assert mishearing.mishear(Random(1), "turn it up", expect, TOOLS, 1.0)[1] == expect


def test_without_errors_nothing_changes() -> None:
    assert mishearing.mishear(Random(0), "tell anna the train is late", CALL, TOOLS, 0.0) == (
        "tell anna the train is late",
        CALL,
    )


# Judging


@pytest.mark.parametrize(
    ("expect", "text", "call", "escalate", "right"),
    [
        ({"has": ["4.50"]}, "It is $4.50.", None, False, True),
        ({"has": ["4.50"]}, "It is $4.50.", None, True, False),
        ({"has": ["a", "b"]}, "a", None, False, False),
        ({"has": ["a"], "not": ["b"]}, "a B", None, False, False),
        ({"absent": True}, "I don't see a dog.", None, False, True),
        ({"absent": True}, "I see a dog.", None, False, False),
        ({"absent": True}, "I see a sign that says NO PARKING.", None, False, False),
        ({"says": "I see a dog."}, "I see a dog.", None, False, True),
        ({"says": "I see a dog."}, "I see a Dog.", None, False, False),
        ({"escalate": True}, "", None, True, True),
        ({"tool": {"name": "timer", "arguments": {"minutes": 5}}}, "", ToolCall("timer", {"minutes": 5}), False, True),
        ({"tool": {"name": "timer", "arguments": {"minutes": 5}}}, "", ToolCall("timer", {"minutes": 6}), False, False),
        ({"has": ["a"]}, "a", ToolCall("photo"), False, False),
    ],
)
def test_the_scorer_is_strict(
    expect: dict[str, object], text: str, call: ToolCall | None, escalate: bool, right: bool
) -> None:
    """A tool call is no answer, an escalation is no answer, every argument counts, and what is cited denies nothing."""
    assert judging.judge(expect, answer(text, call, escalate=escalate), ["NO PARKING"]) is right


@pytest.mark.parametrize(
    ("text", "copied"),
    [("It says Hall 3 Bronze Age.", True), ("It says hall 3 bronze age.", False), ("It says Hall 3.", False)],
)
def test_a_copy_is_letter_by_letter_as_it_stands_in_the_scene(text: str, copied: bool) -> None:
    """However the one who wrote the question wrote it down."""
    asked = question({"has": ["hall 3 bronze age"]}, "Hall 3 Bronze Age", "Exit", skill="read side")
    assert judging.score(asked, answer(text)).is_copied is copied


def test_only_texts_that_were_seen_are_copied() -> None:
    assert judging.score(question({"has": ["left"]}, "Exit", skill="read side"), answer("left")).is_copied is None
    assert judging.score(question({"has": ["Exit"]}, "Exit", skill="where"), answer("Exit")).is_copied is None


@pytest.mark.parametrize(
    ("said", "found"),
    [
        (answer("No, I don't see a dog."), "denied"),
        (answer("I haven't seen dog."), "denied"),
        (answer("I don't see a price for dog."), "denied"),
        (answer("I don't see any text."), "denied"),
        (answer("No."), "denied"),
        (answer("I don't see one."), "denied"),
        (answer("I see one."), "invented"),
        (answer("Yes, on the left, close by."), "invented"),
        (answer("No, it is on the left."), "invented"),
        (answer("No, I don't see a cup."), "invented"),
        (answer("I see a cup."), "invented"),
        (answer("I see two."), "invented"),
        (answer("It is $4.50."), "invented"),
        (answer(""), "invented"),
        (answer(escalate=True), "escalated"),
        (answer(call=ToolCall("recall", {"what": "the dog"})), "called"),
        (answer(call=ToolCall("photo")), "called"),
        (answer(call=ToolCall("timer", {"minutes": 4})), "called"),
        (answer(call=ToolCall("note", {"text": "EXIT"})), "invented"),
    ],
)
def test_an_answer_about_what_is_gone_denies_or_escalates_or_is_made_up(said: Answer, found: str) -> None:
    assert judging.outcome(said, ["cup", "EXIT", "Cappuccino $4.50"], "where is the dog") == found
    asked = question({"gone": True}, "cup", "EXIT", text="where is the dog")
    assert judging.score(asked, said).is_right is (found != "invented")


# Removing


def test_all_that_a_question_could_mean_is_removed() -> None:
    """Other names, other texts with the same word; what has nothing to do with it stays."""
    seen = scene("couch", "cup", "couch", "Sofa Outlet", "Exit", "dog")
    topic = next(line.number for line in lines(seen) if line.label == "couch")
    rest = removing.without(seen, Example("where", "where is my sofa", "<|say|>The #1 is #1.where.", topic=topic))
    assert rest is not None
    assert [s.label for s in rest.seen] == ["cup", "Exit", "dog"]


def test_a_person_goes_with_all_faces() -> None:
    seen = replace(
        scene("person", "cup", "dog"),
        seen=(*scene("person", "cup", "dog").seen, Seen(10 * S, "face", "Anna", 1.0, HERE, 9)),
    )
    rest = removing.without(seen, Example("is there", "is there anybody", "<|say|>Yes, #1.where."))
    assert rest is not None
    assert [s.label for s in rest.seen] == ["cup", "dog"]


def test_a_question_that_names_nothing_or_leaves_too_little_is_not_asked() -> None:
    assert removing.without(scene("cup", "dog", "Exit"), Example("where", "where is it", "<|say|>x", topic=1)) is None
    signs = scene("Opening Hours 9:00", "Bar 8:00", "cup", "dog")
    assert removing.without(signs, Example("time of", "opening hours when", "<|say|>x", topic=1)) is None
    assert removing.without(scene("cup", "dog"), Example("where", "where is the cup", "<|say|>x", topic=1)) is None


def test_only_questions_that_found_their_thing_are_asked_again() -> None:
    assert removing.is_about_a_thing(Example("where", "where is the cup", "<|say|>The #1 is #1.where."))
    assert not removing.is_about_a_thing(Example("where", "where is the cup", "<|say|>I don't see a cup."))
    assert not removing.is_about_a_thing(Example("what", "what do you see", "<|say|>I see #1.thing."))


def test_nothing_that_is_left_is_what_was_asked_for() -> None:
    """By the runtime's own rule; the same seed gives the same scenes; several skills."""
    asked = list(removing.removed(NOWHERE, 25))
    assert asked == list(removing.removed(NOWHERE, 25))
    assert len({q.skill for q in asked}) > 5
    for q in asked:
        shown_now = lines(q.query.scene)
        assert len(shown_now) >= 2
        assert not removing._meant(question_words(q.query.text), shown_now), q


# Statistics


def test_auroc_and_calibration_are_what_their_definitions_say() -> None:
    """Checked by hand on four numbers."""
    ours, others = np.array([0.9, 0.6]), np.array([0.6, 0.1])
    assert calibration.auroc(ours, others) == pytest.approx((1 + 1 + 0.5 + 1) / 4)
    assert calibration.ece(np.array([1.0]), np.array([0.0])) == 0
    assert calibration.ece(np.array([0.2]), np.array([0.8])) == pytest.approx(0.8)


def test_what_is_answered_is_counted_at_a_threshold_that_keeps_enough_of_ours() -> None:
    ours = np.linspace(0.5, 1, 101)
    assert calibration.answered(ours, np.array([0.51, 0.52, 0.53, 0.9])) == 0.5, "the sixth of ours is 0.525"
    assert calibration.answered(ours, np.array([0.1, 0.2])) == 0
    assert calibration.answered(np.full(9, 0.7), np.array([0.7, 0.6])) == 0.5, "what ties with ours is answered"


def test_an_interval_holds_the_value_is_narrower_with_more_and_the_same_each_time() -> None:
    rng = np.random.default_rng(1)

    def spread(n: int) -> tuple[float, float]:
        return calibration.interval(calibration.auroc, rng.normal(1, 1, n), rng.normal(0, 1, n), draws=150)

    few, many = spread(30), spread(600)
    assert many[1] - many[0] < (few[1] - few[0]) / 2
    assert many[0] < 0.76 < many[1], "the chance that N(1, 1) is above N(0, 1)"
    sure = np.ones(5), np.zeros(5)
    assert calibration.interval(calibration.auroc, *sure) == (1, 1)


# Tables


def scored(source: str, expect: Mapping[str, Any], said: Answer) -> judging.Score:
    return judging.score(question(expect, "Exit", source=source), said)


def test_every_file_and_all_together_stand_beside_the_goal() -> None:
    right, wrong = answer("Exit"), answer("no")
    clean = {
        "blind": [scored("blind", {"has": ["Exit"]}, a) for a in (right, right, right, wrong)],
        "own": [scored("own", {"escalate": True}, answer(escalate=True))],
    }
    misheard = {"blind": [scored("blind", {"has": ["Exit"]}, wrong)] * 4, "own": clean["own"]}
    rows, table = scores.hand_written(clean, misheard)
    found = {(r.part, r.name): r for r in rows}
    assert found["blind", "scene answers right"].value == 75
    assert found["blind", "scene answers right"].holds is False
    assert found["own", "scene answers right"].holds is None
    assert found["all", "all questions"].value == 80
    assert found["all", "lost by mishearing: all questions"].value == 60
    assert table.head[1:4] == ("blind (4)", "own (1)", "all (5)")


def test_each_source_counts_the_same_where_they_are_measured_together() -> None:
    rows, table = scores.escalation([0.9] * 10, {"mmlu": [0.1] * 50, "clinc oos": [0.95] * 5, "snips": [0.2] * 7})
    found = {r.name: r for r in rows}
    assert found["AUROC, ours against together"].value == 0.5
    assert [row[:2] for row in table.cells] == [("together", "10"), ("clinc oos", "5"), ("mmlu", "50"), ("snips", "7")]
    assert not found["AUROC, ours against snips"].goal


def test_a_row_holds_where_its_value_meets_the_goal() -> None:
    assert Row("p", "n", 5.0, "%", "<= 5").holds is True
    assert Row("p", "n", 89.9, "%", ">= 90").holds is False
    assert Row("p", "n", None, "%", ">= 90").holds is None
    assert shown(None) == "–"


def test_a_table_is_the_same_in_the_card() -> None:
    table = by_skill({"blind": {"read": (1, 3)}, "all": {"read": (1, 4), "where": (2, 2)}}, "By skill")
    assert table.markdown().splitlines()[2:] == [
        "| skill | blind | all |", "| --- | --: | --: |", "| read | 33 (3) | 25 (4) |", "| where |  | 100 (2) |",
    ]  # fmt: skip


def test_the_goal_of_a_quantized_file_is_the_shipped_ones() -> None:
    figures = {"prefill_tokens_per_s": 1.0, "decode_tokens_per_s": 2.0}
    files = [comparison.File("float32", 24_000_000, 90.0, 100.0, 0.0, 0.0, figures),
             comparison.File("shipped", 6_400_000, 89.0, 97.0, 0.001, 0.01, figures),
             comparison.File("Q4_K", 3_800_000, 91.0, 92.0, 0.01, 0.1, figures)]  # fmt: skip
    rows, table = comparison.table(files)
    found = {r.name: r for r in rows}
    assert found["points lost against float32: shipped"].value == 1
    assert found["points lost against float32: shipped"].holds is False
    assert found["points lost against float32: Q4_K"].value == -1
    assert found["points lost against float32: Q4_K"].holds is None
    assert [row[0] for row in table.cells] == ["float32", "shipped", "Q4_K"]


# The card and the manifest

CARD = f"# Card\n\nbefore\n{card.BEGIN}\nold\n{card.END}\nafter\n"


def test_only_the_section_between_the_marks_is_rewritten() -> None:
    text = card.section([Table("T", ("a", "b"), (("1", "2"),))], "Made so.")
    made = card.with_section(CARD, text)
    assert made.startswith(f"# Card\n\nbefore\n{card.BEGIN}\nMade so.\n")
    assert made.endswith(f"| 1 | 2 |\n{card.END}\nafter\n")
    assert "old" not in made
    assert card.with_section(made, text) == made


@pytest.mark.parametrize("text", ["", card.BEGIN, card.END + card.BEGIN, CARD + CARD])
def test_a_card_without_its_marks_is_not_touched(text: str) -> None:
    with pytest.raises(ConfigError, match="once each"):
        card.with_section(text, "new")


def test_the_projects_card_has_its_marks() -> None:
    text = (Path(__file__).parents[2] / "docs" / "glance.md").read_text()
    assert card.with_section(text, "new") != text


def test_the_manifest_keeps_what_it_says_of_the_file_and_gets_few_lines_of_scores(tmp_path: Path) -> None:
    path = tmp_path / "m.json"
    path.write_text(json.dumps({"file": "glance.gguf", "scores": {"old": 1}, "note": "kept"}))
    rows = [Row("all", "right", 91.23456, "%", ">= 90"), Row("all", "more", 1.0, "%")]
    card.write_manifest(path, card.compact(rows, {"all": {"where": (1, 3), "none": (0, 0)}}))
    assert json.loads(path.read_text()) == {
        "file": "glance.gguf",
        "scores": {
            "goals": [{"part": "all", "name": "right", "value": 91.2346, "goal": ">= 90", "holds": True}],
            "by_skill_percent": {"all": {"where": 33.3}},
        },
        "note": "kept",
    }
    assert path.read_text().count("\n") < 20


# With the model


def test_answers_come_in_order_and_are_the_same_however_many_processes_ask() -> None:
    """Not of the shipped model's wit: of any model."""
    pytest.importorskip("llama_cpp")
    from quantize.glance.scoring.answering import Asker

    asked = [q for name in FILES for q in list(held_out.hand_written(DATA / f"{name}.jsonl", name))[:10]]
    told: list[int] = []
    with Asker(1, told.append) as one, Asker(2) as two:
        alone, both = one.answers(MODEL, asked), two.answers(MODEL, asked)
        apart = one.first_tokens(MODEL, MODEL, asked[:5])
    assert sum(told) == len(asked) + 5
    assert [a.question for a in alone] == [q.query.text for q in asked]
    assert [replace(a, ttft_ns=0, total_ns=0) for a in alone] == [replace(a, ttft_ns=0, total_ns=0) for a in both]
    assert apart == [(0.0, 0.0)] * 5


def test_a_run_prints_every_part_and_keeps_what_it_prints(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """On few questions, without human ones and without a float file: both are said."""
    pytest.importorskip("llama_cpp")
    from quantize.glance.scoring.evaluate import Plan, evaluate

    model, made = tmp_path / "glance.gguf", tmp_path / "card.md"
    model.write_bytes(MODEL.read_bytes())
    model.with_suffix(".json").write_text(MODEL.with_suffix(".json").read_text())
    made.write_text(CARD)
    files = []
    for name in FILES:
        files.append(tmp_path / f"{name}.jsonl")
        files[-1].write_text("\n".join((DATA / f"{name}.jsonl").read_text().splitlines()[:4]))
    plan = Plan(model, tuple(files), NOWHERE, tmp_path / "no.gguf", made, generated=8, removed=4, workers=1, speed_runs=1,
                is_json=True, is_kept=True, shows_wrong=True)  # fmt: skip
    evaluate(plan)
    *shown_lines, last = capsys.readouterr().out.splitlines()
    printed = "\n".join(shown_lines)
    found = json.loads(last)
    assert {"written first", "blind", "own tools", "all", "never invents", "speed", "generated"} == {
        r["part"] for r in found["rows"]
    }
    assert all({"name", "value", "unit", "goal", "holds"} <= set(r) for r in found["rows"])
    assert "Escalation left out" in printed and "Comparison with float left out" in printed
    assert not any(line.startswith("blind |") for line in shown_lines), "the blind questions are not looked at"
    manifest = json.loads(model.with_suffix(".json").read_text())
    assert manifest["sha256"] and len(manifest["scores"]["goals"]) == sum(r["holds"] is not None for r in found["rows"])
    kept = made.read_text()
    assert "Never invents: 4 generated scenes" in kept and "\nold\n" not in kept
    assert f"blind ({4})" in printed and f"blind ({4})" in kept


# The command line


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--model", "nowhere.gguf"], "nowhere.gguf: no such model file"),
        (["--questions", "nowhere.jsonl"], "nowhere.jsonl could not be read"),
        (["--float", "nowhere.gguf"], "nowhere.gguf is not there"),
        (["--keep", "--quick"], "--quick scores are too rough"),
    ],
)
def test_what_is_missing_is_one_sentence_and_status_2(
    capsys: pytest.CaptureFixture[str], arguments: list[str], words: str
) -> None:
    pytest.importorskip("llama_cpp")
    assert __main__.main(["evaluate", "--workers", "1", *arguments]) == 2
    out, err = capsys.readouterr()
    assert words in err
    assert err.count("\n") == 1
    assert out == ""
