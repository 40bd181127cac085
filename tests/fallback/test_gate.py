"""Which questions are kept: what is learned keeps more than sureness alone, its promise holds, and its file is checked."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from random import Random

import numpy as np
import pytest

from edge import live
from edge.config import load_config
from edge.errors import ConfigError
from edge.fallback import gate
from edge.fallback.calibration import Judged
from tests.fallback.rows import ROW
from tests.fallback.test_learned import EASY, HARD, THINGS

ALPHA = 0.10


def turns(seed: int, count: int) -> list[Judged]:
    """A model that is wrong on hard questions, and whose sureness tells little of that."""
    rng, found = Random(seed), []
    for _ in range(count):
        hard = rng.random() < 0.5
        question = f"{rng.choice(HARD if hard else EASY)} {rng.choice(THINGS)} number {rng.randrange(99)}"
        right = rng.random() < (0.4 if hard else 0.96)
        found.append(Judged(rng.betavariate(3 if right else 2, 2), right, question))
    return found


def test_what_is_learned_keeps_more_than_sureness_alone_and_keeps_its_promise() -> None:
    judge, broken, kept, plain = turns(99, 1000), 0, [], []
    words, sure = [t.question for t in judge], [t.confidence for t in judge]
    for seed in range(4):
        given = turns(seed, 500)
        made = gate.calibrate(given, ALPHA, "m", seed)
        bare = gate.calibrate([Judged(t.confidence, t.right) for t in given], ALPHA, "m")
        assert made.learned is not None and bare.learned is None
        is_kept = -made.learned.gains(words, sure) >= made.promise.threshold
        broken += float(np.mean([k and not t.right for k, t in zip(is_kept, judge, strict=True)])) > ALPHA
        kept.append(np.mean(is_kept))
        plain.append(np.mean([bare.keeps(t.question, t.confidence) for t in judge]))
    assert broken == 0 and np.mean(kept) > np.mean(plain) + 0.1


def test_with_few_turns_or_no_words_sureness_alone_decides() -> None:
    assert gate.calibrate(turns(1, 80), ALPHA, "m").learned is None


def test_the_rule_is_the_same_after_a_restart(tmp_path: Path) -> None:
    made = gate.calibrate(turns(1, 300), ALPHA, "glance.gguf")
    gate.save(made, tmp_path)
    kept = gate.load(tmp_path, "glance.gguf")
    assert kept is not None and kept.promise == made.promise
    assert [kept.keeps(t.question, t.confidence) for t in turns(2, 50)] == [
        made.keeps(t.question, t.confidence) for t in turns(2, 50)
    ]


def test_there_is_no_rule_without_a_file_and_one_of_another_model_is_refused(tmp_path: Path) -> None:
    assert gate.load(tmp_path, "glance.gguf") is None
    gate.save(gate.calibrate(turns(1, 80), ALPHA, "glance.gguf"), tmp_path)
    with pytest.raises(ConfigError, match="learned with the local model glance.gguf, not other.gguf"):
        gate.load(tmp_path, "other.gguf")


@pytest.mark.parametrize("broken", [b"", b"no archive", b"PK\x03\x04 cut off"])
def test_a_broken_file_is_named(tmp_path: Path, broken: bytes) -> None:
    (tmp_path / gate.FILE).write_bytes(broken)
    with pytest.raises(ConfigError, match="is broken: run edge cloud calibrate again"):
        gate.load(tmp_path, "glance.gguf")


def test_a_session_goes_by_what_was_learned_else_by_sureness_and_without_rows_by_nothing(tmp_path: Path) -> None:
    set_up = [f'fallback.folder="{tmp_path}"', 'reasoning.local.model="glance.gguf"']
    assert live.keeps(load_config(None, set_up)) is None
    config = load_config(None, set_up)
    config = replace(config, fallback=replace(config.fallback, rows=(ROW,)))
    zero_shot = live.keeps(config)
    assert zero_shot is not None and zero_shot("anything", 0.5) and not zero_shot("anything", 0.49)
    made = gate.calibrate([Judged(n / 100, n > 60) for n in range(100)], ALPHA, "glance.gguf")
    gate.save(made, tmp_path)
    learned = live.keeps(config)
    assert learned is not None and not learned("anything", 0.5) and learned("anything", 0.95)
    assert live.keeps(replace(config, fallback=replace(config.fallback, mode="local-only"))) is None
