"""The cloud as the router sees it: a question in, words out, from a thread of its own in which the network lives."""

from __future__ import annotations

import asyncio
import threading
from collections import deque
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from typing import Any, Final
from uuid import uuid4

from edge.errors import ConfigError, DeadlineExceeded, EdgeError, PrivacyRefused, ReasonError, RemoteUnavailable
from edge.fallback import owner, privacy
from edge.fallback.asked import Asked, Said
from edge.fallback.asking import Asking, Plan, Report
from edge.fallback.audit import Audit
from edge.fallback.breaker import Breaker
from edge.fallback.budget import Budget
from edge.fallback.cache import Cache
from edge.fallback.chat import Call, Chat, Delta, Finished, Picture, Text
from edge.fallback.client import Client
from edge.fallback.guard import Guard
from edge.fallback.later import POLL_S, Later
from edge.fallback.options import Options
from edge.fallback.placeholders import Placeholders, Shower
from edge.fallback.rate import Bucket
from edge.fallback.rows import Row, checked
from edge.fallback.turns import Turn, Turns
from edge.fallback.waiting import Waiting
from edge.reasoning.tools import Tool
from edge.types import Answer, Notice, Query, ToolCall

CLOSE_S: Final = 2.0
CACHED: Final = "(from the cache)"
"""follows the row's name when nothing was sent for its answer"""
TEND: Final = "tend the queue"
KEPT: Final = "I keep the question and tell you when there is an answer"


