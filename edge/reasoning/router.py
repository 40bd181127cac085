"""Decides who answers a query: the local model, a cloud model, or nobody, which it says in one sentence.

Modes: local-only never asks a cloud; local-first asks it for what the local model passes on; refine does too, and has the
cloud look over what the local model answered, which comes back as a `Notice` if it differs; race asks both at once and takes
who speaks first; cloud-first asks the local model when the cloud does not answer. "Ask the cloud" and "keep it here" in a
question overrule the mode for this question. When no cloud model answers, the local model does, however unsure it is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from typing import Final, Protocol

from edge.errors import ModelError, ReasonError
from edge.reasoning.wishes import wish
from edge.types import Answer, Draft, Interrupted, Notice, Query, Token, ToolCall, Work

NOBODY: Final = "Nothing on this device can answer questions: set reasoning.local.model to a GGUF file."
WARM_NS: Final = 60 * 1_000_000_000
"""a connection that was opened is not opened again so soon"""


class LocalModel(Protocol):
    def process(self, query: Query, *, must: bool = False) -> Iterator[Work | Token | Answer]: ...
    def prepare(self, query: Query, *, is_whole: bool = False) -> Iterator[Work]: ...
    def interrupt(self) -> None: ...


class Piece(Protocol):
    """Words of a cloud answer."""

    @property
    def text(self) -> str: ...
    @property
    def row(self) -> str: ...


class Asked(Protocol):
    """A question that is with the cloud."""

    @property
    def has_spoken(self) -> bool: ...
    def __iter__(self) -> Iterator[Piece | ToolCall]: ...
    def cancel(self) -> None: ...


class CloudModel(Protocol):
    """All rows, behind the gate."""

    @property
    def mode(self) -> str: ...
    @property
    def announces(self) -> bool: ...
    def warm(self) -> None: ...
    def start(self, query: Query) -> Asked: ...
    def note(self, query: Query, answer: Answer, *, may_refine: bool = True) -> None: ...
    def interrupt(self) -> None: ...


class Heard(Protocol):
    """What a person's words decided about their data."""

    @property
    def says(self) -> str: ...
    @property
    def question(self) -> Query | None: ...


class Consent(Protocol):
    """Asks the person what may be sent, and hears the answer."""

    def ask(self, query: Query) -> str: ...
    def hear(self, text: str) -> Heard | None: ...


Otherwise = Callable[[str], Iterator[Work | Token | Answer]]
"""what is said instead, given the reason"""


