"""Who shall answer, by the person's own word."""

from __future__ import annotations

import pytest

from edge.reasoning.wishes import wish


@pytest.mark.parametrize(
    ("text", "who", "rest"),
    [
        ("ask the cloud who painted this", "cloud", "who painted this"),
        ("please ask the internet about the weather in rome", "cloud", "the weather in rome"),
        ("who painted this ask the cloud", "cloud", "who painted this"),
        ("Ask the cloud: who painted this?", "cloud", "who painted this?"),
        ("what does it say but keep it here", "local", "what does it say"),
        ("keep this private what is my name", "local", "what is my name"),
        ("who is this don't ask the cloud", "local", "who is this"),
        ("don't ask the cloud who is this", "local", "who is this"),
        ("ask the cloud", "cloud", "ask the cloud"),
        ("is there a cloud in the sky", None, "is there a cloud in the sky"),
        ("where is the internet cafe", None, "where is the internet cafe"),
    ],
)
def test_a_wish_is_heard_and_taken_out(text: str, who: str | None, rest: str) -> None:
    assert wish(text) == (who, rest)
