"""Stopping the model at any moment: how soon it stops, that it leaves nothing behind, and that the next answer is right.

A thread of its own interrupts each query after a seeded time between nothing and the whole answer, prefill and decode
included. Stopped = from the call of `interrupt` to the moment the stage has given back control. Memory: resident, after
the first tenth of the aborts and after the last. Wrong: answers, one after every hundredth abort, whose scores differ from
those of a prompt that is computed anew by more than the order of the sums may change (the runtime's own self-check), and
Glance's that are other words than before the first abort; random weights choose between near equals, whatever the words.
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import numpy as np

from benchmarks.claims import Claim, main
from benchmarks.random_llama import make
from benchmarks.turn_latency import scene
from edge.clock import S
from edge.config import cache_folder, load_config
from edge.errors import ReasonError
from edge.reasoning import local
from edge.trace import percentile
from edge.types import Answer, Query, Scene

QUESTIONS: Final = ("what does the sign say", "how much is the tea", "what do you see on the left", "read everything")
THREADS: Final = 2


@dataclass(slots=True)
class Aborts:
    """What the aborts came to."""

    stopped_ms: list[float]
    too_late: int = 0
    """the answer was there first"""
    grown_mb: float = 0.0
    wrong: int = 0


def resident_mb() -> float:
    """Memory of this process that is in use now."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * 4096 / 1e6


def answered(model: local.LocalModel, query: Query) -> str:
    """Its answer, undisturbed and checked; empty when the cache was wrong."""
    try:
        return next(e.text for e in list(model.process(query)) if isinstance(e, Answer))
    except ReasonError:
        return ""


def aborted(options: local.Options, scenes: list[Scene], count: int, every: int, seed: int = 0) -> Aborts:
    """`count` queries, each interrupted at some moment."""
    rng = np.random.default_rng(seed)
    model = local.build(replace(options, check=1.0))
    queries = [Query(600 * S + n, text, s) for n, (text, s) in enumerate((t, s) for s in scenes for t in QUESTIONS)]
    begun_s = time.perf_counter()
    wanted = {query: answered(model, query) for query in queries}
    longest_s = (time.perf_counter() - begun_s) / len(queries)
    found, called_s, go = Aborts([]), [0.0], threading.Event()
    wait_s, over = [0.0], threading.Event()

    def stopper() -> None:
        while True:
            go.wait()
            go.clear()
            if over.is_set():
                return
            time.sleep(wait_s[0])
            called_s[0] = time.perf_counter()
            model.interrupt()
            done.set()

    done = threading.Event()
    thread = threading.Thread(target=stopper, daemon=True)
    thread.start()
    early_mb = 0.0
    for n in range(count):
        query = queries[int(rng.integers(len(queries)))]
        wait_s[0] = float(rng.uniform(0, longest_s))
        done.clear()
        begun_s = time.perf_counter()
        work = model.process(query)
        go.set()
        is_answered = any(isinstance(event, Answer) for event in work)
        ended_s = time.perf_counter()
        done.wait()
        if is_answered:
            found.too_late += 1
            longest_s = (longest_s + time.perf_counter() - begun_s) / 2  # the cache has made them shorter
        else:
            found.stopped_ms.append(1000 * (ended_s - called_s[0]))
        if n % every == 0:
            text = answered(model, query)
            found.wrong += not text or (model.prompt == "glance" and text != wanted[query])
        if n == count // 10:
            early_mb = resident_mb()
    found.grown_mb = resident_mb() - early_mb
    over.set()
    go.set()
    thread.join()
    model.close()
    return found


def claims_of(name: str, found: Aborts) -> list[Claim]:
    """The figures of one model."""
    n = f"{len(found.stopped_ms)} aborts, {found.too_late} came too late"
    return [
        Claim(f"{name}: stopped after interrupt, p50, {n}", percentile(found.stopped_ms, 50), "ms", ""),
        Claim("p99", percentile(found.stopped_ms, 99), "ms", "<= 20"),
        Claim("the longest", max(found.stopped_ms), "ms", ""),
        Claim("memory grown after the first tenth", found.grown_mb, "MB", "<= 1"),
        Claim("answers after aborts that differ", found.wrong, "", "= 0"),
    ]


def measure(quick: bool) -> list[Claim]:
    """Glance, and a random Llama of 135M's shape."""
    rng = np.random.default_rng(1)
    small = [scene(n, 12, rng) for n in range(4)]
    claims = claims_of("Glance", aborted(local.Options(), small, 500 if quick else 10_000, 100))
    try:
        path = make(cache_folder(load_config()) / "benchmarks" / "random-135m.q8_0.gguf")
    except ImportError:
        return [*claims, Claim("a 135M Llama: not measured, pip install gguf", None, "", "")]
    options = local.Options(model=str(path), prompt="chat", context=4096, threads=THREADS, max_tokens=16)
    return [
        *claims,
        *claims_of("random-weight Llama 135M Q8_0", aborted(options, small[:1], 8 if quick else 100, 20)),
    ]


if __name__ == "__main__":
    main("aborts", __doc__, measure)
