"""Caps hold: per turn, day and month, across restarts and turns at the same time."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from threading import Thread

import pytest

from edge.errors import BudgetExceeded
from edge.fallback.budget import Budget, Caps

NOON = datetime(2026, 11, 22, 12)


def test_a_cap_is_named_when_it_would_be_passed(tmp_path: Path) -> None:
    budget = Budget(tmp_path / "spent.db", Caps(0.05, 0.10, 0.12))
    budget.reserve("t1", "gpt", 0.04, NOON)
    with pytest.raises(BudgetExceeded, match=r"\$0.0400 of \$0.05 for this turn"):
        budget.reserve("t1", "muse", 0.02, NOON)
    budget.reserve("t2", "gpt", 0.05, NOON)
    with pytest.raises(BudgetExceeded, match="for this day"):
        budget.reserve("t3", "gpt", 0.02, NOON)
    with pytest.raises(BudgetExceeded, match="for this month"):
        budget.reserve("t4", "gpt", 0.04, datetime(2026, 11, 23))
    budget.reserve("t5", "gpt", 0.04, datetime(2026, 12, 1))


def test_what_a_question_did_cost_takes_the_place_of_what_was_reserved(tmp_path: Path) -> None:
    budget = Budget(tmp_path / "spent.db", Caps(0.05, 0.05, None))
    number = budget.reserve("t1", "gpt", 0.05, NOON)
    budget.settle(number, 0.001, 900, 20)
    assert budget.spent() == {"gpt": pytest.approx(0.001)}
    budget.reserve("t2", "gpt", 0.049, NOON)


def test_caps_hold_across_a_restart_and_a_crash_counts_as_spent(tmp_path: Path) -> None:
    Budget(tmp_path / "spent.db", Caps(None, 0.05, None)).reserve("t1", "gpt", 0.04, NOON)
    with pytest.raises(BudgetExceeded):
        Budget(tmp_path / "spent.db", Caps(None, 0.05, None)).reserve("t2", "gpt", 0.02, NOON)


def test_turns_at_the_same_time_do_not_spend_more_than_the_cap(tmp_path: Path) -> None:
    budget = Budget(tmp_path / "spent.db", Caps(None, 0.10, None))
    refused: list[str] = []

    def ask(n: int) -> None:
        for m in range(5):
            try:
                budget.reserve(f"{n}-{m}", "gpt", 0.01, NOON)
            except BudgetExceeded as error:
                refused.append(str(error))

    threads = [Thread(target=ask, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert budget.spent()["gpt"] == pytest.approx(0.10) and len(refused) == 10


def test_spending_is_told_by_row_and_month(tmp_path: Path) -> None:
    budget = Budget(tmp_path / "spent.db", Caps(None, None, None))
    for row, usd, when in (("gpt", 0.1, NOON), ("muse", 0.2, NOON), ("gpt", 0.4, datetime(2026, 10, 3))):
        budget.reserve("t", row, usd, when)
    assert budget.spent("2026-11") == {"gpt": pytest.approx(0.1), "muse": pytest.approx(0.2)}
    assert sum(budget.spent().values()) == pytest.approx(0.7)


def test_a_purse_that_is_no_database_refuses(tmp_path: Path) -> None:
    (tmp_path / "spent.db").write_bytes(b"not a database, but long enough to look like a file" * 50)
    with pytest.raises(BudgetExceeded, match="cannot be opened"):
        Budget(tmp_path / "spent.db", Caps())
