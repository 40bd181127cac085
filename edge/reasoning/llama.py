"""llama.cpp's low-level API as numbers in and scores out: with `llama_library.py` the one place of `llama_cpp`.

It can be stopped within a node of the compute graph, and keeps the KV cache of what one prompt shares with the next.
One thread owns it; only `stop` may be called from others.
"""

from __future__ import annotations

import ctypes
import functools
import struct
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray

from edge.errors import ModelError, ReasonError
from edge.reasoning import llama_library
from edge.reasoning.ahead import common
from edge.reasoning.prompt import Piece

_TOP: Final = 64
"""Best tokens that the grammar looks at before it looks at all."""
_TEXTS: Final = 1024
"""texts whose tokens are remembered"""
_HOLE: Final = "\ue000"
"""Stands for a message's content while a chat template is applied; `clean` removes it from everything seen or said."""


_KV_TYPES: Final = {"f16": 1, "q8_0": 8}
"""as ggml numbers them"""


class Stopped(Exception):
    """The abort flag was seen."""


class Llama:
    """llama.cpp's model and context: numbers in, scores out."""

    def __init__(
        self, path: Path, *, context: int, batch: int, threads: int, kv: Literal["f16", "q8_0"] = "f16"
    ) -> None:
        _check(path)
        llama_cpp = llama_library.load()

        self._c: Any = llama_cpp
        self._c.llama_log_set(_silence(llama_cpp), ctypes.c_void_p(0))
        self._c.llama_backend_init()
        self._model: Any = self._c.llama_model_load_from_file(str(path).encode(), self._c.llama_model_default_params())
        if not self._model:
            raise ModelError(f"{path}: llama.cpp cannot read it: incomplete, or of an unknown kind; fetch it again.")
        self._vocab: Any = self._c.llama_model_get_vocab(self._model)
        params = self._c.llama_context_default_params()
        params.n_ctx, params.n_batch, params.n_ubatch = context, batch, batch
        params.n_threads = params.n_threads_batch = threads
        params.type_k = params.type_v = _KV_TYPES[kv]
        params.n_seq_max = 1
        params.no_perf = True
        self._ctx: Any = self._c.llama_init_from_model(self._model, params)
        if not self._ctx:
            self._c.llama_model_free(self._model)
            raise ModelError(f"{path}: no memory for a context of {context} tokens; set a smaller context.")
        # Asked at every node of the graph. A Python function would wait for the interpreter's lock at each of them, so
        # libc's strlen is the callback: of this buffer it is 0, false, until `stop` makes the string one byte long.
        self._flag = ctypes.create_string_buffer(2)
        strlen = ctypes.cast(ctypes.CDLL(None).strlen, self._c.ggml_abort_callback)
        self._c.llama_set_abort_callback(self._ctx, strlen, ctypes.cast(self._flag, ctypes.c_void_p))
        self._memory: Any = self._c.llama_get_memory(self._ctx)
        self._size: int = self._c.llama_vocab_n_tokens(self._vocab)
        self._batch = batch
        self.held: list[int] = []
        """Tokens whose keys and values the cache holds."""
        self._has_scores = False
        """whether the scores are those after the last token held"""
        self._marks: dict[str, int] = {}
        self._texts: dict[str, list[int]] = {}
        """tokens of the newest texts: most of a prompt was in the one before"""
        self.version: str = llama_cpp.__version__

    def close(self) -> None:
        """Frees model and context."""
        if self._ctx:
            self._c.llama_free(self._ctx)
            self._c.llama_model_free(self._model)
            self._ctx = self._model = None

    def stop(self) -> None:
        """Makes the computation end with `Stopped`; from any thread."""
        self._flag[0] = b"\x01"

    def go(self) -> None:
        """Takes back `stop`."""
        self._flag[0] = b"\x00"

    def metadata(self, key: bytes) -> str:
        """A string of the file's head; empty where it has none."""
        buffer = ctypes.create_string_buffer(256)
        n = self._c.llama_model_meta_val_str(self._model, key, buffer, len(buffer))
        return buffer.value.decode("utf-8", "replace") if n >= 0 else ""

    @property
    def chat_template(self) -> bytes:
        """The template that the model was trained on; empty where it has none."""
        return self._c.llama_model_chat_template(self._model, None) or b""

    def mark(self, name: str) -> int:
        """The token of a mark."""
        if name not in self._marks:
            self._marks[name] = self._tokens(name, parse_special=True)[0]
        return self._marks[name]

    def ids(self, pieces: Sequence[Piece]) -> list[int]:
        """Tokens of a prompt's pieces; only marks are ever read as control tokens."""
        ids: list[int] = []
        for piece in pieces:
            ids += [self.mark(piece.text)] if piece.is_mark else self._text(piece.text)
        return ids

    def _text(self, text: str) -> list[int]:
        if text not in self._texts:
            if len(self._texts) >= _TEXTS:
                self._texts.clear()
            self._texts[text] = self._tokens(text, parse_special=False)
        return self._texts[text]

    def chat_ids(self, said: Sequence[tuple[str, str]]) -> list[int]:
        """Tokens of a conversation in the model's own template; contents are never read as control tokens."""
        chat = (self._c.llama_chat_message * len(said))()
        for slot, (role, _) in zip(chat, said, strict=True):
            slot.role, slot.content = role.encode(), _HOLE.encode()
        buffer = ctypes.create_string_buffer(4096 + 256 * len(said))
        n = self._c.llama_chat_apply_template(self.chat_template, chat, len(said), True, buffer, len(buffer))
        if not 0 <= n <= len(buffer) or buffer.raw[:n].decode().count(_HOLE) != len(said):
            raise ModelError("llama.cpp does not know this model's chat template; use a model with a common one.")
        ids: list[int] = []
        frame = buffer.raw[:n].decode().split(_HOLE)
        for at, around in enumerate(frame):
            ids += self._tokens(around, parse_special=True, add_special=at == 0)
            if at < len(said):
                ids += self._tokens(said[at][1], parse_special=False)
        return ids

    def _tokens(self, text: str, *, parse_special: bool, add_special: bool = False) -> list[int]:
        raw = text.encode("utf-8", "replace")
        out = (self._c.llama_token * (len(raw) + 8))()
        n = self._c.llama_tokenize(self._vocab, raw, len(raw), out, len(out), add_special, parse_special)
        return list(out[:n])

    def piece(self, token: int) -> bytes:
        """A token's text; several may be needed for one character."""
        buffer = ctypes.create_string_buffer(256)
        # Marks too: those of a reply are its references.
        n = self._c.llama_token_to_piece(self._vocab, token, buffer, len(buffer), 0, True)
        return buffer.raw[: max(0, n)]

    def is_end(self, token: int) -> bool:
        """Whether a reply is over with this token."""
        return bool(self._c.llama_vocab_is_eog(self._vocab, token))

    def prefill(self, ids: list[int]) -> int:
        """Computes what the cache does not hold yet, and the last token's scores; returns how many tokens that were."""
        if self._has_scores and self.held == ids:
            return 0
        # The last token is computed again: its scores are wanted.
        kept = self.keep(common(self.held, ids[:-1]))
        self.decode(ids[kept:])
        return len(ids) - kept

    def keep(self, count: int) -> int:
        """Cuts the cache back to its first tokens; returns how many it could keep."""
        if count < len(self.held) and not self._c.llama_memory_seq_rm(self._memory, 0, count, -1):
            self._c.llama_memory_clear(self._memory, True)
            count = 0
        self._has_scores = self._has_scores and count == len(self.held)
        self.held = self.held[:count]
        return count

    def decode(self, ids: Sequence[int]) -> None:
        """Computes tokens after those that are held."""
        for _ in self.steps(ids):
            pass

    def steps(self, ids: Sequence[int]) -> Iterator[int]:
        """The same, a batch at a time; yields how many tokens each took."""
        for at in range(0, len(ids), self._batch):
            part = (self._c.llama_token * len(ids[at : at + self._batch]))(*ids[at : at + self._batch])
            self._compute(self._c.llama_batch_get_one(part, len(part)))
            self.held += part
            self._has_scores = True
            yield len(part)

    def _compute(self, batch: Any) -> None:
        """One batch; when it fails or is stopped the cache is as it was."""
        self._has_scores = False
        if self._flag[0] != b"\x00":
            raise Stopped
        result = self._c.llama_decode(self._ctx, batch)
        if result == 0:
            return
        self._c.llama_memory_seq_rm(self._memory, 0, len(self.held), -1)
        if result == 2:
            raise Stopped
        raise ReasonError(f"llama.cpp could not compute the answer (llama_decode gave {result}); ask again.")

    def verify(self, token: int, guesses: Sequence[int]) -> list[int]:
        """Computes a token and guesses at what follows; returns what really follows: the guesses that are the model's own
        choice, and its first other one. The cache then holds the token and the right guesses.
        """
        ids = [token, *guesses]
        batch = self._c.llama_batch_init(len(ids), 0, 1)
        batch.n_tokens = len(ids)
        for n, one in enumerate(ids):
            batch.token[n], batch.pos[n] = one, len(self.held) + n
            batch.n_seq_id[n], batch.seq_id[n][0], batch.logits[n] = 1, 0, True
        try:
            self._compute(batch)
        finally:
            self._c.llama_batch_free(batch)
        follows = []
        for n in range(len(ids)):
            scores = np.ctypeslib.as_array(self._c.llama_get_logits_ith(self._ctx, n), (self._size,))
            follows.append(int(scores.argmax()))
            if n == len(guesses) or follows[-1] != guesses[n]:
                break
        self.held += ids
        self.keep(len(self.held) - len(ids) + len(follows))
        return follows

    def save(self, path: Path) -> bool:
        """Writes what the cache holds, for another process; False where that failed."""
        tokens = (self._c.llama_token * len(self.held))(*self.held)
        part = path.with_suffix(".part")
        done = self._c.llama_state_seq_save_file(self._ctx, str(part).encode(), 0, tokens, len(tokens))
        if not done:
            return False
        part.replace(path)
        return True

    def restore(self, path: Path, ids: list[int]) -> bool:
        """Reads what `save` wrote, if it is the cache of exactly these tokens."""
        tokens, count = (self._c.llama_token * (len(ids) + 1))(), ctypes.c_size_t(0)
        read = self._c.llama_state_seq_load_file(
            self._ctx, str(path).encode(), 0, tokens, len(tokens), ctypes.byref(count)
        )
        self.held, self._has_scores = list(tokens[: count.value]) if read else [], False
        if self.held != ids:
            self._c.llama_memory_clear(self._memory, True)
            self.held = []
        return bool(self.held)

    def logits(self) -> NDArray[np.float32]:
        """float32[vocabulary] after the last token; valid until the next decode."""
        pointer = self._c.llama_get_logits_ith(self._ctx, -1)
        return np.ctypeslib.as_array(pointer, (self._size,))

    def rules(self, text: str) -> Rules:
        """A grammar for one reply."""
        return Rules(self._c, self._vocab, text)

    def best(self, rules: Rules | None, favoured: int | None = None, by: float = 0.0) -> int:
        """The most likely token, of those that the rules allow; one may be favoured `by` nats."""
        logits = self.logits()
        if favoured is not None:
            logits = logits.copy()
            logits[favoured] += by
        best = int(logits.argmax())
        if rules is None or rules.allows(best):
            return best
        for count in (_TOP, self._size):
            top = np.argpartition(-logits, count - 1)[:count] if count < self._size else np.arange(self._size)
            if (allowed := rules.best(top, logits)) is not None:
                return allowed
        return best


