"""Mixes a general trigram model with one of the assistant's own phrases, so that both kinds of speech are heard.

Linear interpolation P(w|h) = a·P_phrases + (1 − a)·P_general over the n-grams of both, backoff weights made anew so
that each context sums to one (as SRILM's `ngram -mix-lm` does). `a` is the given weight in contexts that the phrases
know and 0 elsewhere: with one weight everywhere, words of the phrases crept into all other speech (WER of read prose
0.31 → 0.39). P_phrases is Witten–Bell smoothed (Bell, Cleary, Witten 1990) without a floor: words that no phrase has
get nothing from it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from edge.perception.trie_lm import F32, I64, Trigrams

F64 = NDArray[np.float64]

UNIGRAM_SHARE: Final = 0.1
"""of the weight, where no context is left: enough that a new word can be heard at all"""


@dataclass(frozen=True, slots=True)
class _Level:
    """One order of an interpolated model: sorted keys (last word first), P of each, and the share that each context
    leaves to the order below."""

    key: I64
    prob: F64
    context: I64
    """sorted keys of the contexts, most recent word first"""
    rest: F64


def mix(general: Trigrams, sentences: Sequence[Sequence[str]], weight: float) -> Trigrams:
    """The general model with the sentences' n-grams mixed in.

    Words that the general model lacks are added. `weight` is the share of the sentences' model, 0..1.
    """
    new = sorted({w for s in sentences for w in s} - set(general.words))
    words = sorted([*general.words, *new], key=str.encode)
    v = len(words)
    place = {w: i for i, w in enumerate(words)}
    general = _renumbered(general, np.array([place[w] for w in general.words], np.int64), words)
    ids = [[place["<s>"], *(place[w] for w in s), place["</s>"]] for s in sentences]
    uni, bi, tri = _witten_bell(ids, v)

    share = weight * UNIGRAM_SHARE
    uni_prob = share * uni + (1 - share) * np.exp(general.uni_prob.astype(np.float64))
    bi_key = np.union1d(general.bi_key, bi.key)
    last, before = bi_key // v, bi_key % v
    bi_general = _backed_off(
        general.bi_key, general.bi_prob, bi_key, general.uni_prob[last], general.uni_backoff[before]
    )
    bi_phrases = _interpolated(bi, bi_key, before, uni[last])
    bi_prob = _mixed(bi_phrases, np.exp(bi_general), weight * _find(bi.context, before)[0])

    tri_key = np.union1d(general.tri_key, tri.key)
    pair = tri_key // v  # last word and the word before it: the bigram to back off to
    context = (pair % v) * v + tri_key % v  # as a bigram key: the word before the last, then the one before that
    lower = np.searchsorted(bi_key, pair)
    backoff = _lookup(general.bi_key, general.bi_backoff, context)
    tri_general = _backed_off(general.tri_key, general.tri_prob, tri_key, bi_general[lower], backoff)
    tri_phrases = _interpolated(tri, tri_key, context, bi_phrases[lower])
    tri_prob = _mixed(tri_phrases, np.exp(tri_general), weight * _find(tri.context, context)[0])

    uni_backoff = _backoff_weights(before, bi_prob, uni_prob[last], v)
    bi_backoff = _backoff_weights(np.searchsorted(bi_key, context), tri_prob, bi_prob[lower], len(bi_key))
    return Trigrams(
        words, _log(uni_prob), _log(uni_backoff), bi_key, _log(bi_prob), _log(bi_backoff), tri_key, _log(tri_prob)
    )


def _mixed(phrases: F64, general: F64, share: NDArray[np.floating]) -> F64:
    return share * phrases + (1 - share) * general


def _renumbered(model: Trigrams, place: I64, words: list[str]) -> Trigrams:
    """The same model with its words at other places; `place[old id] = new id`."""
    old, v = len(place), len(words)
    uni_prob, uni_backoff = np.full(v, -99.0, np.float32), np.zeros(v, np.float32)
    uni_prob[place], uni_backoff[place] = model.uni_prob, model.uni_backoff
    bi = place[model.bi_key // old] * v + place[model.bi_key % old]
    pair = model.tri_key // old
    tri = (place[pair // old] * v + place[pair % old]) * v + place[model.tri_key % old]
    by_bi, by_tri = np.argsort(bi), np.argsort(tri)
    return Trigrams(
        words, uni_prob, uni_backoff, bi[by_bi], model.bi_prob[by_bi], model.bi_backoff[by_bi],
        tri[by_tri], model.tri_prob[by_tri],
    )  # fmt: skip


def _witten_bell(sentences: list[list[int]], v: int) -> tuple[F64, _Level, _Level]:
    """Unigram P[v], bigram and trigram levels of the sentences."""
    flat = np.array([w for s in sentences for w in s[1:]] or [0], np.int64)
    counts = np.bincount(flat, minlength=v).astype(np.float64)
    uni = counts / counts.sum() if sentences else np.zeros(v)
    bi_grams = np.array([s[i] * v + s[i - 1] for s in sentences for i in range(1, len(s))], np.int64)
    tri_grams = np.array([(s[i] * v + s[i - 1]) * v + s[i - 2] for s in sentences for i in range(2, len(s))], np.int64)
    bi = _level(bi_grams, lambda key: key % v, lambda key: uni[key // v])
    tri = _level(
        tri_grams,
        lambda key: (key // v % v) * v + key % v,
        lambda key: bi.prob[np.searchsorted(bi.key, key // v)],
    )
    return uni, bi, tri


def _level(grams: I64, context_of: Callable[[I64], I64], lower_of: Callable[[I64], F64]) -> _Level:
    """P(w|h) = (c(hw) + T(h)·P(w|h')) / (c(h) + T(h)), T(h) the number of kinds of words after h."""
    key, count = np.unique(grams, return_counts=True)
    context, at, kinds = np.unique(context_of(key), return_inverse=True, return_counts=True)
    total = np.bincount(at, weights=count, minlength=len(context))
    rest = kinds / (total + kinds) if len(context) else np.zeros(0)
    prob = count / (total + kinds)[at] + rest[at] * lower_of(key)
    return _Level(key, prob, context, rest)


def _interpolated(level: _Level, key: I64, context: I64, lower: F64) -> F64:
    """P of each n-gram of `key` in the phrase model."""
    prob = lower * _lookup(level.context, level.rest, context, missing=1.0)
    found, at = _find(level.key, key)
    prob[found] = level.prob[at[found]]
    return prob


def _backed_off(keys: I64, logs: F32, key: I64, lower: NDArray[np.floating], backoff: F32) -> F64:
    """log P of each n-gram of `key` in the general model."""
    out = (lower + backoff).astype(np.float64)
    found, at = _find(keys, key)
    out[found] = logs[at[found]]
    return out


def _backoff_weights(context: I64, prob: F64, lower: F64, n: int) -> F64:
    """(1 − ΣP(w|h)) / (1 − ΣP(w|h')) over the words w seen after each of the n contexts h; 1 where none was seen."""
    left = 1 - np.bincount(context, weights=prob, minlength=n)
    below = 1 - np.bincount(context, weights=lower, minlength=n)
    return np.clip(left, 1e-4, None) / np.clip(below, 1e-4, None)


def _find(keys: I64, wanted: I64) -> tuple[NDArray[np.bool_], I64]:
    """Which of `wanted` are in the sorted `keys`, and where."""
    if not len(keys):
        return np.zeros(len(wanted), bool), np.zeros(len(wanted), np.int64)
    at = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
    return keys[at] == wanted, at


def _lookup(keys: I64, values: NDArray[np.floating], wanted: I64, missing: float = 0.0) -> F32:
    found, at = _find(keys, wanted)
    return np.where(found, values[at] if len(values) else missing, missing).astype(np.float32)


def _log(prob: F64) -> F32:
    return np.log(np.maximum(prob, 1e-43)).astype(np.float32)
