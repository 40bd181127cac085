"""Learning from judged questions: it finds what separates them, does not need it to be there, and is small and quick."""

from __future__ import annotations

from random import Random

import numpy as np

from edge.fallback.learned import learn

HARD = ("prove the theorem about", "integrate the function", "derive the formula for", "compute the eigenvalues of")
EASY = ("what colour is", "is there a", "how many legs has", "name the capital near")
THINGS = ("x^2 + 3", "the old house", "a red bicycle", "the matrix", "a small dog", "the river")


def questions(seed: int, count: int) -> tuple[list[str], list[float]]:
    rng = Random(seed)
    texts, gains = [], []
    for _ in range(count):
        hard = rng.random() < 0.5
        texts.append(f"{rng.choice(HARD if hard else EASY)} {rng.choice(THINGS)} number {rng.randrange(99)}")
        gains.append(float(rng.random() < (0.7 if hard else 0.1)) - float(rng.random() < 0.05))
    return texts, gains


def test_what_the_cloud_is_worth_is_learned_from_a_few_hundred_questions() -> None:
    texts, gains = questions(1, 300)
    learned = learn(texts, gains, questions(2, 300)[0])
    others, _ = questions(3, 200)
    found = learned.gains(others)
    hard = np.array([text.startswith(HARD) for text in others])
    assert found[hard].mean() > found[~hard].mean() + 0.2
    assert np.mean(found[hard][:, None] > found[~hard][None, :]) > 0.9


def test_the_same_questions_teach_the_same() -> None:
    texts, gains = questions(1, 100)
    assert learn(texts, gains).gain("prove the river") == learn(texts, gains).gain("prove the river")


def test_few_questions_empty_ones_and_other_scripts_do_no_harm() -> None:
    learned = learn(["a", "", "б в г", "a b"], [0.0, 1.0, 0.5, -1.0])
    assert np.isfinite(learned.gains(["", "ж" * 5000, "1 + 1", "\n\n"])).all()
