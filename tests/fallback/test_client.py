"""The client against a real server on loopback: whole answers, every way to fail in one sentence, and leaving."""

from __future__ import annotations

import asyncio
import gzip
import json
import time
from collections.abc import Sequence

import pytest

from edge.fallback.chat import Chat, Delta, Finished, Message, Text, Usage
from edge.fallback.client import ANSWER_MAX, CallFailed, Client, request, retry_after_s
from tests.fallback.rows import changed
from tests.fallback.server import RESET, STALL, WORDS, Script, Server

KEY = "sk-very-secret"
CHAT = Chat((Message("user", "when does the museum open"),))
WHOLE = [Text("The museum "), Text("opens at nine."), Usage(12, 6), Finished("stop")]


def asked(script: Script) -> tuple[list[Delta], CallFailed | None, Server]:
    """What came of one question."""

    async def ask() -> tuple[list[Delta], CallFailed | None, Server]:
        came: list[Delta] = []
        async with Server([script]) as server, Client() as client:
            try:
                async for delta in client.send(server.row, request(server.row, KEY, CHAT)):
                    came.append(delta)
            except CallFailed as error:
                return came, error, server
            return came, None, server

    return asyncio.run(asyncio.wait_for(ask(), 20))


def test_a_whole_answer_comes_with_its_count_of_tokens() -> None:
    came, error, server = asked(Script())
    assert error is None and came == WHOLE
    assert json.loads(server.asked[0])["messages"] == [{"role": "user", "content": "when does the museum open"}]


@pytest.mark.parametrize("size", [1, 2, 5, 17])
def test_an_answer_is_the_same_however_it_is_cut(size: int) -> None:
    raw = b": hello\r\n\r\n" + b"".join(WORDS).replace(b"\n", b"\r\n").replace(b"museum ", "müsli 🙂 ".encode())
    came, error, _ = asked(Script([raw[n : n + size] for n in range(0, len(raw), size)]))
    assert error is None and came == [Text("The müsli 🙂 "), *WHOLE[1:]]


@pytest.mark.parametrize("pieces", [WORDS[:3], WORDS])
def test_a_server_that_keeps_a_finished_answer_open_is_not_waited_for(pieces: Sequence[bytes]) -> None:
    began_s = time.monotonic()
    came, error, _ = asked(Script(pieces, stays_open=True))
    assert error is None and came[-1] == Finished("stop")
    assert time.monotonic() - began_s < 5


@pytest.mark.parametrize(
    ("script", "says", "is_transient"),
    [
        (Script([b'{"error":{"message":"Incorrect API key"}}'], 401), "refuses the key TEST_KEY", False),
        (Script([b""], 404), "knows no model 'm'", False),
        (Script([b'{"error":"slow down"}'], 429, [("retry-after", "7")]), "too many questions .slow down.", True),
        (Script([b""], 529), "is overloaded", True),
        (Script([b"oops"], 500), "status 500", True),
        (Script([], 302, [("location", "http://elsewhere/")]), "sends us elsewhere .http://elsewhere/", False),
        (Script([b"<html>log in</html>"], 200, [("content-type", "text/html")]), "answered with text/html", False),
        (Script([b"x" * 65536] * 200, 400), "did not understand", False),
        (Script([b'data: {"error":{"message":"Overloaded"}}\n\n']), "Overloaded", True),
        (Script([b"data: \xff\xfe{\n\n"]), "no JSON", True),
        (Script(WORDS[:2]), "stopped in the middle", True),
        (Script([WORDS[0], RESET]), "connection broke", True),
        (Script([RESET]), "connection broke|cannot be reached", True),
        (Script([b"data: " + b"x" * (1 << 20)] * 3), "connection broke", True),
    ],
)
def test_a_failure_is_one_sentence_without_the_key(script: Script, says: str, is_transient: bool) -> None:
    _, error, _ = asked(script)
    assert error is not None
    with pytest.raises(CallFailed, match=says):
        raise error
    assert error.is_transient is is_transient and KEY not in str(error) and "\n" not in str(error)
    assert str(error).startswith("test") and len(str(error)) < 400


