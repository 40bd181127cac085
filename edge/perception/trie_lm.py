"""Reads and writes PocketSphinx's binary trigram models ("Trie Language Model") as plain numpy arrays.

The layout follows `lm_trie.c`, `lm_trie_quant.c` and `bitarr.c` of cmusphinx/pocketsphinx 5: header, counts, two
quantization tables of 2**16 floats for bigrams and one for trigrams, unigrams {prob, backoff, next}, bit-packed
bigrams {word, prob, backoff, next} and trigrams {word, prob}, the vocabulary. The trie is reversed: below the last
word of an n-gram stands the word before it. Written by hand because the library's own writer crashes on this model.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from edge.errors import ModelError

MAGIC: Final = b"Trie Language Model"
QUANT_16: Final = 1
TABLE: Final = 1 << 16
LOG_BASE: Final = math.log(1.0001)
"""the file holds logarithms to PocketSphinx's default base, 1.0001"""
UNIGRAM: Final = np.dtype([("prob", "<f4"), ("backoff", "<f4"), ("next", "<u4")])

F32 = NDArray[np.float32]
I64 = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Trigrams:
    """A backoff trigram model; probabilities and backoff weights are natural logarithms. V = len(words)."""

    words: list[str]
    """in the order of their ids"""
    uni_prob: F32
    """[V]"""
    uni_backoff: F32
    """[V]"""
    bi_key: I64
    """[n2], sorted: last word * V + word before it"""
    bi_prob: F32
    bi_backoff: F32
    tri_key: I64
    """[n3], sorted: (last * V + before) * V + word before that"""
    tri_prob: F32


