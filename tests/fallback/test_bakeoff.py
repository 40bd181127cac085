"""Rows compared: the better one is found as often as is promised, nothing is paid twice, and every end is named."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from random import Random

import pytest

from edge.errors import BudgetExceeded, RemoteUnavailable
from edge.fallback import judges
from edge.fallback.bakeoff import Bakeoff, Reply, Result
from edge.fallback.chat import Chat
from edge.fallback.turns import Turn


def questions(count: int) -> list[Turn]:
    return [Turn(f"q{n}", "", 0.5, "local", chat=(("user", f"q{n}"),), correct=f"answer {n}") for n in range(count)]


class Rows:
    """Rows that are right with known chances; counts what they are asked."""

    def __init__(self, chances: dict[str, float], seed: int = 0, money: int = 10**9) -> None:
        self.chances, self.rng, self.money, self.asked = chances, Random(seed), money, 0

    async def ask(self, row: str, turn: Turn) -> Reply:
        if self.asked >= self.money:
            raise BudgetExceeded("asking b may cost $0.01, and $0.50 of $0.5 for this turn are spent")
        self.asked += 1
        is_right = self.rng.random() < self.chances[row]
        return Reply(f"It is {turn.correct}." if is_right else "It is something else.", 0.1, 0.01)


def ran(folder: Path, rows: Rows, turns: Sequence[Turn], seed: int = 0, names: Sequence[str] = ("a", "b")) -> Result:
    bakeoff = Bakeoff(names, rows.ask, judges.by_log, folder / f"{seed}.jsonl")
    return asyncio.run(bakeoff.run(turns, lambda result: None, seed))


def test_of_two_equal_rows_one_is_called_better_in_one_run_of_twenty_at_most(tmp_path: Path) -> None:
    runs = 60
    called = [
        ran(tmp_path, Rows({"a": 0.6, "b": 0.6}, seed), questions(60), seed).pairs[0].bets.better
        for seed in range(runs)
    ]
    assert sum(map(abs, called)) / runs <= 0.05 + 2 * (0.05 * 0.95 / runs) ** 0.5


def test_the_better_row_is_found_and_the_worse_one_never_called_better(tmp_path: Path) -> None:
    results = [ran(tmp_path, Rows({"a": 0.45, "b": 0.85}, seed), questions(120), seed) for seed in range(20)]
    assert [r.pairs[0].bets.better for r in results].count(-1) >= 17
    assert not any(r.pairs[0].bets.better == 1 for r in results)
    assert all(r.questions < 120 for r in results if r.pairs[0].bets.better)  # it ends when it is known


def test_what_was_paid_for_is_not_asked_again(tmp_path: Path) -> None:
    first = Rows({"a": 0.5, "b": 0.55}, money=31)
    stopped = ran(tmp_path, first, questions(40))
    assert stopped.questions == 15 and "are spent" in stopped.why
    with (tmp_path / "0.jsonl").open("a") as file:
        file.write('{"question": "cut off')
    second = Rows({"a": 0.5, "b": 0.55}, seed=1)
    whole = ran(tmp_path, second, questions(40))
    assert whole.questions == 40 and second.asked == 50 and whole.why == "every question was asked"
    assert ran(tmp_path, Rows({}), questions(40)).pairs[0].bets.sum == whole.pairs[0].bets.sum


def test_of_three_rows_every_pair_is_compared(tmp_path: Path) -> None:
    result = ran(tmp_path, Rows({"a": 0.1, "b": 0.5, "c": 0.95}), questions(200), names=("a", "b", "c"))
    assert [(p.first, p.second, p.bets.better) for p in result.pairs][1] == ("a", "c", -1)
    assert len(result.pairs) == 3 and result.pairs[0].bets.alpha == pytest.approx(0.05 / 3)


def test_a_row_that_says_nothing_loses_and_when_none_answers_it_ends(tmp_path: Path) -> None:
    async def ask(row: str, turn: Turn) -> Reply:
        return Reply("" if row == "a" else "words")

    silent = Bakeoff(("a", "b"), ask, judges.by_log, tmp_path / "silent")
    assert asyncio.run(silent.run(questions(60), lambda r: None)).pairs[0].bets.better == -1

    async def nobody(row: str, turn: Turn) -> Reply:
        return Reply("")

    gone = Bakeoff(("a", "b"), nobody, judges.by_log, tmp_path / "gone")
    with pytest.raises(RemoteUnavailable, match="no row answered the last 3 questions"):
        asyncio.run(gone.run(questions(60), lambda r: None))


@pytest.mark.parametrize(
    ("answer", "correct", "is_right"),
    [
        ("It was Johannes Vermeer.", "johannes vermeer", True),
        ("The answer is 3.50 euros", "3.50", True),
        ("It is 13.50", "3.50", False),
        ("Vermeer, Johannes", "Johannes Vermeer", False),
        ("anything", "", False),
        ("a cup", "the cup", True),
    ],
)
def test_a_right_answer_is_known_by_its_words(answer: str, correct: str, is_right: bool) -> None:
    assert judges.matches(answer, correct) is is_right


@pytest.mark.parametrize(
    ("replies", "outcome"),
    [(("A", "B"), 1.0), (("B", "A"), 0.0), (("A", "A"), 0.5), (("TIE", "B"), 0.75), (("A or B", "A"), None)],
)
def test_a_judge_is_asked_in_both_orders_and_one_that_prefers_a_place_says_nothing(
    replies: tuple[str, str], outcome: float | None
) -> None:
    asked: list[str] = []

    async def ask(chat: Chat) -> str:
        asked.append(chat.messages[-1].text)
        return replies[len(asked) - 1]

    found = asyncio.run(judges.by_model(ask, questions(1)[0], Reply("one"), Reply("two")))
    assert found == outcome
    assert asked[0].index("one") < asked[0].index("two") and asked[1].index("two") < asked[1].index("one")


def test_the_person_does_not_see_whose_answer_it_is_and_can_end_it(tmp_path: Path) -> None:
    shown: list[str] = []
    places = []
    for seed in range(20):
        judge = partial(judges.by_person, shown.append, iter(["what", "1"]).__next__, Random(seed))
        outcome = asyncio.run(judge(questions(1)[0], Reply("one"), Reply("two")))
        places.append(outcome)
        assert ("1: one" in shown[-3]) == (outcome == 1.0)
    assert 0.0 in places and 1.0 in places

    async def ask(row: str, turn: Turn) -> Reply:
        return Reply(f"{row} says so")

    said = iter(["1", "s", "0", "q"])
    judge = partial(judges.by_person, shown.append, said.__next__, Random(1))
    result = asyncio.run(Bakeoff(("a", "b"), ask, judge, tmp_path / "asked").run(questions(9), lambda r: None))
    assert "you ended it" in result.why and result.questions == 3 and result.pairs[0].bets.count == 2
    assert len((tmp_path / "asked").read_text().splitlines()) == 3
    assert json.loads((tmp_path / "asked").read_text().splitlines()[1])["outcomes"] == {"a|b": None}
