"""The cloud side under faults: never mute, never double, no leak, a short tail, quick to leave, and light.

Faults: real connections on loopback. The first row has the fault, the second answers, and when both have it the caller must
be told within the deadline. Never mute = a whole answer, or one error, by the deadline; double or spliced = the words are
other than the answer's. Overshoot: how long after the deadline the end comes. LiteLLM's router, pydantic-ai's FallbackModel
and OpenAI's SDK (which knows one row only) get the same faults with a healthy second row, each from an environment of its
own (`peers.py`), warmed by one question; their deadline is held for them.

Leaks: generated questions and scenes with planted personal data, random consent, rows and faults. Every body that would
reach the network is searched for what was planted and what the policy keeps at home, and must have its line in the record.

Tail: first words take a while that varies by a tenth; one call in twenty stalls for ten seconds; on a virtual clock.
Leaving: from the cancel to the moment the server knows. Weight: processor time and memory of importing the client and making
one, and per piece of a stream, beside OpenAI's own SDK and LiteLLM's router.
"""

from __future__ import annotations

import asyncio
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from random import Random
from typing import Any, Final

from benchmarks import peers
from benchmarks.claims import Claim, main
from edge.errors import EdgeError
from edge.fallback.asking import Asking, Plan, Report
from edge.fallback.audit import Audit
from edge.fallback.budget import Budget, Caps
from edge.fallback.chat import Chat, Delta, Finished, Message, Request, Text
from edge.fallback.client import CallFailed, Client, request
from edge.fallback.guard import Guard
from edge.fallback.placeholders import Placeholders
from edge.fallback.privacy import CLASSES, REACHES, Class, Reach, may, permit, permits
from edge.fallback.rows import Row
from edge.trace import percentile
from edge.types import Device, Query, Scene, Seen, Turn
from tests.fallback.rows import changed
from tests.fallback.server import RESET, STALL, WORDS, Script, Server
from tests.fallback.virtual import run as run_virtual

ANSWER: Final = "The museum opens at nine."
CHAT: Final = Chat((Message("user", "when does the museum open"),))
DEADLINE_S: Final = 1.0
WARM_UPS: Final = 10
BODIES: Final = {
    "status 500": lambda n: Script([b"oops"], 500),
    "status 429 with Retry-After": lambda n: Script([b""], 429, [("retry-after", "9")]),
    "status 401": lambda n: Script([b""], 401),
    "a page instead of a stream": lambda n: Script([b"<html>"], 200, [("content-type", "text/html")]),
    "a redirect": lambda n: Script([], 302, [("location", "http://elsewhere/")]),
    "reset": lambda n: Script([*WORDS[:n], RESET]),
    "stall": lambda n: Script([*WORDS[:n], STALL]),
    "cut off": lambda n: Script(list(WORDS[:n])),
    "an error in the stream": lambda n: Script([*WORDS[:n], b'data: {"error":{"message":"overloaded"}}\n\n']),
    "no JSON": lambda n: Script([*WORDS[:n], b"data: {{{\n\n"]),
    "an endless event": lambda n: Script([*WORDS[:n], *[b"data: " + b"x" * 65_536] * 40]),
    "stays open when it is over": lambda n: Script(WORDS, stays_open=True),
}  # fmt: skip
WHERE: Final = {"at once": 0, "after the first word": 1, "after the last word": 2}


