"""A row: one cloud model as its owner describes it, with price, abilities and what happens to the data; all must be said.

A row of configuration, not code: any server that speaks one of the two wire formats is a row.

    [[fallback.rows]]
    name = "muse"
    wire = "openai"
    url = "https://api.meta.ai/v1"
    model = "muse-spark-1.3"
    key = "MODEL_API_KEY"           # name of the environment variable, or of the entry in the key store; "" for none
    usd_per_million_read = 1.25
    usd_per_million_made = 4.25
    context_tokens = 1_048_576
    sees = true
    has_tools = true
    region = "us"
    retention_days = 30             # -1: not stated
    trains_on_data = false
    human_review = false
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal
from urllib.parse import urlsplit

from edge.errors import ConfigError

Wire = Literal["openai", "anthropic"]
_LOCAL: Final = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True, slots=True)
class Row:
    """One model of one provider. What has no default must be given: a price or an ability that is guessed would cost."""

    name: str
    wire: Wire
    url: str
    """up to the version: `/chat/completions` or `/messages` is added"""
    model: str
    key: str
    usd_per_million_read: float
    usd_per_million_made: float
    context_tokens: int
    sees: bool
    """takes pictures"""
    has_tools: bool
    region: str
    """where the data goes: "us", "eu", "lan", …"""
    retention_days: int
    """that the provider keeps what it was sent; -1 where it does not say"""
    trains_on_data: bool
    """whether it may train on what it was sent; such a row gets public data only"""
    human_review: bool
    """whether people may read what it was sent"""
    usd_per_million_cached: float | None = None
    """of tokens read that the provider had in its cache; None: as others"""
    max_tokens_field: str = "max_tokens"
    """some servers of the OpenAI format want `max_completion_tokens`"""
    has_stream_usage: bool = True
    """tells its count of tokens at the end of a stream when it is asked to"""
    per_minute: float | None = None
    """calls a minute that it may get in the long run, and so many at once; None: no limit"""
    extra: Mapping[str, Any] | None = None
    """put into each request as it is"""

    @property
    def is_local(self) -> bool:
        """Whether what it is sent stays at home, by the owner's word or by its address."""
        return self.region == "lan" or urlsplit(self.url).hostname in _LOCAL

    def usd(self, read: int, made: int, cached: int = 0) -> float:
        """What so many tokens cost."""
        cheap = self.usd_per_million_read if self.usd_per_million_cached is None else self.usd_per_million_cached
        return ((read - cached) * self.usd_per_million_read + cached * cheap + made * self.usd_per_million_made) / 1e6


def checked(row: Row, where: str = "the configuration") -> Row:
    """The row itself, when its values can be.

    Raises:
        ConfigError: one cannot; the sentence names it.
    """
    label = f"{where}, row {row.name!r}"
    parts = urlsplit(row.url)
    prices = (row.usd_per_million_read, row.usd_per_million_made, row.usd_per_million_cached or 0.0)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ConfigError(f"{label}: url {row.url!r} is no http address")
    if parts.scheme == "http" and not row.is_local:
        raise ConfigError(f'{label}: url {row.url!r} is not encrypted: use https, or region = "lan" for one at home')
    if not all(math.isfinite(price) and price >= 0 for price in prices):
        raise ConfigError(f"{label}: a price must be a number of dollars, 0 for none")
    if row.context_tokens <= 0:
        raise ConfigError(f"{label}: context_tokens must be above 0")
    if row.retention_days < -1:
        raise ConfigError(f"{label}: retention_days must be a number of days, or -1 where it is not stated")
    if row.per_minute is not None and not (math.isfinite(row.per_minute) and row.per_minute > 0):
        raise ConfigError(f"{label}: per_minute must be above 0; leave it out for no limit")
    for name in ("name", "model", "region"):
        if not getattr(row, name):
            raise ConfigError(f"{label}: {name} is empty")
    return row
