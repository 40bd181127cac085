"""One question to several rows within one deadline: retry, hedge, fail over, before the answer and in the middle of it.

The rows come in the order of preference. A row that says nothing for a while is not given up but raced by the next one; the
first that speaks answers. A row that fails is retried once if its failure may pass and time is left, and the next one is
asked. When an answer breaks off, the next row goes on after the words that were said. Everything ends by the deadline.
"""

from __future__ import annotations

import asyncio
import random
from collections import deque
from collections.abc import AsyncIterator, Callable, Mapping, MutableMapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final, Protocol

from edge.clock import S
from edge.errors import DeadlineExceeded, EdgeError, RemoteUnavailable
from edge.fallback.breaker import Breaker
from edge.fallback.chat import Call, Chat, Delta, Finished, Text, Usage
from edge.fallback.client import CallFailed
from edge.fallback.rate import Bucket
from edge.fallback.rows import Row
from edge.fallback.splice import Splicer, go_on

ATTEMPTS: Final = 2
"""of one row"""
BACKOFF_S: Final = 0.25
"""before a retry, doubled and spread by half"""
LEARNS_FROM: Final = 8
REMEMBERS: Final = 64
"""answers of a row"""
HEDGE_FACTOR: Final = 1.2
"""times the 95th percentile of its first words"""


class Asker(Protocol):
    """Whoever asks a row: the guard before the client, or a fake."""

    def ask(self, row: Row, chat: Chat) -> AsyncIterator[Delta]: ...


@dataclass(frozen=True, slots=True)
class Plan:
    """How one question may be asked."""

    chats: tuple[tuple[Row, Chat], ...]
    """who may be asked, in the order of preference, and what each may be told"""
    deadline_s: float
    hedge_s: float | None = None
    """how long a row may be silent at most before the next one races it, less when it is known to be quicker, and in the
    middle of its answer before the next one goes on; None: as long as the deadline allows"""


@dataclass(slots=True)
class Report:
    """What was done for one answer, filled while it comes."""

    asked: list[str] = field(default_factory=list)
    """names of the rows, one for each call"""
    answered: list[str] = field(default_factory=list)
    """those whose words were said, in order"""
    failures: list[str] = field(default_factory=list)
    usage: MutableMapping[int, tuple[str, Usage]] = field(default_factory=dict)
    """of each call, by its number in `asked`"""


