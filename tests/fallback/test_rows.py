"""Rows are read strictly: nothing about price, ability or privacy is guessed."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

from edge.config import from_table
from edge.errors import ConfigError
from edge.fallback.privacy import may
from edge.fallback.rows import Row, checked
from tests.fallback.rows import GIVEN, ROW, changed


def row(given: dict[str, Any]) -> Row:
    return checked(from_table(Row, given, "glasspath.toml", "fallback.rows[0]."), "glasspath.toml")


def test_a_complete_row_is_taken() -> None:
    assert row(GIVEN) == ROW


@pytest.mark.parametrize("name", list(GIVEN))
def test_a_row_that_leaves_something_out_is_refused_by_its_name(name: str) -> None:
    with pytest.raises(ConfigError, match=rf"fallback.rows\[0\].{name} is missing in glasspath.toml"):
        row({n: v for n, v in GIVEN.items() if n != name})


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"wire": "gopher"}, "openai, anthropic"),
        ({"url": "ftp://x/v1"}, "no http address"),
        ({"url": "http://api.example.com/v1", "region": "us"}, "not encrypted"),
        ({"usd_per_million_read": -1}, "a price"),
        ({"usd_per_million_made": float("nan")}, "a price"),
        ({"usd_per_million_made": True}, "a number"),
        ({"trains_on_data": "no"}, "true or false"),
        ({"context_tokens": 0}, "context_tokens must be above 0"),
        ({"retention_days": -2}, "number of days"),
        ({"model": ""}, "model is empty"),
        ({"colour": "red"}, "unknown key 'fallback.rows.0..colour'"),
        ({"extra": 3}, "a table"),
    ],
)
def test_a_value_that_cannot_be_is_refused_in_a_sentence(change: dict[str, Any], says: str) -> None:
    with pytest.raises(ConfigError, match=says):
        row(GIVEN | change)


def test_what_a_turn_costs_counts_cached_tokens_at_their_own_price() -> None:
    assert changed(usd_per_million_cached=0.1).usd(1_000_000, 500_000, 600_000) == pytest.approx(0.4 + 0.06 + 2.0)
    assert ROW.usd(1_000_000, 0, 600_000) == pytest.approx(1.0)


def test_a_server_at_home_is_local_and_one_elsewhere_is_not() -> None:
    assert ROW.is_local and changed(region="us", url="http://127.0.0.1:8000/v1").is_local
    assert not changed(region="us", url="https://localhost.example.com/v1").is_local


def test_every_row_of_the_documentation_can_be_pasted_once_its_prices_and_model_are_said() -> None:
    text = (Path(__file__).parents[2] / "docs" / "fallback.md").read_text()
    (block,) = re.findall(r"```toml\n(.*?)```", text, re.DOTALL)
    rows = tomllib.loads(block)["fallback"]["rows"]
    assert [row["name"] for row in rows] == ["home", "muse", "gemini", "claude", "openai", "openrouter"]
    for row in rows:
        row.setdefault("usd_per_million_read", 1.0)
        row.setdefault("usd_per_million_made", 1.0)
        row["model"] = row["model"] or "mine"
        made = from_table(Row, row, "the documentation")
        assert checked(made) is made and may("private", made) == (made.name == "home")
