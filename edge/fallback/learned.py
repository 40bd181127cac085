"""Learns from judged questions how much a cloud model would gain on a new one, from the question's own words; numpy alone.

Words and pairs of words are hashed and weighted (TF-IDF), projected on the few directions in which the questions differ most
(latent semantic analysis, Deerwester et al. 1990; unjudged questions help to find them), joined with counts of what makes a
question long or technical. A new question gains as the judged ones do that are near it: kernel ridge regression with a
Gaussian kernel (Saunders et al. 1998). A few hundred judged questions are of use. What else is known of a question (how sure
the local model is of its answer) may stand beside its words.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

BUCKETS: Final = 4096
DIRECTIONS: Final = 16
RIDGE: Final = 10.0
WIDTH: Final = 0.5
"""of the kernel: exp(−WIDTH / 2 · distance²)"""
COUNTS_WEIGHT: Final = 0.3
BESIDE_WEIGHT: Final = 1.0
"""more than a count: it is the model's own word on this question"""
_PIECE: Final = re.compile(r"[a-z]+|\d+|[^\sa-z\d]")
_MATH: Final = frozenset("+-*/=^<>")


@dataclass(frozen=True, slots=True)
class Learned:
    """What was learned; a megabyte for a thousand long questions."""

    idf: Floats
    """[BUCKETS]"""
    directions: Floats
    """[BUCKETS, DIRECTIONS]"""
    mean: Floats
    spread: Floats
    """of the counts, [COUNTS and one]"""
    owners: NDArray[np.int32]
    buckets: NDArray[np.int32]
    values: Floats
    """the weighted words of the judged questions: whose, which bucket, how much"""
    dense: Floats
    """the rest of them, [judged, DIRECTIONS + COUNTS + 1]"""
    weights: Floats
    """of the judged questions, [judged]"""
    base: float
    """mean gain of the judged questions"""

    def gain(self, question: str, beside: float = 0.0) -> float:
        """How much more often a cloud model would be right than the local one, about -1..1."""
        return float(self.gains([question], [beside])[0])

    def gains(self, questions: Sequence[str], beside: Sequence[float] = ()) -> Floats:
        """The same for many, float32 [questions]."""
        words = _weighted(_hashed(questions), self.idf)
        dense = _dense(words @ self.directions, _counted(questions, beside), self.mean, self.spread)
        found = [_near(self, w, d) @ self.weights for w, d in zip(words, dense, strict=True)]
        return np.array(found, np.float32) + np.float32(self.base)


def learn(
    questions: Sequence[str],
    gains: Sequence[float],
    unjudged: Sequence[str] = (),
    seed: int = 0,
    beside: Sequence[float] = (),
) -> Learned:
    """Learns from judged questions.

    Args:
        questions: as they were asked.
        gains: of each, cloud's score minus the local model's, -1..1.
        unjudged: more questions of the same kind, to find out in what they differ.
        seed: of the projection's first guess.
        beside: one number for each question, known before its answer; none: 0 for all.
    """
    every = [*questions, *unjudged]
    hashed = _hashed(every)
    seen = (hashed > 0).sum(0)
    idf = np.where(seen < 2, 0.0, np.log((1 + len(every)) / (1 + seen)) + 1).astype(np.float32)
    weighted = _weighted(hashed, idf)
    judged_counts = _counted(questions, beside)
    counts = np.vstack([judged_counts, _counted(unjudged, ())]) if unjudged else judged_counts
    mean, spread = counts.mean(0), counts.std(0) + np.float32(1e-6)
    mean[-1], spread[-1] = judged_counts[:, -1].mean(), judged_counts[:, -1].std() + np.float32(1e-6)
    directions = _directions(weighted, np.random.default_rng(seed))
    words = weighted[: len(questions)]
    dense = _dense(words @ directions, judged_counts, mean, spread)
    wanted = np.asarray(gains, np.float32)
    base = float(wanted.mean())
    both = np.hstack([words, dense])
    squares = (both**2).sum(1)
    near = np.exp(-WIDTH / 2 * np.maximum(squares[:, None] + squares[None] - 2 * both @ both.T, 0))
    weights = np.linalg.solve(near + RIDGE * np.eye(len(near)), wanted - np.float32(base)).astype(np.float32)
    owners, buckets = np.nonzero(words)
    return Learned(
        idf, directions, mean, spread, owners.astype(np.int32), buckets.astype(np.int32), words[owners, buckets], dense,
        weights, base,
    )  # fmt: skip