class Router:
    """Stage: Query, Draft, Notice, Interrupted → Token, Answer. A draft is computed ahead, and nothing comes of it yet; an
    interrupted query ends without an `Answer`.
    """

    controls = (Interrupted,)

    def __init__(
        self,
        local: LocalModel | None,
        cloud: CloudModel | None = None,
        now_ns: Callable[[], int] = lambda: 0,
        consent: Consent | None = None,
    ) -> None:
        """`consent`: where somebody is there who can be asked; None: what was not allowed is refused."""
        self._local, self._cloud, self._now_ns, self._consent = local, cloud, now_ns, consent
        self._interrupted_ns = -1
        """this query and all before it are interrupted"""
        self._query_ns = -1
        """the query or notice in work, or the last one"""
        self._warmed_ns = -WARM_NS

    def control(self, item: Interrupted) -> None:
        self._interrupted_ns = max(self._interrupted_ns, item.t_ns)
        if self._query_ns <= item.t_ns:
            self.interrupt()

    def process(self, item: Query | Draft | Notice | Interrupted) -> Iterator[Work | Token | Answer]:
        if isinstance(item, Interrupted):
            return  # it has done its work in `control`
        if isinstance(item, Draft):
            self._warm()
            if self._local is not None:
                yield from self._local.prepare(item.query, is_whole=item.is_whole)
            return
        if isinstance(item, Notice):
            # Just after the last question: the next one, whose speech may have ended by now, is newer.
            self._query_ns += 1
            yield Token(self._query_ns, item.text, 0)
            yield Answer(self._query_ns, item.question, item.text, "cloud", 0.0, False, None, 0, 0, item.row)
            return
        self._query_ns = item.t_ns
        for out in self._answered(item) if item.t_ns > self._interrupted_ns else ():
            if item.t_ns <= self._interrupted_ns:
                return
            yield out

    def interrupt(self) -> None:
        if self._local is not None:
            self._local.interrupt()
        if self._cloud is not None:
            self._cloud.interrupt()

    def _warm(self) -> None:
        """While the person speaks a connection is opened, so that the question does not wait for it."""
        if self._cloud is not None and self._cloud.mode != "local-only" and self._now_ns() - self._warmed_ns >= WARM_NS:
            self._warmed_ns = self._now_ns()
            self._cloud.warm()

    def _answered(self, query: Query) -> Iterator[Work | Token | Answer]:
        if self._cloud is None:
            yield from _aloud(query, self._local_outs(query))
            return
        if self._consent is not None and (heard := self._consent.hear(query.text)) is not None:
            if heard.question is None:
                yield from _said(query, heard.says)
                return
            waited = replace(heard.question, t_ns=query.t_ns)
            yield from self._noted(waited, self._from_cloud(waited, self._cloud.start(waited), self._after(waited)))
            return
        wanted, text = wish(query.text)
        query = replace(query, text=text)
        mode = {"cloud": "cloud-first", "local": "local-only", None: self._cloud.mode}[wanted]
        yield from self._noted(query, self._by_mode(query, mode, self._cloud), may_refine=wanted is None)

    def _by_mode(self, query: Query, mode: str, cloud: CloudModel) -> Iterator[Work | Token | Answer]:
        if mode == "local-only":
            yield from _aloud(query, self._local_outs(query, must=True))
        elif mode == "cloud-first" or self._local is None:
            yield from self._asked_first(query, cloud, self._after(query))
        elif mode == "race":
            yield from self._race(query, cloud.start(query))
        else:
            yield from self._local_first(query, cloud)

    def _noted(
        self, query: Query, outs: Iterator[Work | Token | Answer], *, may_refine: bool = True
    ) -> Iterator[Work | Token | Answer]:
        """The same; the cloud's side is told what came of it."""
        for out in outs:
            yield out
            if isinstance(out, Answer) and self._cloud is not None and query.t_ns > self._interrupted_ns:
                self._cloud.note(query, out, may_refine=may_refine)

    def _local_outs(self, query: Query, *, must: bool = False) -> Iterator[Work | Token | Answer]:
        """What the local model gives; one sentence where there is none or it fails before its first word."""
        if self._local is None:
            yield from unanswered(query, NOBODY)
            return
        spoken = False
        try:
            outs = self._local.process(query, must=must)
            if query.t_ns <= self._interrupted_ns:
                return  # interrupted just before the call, which took that back
            for out in outs:
                spoken = spoken or isinstance(out, Token)
                yield out
        except ModelError as error:
            if spoken:
                raise
            yield from unanswered(query, f"The local model failed: {error}")

    def _local_first(self, query: Query, cloud: CloudModel) -> Iterator[Work | Token | Answer]:
        """What the local model passes on before it has said a word goes to the cloud."""
        spoken = False
        for out in self._local_outs(query):
            spoken = spoken or isinstance(out, Token)
            if isinstance(out, Answer) and out.escalate and not spoken:
                yield from self._asked_first(query, cloud, partial(self._at_last, query, out), f"{out.text} ")
            else:
                yield from _aloud(query, iter((out,))) if isinstance(out, Answer) and not spoken else (out,)

    def _asked_first(
        self, query: Query, cloud: CloudModel, otherwise: Otherwise, lead: str = ""
    ) -> Iterator[Work | Token | Answer]:
        """The cloud's answer; where it was not decided yet what may be sent, the person is asked that."""
        if self._consent is not None and (asks := self._consent.ask(query)):
            yield from _said(query, lead + asks)
        else:
            yield from self._from_cloud(query, cloud.start(query), otherwise)

    def _at_last(self, query: Query, refusal: Answer | None, why: str) -> Iterator[Work | Token | Answer]:
        """The local model's answer all the same; when it has none, its refusal, and why no cloud model helped."""
        spoken = False
        for out in self._local_outs(query, must=True):
            spoken = spoken or isinstance(out, Token)
            if isinstance(out, Answer) and out.escalate and not spoken:
                yield from _sorry(refusal or out, why)
            else:
                yield out

    def _race(self, query: Query, asked: Asked) -> Iterator[Work | Token | Answer]:
        """Both at once: the cloud has it when it speaks before the local model's first word, or when that passes on."""
        spoken = False
        for out in self._local_outs(query):
            first = not spoken and isinstance(out, Token | Answer)
            if first and (asked.has_spoken or (isinstance(out, Answer) and out.escalate)):
                if isinstance(out, Token) and self._local is not None:
                    self._local.interrupt()
                passed_on = partial(self._at_last, query, out) if isinstance(out, Answer) else self._after(query)
                yield from self._from_cloud(query, asked, passed_on)
                return
            if first:
                asked.cancel()
                spoken = True
            yield from _aloud(query, iter((out,))) if first and isinstance(out, Answer) else (out,)

    def _after(self, query: Query) -> Otherwise:
        """The local model's answer, when the cloud gave none."""
        return lambda why: self._at_last(query, None, why)

    def _from_cloud(self, query: Query, asked: Asked, otherwise: Otherwise) -> Iterator[Work | Token | Answer]:
        """The cloud's words, with the row they come from; without any, what is said otherwise, given the reason."""
        began_ns = self._now_ns()
        text, row, call, index, ttft_ns = "", "", None, 0, 0
        try:
            for piece in asked:
                if isinstance(piece, ToolCall):
                    call = call or piece
                    continue
                words = piece.text
                if not row:
                    ttft_ns, row = self._now_ns() - began_ns, piece.row
                    words = f"{row} says: {words}" if self._cloud is not None and self._cloud.announces else words
                text += words
                yield Token(query.t_ns, words, index)
                index += 1
        except ReasonError as error:
            if not text and call is None:
                yield Work("cloud")
                yield from otherwise(str(error))
                return
            words = "I was cut off." if text[-1:].isspace() else " I was cut off."
            text += words
            yield Token(query.t_ns, words, index)
        yield Work("cloud")
        if query.t_ns <= self._interrupted_ns:
            return
        total_ns = self._now_ns() - began_ns
        yield Answer(query.t_ns, query.text, text, "cloud", 0.0, False, call, ttft_ns, total_ns, row)


def _aloud(query: Query, outs: Iterator[Work | Token | Answer]) -> Iterator[Work | Token | Answer]:
    """The same, a refusal said like any other answer."""
    spoken = False
    for out in outs:
        if isinstance(out, Answer) and not spoken and out.text:
            yield Token(query.t_ns, out.text, 0)
        spoken = spoken or isinstance(out, Token)
        yield out


def _sorry(refusal: Answer, why: str) -> Iterator[Token | Answer]:
    """The local model's refusal, and why no cloud model helped."""
    text = f"{refusal.text} {why[:1].upper()}{why[1:]}."
    yield Token(refusal.t_ns, text, 0)
    yield replace(refusal, text=text)


def _said(query: Query, sentence: str) -> Iterator[Token | Answer]:
    """A sentence about the question, not an answer to it."""
    yield Token(query.t_ns, sentence, 0)
    yield Answer(query.t_ns, query.text, sentence, "none", 0.0, False, None, 0, 0)


def unanswered(query: Query, sentence: str) -> Iterator[Token | Answer]:
    """One sentence that says why there is no answer."""
    yield Token(query.t_ns, sentence, 0)
    yield Answer(query.t_ns, query.text, sentence, "none", 0.0, True, None, 0, 0)
