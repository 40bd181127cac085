"""How far a model is from the float model: KL divergence, changed first choices, perplexity, each token by token.

KL(p‖q) of one token is Σ p·(ln p − ln q) over the vocabulary, in nats, p the float model's. It is summed as
Σ (q − p − p·ln(q/p)), which is the same because both sum to one, and in which the rounding of float32 cancels.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from quantize.gguf.network import Session
from quantize.gguf.passage import Passage
from quantize.gguf.weights import Floats
from quantize.progress import Bar, silent

_MEMORY_BYTES: Final = 384 * 1024 * 1024
"""for the log-probabilities of the float model"""
_DRAWS: Final = 400


@dataclass(frozen=True, slots=True)
class Reference:
    """What the float model says of a text."""

    passages: tuple[Passage, ...]
    log_probabilities: tuple[Floats, ...]
    """of each passage, float32 [predictions that count, vocabulary]"""

    @property
    def counted(self) -> int:
        return sum(p.counted for p in self.passages)

    def part(self, most: int) -> Reference:
        """The first passages, with about so many tokens."""
        count, total = 0, 0
        for passage in self.passages:
            if count and total + len(passage) > most:
                break
            count, total = count + 1, total + len(passage)
        return Reference(self.passages[:count], self.log_probabilities[:count])


@dataclass(frozen=True, slots=True)
class Divergence:
    """Of one model from the float model, for each token of the text."""

    kl: NDArray[np.float64]
    """nats"""
    flips: NDArray[np.bool_]
    """the likeliest next token is another one"""
    surprise: NDArray[np.float64]
    """negative log-likelihood of the token that really follows, nats; where one follows"""
    lengths: tuple[int, ...]
    """predictions of each passage"""

    @property
    def mean(self) -> float:
        return float(self.kl.mean())

    @property
    def p99(self) -> float:
        return float(np.quantile(self.kl, 0.99))

    @property
    def flip_rate(self) -> float:
        return float(self.flips.mean())

    @property
    def perplexity(self) -> float:
        return math.exp(min(float(self.surprise.mean()), 700.0)) if len(self.surprise) else math.nan

    def interval(self, seed: int = 0) -> tuple[float, float]:
        """95 % bootstrap interval of the mean; passages are drawn, because tokens of one are alike."""
        ends = np.cumsum(self.lengths)
        sums = np.array([self.kl[end - n : end].sum() for end, n in zip(ends, self.lengths, strict=True)])
        drawn = np.random.default_rng(seed).integers(0, len(sums), (_DRAWS, len(sums)))
        means = sums[drawn].sum(1) / np.array(self.lengths)[drawn].sum(1)
        low, high = np.quantile(means, (0.025, 0.975))
        return float(low), float(high)

    def figures(self) -> dict[str, float]:
        """Under the names of `--json`."""
        low, high = self.interval()
        return {
            "kl_mean": self.mean, "kl_low": low, "kl_high": high, "kl_p99": self.p99,
            "top1_flip": self.flip_rate, "perplexity": self.perplexity,
        }  # fmt: skip


def most_tokens(vocabulary: int) -> int:
    """Tokens of text whose log-probabilities are kept at most."""
    return max(_MEMORY_BYTES // (4 * vocabulary), 64)


def log_softmax(logits: Floats) -> Floats:
    """Row by row; float32 in and out."""
    shifted: Floats = logits - logits.max(1, keepdims=True)
    shifted -= np.log(np.exp(shifted).sum(1, keepdims=True, dtype=np.float32))
    return shifted


def refer(session: Session, passages: Sequence[Passage], progress: Bar = silent) -> Reference:
    """Runs the float model over the text."""
    found = []
    for passage in passages:
        found.append(log_softmax(session.logits(passage)))
        progress(1)
    return Reference(tuple(passages), tuple(found))


def mean_kl(session: Session, reference: Reference) -> float:
    """Mean KL over all tokens, nats; the quick form, for candidates."""
    total = sum(
        float(_kl(p, log_softmax(session.logits(passage))).sum())
        for passage, p in zip(reference.passages, reference.log_probabilities, strict=True)
    )
    return total / reference.counted


def diverge(session: Session, reference: Reference, progress: Bar = silent) -> Divergence:
    """Everything, token by token."""
    kls, flips, surprises = [], [], []
    for passage, p in zip(reference.passages, reference.log_probabilities, strict=True):
        q = log_softmax(session.logits(passage))
        kls.append(_kl(p, q))
        flips.append(p.argmax(1) != q.argmax(1))
        after = passage.followers()
        known = np.flatnonzero(after >= 0)
        surprises.append(-q[known, after[known]].astype(np.float64))
        progress(1)
    return Divergence(
        np.concatenate(kls),
        np.concatenate(flips),
        np.concatenate(surprises),
        tuple(p.counted for p in reference.passages),
    )


def _kl(p_log: Floats, q_log: Floats) -> NDArray[np.float64]:
    """Of each token, nats, never negative."""
    p = np.exp(p_log)
    terms = np.exp(q_log)
    terms -= p
    terms -= p * (q_log - p_log)
    kl: NDArray[np.float64] = np.maximum(terms.sum(1, dtype=np.float64), 0.0)
    return kl
