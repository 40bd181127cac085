"""Learns from judged questions how much a cloud model would gain on a new one, from the question's own words; numpy alone.

Words and pairs of words are hashed and weighted (TF-IDF), projected on the few directions in which the questions differ most
(latent semantic analysis, Deerwester et al. 1990; unjudged questions help to find them), joined with counts of what makes a
question long or technical, and a ridge regression on the gain is solved. A few hundred judged questions are of use.
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
RIDGE: Final = 100.0
COUNTS_WEIGHT: Final = 0.3
WORDS_WEIGHT: Final = 4.0
_PIECE: Final = re.compile(r"[a-z]+|\d+|[^\sa-z\d]")
_MATH: Final = frozenset("+-*/=^<>")


@dataclass(frozen=True, slots=True)
class Learned:
    """What was learned; under half a megabyte."""

    idf: Floats
    """[BUCKETS]"""
    directions: Floats
    """[BUCKETS, DIRECTIONS]"""
    mean: Floats
    spread: Floats
    """of the counts, [COUNTS]"""
    weights: Floats
    """[DIRECTIONS + COUNTS]"""
    base: float
    """mean gain of the judged questions"""

    def gain(self, question: str) -> float:
        """How much more often a cloud model would be right than the local one, about -1..1."""
        return float(self.gains([question])[0])

    def gains(self, questions: Sequence[str]) -> Floats:
        """The same for many, float32 [questions]."""
        found: Floats = _features(self, questions) @ self.weights + np.float32(self.base)
        return found


def learn(questions: Sequence[str], gains: Sequence[float], unjudged: Sequence[str] = (), seed: int = 0) -> Learned:
    """Learns from judged questions.

    Args:
        questions: as they were asked.
        gains: of each, cloud's score minus the local model's, -1..1.
        unjudged: more questions of the same kind, to find out in what they differ.
        seed: of the projection's first guess.
    """
    every = [*questions, *unjudged]
    words = _hashed(every)
    seen = (words > 0).sum(0)
    idf = np.where(seen < 2, 0.0, np.log((1 + len(every)) / (1 + seen)) + 1).astype(np.float32)
    weighted = _weighted(words, idf)
    counts = np.array([_counts(text) for text in every], np.float32)
    mean, spread = counts.mean(0), counts.std(0) + np.float32(1e-6)
    directions = _directions(weighted, np.random.default_rng(seed))
    blank = Learned(idf, directions, mean, spread, np.zeros(directions.shape[1] + len(mean), np.float32), 0.0)
    features = _joined(blank, weighted[: len(questions)], counts[: len(questions)])
    wanted = np.asarray(gains, np.float32)
    base = float(wanted.mean())
    gram = features.T @ features + RIDGE * np.eye(features.shape[1], dtype=np.float32)
    weights = np.linalg.solve(gram, features.T @ (wanted - np.float32(base))).astype(np.float32)
    return Learned(idf, directions, mean, spread, weights, base)


def _directions(weighted: Floats, rng: np.random.Generator) -> Floats:
    """The directions of greatest spread, [BUCKETS, DIRECTIONS]: randomized subspace iteration (Halko et al. 2011)."""
    many = min(DIRECTIONS, *weighted.shape)
    guess = rng.standard_normal((weighted.shape[1], many + 12)).astype(np.float32)
    for _ in range(3):
        guess, _ = np.linalg.qr(weighted.T @ (weighted @ guess))
    _, _, turned = np.linalg.svd(weighted @ guess, full_matrices=False)
    found: Floats = (guess @ turned.T)[:, :many].astype(np.float32)
    return found


def _features(learned: Learned, questions: Sequence[str]) -> Floats:
    counts = np.array([_counts(text) for text in questions], np.float32)
    return _joined(learned, _weighted(_hashed(questions), learned.idf), counts)


def _joined(learned: Learned, weighted: Floats, counts: Floats) -> Floats:
    projected = weighted @ learned.directions
    projected /= np.maximum(np.linalg.norm(projected, axis=1, keepdims=True), 1e-6)
    joined: Floats = np.hstack(
        [WORDS_WEIGHT * projected, COUNTS_WEIGHT * (counts - learned.mean) / learned.spread]
    ).astype(np.float32)
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
