"""Tokens a second, measured: several files in turn, so that a busy moment of the machine meets them all.

The quickest tenth of the times counts: other work on the machine can only slow a token down.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from quantize.gguf.network import Network, Session
from quantize.gguf.passage import Tokens

_PROMPT: Final = 128
_STEPS: Final = 32
_QUICKER: Final = 0.1
_LEAST_NS: Final = 250_000_000
"""of decoding, for each file: a token of a small model takes less than a millisecond, and a neighbour's slice many"""
_MOST_ROUNDS: Final = 200


@dataclass(frozen=True, slots=True)
class Speed:
    """Of one file."""

    prefill_tok_s: float
    decode_tok_s: float
    decode_ns: float
    """of one token"""


def measure(
    files: Sequence[Path], threads: int, *, repacked: bool | Mapping[Path, bool] = True, rounds: int = 5
) -> list[Speed]:
    """Speed of each file, measured in turn.

    Args:
        files: GGUF files that run.
        threads: that decode.
        repacked: whether llama.cpp may lay weights out for this processor, for all or for each.
        rounds: a prompt and some tokens for each file in each of them, at least; the first warms up and does not count.
            Small models get more of them, until each has decoded for a quarter of a second.
    """
    with ExitStack() as stack:
        sessions = []
        for path in files:
            laid_out = repacked if isinstance(repacked, bool) else repacked[path]
            network = stack.enter_context(Network(path, repacked=laid_out))
            length = min(_PROMPT, network.longest - _STEPS - 1) if network.longest > _STEPS + 16 else 16
            tokens = (np.arange(length, dtype=np.int32) * 7919) % network.vocabulary
            sessions.append((stack.enter_context(network.session(length + _STEPS + 1, threads)), tokens))
        taken: list[list[tuple[int, list[int]]]] = [[] for _ in files]
        for n in range(_MOST_ROUNDS):
            for row, (session, tokens) in enumerate(sessions):
                times = _once(session, tokens)
                if n:
                    taken[row].append(times)
            if n >= rounds and all(sum(sum(steps) for _, steps in row) >= _LEAST_NS for row in taken):
                break
    return [_speed(row, len(sessions[n][1])) for n, row in enumerate(taken)]


def _once(session: Session, tokens: Tokens) -> tuple[int, list[int]]:
    """Nanoseconds of the prompt, and of each token after it."""
    begun = time.perf_counter_ns()
    session.prefill(tokens)
    prompt = time.perf_counter_ns() - begun
    steps = []
    for n in range(_STEPS):
        begun = time.perf_counter_ns()
        session.step(int(tokens[n % len(tokens)]))
        steps.append(time.perf_counter_ns() - begun)
    return prompt, steps


def _speed(times: Sequence[tuple[int, list[int]]], length: int) -> Speed:
    prompt = float(np.quantile([prompt for prompt, _ in times], _QUICKER))
    step = float(np.quantile([ns for _, steps in times for ns in steps], _QUICKER))
    return Speed(1e9 * length / prompt, 1e9 / step, step)
