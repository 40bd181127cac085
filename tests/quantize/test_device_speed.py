"""Measuring this machine: the profile is complete, and predicts for the model it was made of what was timed."""

from __future__ import annotations

from pathlib import Path

import pytest

from quantize import device
from quantize.gguf.device_speed import Timing, _profile, measure
from quantize.gguf.made_up import Shape
from quantize.progress import silent

SMALL = Shape(width=512, layers=1, hidden=768, heads=4, kv_heads=2)


def test_a_profile_predicts_the_times_that_it_was_made_of() -> None:
    weights, small, n_bytes = 40_000_000, 2_000_000, 80_000_000
    timings = {
        "small": Timing(0.0, 100_000 + 2_000_000 * 0.2),
        "F16": Timing(4e5, 100_000 + 40_000_000 * 0.2),
        "Q8_0": Timing(2e5, 100_000 + 40_000_000 * 0.11),
        "IQ2_XS": Timing(9e5, 100_000 + 40_000_000 * 0.5),
    }
    profile = _profile("mine", 2, timings, weights, small, n_bytes)
    assert profile.fixed_us == pytest.approx(100)
    assert profile.bandwidth_gb_s == pytest.approx(10)
    assert profile.decode_ns("F16", n_bytes, weights) == pytest.approx(8e6)
    assert profile.decode_ns("IQ2_XS", n_bytes // 6, weights) == pytest.approx(2e7)
    assert profile.prefill_ns("Q8_0", weights) == pytest.approx(2e5)
    assert "Q8_0" in profile.fast and "IQ2_XS" not in profile.fast
    assert set(profile.sources) == set(device.load("pi5").sources)


def test_this_machine_is_measured_and_its_profile_is_read_again(tmp_path: Path) -> None:
    pytest.importorskip("gguf", reason="gguf is not installed (pip install glasspath[quantize])")
    profile = measure("mine", silent, threads=1, large=SMALL, kinds=("Q8_0", "Q4_K"))
    device.save(profile, tmp_path / "mine.toml")
    again = device.load(str(tmp_path / "mine.toml"))
    assert {"F16", "Q8_0", "Q4_K", "other"} <= set(again.decode_cost_ns) and again.cores == 1 and not again.is_predicted
    assert all(cost > 0 for cost in again.prefill_cost_ns.values())
