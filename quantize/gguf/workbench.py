"""The float model on the bench: any plan is tried in memory, on the real kernels, and its divergence measured."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from typing import Final, Self

import numpy as np

from quantize.gguf import measure, plan
from quantize.gguf.exchange import Exchange
from quantize.gguf.header import Header, Tensor
from quantize.gguf.measure import Reference
from quantize.gguf.network import Network
from quantize.gguf.passage import Room
from quantize.gguf.types import NEEDS_IMATRIX
from quantize.gguf.weights import Bytes, Floats, as_floats, dequantize, quantize

_CACHE_BYTES: Final = 512 * 1024 * 1024
"""of quantized tensors that are kept"""
_SAMPLED_ROWS: Final = 64


class Workbench:
    """Holds the loaded float model; close it, or use it in a `with`."""

    def __init__(self, header: Header, importance: Mapping[str, Floats], room: Room, threads: int = 1) -> None:
        """Loads the model with weights that can be exchanged.

        Args:
            header: of the float file.
            importance: mean squares of the inputs of each weight.
            room: for the passages that will be read.
            threads: to decode and quantize with.

        Raises:
            InputError, ToolError: see `Network` and `Exchange`.
        """
        self.header = header
        self.importance = importance
        self.tensors: Mapping[str, Tensor] = {t.name: t for t in plan.quantizable(header)}
        self._threads = threads
        self.network = Network(header.path, exchangeable=True)
        self._exchange = Exchange(header, self.network, self.tensors)
        self.room = room
        self.session = self.network.session(room.tokens, threads, sequences=room.branches)
        self._current: dict[str, str] = {}
        self._cache: OrderedDict[tuple[str, str], Bytes] = OrderedDict()
        self._cached_bytes = 0
        self._floats: tuple[str, Floats] | None = None

    @property
    def unread(self) -> list[str]:
        """Tensors that the network never reads: what they become changes nothing."""
        return self._exchange.missing

    def apply(self, choice: plan.Choice) -> None:
        """From now on the model runs with these types, all others as in the file."""
        for name in [n for n in self._current if choice.get(n) != self._current[n]]:
            self._exchange.restore(name)
            del self._current[name]
        for name, kind in choice.items():
            if kind != self.tensors[name].type.name and self._current.get(name) != kind:
                self._exchange.put(name, kind, self.quantized(name, kind))
                self._current[name] = kind

    def divergence(self, choice: plan.Choice, reference: Reference) -> float:
        """Mean KL of a plan, nats."""
        self.apply(choice)
        return measure.mean_kl(self.session, reference)

    def quantized(self, name: str, kind: str) -> Bytes:
        """The tensor's bytes in a type, as they would lie in the file."""
        key = (name, kind)
        if key in self._cache:
            self._cache.move_to_end(key)
            return self._cache[key]
        data = quantize(self._as_floats(name), kind, self.importance.get(name), self._threads)
        self._cache[key] = data
        self._cached_bytes += data.nbytes
        while self._cached_bytes > _CACHE_BYTES and len(self._cache) > 1:
            _, dropped = self._cache.popitem(last=False)
            self._cached_bytes -= dropped.nbytes
        return data

    def error(self, name: str, kind: str) -> float:
        """Relative squared error of the weights, columns weighted by their importance: a hint that costs no pass.

        Of some rows only, spread over the tensor: the small types take seconds for a million weights.
        """
        values = self._as_floats(name)
        weight = self.importance.get(name)
        if weight is not None and weight.ndim > 1:
            weight = None
        some = np.ascontiguousarray(values[:: max(len(values) // _SAMPLED_ROWS, 1)])
        if weight is None and kind in NEEDS_IMATRIX:
            weight = np.ones(some.shape[1], np.float32)
        difference = dequantize(quantize(some, kind, weight), kind, *some.shape) - some
        column = np.ones(some.shape[1]) if weight is None else weight.astype(np.float64)
        signal = float((np.square(some).sum(0, dtype=np.float64) * column).sum())
        return float((np.square(difference).sum(0, dtype=np.float64) * column).sum()) / max(signal, 1e-30)

    def _as_floats(self, name: str) -> Floats:
        if self._floats is None or self._floats[0] != name:
            self._floats = (name, as_floats(self.header, self.tensors[name]))
        return self._floats[1]

    def close(self) -> None:
        self.session.close()
        self.network.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
