"""The cloud as the router sees it: a question in, words out, from a thread of its own in which the network lives."""

from __future__ import annotations

import asyncio
import queue
import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import uuid4

from edge.errors import ConfigError, EdgeError, PrivacyRefused, ReasonError
from edge.fallback import owner, privacy
from edge.fallback.asking import Asking, Plan, Report
from edge.fallback.audit import Audit
from edge.fallback.breaker import Breaker
from edge.fallback.budget import Budget
from edge.fallback.chat import Call, Chat, Picture, Text
from edge.fallback.client import Client
from edge.fallback.guard import Guard
from edge.fallback.options import Options
from edge.fallback.placeholders import Placeholders, Shower
from edge.fallback.rows import Row, checked
from edge.reasoning.tools import Tool
from edge.types import Query, ToolCall

CLOSE_S: Final = 2.0


@dataclass(frozen=True, slots=True)
class Said:
    """The next words of a cloud answer, placeholders put back."""

    text: str
    row: str


Out = Said | ToolCall


class Asked:
    """A question that is with the cloud; iterate it once for the answer as it comes.

    Iterating raises PrivacyRefused when nobody may be told, and BudgetExceeded, DeadlineExceeded or RemoteUnavailable when
    nobody answers; what was yielded before stands.
    """

    def __init__(self, cancel: Callable[[], None]) -> None:
        self.came: queue.SimpleQueue[Out | Exception | None] = queue.SimpleQueue()
        self.has_spoken = False
        """whether there is a first word"""
        self._cancel = cancel

    def put(self, item: Out | Exception | None) -> None:
        """From the network's thread; None: it is over."""
        self.has_spoken = self.has_spoken or isinstance(item, Said)
        self.came.put(item)

    def __iter__(self) -> Iterator[Out]:
        while (item := self.came.get()) is not None:
            if isinstance(item, Exception):
                raise item
            yield item

    def cancel(self) -> None:
        """Gives it up."""
        self._cancel()


class Cloud:
    """All rows behind the gate, the purse and the record. Its methods are called from one other thread."""

    def __init__(
        self,
        options: Options,
        tools: tuple[Tool, ...] = (),
        picture: Callable[[Query], Picture] | None = None,
        now: Callable[[], datetime] = datetime.now,
        verify: Any = True,
    ) -> None:
        """Starts the network's thread; connects to nobody yet.

        Raises:
            ConfigError: a row's values cannot be, or two have one name.
            BudgetExceeded: the purse cannot be opened.
        """
        self.options = options
        self.folder = owner.folder(options)
        self._rows = tuple(checked(row) for row in options.rows)
        if len({row.name for row in self._rows}) < len(self._rows):
            raise ConfigError("two rows of the fallback have the same name: give each its own")
        self._tools, self._picture, self._now, self._verify = tools, picture, now, verify
        self._budget = Budget(self.folder / "spent.db", options.caps)
        self._audit = Audit(self.folder / "audit.log")
        self._placeholders = Placeholders()
        self._breakers: dict[str, Breaker] = {}
        self._waits_s: dict[str, deque[float]] = {}
        self._task: asyncio.Task[None] | None = None
        self._loop = asyncio.new_event_loop()
        self._client: Client | None = None
        self._thread = threading.Thread(target=self._loop.run_forever, name="network", daemon=True)
        self._thread.start()

    @property
    def rows(self) -> tuple[Row, ...]:
        """Who may be asked at all, in order."""
        return self._rows

    def warm(self) -> None:
        """Opens a connection to the first row that may be told words; returns at once."""
        reach = owner.consent(self.folder).get("words", "never")
        row = next((row for row in self._rows if privacy.may(reach, row)), None)
        if row is not None:
            asyncio.run_coroutine_threadsafe(self._warm(row), self._loop)

    @property
    def mode(self) -> str:
        return self.options.mode

    @property
    def announces(self) -> bool:
        return self.options.announces

    def start(self, query: Query) -> Asked:
        """Asks; returns at once. What is wrong is raised when the answer is iterated."""
        asked = Asked(self.interrupt)
        try:
            plan, guard = self._plan(query)
        except ReasonError as error:
            asked.put(error)
            asked.put(None)
            return asked
        self._loop.call_soon_threadsafe(self._begin, plan, guard, asked)
        return asked

    def interrupt(self) -> None:
        """Ends the question in work; what came so far stands. From any thread."""
        with suppress(RuntimeError):
            self._loop.call_soon_threadsafe(self._cancel)

    def close(self) -> None:
        """Ends the network's thread."""
        with suppress(TimeoutError, RuntimeError):
            asyncio.run_coroutine_threadsafe(self._stop(), self._loop).result(CLOSE_S)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(CLOSE_S)
        if not self._thread.is_alive():
            self._loop.close()

    def _plan(self, query: Query) -> tuple[Plan, Guard]:
        """Who may be asked what."""
        consent = owner.consent(self.folder)
        options, made = self.options, self._picture
        picture = (lambda: made(query)) if made is not None and options.sends_pictures and query.keyframe else None

        def allow(row: Row) -> privacy.Permit:
            return privacy.permit(
                query, row, consent, self._placeholders, tools=self._tools, names=options.names,
                region=options.phone_region, picture=picture, max_tokens=options.max_tokens,
            )  # fmt: skip

        given, refused = privacy.permits(self._rows, allow)
        if not given:
            raise PrivacyRefused("; ".join(refused) or "there is no cloud model to ask: set fallback.rows")
        fitting = [p for p in given if privacy.tokens(p.chat) + p.chat.max_tokens <= p.row.context_tokens] or given[:1]
        guard = Guard(
            self._http(), self._budget, self._audit, lambda name: owner.key(self.folder, name), self._now,
            uuid4().hex, {p.row.name: p for p in fitting},
        )  # fmt: skip
        chats: tuple[tuple[Row, Chat], ...] = tuple((p.row, p.chat) for p in fitting)
        return Plan(chats, options.deadline_s, options.hedge_s or None), guard

    def _http(self) -> Client:
        if self._client is None:
            self._client = Client(self._verify)
        return self._client

    def _begin(self, plan: Plan, guard: Guard, asked: Asked) -> None:
        self._task = self._loop.create_task(self._answer(plan, guard, asked))

    def _cancel(self) -> None:
        if self._task is not None:
            self._task.cancel()

    async def _answer(self, plan: Plan, guard: Guard, asked: Asked) -> None:
        report, shower = Report(), Shower(self._placeholders)
        asking = Asking(guard)
        asking.breakers, asking.waits_s = self._breakers, self._waits_s
        try:
            async for delta in asking.answer(plan, report):
                if isinstance(delta, Text):
                    text = shower.feed(delta.text)
                elif isinstance(delta, Call):
                    asked.put(ToolCall(delta.name, self._placeholders.show_all(delta.arguments)))
                    continue
                else:
                    text = shower.end()
                if text:
                    asked.put(Said(text, report.answered[-1]))
        except asyncio.CancelledError:
            pass  # interrupted: what was said stands, and nobody waits for more
        except EdgeError as error:
            if (rest := shower.end()) and report.answered:
                asked.put(Said(rest, report.answered[-1]))
            asked.put(error if isinstance(error, ReasonError) else PrivacyRefused(str(error)))
        except Exception as error:
            asked.put(ReasonError(f"asking the cloud broke ({type(error).__name__}: {error}): report it"))
        finally:
            asked.put(None)

    async def _warm(self, row: Row) -> None:
        await self._http().warm(row)

    async def _stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        if self._client is not None:
            await self._client.close()
