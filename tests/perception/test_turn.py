"""The turn detector that listens: Whisper's features, and a network of the right shape or a sentence that says so."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from edge.errors import ModelError
from edge.perception import turn_smart
from edge.perception.log_mel import BANDS, log_mel
from tests.perception.test_wake import classifier_onnx


def tone(hz: float, seconds: float = 1.0) -> np.ndarray:
    """A sine of half the full scale."""
    return (16_000 * np.sin(2 * np.pi * hz * np.arange(int(16_000 * seconds)) / 16_000)).astype(np.int16)


@pytest.mark.parametrize(("hz", "band"), [(300, 7), (1000, 26), (4000, 62)])
def test_a_tone_is_loudest_in_its_band(hz: float, band: int) -> None:
    """Slaney's scale: 15 mel at 1 kHz, 27 more for each factor of 6.4; 80 triangles up to 8 kHz."""
    found = log_mel(tone(hz).astype(np.float32) / 32768)
    assert found.shape == (BANDS, 100)
    assert abs(int(found[:, 50].argmax()) - band) <= 1
    assert found.max() - found.min() == pytest.approx(2.0, abs=1e-6)  # 80 dB below the loudest is silence


def test_a_short_turn_is_padded_in_front_and_a_long_one_loses_its_begin() -> None:
    """The end of the turn is what counts."""
    short, long = turn_smart.features(tone(500, 1)), turn_smart.features(tone(500, 20))
    assert short.shape == long.shape == (80, 800)
    assert short[:, :690].max() < short[:, 720:].max() - 0.5
    assert np.allclose(long, turn_smart.features(tone(500, 20)[-128_000:]))


@pytest.fixture
def network(tmp_path: Path) -> Path:
    """Sure of any turn that ends loud in low bands."""
    weights = np.zeros((80, 800))
    weights[:10, 780:] = 0.1
    path = tmp_path / "turn.onnx"
    path.write_bytes(classifier_onnx(weights, 0.0))
    return path


def test_the_network_decides_unless_something_must_follow(network: Path) -> None:
    """Words that cannot be the last overrule the voice."""
    turn = turn_smart.build(turn_smart.Options(str(network)))
    assert turn.needs_sound
    low, high = turn.complete("what is it called", tone(300)), turn.complete("what is it called", tone(5000))
    assert low > 0.9 > high
    assert turn.complete("what does the", tone(300)) == 0.0


def test_no_network_or_another_one_is_told(tmp_path: Path, network: Path) -> None:
    """One sentence: what to do."""
    with pytest.raises(ModelError, match="edge models pull smart-turn"):
        turn_smart.build(turn_smart.Options())
    other = tmp_path / "other.onnx"
    other.write_bytes(classifier_onnx(np.zeros((4, 96)), 0.0))
    with pytest.raises(ModelError, match="smart-turn"):
        turn_smart.build(turn_smart.Options(str(other)))
    with pytest.raises(ModelError):
        turn_smart.build(turn_smart.Options(str(tmp_path / "none.onnx")))
