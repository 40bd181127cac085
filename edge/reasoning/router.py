"""Decides who answers a query. Today there is one who can, the local model; when nobody can, it says so."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, Protocol

from edge.errors import ModelError
from edge.types import Answer, Draft, Query, Token, Work

NOBODY: Final = "Nothing on this device can answer questions: set reasoning.local.model to a GGUF file."


class LocalModel(Protocol):
    def process(self, query: Query) -> Iterator[Work | Token | Answer]: ...
    def prepare(self, query: Query) -> Iterator[Work]: ...
    def interrupt(self) -> None: ...


class Router:
    """Stage: Query → Token, Answer. A draft is computed ahead, and nothing comes of it yet."""

    def __init__(self, local: LocalModel | None) -> None:
        self._local = local

    def process(self, item: Query | Draft) -> Iterator[Work | Token | Answer]:
        if isinstance(item, Draft):
            if self._local is not None:
                yield from self._local.prepare(item.query)
        else:
            yield from self._answer(item)

    def _answer(self, query: Query) -> Iterator[Work | Token | Answer]:
        if self._local is None:
            yield from unanswered(query, NOBODY)
            return
        spoken = False
        try:
            for out in self._local.process(query):
                if isinstance(out, Answer) and not spoken and out.text:
                    yield Token(query.t_ns, out.text, 0)  # a refusal is said like any other answer
                spoken = spoken or isinstance(out, Token)
                yield out
        except ModelError as error:
            if spoken:
                raise
            yield from unanswered(query, f"The local model failed: {error}")

    def interrupt(self) -> None:
        if self._local is not None:
            self._local.interrupt()


def unanswered(query: Query, sentence: str) -> Iterator[Token | Answer]:
    """One sentence that says why there is no answer."""
    yield Token(query.t_ns, sentence, 0)
    yield Answer(query.t_ns, query.text, sentence, "none", 0.0, True, None, 0, 0)
