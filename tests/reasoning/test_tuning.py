"""Tuning: what is chosen for which figures, and that a configuration file keeps all else."""

from __future__ import annotations

import tomllib

import pytest

from edge.reasoning import tuning
from edge.reasoning.local import Options
from edge.reasoning.tuning import Trial, tuned, with_settings


def machine(prefill: float, gain: float, q8: float) -> tuning.Measure:
    """A machine whose prefill grows with the batch, its decode by threads, and all with a Q8_0 cache."""

    def measure(options: Options) -> Trial:
        """By formula."""
        factor = q8 if options.kv == "q8_0" else 1.0
        speed = prefill * min(options.batch, 128) / 128
        return Trial(options, speed * factor, 100 * gain ** (options.threads - 1) * factor)

    return measure


@pytest.mark.parametrize(
    ("cores", "prefill", "gain", "q8", "wanted"),
    [
        (1, 10_000, 2.0, 1.0, (1, 128, "f16")),
        (2, 10_000, 2.0, 1.0, (1, 128, "f16")),  # the second core hears
        (4, 10_000, 1.5, 1.0, (3, 128, "f16")),
        (4, 10_000, 1.01, 1.0, (1, 128, "f16")),  # a gain that is noise
        (4, 2_000, 1.5, 1.0, (3, 32, "f16")),  # no batch is over in time: the shortest
        (4, 10_000, 1.5, 1.2, (3, 128, "q8_0")),
    ],
)
def test_what_is_faster_is_chosen_and_one_core_stays_free(
    cores: int, prefill: float, gain: float, q8: float, wanted: tuple[int, int, str]
) -> None:
    """The last trial is the best."""
    *_, best = tuned(Options(), cores, machine(prefill, gain, q8))
    assert tuple(tuning.settings(best).values()) == wanted


def test_the_real_model_can_be_measured() -> None:
    """Once, as it ships."""
    pytest.importorskip("llama_cpp", reason="llama-cpp-python is not installed")
    trial = tuning.measured(Options(kv="q8_0"))
    assert trial.prefill_tok_s > trial.decode_tok_s > 0


@pytest.mark.parametrize(
    "before",
    [
        "",
        "# mine\n[camera]\nsource = 'a.mp4'\n",
        "[reasoning.local]\nmodel = 'x.gguf' # big\nthreads = 7\n\n[camera]\nthreads = 1\n",
        "[reasoning.local] # here\nbatch=3\n",
    ],
)
def test_a_configuration_keeps_all_else(before: str) -> None:
    """Comments, other tables and other keys stay; writing twice changes nothing."""
    values: dict[str, int | str] = {"threads": 2, "batch": 64, "kv": "f16"}
    after = with_settings(before, "reasoning.local", values)
    wanted = tomllib.loads(before)
    wanted.setdefault("reasoning", {}).setdefault("local", {}).update(values)
    assert tomllib.loads(after) == wanted
    assert all(line in after for line in before.splitlines() if "#" in line)
    assert tomllib.loads(with_settings(after, "reasoning.local", values)) == wanted
