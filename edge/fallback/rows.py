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
from dataclasses import MISSING, dataclass, fields
from typing import Any, Final, Literal
from urllib.parse import urlsplit

from edge.errors import ConfigError

Wire = Literal["openai", "anthropic"]
_WIRES: Final = ("openai", "anthropic")
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


def row(given: Mapping[str, Any], where: str) -> Row:
    """A row from its table.

    Raises:
        ConfigError: a field is missing, unknown, or cannot be.
    """
    known = {f.name: f for f in fields(Row)}
    label = f"{where}, row {given.get('name', '?')!r}"
    for key in given:
        if key not in known:
            raise ConfigError(f"{label}: there is no {key!r}; it has {', '.join(known)}")
    for name, field in known.items():
        if name not in given and field.default is MISSING:
            raise ConfigError(f"{label}: {name} is missing; a row must say it, so that nothing is guessed")
    for name, value in given.items():
        _check(label, name, value)
    made = Row(**given)
    parts = urlsplit(made.url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ConfigError(f"{label}: url {made.url!r} is no http address")
    if parts.scheme == "http" and not made.is_local:
        raise ConfigError(f'{label}: url {made.url!r} is not encrypted: use https, or region = "lan" for one at home')
    return made


def _check(label: str, name: str, value: Any) -> None:
    """Types and ranges of one field."""
    if name in ("sees", "has_tools", "trains_on_data", "human_review", "has_stream_usage"):
        right = isinstance(value, bool)
        wanted = "true or false"
    elif name.startswith("usd_"):
        right = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value) and value >= 0
        wanted = "a price in dollars, 0 for none"
    elif name == "context_tokens":
        right, wanted = type(value) is int and value > 0, "a number of tokens"
    elif name == "retention_days":
        right, wanted = type(value) is int and value >= -1, "a number of days, or -1 where it is not stated"
    elif name == "extra":
        right, wanted = isinstance(value, Mapping), "a table"
    elif name == "wire":
        right, wanted = value in _WIRES, " or ".join(_WIRES)
    else:
        right, wanted = isinstance(value, str) and (bool(value) or name == "key"), "a text"
    if not right:
        raise ConfigError(f"{label}: {name} = {value!r} must be {wanted}")
