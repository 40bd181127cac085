"""Stands before the client: nothing leaves before it is paid for and recorded, and what it cost is settled afterwards."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import aclosing
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from edge.errors import PrivacyRefused
from edge.fallback.audit import Audit, Sent
from edge.fallback.budget import Budget
from edge.fallback.chat import Call, Chat, Delta, Finished, Text, Usage
from edge.fallback.client import CallFailed, Client, request
from edge.fallback.privacy import Permit, tokens
from edge.fallback.rows import Row
from edge.fallback.wire import is_offered


@dataclass(slots=True)
class Guard:
    """Of one question."""

    client: Client
    budget: Budget
    audit: Audit
    keys: Callable[[str], str]
    now: Callable[[], datetime]
    turn: str
    """names the question in the purse"""
    permits: Mapping[str, Permit]
    """by the row's name: who may be asked"""
    purpose: str = "answer"
    """what for, in the record: answer, refine, queue, bakeoff, judge"""
    calls: int = 0

    async def ask(self, row: Row, chat: Chat) -> AsyncIterator[Delta]:
        """What the row answers.

        Raises:
            PrivacyRefused: the row has no permit, or the record cannot be written.
            BudgetExceeded: a cap would be passed.
            ConfigError: there is no key.
            CallFailed: no answer, or one that asks for an action that was not offered.
        """
        given = self.permits.get(row.name)
        if given is None:
            raise PrivacyRefused(f"{row.name} may not be told this")
        made = request(row, self.keys(row.key), chat)
        read = tokens(chat)
        number = self.budget.reserve(self.turn, row.name, row.usd(read, chat.max_tokens), self.now())
        self.calls += 1
        self.audit.write(
            Sent(
                self.now().astimezone().isoformat(timespec="seconds"), row.name, urlsplit(row.url).netloc, given.classes,
                len(made.body), hashlib.sha256(made.body).hexdigest(), self.purpose if self.calls == 1 else "again",
            )
        )  # fmt: skip
        usage, said, began, whole = Usage(read, 0), 0, False, False
        try:
            async with aclosing(self.client.send(row, made)) as stream:  # type: ignore[type-var]  # a generator: it has aclose
                async for delta in stream:
                    began = True
                    if isinstance(delta, Usage):
                        usage = delta
                    elif isinstance(delta, Text):
                        said += len(delta.text)
                    elif isinstance(delta, Call) and not is_offered(delta, chat.tools if row.has_tools else ()):
                        told = f"{row.name} asks for {delta.name[:40]!r}, an action that it was not offered so"
                        raise CallFailed(told, is_transient=False)
                    whole = whole or isinstance(delta, Finished)
                    yield delta
                    if whole:
                        break
        finally:
            # Without a count of its own, a stream that was left is taken at what was read and said, rather too much.
            made_tokens = usage.made if whole and usage.made else max(usage.made, said // 3 + (said > 0))
            cost = row.usd(usage.read, made_tokens, usage.cached) if began else 0.0
            self.budget.settle(number, cost, usage.read if began else 0, made_tokens)
