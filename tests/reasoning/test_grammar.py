"""What the grammar lets a reply say: only what was seen, and of the thing that was asked about."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from edge.reasoning.grammar import grammar
from edge.reasoning.local import LocalModel, Options, build
from edge.reasoning.prompt import MARKS, TOOLS, Piece
from edge.reasoning.prompt import build as build_prompt
from edge.types import Box, Device, Kind, Query, Scene, Seen

pytest.importorskip("llama_cpp", reason="llama-cpp-python is not installed")
NOW = 600 * 1_000_000_000
_MARK = re.compile("(" + "|".join(re.escape(m) for m in sorted(MARKS, key=len, reverse=True)) + ")")


def seen(kind: Kind, label: str, x: float) -> Seen:
    """One thing in view."""
    box: Box = (x, 0.4, x + 0.1, 0.5)
    return Seen(NOW, kind, label, 0.9, box)


SCENE = Scene(
    NOW,
    (
        seen("text", "Tea $2.00", 0.0),
        seen("text", "Rum $9.00", 0.3),
        seen("object", "cup", 0.5),
        seen("object", "dog", 0.8),
    ),
    Device(63, "14:05"),
)


@pytest.fixture(scope="module")
def model() -> Iterator[LocalModel]:
    """The embedded model, for its tokens."""
    made = build(Options(check=0.0))
    yield made
    made.close()


def allowed(model: LocalModel, question: str, reply: str) -> bool:
    """Whether the grammar of a question lets this reply through, token by token, to its end."""
    prompt = build_prompt(Query(NOW, question, SCENE))
    rules = model._llama.rules(grammar(prompt, TOOLS))
    pieces = [Piece(text, text in MARKS) for text in _MARK.split(reply) if text]
    for token in [*model._llama.ids(pieces), model._llama.mark(MARKS[0])]:
        if not rules.allows(token):
            return False
        rules.accept(token)
    return True


@pytest.mark.parametrize(
    ("question", "right", "wrong"),
    [
        ("do you see a bird", "<|say|>No, I don't see a bird.", "<|say|>Yes, #3.where."),
        ("do you see a cup", "<|say|>Yes, #3.where.", "<|say|>Yes, #4.where."),
        ("where is the dog", "<|say|>The #4 is #4.where.", "<|say|>The #3 is #3.where."),
        ("where is the dog", "<|say|>The #4 is #4.where.", "<|say|>The #4 is #3.where."),
        ("how much is the tea", "<|say|>It is #1.price.", "<|say|>It is #2.price."),
        ("what's closest", "<|say|>It is #3.thing, #3.where.", "<|say|>It is #3.thing, #4.where."),
        ("what do you see", "<|say|>I see #1.thing, #3.thing and #4.thing.", "<|say|>I see #1.thing, #5.thing."),
        ("how are you", "<|escalate|>", "<|say|>I am fine."),
        ("what do you see", "<|say|>I see #4.thing.", "<|say|>I see a cat."),
        (
            "timer twelve minutes",
            '<|tool|>{"name":"timer","arguments":{"minutes":12}}',
            '<|tool|>{"name":"timer","arguments":{"minutes":13}}',
        ),
        (
            "call my brother",
            '<|tool|>{"name":"call","arguments":{"who":"my brother"}}',
            '<|tool|>{"name":"call","arguments":{"who":"my mother"}}',
        ),
        ("take a photo", '<|tool|>{"name":"photo","arguments":{}}', '<|tool|>{"name":"erase","arguments":{}}'),
    ],
)
def test_what_was_not_seen_or_not_asked_about_cannot_be_said(
    model: LocalModel, question: str, right: str, wrong: str
) -> None:
    """The right reply is possible, the wrong one is not."""
    assert allowed(model, question, right)
    assert not allowed(model, question, wrong)
