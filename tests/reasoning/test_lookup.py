"""Prompt lookup: what is guessed, and that guessing changes no word."""

from __future__ import annotations

from edge.reasoning.local import Options, build
from edge.reasoning.lookup import GUESSES, Lookup


def test_what_followed_the_last_tokens_is_guessed() -> None:
    """The longest match first, of two the latest."""
    lookup = Lookup([1, 2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 40, 41])
    assert lookup.guess() == []
    lookup.add(2)
    lookup.add(3)
    assert lookup.guess() == [40, 41, 2, 3]
    lookup.add(4)
    assert lookup.guess() == [5, 6, 7, 8, 9][:GUESSES]


def test_guesses_that_are_always_wrong_are_given_up() -> None:
    """They cost; a right one brings patience back."""
    lookup = Lookup([1, 2, 3, 1, 2])
    for right in (0, 0, 0, 1, 0, 0, 0):
        assert lookup.guess()
        lookup.judge(3, right)
    lookup.judge(3, 0)
    assert lookup.guess() == []


def test_what_is_verified_is_what_would_have_been_said_and_the_cache_holds_no_more() -> None:
    """Right guesses, wrong ones and none give the same tokens, one by one."""
    model = build(Options(check=0.0))
    llama = model._llama
    prompt = [n % 90 + 300 for n in range(60)]

    def said(guesses: list[list[int]]) -> list[int]:
        """Twelve tokens, with these guesses offered in turn."""
        llama.go()
        llama.prefill(prompt)
        out = [llama.best(None)]
        for offered in guesses:
            before = len(llama.held)
            follows = llama.verify(out[-1], offered)
            assert len(llama.held) == before + len(follows)
            out += follows
        return out[:12]

    plain = said([[]] * 12)
    assert said([plain[1:5], plain[6:9], [plain[10], 5, 5], [], []]) == plain
    assert said([[7, 7, 7]] * 12) == plain
    llama.prefill(prompt)
    one_by_one = []
    for _ in range(12):
        one_by_one.append(llama.best(None))
        llama.decode([one_by_one[-1]])
    assert one_by_one == plain
    model.close()
