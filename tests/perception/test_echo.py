"""The far end is taken out of the microphone: at any delay, without spoiling near speech, and only while it matters."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from edge.clock import S
from edge.perception.echo import TAIL, EchoCanceller
from edge.types import AudioChunk, Played

RATE_HZ = 16_000
BLOCK = 1_280
SECONDS = 4


def speech_like(seed: int, seconds: float = SECONDS) -> np.ndarray:
    """Noise in syllables, int16."""
    rng = np.random.default_rng(seed)
    count = int(seconds * RATE_HZ)
    envelope = np.repeat(rng.uniform(0, 1, count // 1_600 + 1) > 0.3, 1_600)[:count]
    smooth = np.convolve(rng.normal(0, 1, count + 8), np.hanning(9), "valid")
    return (2_000 * smooth / smooth.std() * envelope).astype(np.int16)


def room(far: np.ndarray, delay: int) -> np.ndarray:
    response = np.random.default_rng(9).normal(0, 1, 1_600) * np.exp(-np.arange(1_600) / 300)
    response[0] = 6
    response *= 0.5 / np.sqrt(np.square(response).sum())
    return np.concatenate([np.zeros(max(delay, 0)), np.convolve(far, response)])[: len(far)].astype(np.int16)


def cleaned(canceller: EchoCanceller, mic: np.ndarray, far: np.ndarray, late: int = 0) -> np.ndarray:
    """The far end's stamps are `late` samples too early."""
    out = []
    for at in range(0, len(mic) - BLOCK + 1, BLOCK):
        if len(far):
            canceller.far(Played(S + (at - late) * S // RATE_HZ, far[at : at + BLOCK], RATE_HZ))
        chunk, _ = canceller.clean(AudioChunk(S + at * S // RATE_HZ, mic[at : at + BLOCK].copy(), RATE_HZ))
        out.append(chunk.samples)
    return np.concatenate(out)


def power_db(samples: np.ndarray) -> float:
    return float(10 * np.log10(np.mean(np.square(samples.astype(np.float64))) + 1e-3))


@pytest.mark.parametrize("delay_ms", [0, 30, 200])
def test_echo_is_gone_whatever_its_delay(delay_ms: int) -> None:
    far = speech_like(0)
    mic = room(far, delay_ms * 16)
    out = cleaned(EchoCanceller(), mic, far)
    half = len(out) // 2
    assert power_db(mic[half:]) - power_db(out[half:]) > 25


def test_the_person_is_heard_over_the_voice() -> None:
    far, near = speech_like(0), speech_like(1)
    near[: 2 * RATE_HZ] = 0
    out = cleaned(EchoCanceller(), room(far, 160) + near, far)
    piece, wanted = out[2 * RATE_HZ :], near[2 * RATE_HZ : len(out)]
    assert abs(power_db(piece) - power_db(wanted)) < 6
    assert float(np.corrcoef(piece, wanted)[0, 1]) > 0.8


def test_both_at_once_do_not_spoil_the_filter() -> None:
    far, near = speech_like(0, 6), speech_like(1, 6)
    near[: 2 * RATE_HZ] = 0
    near[4 * RATE_HZ :] = 0
    mic = room(far, 160) + near
    out = cleaned(EchoCanceller(), mic, far)
    late = slice(int(4.6 * RATE_HZ), len(out))
    assert power_db(mic[late]) - power_db(out[late]) > 25


def test_while_nothing_is_played_sound_goes_through_untouched() -> None:
    mic = speech_like(2, 1)
    canceller = EchoCanceller()
    chunk = AudioChunk(5 * S, mic, RATE_HZ)
    out, blocks = canceller.clean(chunk)
    assert blocks == 0 and out.t_ns == chunk.t_ns and np.array_equal(out.samples, mic)


def test_no_sample_is_lost_or_moved_when_it_begins_and_ends() -> None:
    canceller, far = EchoCanceller(), speech_like(0, 1)
    mic = speech_like(3, 4)
    chunks = []
    for at in range(0, len(mic) - BLOCK + 1, BLOCK):
        if 12_800 <= at < 25_600:
            canceller.far(Played(S + at * S // RATE_HZ, far[:BLOCK], RATE_HZ))
        out, _ = canceller.clean(AudioChunk(S + at * S // RATE_HZ, mic[at : at + BLOCK].copy(), RATE_HZ))
        chunks.append(out)
    kept = [c for c in chunks if len(c.samples)]
    assert all(abs(b.t_ns - a.end_ns) < 2_000 for a, b in pairwise(kept))
    assert sum(len(c.samples) for c in kept) == len(mic) // BLOCK * BLOCK
    after = int(25_600 + TAIL + 2 * BLOCK)
    whole = np.concatenate([c.samples for c in kept])
    assert np.array_equal(whole[after:], mic[after : len(whole)])
