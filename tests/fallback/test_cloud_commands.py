"""`edge cloud` as its owner uses it: judge, calibrate, compare rows, look into the queue and the cache."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from edge.__main__ import main
from edge.fallback.gate import FILE as RULE
from edge.fallback.turns import Turn, Turns
from tests.fallback.server import Script
from tests.fallback.test_cloud import servers, settings
from tests.fallback.test_gate import turns as judged_turns
from tests.fallback.test_later import words

Edge = Callable[..., str]


@pytest.fixture
def edge(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Edge:
    """Runs a command with the settings of this folder; gives what it prints."""

    def run(*arguments: str, status: int = 0) -> str:
        assert main([*arguments, "--config", str(tmp_path / "glasspath.toml")]) == status
        told = capsys.readouterr()
        return told.out if status == 0 else told.err

    return run


def two_rows(folder: Path, first: int, second: int) -> None:
    text = settings(folder, first).read_text()
    head, _, row = text.partition("[[fallback.rows]]")
    other = row.replace('"home"', '"away"').replace(f":{first}/", f":{second}/")
    (folder / "glasspath.toml").write_text(f"{head}log = true\n[[fallback.rows]]{row}[[fallback.rows]]{other}")


def public(count: int) -> list[Turn]:
    return [
        Turn(f"what is thing {n}", "", 0.5, "local", chat=(("user", f"what is thing {n}"),), classes=("words",),
             correct="nine")
        for n in range(count)
    ]  # fmt: skip


def test_judged_turns_become_a_rule_that_the_next_question_goes_by(
    tmp_path: Path, edge: Edge, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings(tmp_path, 1)
    log = Turns(tmp_path / "cloud")
    for turn in judged_turns(3, 60):
        log.add(Turn(turn.question, "some words", turn.confidence, "local", right=turn.right))
    log.add(Turn("who painted this", "A cup.", 0.7, "local"))
    monkeypatch.setattr("sys.stdin", io.StringIO("n Johannes Vermeer\n"))
    assert json.loads(edge("cloud", "judge", "--json")) == {"judged": 1, "left": 0}
    assert log.read()[-1].correct == "Johannes Vermeer" and log.read()[-1].right is False
    told = json.loads(edge("cloud", "calibrate", "0.15", "--json"))
    assert told["turns"] == 61 and told["bound"] <= 0.15 and Path(told["file"]).name == RULE
    assert "kept and wrong" in edge("cloud", "calibrate", str(log.path), "0.15")
    assert "no share of turns" in edge("cloud", "calibrate", "2", status=2)
    wrong = edge("ask", "hello", "--set", "reasoning.local.model=/other.gguf", status=2)
    assert "other.gguf" in wrong


def test_of_two_rows_the_better_one_is_named_and_nothing_is_asked_twice(tmp_path: Path, edge: Edge) -> None:
    with servers([words("It is ten.")], [words("It is nine.")]) as (home, away):
        two_rows(tmp_path, home.port, away.port)
        edge("cloud", "allow", "words", "any")
        Turns(tmp_path / "cloud").replace(public(40))
        told = json.loads(edge("cloud", "bakeoff", "home", "away", "--json"))
        (pair,) = told["pairs"]
        assert pair["better"] == "away" and pair["interval"][1] < 0.5 and told["questions"] < 40
        asked = len(home.asked)
        assert asked == told["questions"] == len(away.asked)
        assert json.loads(edge("cloud", "bakeoff", "home", "away", "--json"))["questions"] == asked == len(home.asked)
        assert "away is better than home" in edge("cloud", "bakeoff", "home", "away")
        assert json.loads(edge("cloud", "audit", "--json"))["bytes"]["home"] == sum(map(len, home.asked))


def test_it_stops_within_its_money_and_says_that_nothing_is_known(tmp_path: Path, edge: Edge) -> None:
    with servers([words("It is ten.")], [words("It is nine.")]) as (home, away):
        two_rows(tmp_path, home.port, away.port)
        edge("cloud", "allow", "words", "any")
        Turns(tmp_path / "cloud").replace(public(40))
        told = edge("cloud", "bakeoff", "home", "away", "--usd", "0.00125")
        assert "are spent" in told and len(home.asked) <= 2
        assert "nothing can be said yet" in told


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("home", "nobody"), "there is no row 'nobody': there are home, away"),
        (("home", "home"), "cannot be compared with itself"),
        (("home", "away", "--judge", "home"), "cannot judge its own answers"),
        (("home",), "takes 2 or more"),
        (("home", "away"), "no public questions"),
    ],
)
def test_a_comparison_that_cannot_be_is_refused_in_a_sentence(
    tmp_path: Path, edge: Edge, arguments: tuple[str, ...], says: str
) -> None:
    two_rows(tmp_path, 1, 2)
    assert says in edge("cloud", "bakeoff", *arguments, status=2)


def test_a_private_question_is_never_compared_and_one_without_an_answer_needs_a_judge(
    tmp_path: Path, edge: Edge
) -> None:
    with servers([Script()], [Script()]) as (home, away):
        two_rows(tmp_path, home.port, away.port)
        log = Turns(tmp_path / "cloud")
        log.replace([Turn("my pin", "", 0.5, "local"), *public(3)])
        assert "no public questions" in edge("cloud", "bakeoff", "home", "away", status=2)
        edge("cloud", "allow", "words", "any")
        log.replace([Turn("my pin", "", 0.5, "local"), Turn("what", "", 0.5, "local", chat=(("user", "what"),))])
        assert "name a row with --judge" in edge("cloud", "bakeoff", "home", "away", status=2)
        assert home.asked == [] and away.asked == []


def test_the_queue_and_the_cache_are_shown_and_cleared(tmp_path: Path, edge: Edge) -> None:
    down = Script([b"oops"], 500)
    queued = ("--set", 'fallback.queue=["words"]')
    with servers([down, down, Script()]) as made:
        settings(tmp_path, made[0].port)
        edge("cloud", "allow", "words", "any")
        ask = ("ask", "when does the museum open", "--set", "reasoning.local.kind=none", *queued)
        edge(*ask)
        shown = json.loads(edge("cloud", "queue", "--json", *queued))
        assert [row["question"] for row in shown["waiting"]] == ["when does the museum open"]
        assert "About your question" in edge("cloud", "queue", "send", *queued)
        assert "nothing waits" in edge("cloud", "queue", *queued)
        assert json.loads(edge("cloud", "cache", "--json"))["answers"] == 1
        assert "home (from the cache) says" in edge(*ask)
        assert len(made[0].asked) == 3
        assert json.loads(edge("cloud", "cache", "clear", "--json")) == {"cleared": 1}
        assert json.loads(edge("cloud", "queue", "clear", "--json", *queued)) == {"cleared": 0}
        assert "knows no 'clean'" in edge("cloud", "cache", "clean", status=2)
