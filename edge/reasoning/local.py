"""Answers queries with a model on the device: the embedded Glance, or any GGUF that was trained for chat.

Words come out while they are made, a reply is held by a grammar of the scene, and the chance that a question is not
ours is read from the first token's probabilities. One worker thread owns it; only `interrupt` may come from others.
"""

from __future__ import annotations

import codecs
import json
import time
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from edge.errors import ModelError, ReasonError
from edge.reasoning.ahead import Ahead, common
from edge.reasoning.chat import messages
from edge.reasoning.grammar import grammar
from edge.reasoning.lines import MAX_LINES
from edge.reasoning.llama import Llama, Rules, Stopped
from edge.reasoning.lookup import Lookup
from edge.reasoning.prompt import ESCALATE, SAY, TOOL, Piece, Prompt, References, resolve
from edge.reasoning.prompt import build as build_prompt
from edge.reasoning.tools import TOOLS, Tool
from edge.reasoning.warm_start import warm
from edge.types import Answer, Query, Scene, Token, ToolCall, Work

ASSET: Final = Path(__file__).parent.parent / "assets" / "glance.gguf"
CANNOT: Final = "I can't answer that here."
TOLERANCE: Final = 0.05
"""of the largest score: what another order of the same sums may change in Q8_0 arithmetic (0.2 to 2 % were seen)"""
EARLY_STEPS: Final = 8
"""tokens of a reply that are made before it is known that the person is done"""
DOUBT: Final = 4.0
"""nats in favour of "I don't see …" where a question names what no line explains; rather too little than made up"""
_DENIAL: Final = "I don't see"
_OF_SOMETHING: Final = frozenset((".price", ".time", ".date", ".number", ".phone", ".url", ".email", ".name"))
_PROMPT_KEY: Final = b"glasspath.prompt"
_FEWER_LINES: Final = (MAX_LINES, 16, 10, 6, 3, 1, 0)
"""Lines that are tried in turn until the prompt fits the context: labels in rare scripts take many tokens."""


@dataclass(frozen=True, slots=True)
class Options:
    """How the local model is loaded and asked."""

    model: str = str(ASSET)
    """path of a GGUF file"""
    prompt: Literal["auto", "glance", "chat"] = "auto"
    """what the model was trained on: this runtime's format, or chat; auto asks the file"""
    context: int = 2048
    """tokens"""
    threads: int = 1
    batch: int = 64
    """tokens computed at once: small, so that an interruption waits for little"""
    kv: Literal["f16", "q8_0"] = "f16"
    """type of the KV cache's numbers; q8_0 takes half the memory (`edge doctor --tune` measures which is faster)"""
    max_tokens: int = 96
    """of one reply"""
    grammar: bool = True
    escalate_above: float = 0.5
    """probability of the escalate mark from which a question is passed on; of a chat model, where there is a cloud: how
    unsure it is of its first token"""
    check: float = 0.01
    """fraction of the answers whose prompt is computed a second time without the cache, to prove it right"""
    cache: str = ""
    """folder that keeps the computed beginning of the prompt for the next start; empty: it is computed at each start"""


Keeps = Callable[[str, float], bool]
"""whether a question is answered here, given how sure the model is of its first token, 0..1"""


def build(
    options: Options,
    tools: Sequence[Tool] = TOOLS,
    now_ns: Callable[[], int] = time.monotonic_ns,
    keeps: Keeps | None = None,
) -> LocalModel:
    """Loads a model; raises `ModelError` for a file that is missing, incomplete, not GGUF, or without chat template.
    `keeps`: the rule where there is somebody to pass a question on to; None: nobody.
    """
    return LocalModel(options, tools, now_ns, keeps)


