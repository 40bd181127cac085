"""Asks many questions through the runtime, in several processes at once; the same answers whatever their number.

A model is loaded anew for every bundle of questions, so that no answer depends on what another process's cache held.
"""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Final, Self, TypeVar

import numpy as np

from edge.reasoning import local
from edge.reasoning.llama import Llama
from edge.reasoning.prompt import Tool, build
from edge.types import Answer
from quantize.glance.scoring.held_out import Question

_BUNDLE: Final = 24
"""Questions for which one load of a tenth of a second is little."""

T = TypeVar("T")
_Ask = Callable[[Path, Path, Sequence[Question]], list[T]]


class Asker:
    """Answers lists of questions; a context, because it holds processes."""

    def __init__(self, workers: int, on_answered: Callable[[int], object] = lambda n: None) -> None:
        self._workers, self._on_answered = workers, on_answered
        self._open = ExitStack()
        self._pool: ProcessPoolExecutor | None = None

    def __enter__(self) -> Self:
        if self._workers > 1:
            # A forked child would inherit the threads of the progress bar.
            context = multiprocessing.get_context("spawn")
            self._pool = self._open.enter_context(ProcessPoolExecutor(self._workers, context))
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._pool is not None and error is not None:
            self._pool.shutdown(wait=False, cancel_futures=True)
        self._open.close()

    def answers(self, model: Path, questions: Sequence[Question]) -> list[Answer]:
        """One answer to each question, in order."""
        return list(self._each(answer, model, model, questions))

    def first_tokens(self, model: Path, reference: Path, questions: Sequence[Question]) -> list[tuple[float, float]]:
        """Of each question how far the first token's probabilities are from those of a reference (`first_token`)."""
        return list(self._each(first_token, model, reference, questions))

    def _each(self, ask: _Ask[T], model: Path, other: Path, questions: Sequence[Question]) -> Iterator[T]:
        bundles = [questions[at : at + _BUNDLE] for at in range(0, len(questions), _BUNDLE)]
        if self._pool is None:
            for bundle in bundles:
                yield from ask(model, other, bundle)
                self._on_answered(len(bundle))
            return
        work: list[tuple[int, Future[list[T]]]] = [(len(b), self._pool.submit(ask, model, other, b)) for b in bundles]
        for count, future in work:
            yield from future.result()
            self._on_answered(count)


def answer(model: Path, same: Path, questions: Sequence[Question]) -> list[Answer]:
    """Asks the runtime's local model, loaded again where other tools are offered."""
    asked: local.LocalModel | None = None
    offered: tuple[Tool, ...] | None = None
    found = []
    for question in questions:
        if asked is None or question.tools != offered:
            if asked is not None:
                asked.close()
            offered = question.tools
            asked = local.build(local.Options(model=str(model)), offered)
        # To its end: the runtime may check itself after the answer.
        events = list(asked.process(question.query))
        found.append(next(event for event in events if isinstance(event, Answer)))
    if asked is not None:
        asked.close()
    return found


def first_token(model: Path, reference: Path, questions: Sequence[Question]) -> list[tuple[float, float]]:
    """Two distances of the first token's probabilities from the reference's, for each question: the KL divergence in
    nats (of the model from the reference), and the largest difference of a probability.
    """
    loaded = [Llama(path, context=4096, batch=64, threads=1) for path in (model, reference)]
    found = []
    for question in questions:
        pieces = build(question.query, question.tools).pieces
        logs = []
        for llama in loaded:
            llama.prefill(llama.ids(pieces))
            logits = llama.logits().astype(np.float64)
            logs.append(logits - logits.max() - np.log(np.exp(logits - logits.max()).sum()))
        ours, wanted = logs
        kl = float((np.exp(wanted) * (wanted - ours)).sum())
        found.append((kl, float(np.abs(np.exp(wanted) - np.exp(ours)).max())))
    for llama in loaded:
        llama.close()
    return found