class Asking:
    """Asks rows; knows how each has done. Lives in one asyncio loop, whose clock it goes by."""

    def __init__(self, asker: Asker, spread: Callable[[], float] = random.random) -> None:
        self._asker = asker
        self._spread = spread
        self.breakers: dict[str, Breaker] = {}
        self.buckets: dict[str, Bucket] = {}
        self.waits_s: dict[str, deque[float]] = {}
        """to the first word, of each row's last answers"""

    async def answer(self, plan: Plan, report: Report) -> AsyncIterator[Text | Call | Finished]:
        """The answer as it comes; `Finished` is the last.

        Raises:
            DeadlineExceeded: the time is over. What was yielded before stands.
            RemoteUnavailable: no row answers; the sentence names the failure of each.
        """
        loop = asyncio.get_running_loop()
        end_s = loop.time() + plan.deadline_s
        order = self._order([row for row, _ in plan.chats])
        chats = {row.name: chat for row, chat in plan.chats}
        said, has_called = "", False
        while order:
            race = _Race(self, chats if not said else {n: go_on(c, said) for n, c in chats.items()}, report, end_s)
            splicer, word = Splicer(said), ""
            try:
                async for delta in race.run(order, plan.hedge_s):
                    # A word is said when it is whole: another row could not finish half of one.
                    if isinstance(delta, Text):
                        word += splicer.feed(delta.text)
                        whole, word = word[: _whole(word)], word[_whole(word) :]
                    elif isinstance(delta, Finished):
                        whole, word = word + splicer.end(), ""
                    else:
                        whole = ""
                    whole = whole if said else whole.lstrip()
                    said += whole
                    has_called = has_called or isinstance(delta, Call)
                    if isinstance(delta, Finished) and not said.strip() and not has_called:
                        self._mute(report, delta, order)
                        break
                    if whole:
                        yield Text(whole)
                    if not isinstance(delta, Text):
                        yield delta
                    if isinstance(delta, Finished):
                        return
            except CallFailed:
                continue  # it is in the report; the race has taken the row out of the order
            finally:
                await race.stop()
        told = "; ".join(dict.fromkeys(report.failures)) or "every row is left alone after failures"
        raise RemoteUnavailable(f"no cloud model answered: {told}")

    def _mute(self, report: Report, end: Finished, order: list[tuple[Row, int]]) -> None:
        """A row that ended without a word is no answer: the next one is asked."""
        name = report.answered.pop()
        why = ", it may think first and need more max_tokens" if end.reason == "length" else ""
        report.failures.append(f"{name} said nothing{why}")
        order[:] = [(row, n) for row, n in order if row.name != name]

    def breaker(self, row: Row) -> Breaker:
        return self.breakers.setdefault(row.name, Breaker())

    def may_ask(self, row: Row) -> str:
        """Nothing when a row may be asked now, which counts as a call; else why it may not."""
        now_ns, left_alone = self.now_ns(), f"{row.name} is left alone after failures"
        if self.breaker(row).is_open(now_ns):  # before the bucket, which would count a call that is not made
            return left_alone
        if row.per_minute is not None:
            bucket = self.buckets.setdefault(row.name, Bucket(row.per_minute))
            if not bucket.takes(now_ns):
                return f"{row.name} is asked at most {row.per_minute:g} times a minute"
        return "" if self.breaker(row).allows(now_ns) else left_alone

    def hedge_s(self, row: Row, longest_s: float | None) -> float | None:
        """How long a row may be silent before it is raced: a little longer than nearly all of its last answers took."""
        waits = self.waits_s.get(row.name, ())
        if longest_s is None or len(waits) < LEARNS_FROM:
            return longest_s
        return min(longest_s, HEDGE_FACTOR * sorted(waits)[int(0.95 * (len(waits) - 1))])

    def open_stream(self, row: Row, chat: Chat) -> AsyncIterator[Delta]:
        return self._asker.ask(row, chat)

    def backoff_s(self, attempt: int) -> float:
        return BACKOFF_S * float(2**attempt) * (0.5 + self._spread())

    def _order(self, rows: Sequence[Row]) -> list[tuple[Row, int]]:
        """(row, attempt): every row once, then those that failed again."""
        now_ns = self.now_ns()
        return [(row, n) for n in range(ATTEMPTS) for row in rows if not self.breaker(row).is_open(now_ns)]

    def now_ns(self) -> int:
        return int(asyncio.get_running_loop().time() * S)


def _whole(text: str) -> int:
    """Characters up to the last word that is surely whole, the space after it included."""
    return max((n for n, c in enumerate(text, 1) if c.isspace()), default=0)