def read_trie(path: Path) -> Trigrams:
    """Read a binary model.

    Raises:
        ModelError: missing, cut off, or not a trigram model of this format.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise ModelError(f"language model {path} could not be read ({error.strerror}): check the path") from error
    if not data.startswith(MAGIC + b"\x03"):
        raise ModelError(f"language model {path} is not a PocketSphinx trigram file: give a .lm.bin of order 3")
    try:
        return _parsed(data, path)
    except (ValueError, IndexError) as error:
        raise ModelError(f"language model {path} is cut off or corrupt ({error}): get it again") from error


def _parsed(data: bytes, path: Path) -> Trigrams:
    at = len(MAGIC) + 1
    n1, n2, n3, quant = (int(n) for n in np.frombuffer(data, "<u4", 4, at))
    at += 16
    if quant != QUANT_16:
        raise ModelError(f"language model {path} is quantized in a way this reader does not know")
    tables = np.frombuffer(data, "<f4", 3 * TABLE, at).reshape(3, TABLE) * np.float32(LOG_BASE)
    at += 3 * TABLE * 4
    uni = np.frombuffer(data, UNIGRAM, n1 + 1, at)
    at += uni.nbytes
    word_bits, next_bits = n1.bit_length(), n3.bit_length()
    mid_bits = word_bits + 32 + next_bits
    mid = np.frombuffer(data, np.uint8, _packed_bytes(n2, mid_bits), at)
    at += mid.nbytes
    last = np.frombuffer(data, np.uint8, _packed_bytes(n3, word_bits + 16), at)
    at += last.nbytes
    size = int(np.frombuffer(data, "<u4", 1, at)[0])
    words = data[at + 4 : at + 4 + size].split(b"\0")[:n1]
    if len(words) < n1 or len(data) < at + 4 + size:
        raise ValueError(f"{len(words)} words instead of {n1}")

    n2 = int(uni["next"][-1])  # the header also counts n-grams that were dropped as duplicates
    following = uni["next"].astype(np.int64)
    parent = np.repeat(np.arange(n1), following[1:] - following[:-1])
    bi_key = parent * n1 + _field(mid, n2, mid_bits, 0, word_bits)
    nxt = _field(mid, n2 + 1, mid_bits, word_bits + 32, next_bits)
    n3 = int(nxt[-1])
    tri_key = np.repeat(bi_key, np.diff(nxt)) * n1 + _field(last, n3, word_bits + 16, 0, word_bits)
    tri_key, order = np.unique(tri_key, return_index=True)  # a few stand twice or out of order
    return Trigrams(
        words=[w.decode() for w in words],
        uni_prob=uni["prob"][:n1] * np.float32(LOG_BASE),
        uni_backoff=uni["backoff"][:n1] * np.float32(LOG_BASE),
        bi_key=bi_key,
        bi_prob=tables[0][_field(mid, n2, mid_bits, word_bits + 16, 16)],
        bi_backoff=tables[1][_field(mid, n2, mid_bits, word_bits, 16)],
        tri_key=tri_key,
        tri_prob=tables[2][_field(last, n3, word_bits + 16, word_bits, 16)][order],
    )


def write_trie(model: Trigrams, path: Path) -> None:
    """Write a model that PocketSphinx loads; values are rounded to 2**16 steps spread over their own distribution."""
    n1, n2, n3 = len(model.words), len(model.bi_key), len(model.tri_key)
    word_bits, next_bits = n1.bit_length(), n3.bit_length()
    tables = [_table(model.bi_prob), _table(model.bi_backoff), _table(model.tri_prob)]
    uni = np.zeros(n1 + 1, UNIGRAM)
    uni["prob"][:n1], uni["backoff"][:n1] = model.uni_prob / LOG_BASE, model.uni_backoff / LOG_BASE
    uni["next"] = np.searchsorted(model.bi_key, np.arange(n1 + 1, dtype=np.int64) * n1)
    nxt = np.append(np.searchsorted(model.tri_key, model.bi_key * n1), n3)
    end = np.zeros(1, np.int64)
    middle = [
        (np.append(model.bi_key % n1, end), word_bits),
        (np.append(_nearest(tables[1], model.bi_backoff), end), 16),
        (np.append(_nearest(tables[0], model.bi_prob), end), 16),
        (nxt, next_bits),
    ]
    longest = [(model.tri_key % n1, word_bits), (_nearest(tables[2], model.tri_prob), 16)]
    words = b"".join(w.encode() + b"\0" for w in model.words)
    with path.open("wb") as file:
        file.write(MAGIC + bytes([3]))
        file.write(np.array([n1, n2, n3, QUANT_16], "<u4").tobytes())
        file.write((np.stack(tables) / LOG_BASE).astype("<f4").tobytes())
        file.write(uni.tobytes())
        file.write(_pack(middle, n2 + 1, _packed_bytes(n2, word_bits + 32 + next_bits)))
        file.write(_pack(longest, n3, _packed_bytes(n3, word_bits + 16)))
        file.write(np.array([len(words)], "<u4").tobytes() + words)


def _packed_bytes(entries: int, bits: int) -> int:
    return ((1 + entries) * bits + 7) // 8 + 8


def _field(packed: NDArray[np.uint8], entries: int, stride: int, offset: int, bits: int) -> I64:
    """The `bits` at `offset` of each `stride`-bit entry, as int64[entries]."""
    at = np.arange(entries, dtype=np.int64) * stride + offset
    padded = np.concatenate([packed, np.zeros(8, np.uint8)])
    words = np.lib.stride_tricks.sliding_window_view(padded, 8)[at >> 3].reshape(-1, 8).copy().view("<u8")[:, 0]
    values = (words >> (at & 7).astype(np.uint64)) & np.uint64((1 << bits) - 1)
    return np.asarray(values, np.int64)


def _pack(fields: list[tuple[I64, int]], entries: int, size: int) -> bytes:
    """The inverse of `_field` for all fields of an entry; least significant bit first, in slabs to bound the memory."""
    stride = sum(bits for _, bits in fields)
    out = np.zeros(size, np.uint8)
    slab = 8 * 32_768  # a multiple of 8 entries starts on a byte
    for start in range(0, entries, slab):
        columns = []
        for values, bits in fields:
            chunk = values[start : start + slab].astype("<u8")
            columns.append(np.unpackbits(chunk.view(np.uint8).reshape(-1, 8), axis=1, bitorder="little")[:, :bits])
        packed = np.packbits(np.concatenate(columns, axis=1).reshape(-1), bitorder="little")
        out[start * stride // 8 :][: len(packed)] = packed
    return out.tobytes()


def _table(values: F32) -> F32:
    """2**16 steps, ascending, that follow the values' distribution."""
    distinct = np.unique(values)
    if len(distinct) <= TABLE:
        return np.concatenate(
            [distinct, np.full(TABLE - len(distinct), distinct[-1] if len(distinct) else 0.0)]
        ).astype(np.float32)
    return np.asarray(distinct[np.linspace(0, len(distinct) - 1, TABLE).astype(np.int64)], np.float32)


def _nearest(table: F32, values: F32) -> I64:
    right = np.clip(np.searchsorted(table, values), 1, TABLE - 1)
    return np.where(values - table[right - 1] < table[right] - values, right - 1, right).astype(np.int64)