def test_what_came_before_a_break_stands() -> None:
    came, error, _ = asked(Script([*WORDS[:2], RESET]))
    assert came == WHOLE[:2] and error is not None


def test_an_answer_without_end_is_cut_at_four_megabytes() -> None:
    piece = b'data: {"choices":[{"delta":{"content":"' + b"y" * 60_000 + b'"}}]}\n\n'
    _, error, _ = asked(Script([piece] * 200))
    assert error is not None and "over 4 MB" in str(error)


def test_of_an_answer_of_two_hundred_megabytes_no_more_is_read_than_is_allowed() -> None:
    """Neither plain, nor as an error page, nor packed into little."""
    event = b'data: {"choices":[{"delta":{"content":"' + b"y" * 60_000 + b'"}}]}\n\n'
    packed = gzip.compress(event * 100, 1)
    zipped = [("content-type", "text/event-stream"), ("content-encoding", "gzip")]
    for script in (Script([event] * 3400), Script([b"x" * 65_536] * 3200, 500), Script([packed], 200, zipped)):
        came, error, _ = asked(script)
        assert error is not None and sum(len(d.text) for d in came if isinstance(d, Text)) <= ANSWER_MAX


def test_nobody_there_is_said() -> None:
    async def ask() -> None:
        async with Client() as client:
            row = changed(url="http://127.0.0.1:9/v1")
            async for _ in client.send(row, request(row, "", CHAT)):
                pass

    with pytest.raises(CallFailed, match="cannot be reached"):
        asyncio.run(ask())


def test_leaving_reaches_the_server_at_once() -> None:
    async def leave() -> float:
        async with Server([Script([WORDS[0], STALL])]) as server, Client() as client:
            first = asyncio.Event()

            async def listen() -> None:
                async for _ in client.send(server.row, request(server.row, KEY, CHAT)):
                    first.set()

            task = asyncio.create_task(listen())
            await first.wait()
            task.cancel()
            began_s = time.perf_counter()
            while not server.left:
                await asyncio.sleep(0.001)
            return time.perf_counter() - began_s

    assert asyncio.run(asyncio.wait_for(leave(), 10)) < 1


def test_three_hundred_cancels_leave_no_connection_taken() -> None:
    async def cancel() -> list[Delta]:
        async with Server([*[Script([WORDS[0], STALL])] * 300, Script()]) as server, Client() as client:
            for n in range(300):
                answer = client.send(server.row, request(server.row, KEY, CHAT))
                task = asyncio.ensure_future(anext(answer))
                if n % 3:
                    await task
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)
                await answer.aclose()  # type: ignore[attr-defined]  # a generator
            while len(server.asked) < 300:
                server.asked.append(b"cancelled before it was asked")
            return [delta async for delta in client.send(server.row, request(server.row, KEY, CHAT))]

    assert asyncio.run(asyncio.wait_for(cancel(), 30)) == WHOLE


def test_a_connection_is_opened_before_it_is_needed() -> None:
    async def warm() -> tuple[bool, bool]:
        async with Server([Script()]) as server, Client() as client:
            return await client.warm(server.row), await client.warm(changed(url="http://127.0.0.1:9/v1"))

    assert asyncio.run(warm()) == (True, False)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("7", 7.0),
        ("0.5", 0.5),
        ("Sun, 22 Nov 2026 10:00:30 GMT", 30.0),
        ("Sun, 22 Nov 2026 09:00:00 GMT", 0.0),
        ("", None),
        ("soon", None),
    ],
)
def test_retry_after_is_read_as_seconds_and_as_a_date(value: str, seconds: float | None) -> None:
    assert retry_after_s(value, 1795341600.0) == seconds