class LocalModel:
    """A loaded model that answers one query at a time."""

    def __init__(
        self, options: Options, tools: Sequence[Tool], now_ns: Callable[[], int], keeps: Keeps | None = None
    ) -> None:
        self._options, self._tools, self._now_ns, self._keeps = options, tuple(tools), now_ns, keeps
        self._must = False
        """the question in work is answered even where the rule would pass it on"""
        self._llama = Llama(
            Path(options.model), context=options.context, batch=options.batch, threads=options.threads, kv=options.kv
        )
        declared = self._llama.metadata(_PROMPT_KEY)
        self.prompt: Literal["glance", "chat"] = (
            options.prompt if options.prompt != "auto" else "glance" if declared == "glance" else "chat"
        )
        """Which format the model is asked in."""
        if self.prompt == "chat" and not self._llama.chat_template:
            raise ModelError(f"{options.model}: the model has no chat template; choose one that was trained for chat.")
        if self.prompt == "glance" and declared != "glance":
            raise ModelError(f'{options.model}: not trained on prompt "glance"; set prompt = "chat" or "auto".')
        self.ahead = Ahead()
        """what was computed before its question was whole"""
        self._early: _Early | None = None
        self._warm()

    def interrupt(self) -> None:
        """Stops the query in work, from any thread, within about a millisecond; it then ends without an `Answer`."""
        self._llama.stop()

    def close(self) -> None:
        """Frees the model; it cannot be asked again."""
        self._llama.close()

    def process(self, query: Query, *, must: bool = False) -> Iterator[Work | Token | Answer]:
        """Answers one query: `Work("prefill", n)`, for each token `Work("decode", 1)` and a `Token` when words are
        ready, at last the `Answer`; nothing more after an interruption: one that comes after the call counts, even before
        the first step. `must`: nobody else will answer, so the rule passes nothing on.
        """
        self._llama.go()
        return self._process(query, must)

    def _process(self, query: Query, must: bool) -> Iterator[Work | Token | Answer]:
        arrived_ns, first_ns = self._now_ns(), 0
        if must != self._must:
            self._drop_early()  # it was begun under the other rule
        self._must = must
        try:
            for out in self._reply_to(query):
                if isinstance(out, Token):
                    first_ns = first_ns or self._now_ns()
                    yield replace(out, t_ns=query.t_ns)
                elif isinstance(out, Answer):
                    now_ns = self._now_ns()
                    ttft_ns = (first_ns or now_ns) - arrived_ns
                    yield replace(out, t_ns=query.t_ns, ttft_ns=ttft_ns, total_ns=now_ns - arrived_ns)
                else:
                    yield out
        except Stopped:
            return

    def prepare(self, query: Query, *, is_whole: bool = False) -> Iterator[Work]:
        """Computes what is sure of a question that is still being spoken, `Work("prefill", n)` a batch; nothing is said.
        Of one that seems whole, all of it and the beginning of its reply.
        """
        self._llama.go()
        self._must = False
        asked = self._asked(query) if is_whole else None
        if self._early is not None and asked != self._early.asked:
            self._drop_early()
        try:
            if self._early is None:
                yield from self._ahead(asked.ids if asked else self._sure_ids(query))
            if asked is not None and self._llama.held[: len(asked.ids)] == asked.ids and not self._is_checked(query):
                self._early = self._early or _Early(asked, self._reply(query, asked))
                yield from self._begin(self._early)
        except Stopped:
            self._drop_early()

    def _ahead(self, ids: list[int]) -> Iterator[Work]:
        """Computes a draft as far as it is worth it."""
        until, kept = self.ahead.wanted(ids, self._llama.held), common(self._llama.held, ids)
        if until <= kept:
            return
        self.ahead.cut(self._llama.keep(kept))
        for count in self._llama.steps(ids[kept:until]):
            self.ahead.add(count, len(self._llama.held))
            yield Work("prefill", count)

    def _begin(self, early: _Early) -> Iterator[Work]:
        """The first tokens of a reply, kept until somebody asks for them."""
        while early.steps < EARLY_STEPS and (out := next(early.reply, None)) is not None:
            if not isinstance(out, Work):
                early.ready.append(out)
                continue
            if out.name == "decode":
                early.steps += 1
                self.ahead.say()
            yield out

    def _drop_early(self) -> None:
        self._early = None
        self.ahead.unsay()

    def _reply_to(self, query: Query) -> Iterator[Work | Token | Answer]:
        """The reply that was begun, if it answers this, else a new one."""
        asked = self._asked(query)
        if self._early is not None and self._early.asked == asked:
            early, self._early = self._early, None
            self.ahead.over(len(asked.ids))
            yield from early.ready
            yield from early.reply
            return
        self._drop_early()
        missed = self.ahead.over(common(self._llama.held, asked.ids), asked.ids)
        yield from self._reply(query, asked, missed)

    def _asked(self, query: Query) -> _Asked:
        if self.prompt == "glance":
            return self._fitting(query)
        for count in _FEWER_LINES:
            ids = self._llama.chat_ids(messages(query, count))
            if len(ids) + self._options.max_tokens <= self._options.context:
                return _Asked(query.text, ids)
        raise ReasonError(f"The question takes {len(ids)} of {self._options.context} tokens: ask it shorter.")

    def _reply(self, query: Query, asked: _Asked, missed: int = 0) -> Iterator[Work | Token | Answer]:
        """`missed`: tokens that the cache should have held, and held no more."""
        if count := self._llama.prefill(asked.ids):
            yield Work("prefill", count, len(asked.ids) - count, missed)
        first = self._llama.logits().copy() if self._is_checked(query) else None
        yield from self._glance(query, asked.prompt) if asked.prompt else self._chat(query, asked.ids)
        yield from self._checked(asked.ids, first)

    def _sure_ids(self, query: Query) -> list[int]:
        """The prompt of a draft without its last word, which may be half a word, and without all that follows."""
        words = query.text.split()[:-1]
        said = replace(query, text=" ".join(words))
        if self.prompt == "glance":
            prompt = build_prompt(said, self._tools)
            pieces = (*prompt.tools, *prompt.scene, *prompt.turns, prompt.question[0], Piece(" ".join(prompt.words)))
            ids = self._llama.ids(pieces)
        else:
            # What two different ends leave in common is the beginning that no end can change.
            one, two = (
                self._llama.chat_ids(messages(replace(said, text=f"{said.text} {end}"), MAX_LINES)) for end in "0a"
            )
            ids = one[: common(one, two)]
        return ids[: self._options.context - self._options.max_tokens]

    def _warm(self) -> None:
        """Computes the beginning that all prompts share, or takes it from the last start."""
        if self.prompt != "glance":
            return
        ids = self._llama.ids(build_prompt(Query(0, "", Scene(0, ())), self._tools).tools)
        if len(ids) >= self._options.context:
            return
        o, file = self._options, Path(self._options.model).stat()
        made_with = (file.st_size, file.st_mtime_ns, o.context, o.kv)
        warm(self._llama, ids, Path(o.cache) if o.cache else None, made_with)

    def _glance(self, query: Query, prompt: Prompt) -> Iterator[Work | Token | Answer]:
        marks = {name: self._llama.mark(name) for name in (SAY, TOOL, ESCALATE)}
        chances = _softmax(self._llama.logits()[list(marks.values())])
        # Read before the grammar masks anything: the chance that this question is ours at all.
        p_escalate = float(chances[2])
        if p_escalate > self._options.escalate_above or not self._is_kept(query, 1 - p_escalate):
            yield _answer(query, CANNOT, 1 - p_escalate, escalate=True)
            return
        decided = TOOL if chances[1] > chances[0] else SAY
        rules = self._llama.rules(grammar(prompt, self._tools)) if self._options.grammar else None
        pieces = self._pieces(marks[decided], rules, _doubt(prompt) if decided == SAY else 0.0)
        call: ToolCall | None = None
        if decided == TOOL:
            written = ""
            for piece in pieces:
                if isinstance(piece, Work):
                    yield piece
                else:
                    written += piece
            call = _call(written, prompt)
            text = _said(call) if call else CANNOT
            yield Token(query.t_ns, text, 0)
        else:
            references, text, index = References(prompt.targets), "", 0
            for piece in pieces:
                if isinstance(piece, Work):
                    yield piece
                    continue
                words = references.feed(piece)
                if words:
                    yield Token(query.t_ns, words, index)
                    text, index = text + words, index + 1
            if rest := references.flush():
                yield Token(query.t_ns, rest, index)
                text += rest
        yield _answer(query, text, 1 - p_escalate, escalate=decided == TOOL and call is None, call=call)

    def _chat(self, query: Query, ids: list[int]) -> Iterator[Work | Token | Answer]:
        text, index, sure = "", 0, float(_softmax(self._llama.logits()).max())
        if not self._is_kept(query, sure):
            yield _answer(query, CANNOT, sure, escalate=True)
            return
        for piece in self._free(ids):
            if isinstance(piece, Work):
                yield piece
            elif piece:
                yield Token(query.t_ns, piece, index)
                text, index = text + piece, index + 1
        yield _answer(query, text.strip() or CANNOT, sure, escalate=not text.strip())

    def _is_kept(self, query: Query, sure: float) -> bool:
        return self._must or self._keeps is None or self._keeps(query.text, sure)

    def _is_checked(self, query: Query) -> bool:
        """By the query's own time, so that a replay checks the same ones."""
        return zlib.crc32(repr((query.t_ns, query.text)).encode()) < self._options.check * 2**32

    def _checked(self, ids: list[int], first: NDArray[np.float32] | None) -> Iterator[Work]:
        """Computes a prompt anew and holds the scores against those that the cache gave; once the answer is out."""
        if first is None:
            return
        self._llama.keep(0)
        yield Work("prefill", self._llama.prefill(ids))
        apart = float(np.abs(self._llama.logits() - first).max())
        if not apart <= TOLERANCE * float(np.abs(first).max()):
            raise ReasonError(
                f"The prompt cache was wrong by {apart:.3g} for one answer; it was emptied. Report it, and set "
                "reasoning.local.check = 1 to check every answer."
            )

    def _fitting(self, query: Query) -> _Asked:
        for count in _FEWER_LINES:
            prompt = build_prompt(query, self._tools, count)
            ids = self._llama.ids(prompt.pieces)
            if len(ids) + self._options.max_tokens <= self._options.context:
                return _Asked(query.text, ids, prompt, prompt.targets)
        raise ReasonError(f"The tools take {len(ids)} of {self._options.context} tokens of context: offer fewer tools.")

    def _pieces(self, first: int, rules: Rules | None, doubt: float) -> Iterator[Work | str]:
        """The text of a reply that begins with a mark, piece by piece, with a mark of work before each. `doubt`, in nats:
        how much is given in favour of saying that a thing is not there.
        """
        decoder = codecs.getincrementaldecoder("utf-8")("replace")
        denial = [first, *self._llama.ids((Piece(_DENIAL),))] if doubt else []
        said: list[int] = []
        for n in range(self._options.max_tokens):
            favoured = denial[n] if n < len(denial) and said == denial[:n] else None
            token = first if n == 0 else self._llama.best(rules, favoured, doubt)
            said.append(token)
            if self._llama.is_end(token):
                break
            if rules is not None:
                rules.accept(token)
            self._llama.decode([token])
            yield Work("decode", 1)
            yield "" if n == 0 else decoder.decode(self._llama.piece(token))
        yield decoder.decode(b"", True)

    def _free(self, ids: list[int]) -> Iterator[Work | str]:
        """A reply that no grammar holds: what it copies from the prompt is guessed and computed several tokens at once."""
        decoder = codecs.getincrementaldecoder("utf-8")("replace")
        lookup, left = Lookup(ids), self._options.max_tokens
        token = self._llama.best(None)
        while left > 0 and not self._llama.is_end(token):
            lookup.add(token)
            guesses = lookup.guess()[: left - 1]
            follows = self._llama.verify(token, guesses)
            lookup.judge(len(guesses), len(follows) - 1)
            yield Work("decode", 1)
            yield decoder.decode(self._llama.piece(token))
            left -= 1
            for guess in follows[:-1]:
                if self._llama.is_end(guess):
                    left = 0
                    break
                lookup.add(guess)
                yield decoder.decode(self._llama.piece(guess))
                left -= 1
            token = follows[-1]
        yield decoder.decode(b"", True)