class _Race:
    """Calls that race for one stretch of an answer; the first that speaks has it, the others are cancelled."""

    def __init__(self, asking: Asking, chats: Mapping[str, Chat], report: Report, end_s: float) -> None:
        self._asking, self._chats, self._report, self._end_s = asking, chats, report, end_s
        self._came: asyncio.Queue[tuple[int, Delta | CallFailed]] = asyncio.Queue()
        self._tasks: dict[int, asyncio.Task[None]] = {}
        self._rows: dict[int, Row] = {}
        self._began_s: dict[int, float] = {}
        self._ended: list[asyncio.Task[None]] = []

    async def run(self, order: list[tuple[Row, int]], hedge_s: float | None) -> AsyncIterator[Text | Call | Finished]:
        """Takes from the front of the order what it asks. Raises CallFailed when the answer broke off."""
        winner: int | None = None
        hedged = False
        while True:
            if not self._tasks and not await self._start(order):
                return
            wait_s = self._left_s()
            # Another row: a server at home that is asked twice gives up the first question or is twice as slow.
            others = [entry for entry in order if entry[0].name not in {self._rows[n].name for n in self._tasks}]
            if winner is not None and others and hedge_s is not None:
                wait_s = min(wait_s, hedge_s)
            if winner is None and not hedged and len(self._tasks) == 1 and others:
                (number,) = self._tasks
                learned_s = self._asking.hedge_s(self._rows[number], hedge_s)
                wait_s = wait_s if learned_s is None else min(wait_s, self._began_s[number] + learned_s - self._now_s())
            try:
                async with asyncio.timeout(max(0.0, wait_s)):  # wait_for may lose a cancellation (python/cpython#86296)
                    number, came = await self._came.get()
            except TimeoutError:
                if self._left_s() <= 0:
                    raise DeadlineExceeded("no cloud model answered in time") from None
                if winner is not None:  # it fell silent in the middle: the next row goes on
                    told = f"{self._rows[winner].name} stopped in the middle of its answer"
                    self._failed(winner, CallFailed(told, is_transient=True), order)
                    raise CallFailed(told, is_transient=True) from None
                hedged = True
                order.remove(others[0])
                await self._start(others[:1])
                continue
            if number not in self._tasks:
                continue  # it lost
            if isinstance(came, CallFailed):
                self._failed(number, came, order)
                if number == winner:
                    raise came
                continue
            if isinstance(came, Usage):
                self._report.usage[number] = (self._rows[number].name, came)
                continue
            if winner is None:
                winner = number
                self._report.answered.append(self._rows[number].name)
                waits = self._asking.waits_s.setdefault(self._rows[number].name, deque(maxlen=REMEMBERS))
                waits.append(self._now_s() - self._began_s[number])
                await self.stop(but=number)
            if isinstance(came, Finished):
                self._asking.breaker(self._rows[number]).succeeded()
            yield came

    async def stop(self, but: int | None = None) -> None:
        """Cancels the calls, all but one; their streams are closed when this returns."""
        losers = [self._tasks.pop(n) for n in list(self._tasks) if n != but] + self._ended
        self._ended = []
        for task in losers:
            task.cancel()
        await asyncio.gather(*losers, return_exceptions=True)

    async def _start(self, order: list[tuple[Row, int]]) -> bool:
        """Asks the next row that may be asked; whether there was one."""
        while order:
            row, attempt = order.pop(0)
            if attempt:
                pause_s = self._asking.backoff_s(attempt - 1)
                if pause_s >= self._left_s():
                    continue
                await asyncio.sleep(pause_s)
            if refused := self._asking.may_ask(row):
                self._report.failures.append(refused)
            else:
                number = len(self._report.asked)
                self._report.asked.append(row.name)
                self._rows[number] = row
                self._began_s[number] = self._now_s()
                self._tasks[number] = asyncio.create_task(self._call(number, row))
                return True
        return False

    async def _call(self, number: int, row: Row) -> None:
        stream = self._asking.open_stream(row, self._chats[row.name])
        try:
            async for delta in stream:
                self._came.put_nowait((number, delta))
        except CallFailed as error:
            self._came.put_nowait((number, error))
        except EdgeError as error:  # the purse, the gate, a missing key: this row is not asked, others may be
            self._came.put_nowait((number, CallFailed(str(error), is_transient=False, is_theirs=False)))
        except Exception as error:  # a bug must not look like silence
            told = f"asking {row.name} broke ({type(error).__name__}: {error}): report it"
            self._came.put_nowait((number, CallFailed(told, is_transient=False, is_theirs=False)))
        finally:
            if (close := getattr(stream, "aclose", None)) is not None:
                with suppress(RuntimeError):
                    await close()

    def _failed(self, number: int, error: CallFailed, order: list[tuple[Row, int]]) -> None:
        """Notes it; a row that cannot succeed now is not asked again for this question."""
        row = self._rows[number]
        ended = self._tasks.pop(number)
        ended.cancel()
        self._ended.append(ended)
        self._report.failures.append(str(error))
        wait_s = error.retry_after_s
        if error.is_theirs:
            self._asking.breaker(row).failed(self._asking.now_ns(), None if wait_s is None else int(wait_s * S))
        if not error.is_transient or wait_s is not None:
            order[:] = [(r, n) for r, n in order if r.name != row.name]

    def _left_s(self) -> float:
        return self._end_s - self._now_s()

    def _now_s(self) -> float:
        return asyncio.get_running_loop().time()