class Cloud:
    """All rows behind the gate, the purse and the record. Its methods are called from one other thread."""

    def __init__(
        self,
        options: Options,
        tools: tuple[Tool, ...] = (),
        picture: Callable[[Query], Picture] | None = None,
        now: Callable[[], datetime] = datetime.now,
        verify: Any = True,
        poll_s: float = POLL_S,
    ) -> None:
        """Starts the network's thread; connects to nobody yet.

        Args:
            options: with the rows.
            tools: that rows may call.
            picture: makes a question's picture safe.
            now: wall time.
            verify: an `ssl.SSLContext` to trust instead of the system's roots.
            poll_s: how often it is looked whether a row is well again, while a question waits.

        Raises:
            ConfigError: a row's values cannot be, two have one name, or the cache or the queue cannot be opened.
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
        self._cache = Cache(self.folder, options.cache_s)
        self._waiting: Waiting | None = None
        if "words" in options.queue:
            self._waiting = Waiting(self.folder, options.queue, options.queue_most, options.queue_hours)
        self._turns = Turns(self.folder) if options.log else None
        self._tell: Callable[[Notice], None] = lambda notice: None
        self._later = Later(self._whole, self._is_well, lambda notice: self._tell(notice), now, self._waiting, poll_s)
        self._afterwards: set[asyncio.Task[Any]] = set()
        """refinements, and what tends the queue"""
        self._placeholders = Placeholders()
        self._breakers: dict[str, Breaker] = {}
        self._buckets: dict[str, Bucket] = {}
        self._waits_s: dict[str, deque[float]] = {}
        self._task: asyncio.Task[None] | None = None
        self._loop = asyncio.new_event_loop()
        self._client: Client | None = None
        self._thread = threading.Thread(target=self._loop.run_forever, name="network", daemon=True)
        self._thread.start()

    def warm(self) -> None:
        """Opens a connection to the first row that may be told words; returns at once."""
        asyncio.run_coroutine_threadsafe(self._is_well(), self._loop)

    def listen(self, tell: Callable[[Notice], None]) -> None:
        """From now on what comes late is told, from the network's thread, and what waits is asked when a row is well."""
        self._tell = tell
        if self._waiting is not None:
            self._loop.call_soon_threadsafe(self._after, self._later.tend(), TEND)

    def note(self, query: Query, answer: Answer, *, may_refine: bool = True) -> None:
        """What a question came to: logged where that is set, and a local answer asked again in the mode `refine`."""
        if self._turns is not None:
            self._turns.add(self._turn(query, answer))
        if may_refine and self.options.mode == "refine" and answer.source == "local" and answer.tool_call is None:
            self._loop.call_soon_threadsafe(self._after, self._later.refine(query, answer.text))

    def settle(self) -> None:
        """Waits until every refinement has come or failed."""
        asyncio.run_coroutine_threadsafe(self._settled(), self._loop).result()

    def send_waiting(self) -> int:
        """Asks what waits now; how many were answered. What is answered is told (`listen`)."""
        return asyncio.run_coroutine_threadsafe(self._later.send(), self._loop).result()

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
            permits = self._permits(query)
        except ReasonError as error:
            asked.put(error)
            asked.put(None)
            return asked
        if (cached := self._cached(permits)) is not None:
            asked.put(cached)
            asked.put(None)
        else:
            self._loop.call_soon_threadsafe(self._begin, query, permits, asked)
        return asked

    def interrupt(self) -> None:
        """Ends the question in work and refinements; what came so far stands. From any thread."""
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

    def _permits(self, query: Query) -> list[privacy.Permit]:
        """Who may be asked, and told what. Raises PrivacyRefused when there is nobody."""
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
        return [p for p in given if privacy.tokens(p.chat) + p.chat.max_tokens <= p.row.context_tokens] or given[:1]

    def _cached(self, permits: list[privacy.Permit]) -> Said | None:
        try:
            found = [(self._cache.get(permit, self._now()), permit.row) for permit in permits]
        except ConfigError:  # a cache that broke costs a call, not the answer; the next start names it
            return None
        return next((Said(text, f"{row.name} {CACHED}") for text, row in found if text), None)

    def _turn(self, query: Query, answer: Answer) -> Turn:
        """The line of the log."""
        chat: tuple[tuple[str, str], ...] = ()
        classes: tuple[str, ...] = ()
        try:
            permit = self._permits(replace(query, keyframe=None))[0]
            if permit.is_public:
                chat, classes = tuple((m.role, m.text) for m in permit.chat.messages), permit.classes
        except PrivacyRefused:
            pass  # nobody may be told: it is not public
        time = self._now().astimezone().isoformat(timespec="seconds")
        return Turn(query.text, answer.text, answer.confidence, answer.source, answer.row, time, chat, classes)

    def _http(self) -> Client:
        if self._client is None:
            self._client = Client(self._verify)
        return self._client

    def _begin(self, query: Query, permits: list[privacy.Permit], asked: Asked) -> None:
        self._task = self._loop.create_task(self._answer(query, permits, asked))

    def _cancel(self) -> None:
        for task in (self._task, *self._afterwards):
            if task is not None and task.get_name() != TEND:
                task.cancel()

    def _after(self, work: Coroutine[Any, Any, None], name: str = "refine") -> None:
        task = self._loop.create_task(work, name=name)
        self._afterwards.add(task)
        task.add_done_callback(self._afterwards.discard)

    async def _settled(self) -> None:
        refining = [task for task in self._afterwards if task.get_name() != TEND]
        await asyncio.gather(*refining, return_exceptions=True)

    def _stream(self, permits: list[privacy.Permit], report: Report, purpose: str) -> AsyncIterator[Delta]:
        """The answer of whoever answers first."""
        guard = Guard(
            self._http(), self._budget, self._audit, lambda name: owner.key(self.folder, name), self._now,
            uuid4().hex, {p.row.name: p for p in permits}, purpose,
        )  # fmt: skip
        asking = Asking(guard)
        asking.breakers, asking.buckets, asking.waits_s = self._breakers, self._buckets, self._waits_s
        chats: tuple[tuple[Row, Chat], ...] = tuple((p.row, p.chat) for p in permits)
        return asking.answer(Plan(chats, self.options.deadline_s, self.options.hedge_s or None), report)

    async def _answer(self, query: Query, permits: list[privacy.Permit], asked: Asked) -> None:
        report, shower, said, has_called = Report(), Shower(self._placeholders), "", False
        try:
            async for delta in self._stream(permits, report, "answer"):
                if isinstance(delta, Text):
                    said += delta.text
                    text = shower.feed(delta.text)
                elif isinstance(delta, Call):
                    has_called = True
                    asked.put(ToolCall(delta.name, self._placeholders.show_all(delta.arguments)))
                    continue
                else:
                    text = shower.end()
                if text:
                    asked.put(Said(text, report.answered[-1]))
                if isinstance(delta, Finished) and delta.reason == "stop" and not has_called:
                    self._keep(permits, report, said)
        except asyncio.CancelledError:
            pass  # interrupted: what was said stands, and nobody waits for more
        except EdgeError as error:
            if (rest := shower.end()) and report.answered:
                asked.put(Said(rest, report.answered[-1]))
            is_begun = bool(said) or has_called
            asked.put(self._failure(query, error, is_begun))
        except Exception as error:
            asked.put(ReasonError(f"asking the cloud broke ({type(error).__name__}: {error}): report it"))
        finally:
            asked.put(None)

    async def _whole(self, query: Query, purpose: str) -> tuple[str, str]:
        """A whole answer and its row, for what is asked after the turn."""
        permits = await asyncio.to_thread(self._permits, query)
        if (cached := self._cached(permits)) is not None:
            return cached.text, cached.row
        report, said = Report(), ""
        async for delta in self._stream(permits, report, purpose):
            said += delta.text if isinstance(delta, Text) else ""
        self._keep(permits, report, said)
        return self._placeholders.show(said).strip(), report.answered[-1]

    def _keep(self, permits: list[privacy.Permit], report: Report, said: str) -> None:
        """For the next time, when one row said all of it."""
        if len(report.answered) == 1:
            permit = next(p for p in permits if p.row.name == report.answered[0])
            with suppress(ConfigError):  # as above
                self._cache.put(permit, said, self._now())

    def _failure(self, query: Query, error: EdgeError, is_begun: bool) -> ReasonError:
        """What the router is told; and that the question is kept, where it is: never once an answer has begun."""
        if is_begun or self._waiting is None or not isinstance(error, DeadlineExceeded | RemoteUnavailable):
            return error if isinstance(error, ReasonError) else PrivacyRefused(str(error))
        try:
            return type(error)(f"{error}. {KEPT}") if self._waiting.put(query, self._now()) else error
        except ConfigError as broken:
            return type(error)(f"{error}; nor can the question wait: {broken}")

    async def _is_well(self) -> bool:
        """Whether the first row that may be told words can be reached; opens a connection to it."""
        reach = owner.consent(self.folder).get("words", "never")
        row = next((row for row in self._rows if privacy.may(reach, row)), None)
        return row is not None and await self._http().warm(row)

    async def _stop(self) -> None:
        tasks = [task for task in (self._task, *self._afterwards) if task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if self._client is not None:
            await self._client.close()
