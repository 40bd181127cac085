"""A row for tests, on loopback."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from edge.fallback.rows import Row

GIVEN: dict[str, Any] = {
    "name": "test", "wire": "openai", "url": "http://localhost:1/v1", "model": "m", "key": "", "region": "lan",
    "usd_per_million_read": 1.0, "usd_per_million_made": 4.0, "context_tokens": 4096, "sees": True, "has_tools": True,
    "retention_days": 0, "trains_on_data": False, "human_review": False,
}  # fmt: skip
ROW = Row(**GIVEN)


def changed(**fields: Any) -> Row:
    return replace(ROW, **fields)
