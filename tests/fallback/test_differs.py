"""When a second answer is a correction: another number, another yes or no, other things; not other words around them."""

from __future__ import annotations

import pytest

from edge.fallback.differs import differs


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("The museum opens at nine.", "It opens at 9."),
        ("Vermeer painted it.", "The Milkmaid was painted by Johannes Vermeer, around 1658."),
        ("Yes, it is vegan.", "Yes."),
        ("Paris.", "The capital of France is Paris, on the Seine."),
        ("It weighs 3.5 kilograms.", "About 3,5 kilograms."),
        ("The red bicycle.", "That is a red bicycle"),
        ("Two cups.", "I don't know how many there are."),
        ("Two cups.", ""),
    ],
)
def test_the_same_in_other_words_is_no_correction(first: str, second: str) -> None:
    assert not differs(first, second)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("The museum opens at nine.", "It opens at ten."),
        ("Yes, it is vegan.", "No, it holds milk."),
        ("It is safe to drink.", "It isn't safe to drink."),
        ("Rembrandt painted it.", "Johannes Vermeer did."),
        ("It was built in 1889.", "It was built in 1789."),
        ("I don't know.", "Johannes Vermeer did."),
    ],
)
def test_something_else_is_a_correction(first: str, second: str) -> None:
    assert differs(first, second)