class Rules:
    """A grammar in llama.cpp, at some place of a reply."""

    def __init__(self, c: Any, vocab: Any, text: str) -> None:
        self._c = c
        self._sampler: Any = c.llama_sampler_init_grammar(vocab, text.encode(), b"root")
        if not self._sampler:
            raise ReasonError("llama.cpp refused the grammar of the reply; a tool's name or choices may be the cause.")

    def allows(self, token: int) -> bool:
        """Whether a token may come next."""
        return self.best(np.array([token]), None) is not None

    def best(self, tokens: NDArray[np.int64], logits: NDArray[np.float32] | None) -> int | None:
        """The most likely of some tokens that may come next, if any may."""
        data = (self._c.llama_token_data * len(tokens))()
        for slot, token in zip(data, tokens.tolist(), strict=True):
            slot.id, slot.logit = token, 0.0 if logits is None else float(logits[token])
        array = self._c.llama_token_data_array(data=data, size=len(tokens), selected=-1, sorted=False)
        self._c.llama_sampler_apply(self._sampler, ctypes.byref(array))
        kept = [(slot.logit, slot.id) for slot in data if slot.logit != float("-inf")]
        return max(kept)[1] if kept else None

    def accept(self, token: int) -> None:
        """Moves on by a token that is allowed."""
        self._c.llama_sampler_accept(self._sampler, token)

    def __del__(self) -> None:
        if getattr(self, "_sampler", None):
            self._c.llama_sampler_free(self._sampler)


@functools.cache
def _silence(llama_cpp: Any) -> Any:
    """A log callback that drops everything; llama.cpp calls it as long as the process lives, so it is made once."""
    return llama_cpp.llama_log_callback(lambda level, text, data: None)


def _check(path: Path) -> None:
    """Looks at the head of the file before llama.cpp does, which trusts it."""
    try:
        with path.open("rb") as file:
            head = file.read(24)
    except FileNotFoundError as error:
        raise ModelError(f"{path}: no such model file; give a path to a GGUF, or run `edge models pull`.") from error
    except OSError as error:
        raise ModelError(f"{path}: cannot be read ({error.strerror}); check the path and its permissions.") from error
    if len(head) < 24 or head[:4] != b"GGUF":
        raise ModelError(f"{path}: not a GGUF file; convert the model to GGUF, or fetch it again.")
    version, tensors, entries = struct.unpack("<IQQ", head[4:])
    if version not in (2, 3) or not 0 < tensors < 100_000 or not 0 < entries < 100_000:
        raise ModelError(f"{path}: a GGUF of a kind that is not supported (version {version}); fetch it again.")
