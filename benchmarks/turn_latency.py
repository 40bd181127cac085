"""From the end of speech to the first token: speculative prefill beside a chat call that begins when the words are there.

Speech is fed in real time: the partial transcripts, with their revisions and times, are what the embedded recogniser made
of real clips. At each turn the scene is another one, looked at for three seconds before the person speaks, and its last
line changes once while they do. All sides
get the final transcript at the same instant, have the same model, the same threads and the same text, and take turns.

ours: the answer stage in its worker, drafts and all. (a) llama-cpp-python's own chat call, streamed, with its prefix
cache. (b) pipecat's OpenAI service on llama_cpp.server (peer_turn.py), where GLASSPATH_PIPECAT names a Python that has
pipecat-ai[openai] and llama-cpp-python[server].

`--tokens 1000` measures prompts of that size alone. One decode step is measured in the same run; wasted prefill = tokens
computed ahead that no question used / all computed.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import numpy as np

from benchmarks.claims import Claim, main
from benchmarks.random_llama import make
from benchmarks.speech_accuracy import transcribed
from edge import scene_file
from edge.bus import Bus
from edge.clock import S, session_clock
from edge.config import cache_folder, load_config
from edge.mailbox import Policy
from edge.profile import load_profile
from edge.reasoning import local
from edge.reasoning.chat import messages
from edge.reasoning.router import Router
from edge.runtime import replay_virtual
from edge.sources import replay
from edge.stage import Node
from edge.trace import Trace, percentile
from edge.types import Answer, Draft, Event, Query, Scene, Seen, Token
from edge.worker import Worker

SIZES: Final = (250, 1000, 3000)
"""tokens of prompt, about"""
TURNS: Final = 10
THREADS: Final = 2
LOOK_S: Final = 3.0
"""how long the person looks at a scene before asking about it (`fusion.draft_every_s`)"""
QUESTIONS: Final = tuple(
    Path(__file__).parents[1] / "tests" / "data" / f"glance_questions{name}.jsonl" for name in ("", "_blind")
)
PROFILE: Final = Path(local.__file__).parents[1] / "assets" / "profiles" / "desktop.toml"


@dataclass(frozen=True, slots=True)
class Spoken:
    """One utterance: its words as they became known, in seconds from its begin; the last are the final ones."""

    partials: tuple[tuple[float, str, bool], ...]
    """the last: settled, taken for all"""
    final_s: float
    text: str


def spoken(count: int) -> list[Spoken]:
    """What the embedded recogniser makes of real clips, on the virtual clock."""
    found: list[Spoken] = []
    config = load_config(None, ["reasoning.local.kind=none", "camera.source=none"])
    for path, _ in transcribed():
        events = replay.files(None, str(path), width=640, height=480, block_ms=80)
        log = replay_virtual(config, events, (False, True), load_profile(PROFILE)).log
        begun_ns, partials = 0, list[tuple[float, str, bool]]()
        for line in map(json.loads, log.lines):
            if line["event"] == "SpeechStarted":
                begun_ns, partials = line["at_ns"], []
            elif line["event"] == "Transcript" and line["is_final"]:
                if len(line["text"].split()) > 2:
                    found.append(Spoken(tuple(partials), (line["at_ns"] - begun_ns) / S, line["text"]))
            elif line["event"] == "Transcript":
                partials.append(((line["at_ns"] - begun_ns) / S, line["text"], line["is_settled"]))
        if len(found) >= count:
            break
    return found[:count]


def scene(turn: int, lines: int, rng: np.random.Generator) -> Scene:
    """A new scene of so many texts."""
    words = ["Shelf", "Tea", "Coffee", "Platform", "Exit", "Harbour", "Gate", "Museum", "Bakery", "Station", "Closed"]
    seen = []
    for n in range(lines):
        label = " ".join(rng.choice(words, 5)) + f" {turn} {n} ${rng.integers(1, 99)}.50"
        x = 0.9 * n / max(1, lines)
        seen.append(Seen(600 * S, "text", label, 0.9, (x, 0.4, x + 0.05, 0.5)))
    return Scene(600 * S, tuple(seen))


class Ours:
    """The answer stage in its worker."""

    name = "ours"

    def __init__(self, options: local.Options) -> None:
        now_ns = session_clock()
        self.model = local.build(replace(options, check=0.0), now_ns=now_ns)
        self._bus, self._first, self._done = Bus(), threading.Event(), threading.Event()
        node = Node("answer", Router(self.model), (Query, Draft), Policy(16, "oldest", 60_000))
        self._worker = Worker(node, self._bus, Trace(), now_ns)
        self._bus.tap(self._see)
        self._worker.start()

    def draft(self, query: Query, *, is_whole: bool) -> None:
        self._bus.publish(Draft(query, is_whole))

    def ask(self, query: Query) -> float:
        """Seconds to the first token."""
        self._first.clear()
        self._done.clear()
        begun_s = time.perf_counter()
        self._bus.publish(query)
        self._first.wait()
        took_s = self._first_s - begun_s
        self.model.interrupt()
        while not self._worker.idle:
            time.sleep(0.001)
        return took_s

    def close(self) -> None:
        self._worker.close()
        self._worker.join(10)
        self.model.close()

    def _see(self, event: Event) -> None:
        if isinstance(event, Token | Answer) and not self._first.is_set():
            self._first_s = time.perf_counter()
            self._first.set()


class Chat:
    """llama-cpp-python's own chat call in a process of its own, as its docs show it; the prefix cache is its default."""

    def __init__(self, name: str, command: Sequence[str]) -> None:
        self.name = name
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        if self._answer() != "ready":
            raise SystemExit(f"{name} did not start")

    def draft(self, query: Query, *, is_whole: bool) -> None:
        """It knows nothing before the words are whole."""

    def ask(self, query: Query) -> float:
        """Seconds to the first token, as the peer's own process measures them."""
        assert self._process.stdin is not None
        said = [{"role": role, "content": content} for role, content in messages(query, 200)]
        self._process.stdin.write(json.dumps(said) + "\n")
        self._process.stdin.flush()
        return float(self._answer())

    def close(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(20)

    def _answer(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline().strip()


def one_turn(side: Ours | Chat, said: Spoken, first: Scene, then: Scene) -> float:
    """Feeds one utterance in real time, then asks; the person looked before speaking."""
    side.draft(Query(600 * S, "", first), is_whole=False)
    time.sleep(LOOK_S)
    steps: list[tuple[float, str, Scene, bool]] = [(0.0, "", first, False)]
    steps += [(t, text, first if t < said.final_s / 2 else then, whole) for t, text, whole in said.partials]
    steps.append((said.final_s / 2, "", then, False))
    begun_s = time.perf_counter()
    words = ""
    for t, text, now, is_whole in sorted(steps, key=lambda step: step[0]):
        words = text or words
        time.sleep(max(0.0, t - (time.perf_counter() - begun_s)))
        side.draft(Query(600 * S, words, now), is_whole=is_whole)
    time.sleep(max(0.0, said.final_s - (time.perf_counter() - begun_s)))
    return side.ask(Query(600 * S, said.text, then))


def compared(name: str, options: local.Options, lines: int, tokens: int, turns: Sequence[Spoken]) -> list[Claim]:
    """All sides take turns at the same utterances about the same scenes."""
    rng = np.random.default_rng(tokens)
    ours = Ours(options)
    sides: list[Ours | Chat] = [ours, *peers(options)]
    took: dict[str, list[float]] = {side.name: [] for side in sides}
    for n, said in enumerate(turns):
        first = scene(n, lines, rng)
        then = replace(first, seen=(*first.seen[:-1], replace(first.seen[-1], label=f"New sign {n}")))
        for side in sides:
            took[side.name].append(one_turn(side, said, first, then))
    step_s = decode_step_s(ours)
    ahead, seconds = ours.model.ahead, took["ours"]
    prompts = f"{name}, prompts of about {tokens} tokens, {len(turns)} turns"
    out = [
        Claim(f"end of speech to first token, p50: {prompts}", 1000 * percentile(seconds, 50), "ms", ""),
        Claim(
            "in decode steps, p50", percentile(seconds, 50) / step_s, "steps", "<= 3", f"a step {1000 * step_s:.1f} ms"
        ),
        Claim("in decode steps, p95", percentile(seconds, 95) / step_s, "steps", "<= 6"),
        Claim("prefill that was for nothing", ahead.wasted / max(1, ahead.computed), "of the tokens", "<= 0.3"),
    ]
    for side in sides[1:]:
        peer = took[side.name]
        ratio = statistics.median(p / o for p, o in zip(peer, seconds, strict=True))
        goal = ">= 10" if tokens == 1000 else ""
        out.append(Claim(f"times faster than {side.name}, median of pairs", ratio, "x", goal,
                         f"{side.name} p50 {1000 * percentile(peer, 50):.0f} ms"))  # fmt: skip
    for side in sides:
        side.close()
    return out


def decode_step_s(ours: Ours) -> float:
    """The median of twenty single tokens after the last prompt."""
    llama = ours.model._llama
    llama.go()
    times = []
    for _ in range(20):
        begun_s = time.perf_counter()
        llama.decode([5])
        times.append(time.perf_counter() - begun_s)
    return statistics.median(times)


def peers(options: local.Options) -> Iterator[Chat]:
    """Those that are there; a model that is not for chat has none."""
    if options.prompt != "chat":
        return
    here = str(Path(__file__).parent / "peer_turn.py")
    given = [options.model, str(options.context), str(options.threads)]
    yield Chat("llama-cpp-python's chat call", [sys.executable, here, "chat", *given])
    if python := os.environ.get("GLASSPATH_PIPECAT"):
        yield Chat("pipecat on llama_cpp.server", [python, here, "pipecat", *given])


def second_question(options: local.Options) -> Claim:
    """Prefill of a second question about the same scene, against the first's."""
    model = local.build(replace(options, check=0.0))
    one = scene(0, 20, np.random.default_rng(0))
    counts = []
    for text in ("what does the first sign say", "and how much is the tea"):
        work = list(model.process(Query(600 * S, text, one)))
        counts.append(sum(w.units for w in work if getattr(w, "name", "") == "prefill"))
    model.close()
    return Claim("prefill of a second question about the same scene, of the first's", counts[1] / counts[0], "ratio",
                 "<= 0.15")  # fmt: skip


def same_answers(count: int | None) -> list[Claim]:
    """The hand-written questions, computed word by word as drafts, and at once by a cold model: answers and scores."""
    rows = [row for name in QUESTIONS for row in scene_file.batch(name)][:count]
    warm, cold, exact = (local.build(local.Options(check=check)) for check in (0.0, 0.0, 1.0))
    differ, apart, ahead = 0, 0.0, 0
    for row in rows:
        words = row.query.text.split()
        answers = []
        for model in (warm, exact):
            for n in range(1, len(words) + 1):
                draft = replace(row.query, text=" ".join(words[:n]))
                for _ in model.prepare(draft, is_whole=n == len(words)):
                    pass
        scores = exact._llama.logits().copy()  # a query that will be checked begins no reply early
        cold._llama.keep(0)
        asked = cold._asked(row.query)
        cold._llama.prefill(asked.ids)
        apart = max(apart, float(np.abs(cold._llama.logits() - scores).max()) * (exact._llama.held == asked.ids))
        for model in (warm, cold):
            events = list(model.process(row.query))
            answers.append(next(e for e in events if isinstance(e, Answer)))
            ahead += model is warm and not any(getattr(e, "name", "") == "prefill" for e in events)
        differ += answers[0].text != answers[1].text
    for model in (warm, cold, exact):
        model.close()
    return [
        Claim(f"answers that differ from the cold path, of {len(rows)} hand-written questions", differ, "", "= 0"),
        Claim("of them with no prefill left when the question was whole", ahead / len(rows), "of the questions", ""),
        Claim("the largest difference of a score (they go to about 20)", apart, "", "<= 0.01"),
    ]


def measure(quick: bool, sizes: Sequence[int] = SIZES) -> list[Claim]:
    turns = spoken(3 if quick else TURNS)
    if not turns:
        return [Claim("not measured: no speech (GLASSPATH_DATA)", None, "", "")]
    claims = compared("Glance", local.Options(threads=1), 12, 400, turns)
    claims.append(second_question(local.Options()))
    claims += same_answers(40 if quick else None)
    try:
        model = make(cache_folder(load_config()) / "benchmarks" / "random-135m.q8_0.gguf")
    except ImportError:
        return [*claims, Claim("a 135M Llama: not measured, pip install gguf", None, "", "")]
    for tokens in (1000,) if quick else sizes:
        options = local.Options(model=str(model), prompt="chat", context=4096, threads=THREADS, max_tokens=8)
        claims += compared("random-weight Llama 135M Q8_0", options, max(1, tokens // 40), tokens, turns)
    return claims


if __name__ == "__main__":
    parser = argparse.ArgumentParser(add_help=False)
    parser.add_argument("--tokens", type=int, nargs="+", default=SIZES)
    given, sys.argv[1:] = parser.parse_known_args()
    main("turn_latency", __doc__, lambda quick: measure(quick, given.tokens))