def _near(learned: Learned, words: Floats, dense: Floats) -> Floats:
    """How near a question is to each judged one, 0..1, float32 [judged]."""
    count = len(learned.weights)
    shared = np.bincount(learned.owners, learned.values * words[learned.buckets], count)
    squares = np.bincount(learned.owners, learned.values**2, count)
    apart = squares + words @ words - 2 * shared + ((learned.dense - dense) ** 2).sum(1)
    near: Floats = np.exp(-WIDTH / 2 * np.maximum(apart, 0)).astype(np.float32)
    return near


def _directions(weighted: Floats, rng: np.random.Generator) -> Floats:
    """The directions of greatest spread, [BUCKETS, DIRECTIONS]: randomized subspace iteration (Halko et al. 2011)."""
    many = min(DIRECTIONS, *weighted.shape)
    guess = rng.standard_normal((weighted.shape[1], many + 12)).astype(np.float32)
    for _ in range(3):
        guess, _ = np.linalg.qr(weighted.T @ (weighted @ guess))
    _, _, turned = np.linalg.svd(weighted @ guess, full_matrices=False)
    found: Floats = (guess @ turned.T)[:, :many].astype(np.float32)
    return found


def _counted(questions: Sequence[str], beside: Sequence[float]) -> Floats:
    """[questions, COUNTS and one]"""
    known = beside or [0.0] * len(questions)
    return np.array([[*_counts(text), own] for text, own in zip(questions, known, strict=True)], np.float32)


def _dense(projected: Floats, counts: Floats, mean: Floats, spread: Floats) -> Floats:
    """What stands beside the words: the directions and the counts, weighted; float32 [questions, DIRECTIONS + COUNTS + 1]"""
    directed = projected / np.maximum(np.linalg.norm(projected, axis=1, keepdims=True), 1e-6)
    told = COUNTS_WEIGHT * (counts - mean) / spread
    told[:, -1] *= BESIDE_WEIGHT / COUNTS_WEIGHT
    joined: Floats = np.hstack([directed, told]).astype(np.float32)
    return joined


def _hashed(questions: Sequence[str]) -> Floats:
    """How often each bucket's words and pairs of words are there, [questions, BUCKETS]."""
    out = np.zeros((len(questions), BUCKETS), np.float32)
    for row, text in zip(out, questions, strict=True):
        pieces = _PIECE.findall(text.lower())
        for piece in (*pieces, *(f"{a} {b}" for a, b in pairwise(pieces))):
            row[zlib.crc32(piece.encode()) % BUCKETS] += 1
    return out


def _weighted(words: Floats, idf: Floats) -> Floats:
    weighted: Floats = np.log1p(words) * idf
    weighted /= np.maximum(np.linalg.norm(weighted, axis=1, keepdims=True), 1e-6)
    return weighted


def _counts(text: str) -> list[float]:
    """What makes a question long or technical."""
    words = text.split() or [""]
    long = max(1, len(text))
    digits = sum(c.isdigit() for c in text)
    return [
        np.log1p(len(text)), np.log1p(len(words)), np.log1p(digits), digits / long, np.log1p(text.count("\n")),
        np.log1p(sum(c in _MATH for c in text)), sum(map(len, words)) / len(words), text.count(","), text.count("."),
        text.count("?"), text.count("_"), text.count("$"), sum(c.isupper() for c in text) / long,
        len(set(words)) / len(words),
    ]  # fmt: skip