@dataclass(frozen=True, slots=True)
class _Asked:
    """A query as the model reads it; two that are equal have the same reply."""

    text: str
    ids: list[int]
    prompt: Prompt | None = field(default=None, compare=False)
    """None: it is asked as a chat"""
    targets: Mapping[str, str] = field(default_factory=dict)
    """what the references of a reply stand for"""


@dataclass(slots=True)
class _Early:
    """A reply that was begun before it was known that the question is whole."""

    asked: _Asked
    reply: Iterator[Work | Token | Answer]
    """what is still to come"""
    ready: list[Token | Answer] = field(default_factory=list)
    steps: int = 0


def _answer(query: Query, text: str, confidence: float, *, escalate: bool, call: ToolCall | None = None) -> Answer:
    """Its times are those of `process`."""
    return Answer(
        query.t_ns, query.text, text, "none" if escalate else "local", confidence, escalate, call, ttft_ns=0, total_ns=0
    )


def _doubt(prompt: Prompt) -> float:
    """Nothing in the scene bears the words of the question, and a part of something is asked for: of what?"""
    lists = {cue.name for cue in prompt.cues.lists}
    return DOUBT if "?" in lists and not prompt.cues.mentioned and lists & _OF_SOMETHING else 0.0


def _call(written: str, prompt: Prompt) -> ToolCall | None:
    """The call that was written, references filled in; None when it is not whole."""
    try:
        call = json.loads(written)
        arguments = {k: resolve(v, prompt.targets) if isinstance(v, str) else v for k, v in call["arguments"].items()}
        return ToolCall(str(call["name"]), arguments)
    except (ValueError, KeyError, TypeError, AttributeError):
        return None


def _said(call: ToolCall) -> str:
    values = ", ".join(f"{name} {value}" for name, value in call.arguments.items())
    return f"Okay, {call.name.replace('_', ' ')}{': ' if values else ''}{values}."


def _softmax(scores: NDArray[np.float32]) -> NDArray[np.float64]:
    e = np.exp(scores.astype(np.float64) - scores.max())
    return np.asarray(e / e.sum())
