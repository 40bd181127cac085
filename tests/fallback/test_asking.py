"""Retry, hedge, fail-over and deadline on a virtual clock: one whole answer, no word twice, always in time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field

import pytest

from edge.clock import S
from edge.errors import DeadlineExceeded, RemoteUnavailable
from edge.fallback.asking import Asking, Plan, Report
from edge.fallback.chat import Chat, Delta, Finished, Message, Text, Usage
from edge.fallback.client import CallFailed
from edge.fallback.rows import Row
from tests.fallback.rows import changed
from tests.fallback.virtual import run

A, B, C = changed(name="a"), changed(name="b"), changed(name="c")
CHAT = Chat((Message("user", "when does it open"),))
WORDS = [Text("It opens "), Text("at nine."), Usage(10, 4), Finished("stop")]
Step = Delta | float | CallFailed
"""what a fake row does: say something, wait so many seconds, or fail"""


def plan(rows: tuple[Row, ...], deadline_s: float, hedge_s: float | None = None) -> Plan:
    return Plan(tuple((row, CHAT) for row in rows), deadline_s, hedge_s)


def failure(name: str = "a", *, transient: bool = True, after_s: float | None = None) -> CallFailed:
    return CallFailed(f"{name} is overloaded", is_transient=transient, retry_after_s=after_s)


@dataclass
class Rows:
    """Fake rows: the scripts of each in turn, the last one again and again."""

    scripts: dict[str, Sequence[Sequence[Step]]]
    asked: list[tuple[str, float, Chat]] = field(default_factory=list)
    closed: int = 0

    async def ask(self, row: Row, chat: Chat) -> AsyncIterator[Delta]:
        loop = asyncio.get_running_loop()
        before = sum(name == row.name for name, _, _ in self.asked)
        self.asked.append((row.name, loop.time(), chat))
        scripts = self.scripts[row.name]
        try:
            for step in scripts[min(before, len(scripts) - 1)]:
                if isinstance(step, float):
                    await asyncio.sleep(step)
                elif isinstance(step, CallFailed):
                    raise step
                else:
                    yield step
        finally:
            self.closed += 1


@dataclass
class Came:
    text: str
    error: Exception | None
    took_s: float
    report: Report
    finished: bool


def answered(
    rows: Rows, order: tuple[Row, ...] = (A, B), deadline_s: float = 10.0, hedge_s: float | None = None,
    asking: Asking | None = None,
) -> Came:  # fmt: skip
    """One question, to its end."""

    async def ask() -> Came:
        report, text, error, finished = Report(), "", None, False
        began_s = asyncio.get_running_loop().time()
        try:
            async for delta in (asking or Asking(rows, lambda: 0.5)).answer(plan(order, deadline_s, hedge_s), report):
                text += delta.text if isinstance(delta, Text) else ""
                finished = isinstance(delta, Finished)
        except (RemoteUnavailable, DeadlineExceeded) as raised:
            error = raised
        return Came(text, error, asyncio.get_running_loop().time() - began_s, report, finished)

    came = run(ask())
    assert rows.closed == len(rows.asked)  # no stream is left open
    return came


def test_the_first_row_answers_and_the_second_is_not_asked() -> None:
    rows = Rows({"a": [[0.2, *WORDS]], "b": [WORDS]})
    came = answered(rows)
    assert (came.text, came.finished, came.error) == ("It opens at nine.", True, None)
    assert [name for name, _, _ in rows.asked] == ["a"]
    assert came.report.answered == ["a"] and came.report.usage == {0: ("a", Usage(10, 4))}


def test_a_row_that_fails_is_followed_by_the_next_at_once() -> None:
    came = answered(Rows({"a": [[0.1, failure()]], "b": [[0.1, *WORDS]]}))
    assert came.text == "It opens at nine." and came.took_s == pytest.approx(0.2)
    assert came.report.asked == ["a", "b"] and came.report.failures == ["a is overloaded"]


def test_when_all_fail_each_is_asked_again_after_a_pause() -> None:
    rows = Rows({"a": [[failure()], WORDS], "b": [[failure("b")]]})
    came = answered(rows)
    assert came.text == "It opens at nine." and [n for n, _, _ in rows.asked] == ["a", "b", "a"]
    assert rows.asked[2][1] == pytest.approx(0.25)


def test_a_failure_that_will_not_pass_is_not_tried_again() -> None:
    rows = Rows({"a": [[failure(transient=False)], WORDS]})
    came = answered(rows, (A,))
    assert isinstance(came.error, RemoteUnavailable) and "a is overloaded" in str(came.error)
    assert len(rows.asked) == 1


def test_a_row_that_asks_for_time_is_given_it_and_left_alone_meanwhile() -> None:
    rows = Rows({"a": [[failure(after_s=60.0)], WORDS], "b": [WORDS]})
    asking = Asking(rows, lambda: 0.5)

    async def two() -> list[str]:
        for _ in range(2):
            async for _ in asking.answer(plan((A, B), 10), Report()):
                pass
        await asyncio.sleep(61)
        async for _ in asking.answer(plan((A, B), 10), Report()):
            pass
        return [name for name, _, _ in rows.asked]

    assert run(two()) == ["a", "b", "b", "a"]


def test_a_silent_row_is_raced_and_the_first_that_speaks_answers() -> None:
    rows = Rows({"a": [[10.0, *WORDS]], "b": [[0.3, *WORDS]]})
    came = answered(rows, hedge_s=0.8)
    assert came.text == "It opens at nine." and came.took_s == pytest.approx(1.1)
    assert came.report.asked == ["a", "b"] and came.report.answered == ["b"]


def test_a_silent_row_that_is_alone_is_not_asked_a_second_time_beside_the_first() -> None:
    """A server at home would give up the first question, or answer both at half the speed."""
    came = answered(Rows({"a": [[5.0, *WORDS]]}), (A,), hedge_s=0.8)
    assert came.report.asked == ["a"] and came.took_s == pytest.approx(5.0)


def test_a_row_that_ends_without_a_word_is_followed_by_the_next_and_named_when_it_is_alone() -> None:
    """Models that think first do so when their tokens run out."""
    mute = [[Text("  "), Usage(10, 300), Finished("length")]]
    came = answered(Rows({"a": mute, "b": [WORDS]}))
    assert came.text == "It opens at nine." and came.report.answered == ["b"] and came.report.asked == ["a", "b"]
    alone = answered(Rows({"a": mute}), (A,))
    assert str(alone.error) == (
        "no cloud model answered: a said nothing, it may think first and need more max_tokens"
    )  # fmt: skip


def test_a_row_that_speaks_in_time_is_not_raced() -> None:
    came = answered(Rows({"a": [[0.5, *WORDS[:1], 0.7, *WORDS[1:]]], "b": [WORDS]}), hedge_s=0.8)
    assert came.report.asked == ["a"] and came.text == "It opens at nine."


def test_how_long_a_row_may_be_silent_is_learned_from_its_answers() -> None:
    rows = Rows({"a": [*[[0.4, *WORDS]] * 20, [9.0, *WORDS]], "b": [[0.1, *WORDS]]})
    asking = Asking(rows, lambda: 0.5)
    for _ in range(20):
        assert answered(rows, hedge_s=5.0, asking=asking).took_s == pytest.approx(0.4)
    late = answered(rows, hedge_s=5.0, asking=asking)
    assert late.report.answered == ["b"] and late.took_s == pytest.approx(1.2 * 0.4 + 0.1)


def test_an_answer_that_breaks_off_is_finished_by_the_next_row_without_a_word_twice() -> None:
    rows = Rows({"a": [[WORDS[0], 0.1, failure()]], "b": [[Text("it opens "), Text("at nine."), Finished("stop")]]})
    came = answered(rows)
    assert came.text == "It opens at nine." and came.finished and came.report.answered == ["a", "b"]
    _, _, chat = rows.asked[1]
    assert chat.messages[-2].text == "It opens "


def test_an_answer_that_breaks_off_within_a_word_loses_and_doubles_nothing() -> None:
    rows = Rows({
        "a": [[Text("It op"), Text("ens at ni"), failure()]],
        "b": [[Text("nine, "), Text("daily."), Finished("stop")]],
    })  # fmt: skip
    assert answered(rows).text == "It opens at nine, daily."


def test_a_row_that_falls_silent_in_the_middle_is_followed_by_the_next() -> None:
    rows = Rows({"a": [[WORDS[0], 99.0]], "b": [[Text("at nine."), Finished("stop")]]})
    came = answered(rows, hedge_s=0.8)
    assert came.text == "It opens at nine." and came.took_s == pytest.approx(0.8)


def test_the_deadline_holds_over_rows_retries_and_stalls() -> None:
    for scripts in (
        {"a": [[99.0]], "b": [[99.0]]},
        {"a": [[WORDS[0], 99.0]], "b": [WORDS]},
        {"a": [[1.9, failure()]], "b": [[99.0]]},
    ):
        came = answered(Rows(scripts), deadline_s=2.0)
        assert isinstance(came.error, DeadlineExceeded) and came.took_s == pytest.approx(2.0)


def test_a_row_that_failed_three_times_is_left_alone_by_the_next_question() -> None:
    rows = Rows({"a": [[failure()]], "b": [WORDS]})
    asking = Asking(rows, lambda: 0.5)
    for _ in range(3):
        asking.breakers.setdefault("a", asking.breaker(A)).failed(0)
    came = answered(rows, asking=asking)
    assert came.report.asked == ["b"] and asking.breaker(A).is_open(S)


def test_leaving_closes_every_stream() -> None:
    rows = Rows({"a": [[99.0]], "b": [[99.0]]})

    async def leave() -> int:
        answer = Asking(rows).answer(plan((A, B), 50, 0.1), Report())
        task = asyncio.ensure_future(anext(answer))
        await asyncio.sleep(1)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await answer.aclose()  # type: ignore[attr-defined]  # a generator
        return rows.closed

    assert run(leave()) == 2
