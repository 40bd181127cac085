"""Benchmarks: computed claims in one JSON line, and a goal that can be missed."""

from __future__ import annotations

import importlib
import json
from pathlib import Path

import pytest

from benchmarks.claims import Claim, machine
from benchmarks.faults import trial
from benchmarks.replay import stubbed
from benchmarks.speech_accuracy import distance
from edge.diagnosis import CAUSES, Kind

CLAIMS = (
    "loop",
    "idle",
    "replay",
    "accuracy",
    "speech_accuracy",
    "vision_accuracy",
    "second_look",
    "barge_in",
    "faults",
    "turn_latency",
    "voice_to_voice",
    "aborts",
    "fallback",
    "router_tables",
    "router_promise",
    "quantize_gguf",
    "quantize_onnx",
    "link_recovery",
    "link_clock",
    "link_upload",
)


@pytest.mark.parametrize(
    ("value", "goal", "holds"),
    [
        (1.0, "<= 1", True),
        (1.01, "<= 1", False),
        (0.2, ">= 0.3", False),
        (0.0, "= 0", True),
        (3.0, "", None),
        (None, "<= 1", None),
    ],
)
def test_a_claim_holds_when_its_value_meets_its_goal(value: float | None, goal: str, holds: bool | None) -> None:
    assert Claim("c", value, "u", goal).holds is holds


@pytest.mark.parametrize("name", CLAIMS)
def test_each_benchmark_says_what_it_measures_and_can_be_asked_for_its_claims(name: str) -> None:
    module = importlib.import_module(f"benchmarks.{name}")
    assert module.__doc__
    assert callable(module.measure)


def test_the_machine_is_described_in_plain_values() -> None:
    assert json.loads(json.dumps(machine()))["cores"] >= 1


def test_word_distance_counts_what_was_left_out_put_in_and_changed() -> None:
    assert distance(["a", "b", "c"], ["a", "c"]) == 1
    assert distance(["a", "b"], ["a", "x", "b", "y"]) == 2
    assert distance(["a", "b"], []) == 2


def test_two_replays_with_stub_models_have_one_hash() -> None:
    assert stubbed()[0] == stubbed()[0]


def test_the_results_page_names_every_benchmark() -> None:
    page = (Path(__file__).parent.parent / "docs" / "benchmarks.md").read_text()
    for name in ("loop", "idle", "replay", "accuracy", "second_look"):
        assert f"benchmarks.{name}" in page


@pytest.mark.parametrize("kind", CAUSES)
def test_an_injected_fault_is_the_same_on_every_run_and_is_named(kind: Kind) -> None:
    one, two = (trial(3_000_000, kind, is_live=False) for _ in range(2))
    assert one == two
    assert one.right, (one.fault, one.findings)
