"""How fast and how large the model is: `python -m quantize.glance.scoring.speed MODEL` prints one JSON object.

A process of its own, so that memory is that of the model and of nothing else. One thread, medians, the runtime's
default options unless said otherwise:
prefill    tokens of a whole prompt (tools, scene, question) per second, nothing of it in the KV cache
decode     tokens of replies per second in the runtime, grammar and text included
load       from a path to a model that can be asked
memory     the most that was resident, Python included, after load and answers; "adds" is above numpy and llama.cpp
first word from a question's arrival to its first words, its scene being in the KV cache (escalations left out)
stop       from `interrupt` in the middle of a prefill to the end of the answer, the longest of several
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from random import Random
from statistics import median
from typing import Any, Final

import numpy as np

from edge.errors import ModelError
from edge.reasoning import llama_library

BATCHES: Final = (32, 64, 128, 256, 512)
_ASKED: Final = (
    "what do you see", "what does the sign say", "what's on the left", "read everything", "how many people are there",
    "where is the exit", "what's on the right", "what changed",
)  # fmt: skip


def measured(model: Path, *, runs: int = 7, batches: Sequence[int] = BATCHES) -> dict[str, Any]:
    """What a fresh process measures.

    Raises:
        ModelError: it could not be measured.
    """
    options = ["--runs", str(runs), "--batches", *map(str, batches)]
    command = [sys.executable, "-m", "quantize.glance.scoring.speed", str(model), *options]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        last = (done.stderr.strip().splitlines() or ["no message"])[-1]
        raise ModelError(f"{model}: its speed could not be measured: {last}")
    return dict(json.loads(done.stdout.splitlines()[-1]))


def measure(model: Path, runs: int, batches: Sequence[int]) -> dict[str, Any]:
    """All figures, prefill also with other batches than the runtime's; called first of all in a process, since memory is
    one of them.
    """
    llama_library.load()
    np.zeros(1)
    before_mb = _status_mb("VmRSS")
    from edge.reasoning import local
    from edge.reasoning.llama import Llama
    from edge.reasoning.prompt import build
    from edge.types import Answer, Query, Scene, Work
    from quantize.glance.dialogue.scenes import scene as any_scene

    def asked_in(scene: Scene) -> list[Query]:
        return [Query(scene.now_ns, text, scene) for text in _ASKED]

    rng = Random(5)
    scenes = [s for s in (any_scene(rng) for _ in range(60)) if len({seen.track for seen in s.seen}) >= 8][
        : max(3, runs)
    ]
    loads = []
    for _ in range(runs):
        start = time.perf_counter()
        runtime = local.build(local.Options(model=str(model)))
        loads.append(time.perf_counter() - start)
        if len(loads) < runs:
            runtime.close()
    first_words, decoded, decode_s = [], 0, 0.0
    for scene in scenes:
        for n, query in enumerate(asked_in(scene)):
            before = 0.0
            for event in runtime.process(query):
                now = time.perf_counter()
                if isinstance(event, Work) and event.name == "decode":
                    # The first token is the mark that was decided with the prefill.
                    decoded, decode_s = (decoded + 1, decode_s + now - before) if before else (decoded, decode_s)
                    before = now
                elif isinstance(event, Answer) and n and not event.escalate:
                    first_words.append(event.ttft_ns / 1e6)
    runtime.close()
    found: dict[str, Any] = {
        "load_ms": 1e3 * median(loads),
        "decode_tokens_per_s": decoded / decode_s if decoded else None,
        "first_word_ms": median(first_words) if first_words else None,
        "memory_mb": _status_mb("VmHWM"),
        "model_adds_mb": _status_mb("VmRSS") - before_mb,
    }
    default = local.Options().batch
    loaded = {b: Llama(model, context=2048, batch=b, threads=1) for b in sorted({*batches, default})}
    speeds: dict[int, list[float]] = {b: [] for b in loaded}
    prompts = [loaded[default].ids(build(asked_in(scene)[0]).pieces) for scene in scenes]
    # In turn, so that a neighbour that is busy for a while slows all of them.
    for ids in prompts:
        for tokens in (ids, ids[::-1]):  # the other way round nothing of it is in the cache
            for batch, llama in loaded.items():
                start = time.perf_counter()
                count = llama.prefill(tokens)
                speeds[batch].append(count / (time.perf_counter() - start))
    for llama in loaded.values():
        llama.close()
    asked = [asked_in(scene)[0] for scene in scenes]
    return found | {
        "prefill_tokens_per_s": median(speeds[default]),
        "prompt_tokens": round(median(len(ids) for ids in prompts)),
        "batch": default,
        "by_batch": {
            str(b): {"prefill_tokens_per_s": median(speeds[b]), "stop_ms": _stop_ms(model, b, asked)} for b in loaded
        },
    }


def _stop_ms(model: Path, batch: int, queries: Sequence[Any]) -> float:
    from edge.reasoning import local

    asked = local.build(local.Options(model=str(model), batch=batch))
    longest = 0.0
    for n, query in enumerate(queries):
        stopped: list[float] = []

        def stop(stopped: list[float] = stopped) -> None:
            stopped.append(time.perf_counter())
            asked.interrupt()

        # A prefill takes about a tenth of a second: at different places of it.
        timer = threading.Timer(0.02 + 0.01 * (n % 5), stop)
        timer.start()
        events = list(asked.process(query))
        ended = time.perf_counter()
        timer.join()
        if not events and stopped:
            longest = max(longest, 1e3 * (ended - stopped[0]))
    asked.close()
    return longest


def _status_mb(name: str) -> float:
    """A line of /proc/self/status; VmHWM is the most that was resident, VmRSS what is now."""
    with open("/proc/self/status") as file:
        line = next(line for line in file if line.startswith(f"{name}:"))
    return int(line.split()[1]) * 1024 / 1e6


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model", type=Path)
    parser.add_argument("--runs", type=int, default=7)
    parser.add_argument("--batches", type=int, nargs="*", default=BATCHES)
    given = parser.parse_args()
    try:
        print(json.dumps(measure(given.model, given.runs, given.batches)))
    except ModelError as error:
        sys.exit(str(error))
