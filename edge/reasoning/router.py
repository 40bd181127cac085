"""Decides who answers a query. Today there is one who can, the local model; when nobody can, it says so."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, Protocol

from edge.errors import ModelError
from edge.types import Answer, Draft, Interrupted, Query, Token, Work

NOBODY: Final = "Nothing on this device can answer questions: set reasoning.local.model to a GGUF file."


class LocalModel(Protocol):
    def process(self, query: Query) -> Iterator[Work | Token | Answer]: ...
    def prepare(self, query: Query, *, is_whole: bool = False) -> Iterator[Work]: ...
    def interrupt(self) -> None: ...


class Router:
    """Stage: Query, Draft, Interrupted → Token, Answer. A draft is computed ahead, and nothing comes of it yet; an
    interrupted query ends without an `Answer`.
    """

    controls = (Interrupted,)

    def __init__(self, local: LocalModel | None) -> None:
        self._local = local
        self._interrupted_ns = -1
        """this query and all before it are interrupted"""
        self._query_ns = -1
        """the query in work, or the last one"""

    def control(self, item: Interrupted) -> None:
        self._interrupted_ns = max(self._interrupted_ns, item.t_ns)
        if self._query_ns <= item.t_ns:
            self.interrupt()

    def process(self, item: Query | Draft | Interrupted) -> Iterator[Work | Token | Answer]:
        if isinstance(item, Interrupted):
            return  # it has done its work in `control`
        if isinstance(item, Draft):
            if self._local is not None:
                yield from self._local.prepare(item.query, is_whole=item.is_whole)
            return
        self._query_ns = item.t_ns
        for out in self._answered(item) if item.t_ns > self._interrupted_ns else ():
            if item.t_ns <= self._interrupted_ns:
                return
            yield out

    def _answered(self, query: Query) -> Iterator[Work | Token | Answer]:
        if self._local is None:
            yield from unanswered(query, NOBODY)
            return
        spoken = False
        try:
            outs = self._local.process(query)
            if query.t_ns <= self._interrupted_ns:
                return  # interrupted just before the call, which took that back
            for out in outs:
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
