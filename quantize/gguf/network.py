"""A loaded model: tokens in, log-probabilities out. Activations can be watched, weights exchanged (`exchange.py`)."""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Self

import numpy as np
from numpy.typing import NDArray

from quantize.errors import InputError, ToolError
from quantize.gguf import llama
from quantize.gguf.passage import Passage, Tokens
from quantize.gguf.tensor import GgmlTensor
from quantize.gguf.types import BY_NAME
from quantize.gguf.weights import Floats


@dataclass(frozen=True, slots=True)
class Watch:
    """Who wants to see the operations that read weights."""

    call: Callable[[str, GgmlTensor], None]
    """with the weight's name and the operation"""
    with_results: bool
    """after it was computed, its inputs in memory; otherwise when the pass is planned, which costs nothing"""


_LOAD_NONE: Final = 0
_LOAD_MMAP: Final = 1
_FLASH_ATTENTION: Final = 1


class Network:
    """A model in memory; close it, or use it in a `with`."""

    def __init__(self, path: Path, *, exchangeable: bool = False, repacked: bool = True) -> None:
        """Loads a file that `header.read` and `trial.run` have passed.

        Args:
            path: the GGUF file.
            exchangeable: its weights shall be exchanged.
            repacked: llama.cpp may lay weights out for this processor, as it does by default.

        Raises:
            InputError: llama.cpp refuses it.
        """
        self.path = path
        self._library = llama.library()
        params = self._library.llama.llama_model_default_params()
        params.n_gpu_layers = 0
        params.load_mode = _LOAD_NONE if exchangeable else _LOAD_MMAP
        params.use_extra_bufts = repacked and not exchangeable
        self._library.said.clear()
        self._model = self._library.llama.llama_model_load_from_file(str(path).encode(), params)
        if not self._model:
            raise InputError(f"{path}: llama.cpp cannot load it ({self._library.last_words() or 'no reason given'})")
        self._vocab = self._library.llama.llama_model_get_vocab(self._model)
        self.vocabulary: int = self._library.llama.llama_vocab_n_tokens(self._vocab)
        self.longest: int = self._library.llama.llama_model_n_ctx_train(self._model)
        """tokens of context that it was trained for"""

    def tokens(self, text: str, *, with_start: bool) -> Tokens:
        """Tokens of a text, marks such as <s> read as what they mean; with the model's own start token where it has one."""
        raw_text = text.encode()
        room = len(raw_text) + 8
        for _ in range(2):
            out = (ctypes.c_int32 * room)()
            count = self._library.llama.llama_tokenize(
                self._vocab, raw_text, len(raw_text), out, room, with_start, True
            )
            if count >= 0:
                break
            room = -count  # SentencePiece makes three bytes of a space
        else:
            raise InputError(f"{self.path}: its tokenizer cannot read the text; export the model again")
        return np.array(out[:count], np.int32)

    @property
    def start_token(self) -> int | None:
        """What the model expects before every text; None where it expects nothing."""
        functions = self._library.llama
        return int(functions.llama_vocab_bos(self._vocab)) if functions.llama_vocab_get_add_bos(self._vocab) else None

    def session(
        self,
        context: int,
        threads: int = 1,
        cache: tuple[str, str] = ("F16", "F16"),
        watch: Watch | None = None,
        sequences: int = 1,
    ) -> Session:
        """A session of its own over the shared weights; see `Session`."""
        return Session(self._library, self._model, self.vocabulary, context, threads, cache, watch, sequences)

    def close(self) -> None:
        if self._model:
            self._library.llama.llama_model_free(self._model)
            self._model = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class Session:
    """One context: decodes one sequence after another."""

    def __init__(
        self,
        library: llama.Library,
        model: Any,
        vocabulary: int,
        context: int,
        threads: int,
        cache: tuple[str, str],
        watch: Watch | None,
        sequences: int,
    ) -> None:
        """Opens a context.

        Args:
            library: what `llama.library` returned.
            model: the loaded model.
            vocabulary: number of tokens that it knows.
            context: longest sequence, in tokens.
            threads: that decode.
            cache: types of the keys and the values in the KV cache.
            watch: called for each operation that reads a weight.
            sequences: branches of one passage at most.

        Raises:
            InputError: llama.cpp cannot make a context of it.
        """
        self._library, self._llama = library, library.llama
        self.vocabulary = vocabulary
        self.context = context
        params = self._llama.llama_context_default_params()
        params.n_ctx = params.n_batch = params.n_ubatch = context
        params.n_seq_max, params.kv_unified = sequences, True
        params.n_threads = params.n_threads_batch = threads
        params.type_k, params.type_v = (BY_NAME[kind].id for kind in cache)
        params.no_perf = True
        if cache != ("F16", "F16"):
            params.flash_attn_type = _FLASH_ATTENTION  # a quantized V cache needs it
        self._hook = llama.EvalCallback(_watching(library, watch)) if watch else None
        if self._hook:
            params.cb_eval = ctypes.cast(self._hook, type(params.cb_eval))
        library.said.clear()
        self._context = self._llama.llama_init_from_model(model, params)
        if not self._context:
            words = library.last_words() or "no reason given"
            raise InputError(f"llama.cpp cannot open a context of {context} tokens for this model ({words})")
        self._memory = self._llama.llama_get_memory(self._context)
        self._batch = self._llama.llama_batch_init(context, 0, sequences)
        self._length = 0

    def logits(self, passage: Passage) -> Floats:
        """What the model predicts where the passage counts; float32 [predictions, vocabulary], valid until the next call.

        Raises:
            ToolError: llama.cpp could not decode it.
        """
        self.forget()
        shared = list(range(max(passage.branches, 1)))
        owners = [shared if n == 0 else [n - 1] for n in passage.branch.tolist()]
        self._decode(passage.tokens, passage.positions(), owners, passage.counts)
        pointer = self._llama.llama_get_logits(self._context)
        return np.ctypeslib.as_array(pointer, (passage.counted, self.vocabulary))

    def step(self, token: int) -> None:
        """Decodes one more token, as when an answer is written."""
        self._append(np.array([token], np.int32))

    def prefill(self, tokens: Tokens) -> None:
        """Decodes a sequence from its beginning, with one output at its end, as when a prompt is read."""
        self.forget()
        self._append(tokens)

    def forget(self) -> None:
        """The next token begins a new sequence."""
        self._llama.llama_memory_clear(self._memory, False)
        self._length = 0

    def _append(self, tokens: Tokens) -> None:
        count = len(tokens)
        places = np.arange(self._length, self._length + count, dtype=np.int32)
        self._decode(tokens, places, [[0]] * count, np.arange(count) == count - 1)
        self._length += count

    def _decode(
        self, tokens: Tokens, places: NDArray[np.int32], owners: Sequence[Sequence[int]], wanted: NDArray[np.bool_]
    ) -> None:
        count, batch = len(tokens), self._batch
        batch.n_tokens = count
        np.ctypeslib.as_array(batch.token, (count,))[:] = tokens
        np.ctypeslib.as_array(batch.pos, (count,))[:] = places
        np.ctypeslib.as_array(batch.logits, (count,))[:] = wanted
        for n, sequences in enumerate(owners):
            batch.n_seq_id[n] = len(sequences)
            for k, sequence in enumerate(sequences):
                batch.seq_id[n][k] = sequence
        self._library.said.clear()
        result = self._llama.llama_decode(self._context, batch)
        if result != 0:
            raise ToolError(
                f"llama.cpp could not decode {count} tokens (result {result}; {self._library.last_words()})"
            )
        self._llama.llama_synchronize(self._context)

    def close(self) -> None:
        if self._context:
            self._llama.llama_batch_free(self._batch)
            self._llama.llama_free(self._context)
            self._context = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _watching(library: llama.Library, watch: Watch) -> Callable[[Any, bool, Any], bool]:
    """The callback of the scheduler: asks for the operations that read weights, and passes them on."""
    wanted = set(library.operations.values())

    def hook(pointer: Any, asks: bool, _: object) -> bool:
        operation = pointer.contents
        if operation.op not in wanted:
            return not asks
        name = operation.src[0].contents.name.decode(errors="replace")
        if not name.endswith("weight"):
            return not asks
        if asks != watch.with_results:
            watch.call(name, operation)
        return watch.with_results or not asks

    return hook