class Plain:
    """A client without gate and purse."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def ask(self, row: Row, chat: Chat) -> AsyncIterator[Delta]:
        return self._client.send(row, request(row, "", chat))


async def one_fault(faulty: Script, healthy: bool) -> tuple[str, bool, bool, float]:
    """Words, whether they are a whole answer, whether the caller was told that there is none, seconds."""
    async with Server([faulty]) as first, Server([Script() if healthy else faulty]) as second, Client() as client:
        rows = (replace(first.row, name="a", key=""), replace(second.row, name="b", key=""))
        said, whole, told = "", False, False
        began_s = time.perf_counter()
        try:
            plan = Plan(tuple((row, CHAT) for row in rows), DEADLINE_S, 0.3)
            async for delta in Asking(Plain(client)).answer(plan, Report()):
                said += delta.text if isinstance(delta, Text) else ""
                whole = whole or isinstance(delta, Finished)
        except EdgeError:
            told = True
        return said, whole, told, time.perf_counter() - began_s


def faults(quick: bool) -> list[Claim]:
    """Every fault at every place, with a healthy second row and without."""
    whole, wrong, over_s, cells, saved = 0, 0, [0.0], 0, 0
    for name, make in list(BODIES.items())[:: 3 if quick else 1]:
        for place in WHERE.values():
            for healthy in (True, False):
                said, is_whole, is_told, took_s = asyncio.run(one_fault(make(place), healthy))
                cells += 1
                is_ended = is_whole != is_told and (is_whole or not healthy)
                whole += is_ended
                saved += healthy and is_whole and said.strip() == ANSWER and took_s <= DEADLINE_S
                is_right = ANSWER.startswith(said.strip()) if not is_whole else said.strip() == ANSWER
                wrong += not is_right
                over_s.append(took_s - DEADLINE_S)
                if not is_right or not is_ended:
                    print(f"! {name}, {place}, {healthy}: {said!r}", file=sys.stderr)
    return [
        Claim(f"of {cells} faults: a whole answer, or one error when no row is well", 100 * whole / cells, "%", ">= 100"),
        Claim(
            f"of {cells // 2} faults with a healthy second row: the whole answer, once, in time", 200 * saved / cells, "%",
            ">= 100", ", ".join(saved_by(name, quick) for name in peers.PACKAGES),
        ),
        Claim("words that were repeated, lost or spliced", wrong, "answers", "= 0"),
        Claim("after the deadline, the longest", 1000 * max(over_s), "ms", "<= 50"),
    ]  # fmt: skip


def saved_by(name: str, quick: bool) -> str:
    """How often a peer gave the whole answer, once, in time; or why that is not known."""
    python, told = peers.python_of(name)
    if python is None:
        return told
    scripts = [make(place) for make in list(BODIES.values())[:: 3 if quick else 1] for place in WHERE.values()]

    async def ask() -> str:
        script = str(Path(__file__).parent / "peer_fallback.py")
        pipe = asyncio.subprocess.PIPE
        peer = await asyncio.create_subprocess_exec(
            str(python), script, name, str(DEADLINE_S), stdin=pipe, stdout=pipe, stderr=asyncio.subprocess.DEVNULL
        )
        try:
            return await counted(peer)
        finally:
            peer.kill()
            await peer.wait()

    async def counted(peer: asyncio.subprocess.Process) -> str:
        async def is_saved(faulty: Script) -> bool:
            async with Server([faulty]) as first, Server([Script()]) as second:
                urls = [f"http://127.0.0.1:{server.port}/v1" for server in (first, second)]
                assert peer.stdin is not None and peer.stdout is not None
                peer.stdin.write(json.dumps({"urls": urls}).encode() + b"\n")
                came = json.loads(await peer.stdout.readline())
                return bool(came["whole"] and came["text"].strip() == ANSWER)

        for _ in range(WARM_UPS):  # what is imported late takes the time of the first ones
            if await is_saved(Script()):
                break
        else:
            return f"{name} {told}: does not answer in time with a healthy server"
        saved = sum([await is_saved(script) for script in scripts])
        return f"{name} {told}: {100 * saved / len(scripts):.0f} %"

    return asyncio.run(ask())


class Wire:
    """Takes the place of the network: keeps what would leave, and answers or fails."""

    def __init__(self, rng: Random) -> None:
        self._rng, self.left = rng, list[tuple[Row, Request]]()

    async def send(self, row: Row, made: Request) -> AsyncIterator[Delta]:
        self.left.append((row, made))
        if self._rng.random() < 0.4:
            raise CallFailed(f"{row.name} is overloaded", is_transient=True)
        yield Text("Okay. ")
        if self._rng.random() < 0.3:
            raise CallFailed(f"{row.name} broke", is_transient=True)
        yield Finished("stop")


def leaks(quick: bool) -> list[Claim]:
    """Generated questions through gate, purse and record."""
    rng, count = Random(5), 500 if quick else 10_000
    home, raw, unrecorded, bodies = 0, 0, 0, 0
    with tempfile.TemporaryDirectory() as folder:
        budget, wire = Budget(Path(folder) / "spent.db", Caps(None, None, None)), Wire(rng)
        for n in range(count):
            audit = Audit(Path(folder) / f"audit-{n % 50}.log")
            secrets = planted(rng)
            query = question(rng, secrets)
            consent: dict[Class, Reach] = {c: rng.choice(REACHES) for c in CLASSES if rng.random() < 0.9}
            rows = rows_of(rng)
            given, _ = permits(rows, lambda row, q=query, c=consent: permit(q, row, c, Placeholders()))  # type: ignore[misc]  # bound early: the loop goes on
            wire.left.clear()
            before = sum(1 for _ in audit.read())
            guard = Guard(wire, budget, audit, lambda name: "", datetime.now, str(n), {p.row.name: p for p in given})  # type: ignore[arg-type]  # Wire has the one method it needs
            if given:
                plan = Plan(tuple((p.row, p.chat) for p in given), 60.0)
                run_virtual(drained(Asking(guard, rng.random), plan))
            bodies += len(wire.left)
            unrecorded += len(wire.left) != sum(1 for _ in audit.read()) - before or bool(audit.broken())
            for row, made in wire.left:
                text = made.body.decode()  # all of it: the system's words stand elsewhere in each format
                raw += any(secret in text for secret in secrets.values())
                kept = {c: mark for c, mark in MARKS.items() if not may(consent.get(c, "never"), row)}
                home += any(mark in text for mark in kept.values())
            if n % 50 == 49:
                for path in Path(folder).glob("audit-*"):
                    path.unlink()
    return [
        Claim(f"things that the policy keeps at home, in {bodies} bodies of {count} questions", home, "bodies", "= 0"),
        Claim("personal data as it is", raw, "bodies", "= 0"),
        Claim("bodies without their line in a whole record", unrecorded, "questions", "= 0"),
    ]


MARKS: Final[dict[Class, str]] = {
    "text_seen": "- a text that reads", "objects": "bluething", "faces": "- a person,", "memory": "goneobject",
    "place": "percent",
}  # fmt: skip


def planted(rng: Random) -> dict[str, str]:
    """Personal data that is in the question or in view."""
    digits = [rng.randrange(10) for _ in range(15)]
    total = sum(d if n % 2 else d * 2 - 9 * (d > 4) for n, d in enumerate(digits))
    card = "".join(map(str, digits)) + str(-total % 10)
    name = rng.choice(("Marjorie", "Ayodele", "Wilhelmina", "Szymon"))
    return {
        "email": f"{name.lower()}{rng.randrange(1000)}@example.org",
        "card": " ".join(card[n : n + 4] for n in range(0, 16, 4)),
        "phone": f"+49 30 {rng.randrange(100_000, 999_999)}{rng.randrange(10, 99)}",
        "address": f"10.{rng.randrange(256)}.{rng.randrange(256)}.{rng.randrange(1, 255)}",
        "name": name,
    }


def question(rng: Random, secrets: dict[str, str]) -> Query:
    """A question and a scene that hold some of it."""
    now = 10**12

    def some(lead: str) -> str:
        return f"{lead} {secrets[rng.choice(('email', 'card', 'phone', 'address'))]}"

    box = (0.1, 0.1, 0.3, 0.3)
    seen = [
        Seen(now, "text", some("write to"), 0.9, box, 1), Seen(now, "object", "bluething", 0.9, box, 2),
        Seen(now, "face", secrets["name"], 0.9, box, 3), Seen(now - 50 * 10**9, "object", "goneobject", 0.9, box, 4),
    ]  # fmt: skip
    earlier = (Turn(some("is this"), some("it is")),) if rng.random() < 0.5 else ()
    words = rng.choice((some("what is"), f"who is {secrets['name']}", "what time is it", some("please call")))
    return Query(now, words, Scene(now, tuple(seen), Device(63, "14:05")), earlier=earlier)


def rows_of(rng: Random) -> tuple[Row, ...]:
    """Rows of all kinds, in any order."""
    rows = [
        changed(name="lan"), changed(name="private", region="eu", url="https://a.example/v1"),
        changed(name="trains", region="us", url="https://b.example/v1", trains_on_data=True),
        changed(name="read", region="us", url="https://c.example/v1", human_review=True, wire="anthropic", has_tools=False),
    ]  # fmt: skip
    rng.shuffle(rows)
    return tuple(rows[: rng.randrange(1, 5)])


async def drained(asking: Asking, plan: Plan) -> None:
    try:
        async for _ in asking.answer(plan, Report()):
            pass
    except EdgeError:
        pass


class Slow:
    """A row whose first word takes a while, and now and then ten seconds."""

    def __init__(self, rng: Random) -> None:
        self._rng, self.calls = rng, 0

    async def ask(self, row: Row, chat: Chat) -> AsyncIterator[Delta]:
        self.calls += 1
        await asyncio.sleep(10.0 if self._rng.random() < 0.05 else 0.5 * self._rng.lognormvariate(0, 0.1))
        yield Text("Okay. ")
        yield Finished("stop")


def tail(quick: bool) -> list[Claim]:
    """Time to the first word with and without racing."""
    count, out = 400 if quick else 4000, {}
    for hedge_s in (2.0, None):
        slow = Slow(Random(3))
        asking = Asking(slow)
        rows = (changed(name="a"), changed(name="b"))

        async def ask(
            asking: Asking = asking, hedge_s: float | None = hedge_s, rows: Sequence[Row] = rows
        ) -> list[float]:
            waits, loop = [], asyncio.get_running_loop()
            for _ in range(count):
                began_s, first = loop.time(), 0.0
                async for _delta in asking.answer(Plan(tuple((r, CHAT) for r in rows), 30.0, hedge_s), Report()):
                    first = first or loop.time() - began_s
                waits.append(first)
            return waits

        out[hedge_s] = (run_virtual(ask()), slow.calls)
    raced, calls = out[2.0]
    ratio = percentile(raced, 99) / percentile(raced, 50)
    bare = percentile(out[None][0], 99) / percentile(out[None][0], 50)
    return [
        Claim(
            "first word with 5 % of the calls stalled, p99 / p50",
            ratio,
            "ratio",
            "<= 1.5",
            f"without racing {bare:.1f}",
        ),
        Claim("calls beyond one a question", 100 * (calls / count - 1), "%", "<= 5"),
    ]


async def leaving(times: int) -> tuple[list[float], int]:
    """Milliseconds until the server knows, and connections that stayed taken after twice as many cancels."""
    waits = []
    async with Server([Script([WORDS[0], STALL])]) as server, Client() as client:
        for _ in range(times):
            stream = client.send(server.row, request(server.row, "", CHAT))
            await anext(stream)
            task = asyncio.ensure_future(anext(stream))
            await asyncio.sleep(0)
            left = server.left
            began_s = time.perf_counter()
            task.cancel()
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            await stream.aclose()  # type: ignore[attr-defined]  # it is a generator
            while server.left == left:
                await asyncio.sleep(0)
            waits.append(1000 * (time.perf_counter() - began_s))
        pool = client._http._transport._pool  # type: ignore[attr-defined]  # there is no public count
        return waits, sum(not c.is_idle() and not c.is_closed() for c in pool.connections)


WEIGHS: Final = """
import time
def resident(): return int(open("/proc/self/statm").read().split()[1]) * 4096 / 1e6
before_s, before_mb = time.process_time(), resident()
{code}
print(time.process_time() - before_s, resident() - before_mb)
"""
OURS: Final = "from edge.fallback.client import Client\nclient = Client()"
THEIRS: Final = {
    "openai": "import openai\nclient = openai.AsyncOpenAI(api_key='x', base_url='http://127.0.0.1:1/v1')",
    "litellm": "import litellm\nclient = litellm.Router(model_list=[{'model_name': 'a', 'litellm_params': "
    "{'model': 'openai/m', 'api_key': 'x', 'api_base': 'http://127.0.0.1:1/v1'}}])",
}


def weight() -> list[Claim]:
    """The lightest of five of each."""

    def weighed(python: str, code: str) -> tuple[float, float]:
        command = [python, "-c", WEIGHS.format(code=code)]
        runs = [subprocess.run(command, capture_output=True, text=True, check=True).stdout.split() for _ in range(5)]
        return min(float(r[0]) for r in runs), min(float(r[1]) for r in runs)

    cpu_s, mb = weighed(sys.executable, OURS)
    told_s, told_mb = [], []
    for name, code in THEIRS.items():
        python, why = peers.python_of(name)
        if python is None:
            told_s.append(why)
            continue
        their_s, their_mb = weighed(str(python), code)
        told_s.append(f"{name} {their_s:.2f} s")
        told_mb.append(f"{name} {their_mb:.0f} MB")
    return [
        Claim("importing the client and making one, processor", cpu_s, "s", "<= 0.25", ", ".join(told_s)),
        Claim("memory that it takes", mb, "MB", "<= 35", ", ".join(told_mb)),
        Claim("a piece of a stream, processor", 1e6 * asyncio.run(piece_s()), "µs", "<= 25"),
    ]


async def piece_s(count: int = 4000) -> float:
    """Processor time of one piece, server and transport on both ends taken off."""
    body = b'data: {"id":"1","choices":[{"index":0,"delta":{"content":" word"},"finish_reason":null}]}\n\n'
    script = Script([body * 40] * (count // 40) + list(WORDS[2:]))
    costs = []
    async with Server([script]) as server, Client() as client:
        for _ in range(5):
            made = request(server.row, "", CHAT)
            began_s = time.process_time()
            async for _ in client.send(server.row, made):
                pass
            whole_s = time.process_time() - began_s
            reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
            began_s = time.process_time()
            writer.write(b"POST / HTTP/1.1\r\ncontent-length: 0\r\n\r\n")
            while await reader.read(65_536):
                pass
            costs.append(whole_s - (time.process_time() - began_s))
            writer.close()
    return statistics.median(costs) / count


def measure(quick: bool) -> list[Claim]:
    """All of it."""
    waits, taken = asyncio.run(leaving(100 if quick else 5000))
    gone = [
        Claim("from the cancel to the server's knowing, p99", percentile(waits, 99), "ms", "<= 10"),
        Claim(f"connections that {2 * len(waits)} cancels left taken", taken, "", "= 0"),
    ]
    parts: list[Any] = [*faults(quick), *leaks(quick), *tail(quick), *gone, *weight()]
    return parts


if __name__ == "__main__":
    main("fallback", __doc__, measure)
