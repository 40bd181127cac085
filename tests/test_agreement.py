"""Two machines' findings side by side: what is counted as equal, and when numbers are compared."""

from __future__ import annotations

import pytest

from benchmarks.agreement import Item, compare, row


def test_equal_words_are_counted_whatever_their_place_and_numbers_only_where_all_agree() -> None:
    here = Item("words", ["EXIT", "OPEN"], [0.9, 0.8])
    assert row(here, Item("words", ["EXIT", "OPEN"], [0.9, 0.75])) == ("words", "2", "2 (100 %)", "0.05")
    assert row(here, Item("words", ["A", "EXIT", "OPEN"], [0.5, 0.9, 0.8])) == ("words", "2, 3", "2 (67 %)", "-")
    assert row(here, Item("words", [], [])) == ("words", "2, 0", "0 (0 %)", "-")


@pytest.mark.parametrize(("answer", "status"), [("It is 7.", 0), ("It is 1.", 1)])
def test_another_answer_in_the_demo_is_a_failure(answer: str, status: int, capsys: pytest.CaptureFixture[str]) -> None:
    def found(machine: str, text: str) -> dict[str, object]:
        items = [{"name": "demo: transcripts", "words": ["which platform"], "numbers": [1.0]},
                 {"name": "demo: answers", "words": [text], "numbers": [0.9]}]  # fmt: skip
        return {"machine": machine, "items": items}

    assert compare(found("x86_64", "It is 7."), found("aarch64", answer), markdown=True) == status
    assert "demo: answers" in capsys.readouterr().out
